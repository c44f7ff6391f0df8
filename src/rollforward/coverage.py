"""Which time the imports of each kind of source cover, and what that says of openings and gaps (decision 0005).

Comes in: the covered spans of source files. Goes out: the columns of the tables `coverage` and `coverage_gap`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

Islands = dict[str, list[tuple[datetime, datetime]]]

_BEGINNING, _OPEN_END = datetime(1, 1, 1), datetime(9999, 12, 31)

CHARGED = """select min(first_at), max(last_at) from (
  select least(service_from, invoiced_at) as first_at,
    greatest(service_to, case when invoiced_at < timestamp '9999-12-31' then invoiced_at else service_to end) as last_at
  from charge
  union all
  select covered_to, covered_to from source_file where kind = 'charges' and covered_to < timestamp '9999-12-31'
) having count(*) > 0"""
"""First and last moment that charges, and what is told of their coverage, speak of; no row without any."""


def islands(rows: Iterable[Sequence[object]]) -> Islands:
    """Spans [from, to) by kind, merged where they touch; `rows` are (kind, from, to) in order."""
    merged: Islands = {}
    for kind, start, end in rows:
        assert isinstance(kind, str) and isinstance(start, datetime) and isinstance(end, datetime)
        known = merged.setdefault(kind, [])
        if known and start <= known[-1][1]:
            known[-1] = (known[-1][0], max(end, known[-1][1]))
        else:
            known.append((start, end))
    return merged


def tables(covered: Islands) -> dict[str, dict[str, list[object]]]:
    """Columns of `coverage` (when a kind's opening balance stands) and `coverage_gap` (what no import covers)."""
    opening = [("", _BEGINNING, _BEGINNING)]
    gaps: list[tuple[str, datetime, datetime, datetime]] = []
    for kind, known in covered.items():
        first = known[0][0]
        undated = kind in ("monthly", "sighting") and first > _BEGINNING
        opening.append((kind, first, first - timedelta(days=1)) if undated else (kind, _BEGINNING, _BEGINNING))
        if first > _BEGINNING:
            gaps.append((kind, _BEGINNING, first, first))
        for (_, end), following in zip(known, [k[0] for k in known[1:]] + [_OPEN_END], strict=True):
            if end < _OPEN_END:
                gaps.append((kind, end, following, following))
    have = {o[0] for o in opening}
    kinds = ("subscriptions", "monthly", "sighting", "contracts")
    opening += [(k, _BEGINNING, _BEGINNING) for k in kinds if k not in have]
    return {
        "coverage": _columns(("source_kind", "opening_from", "opening_at"), opening),
        "coverage_gap": _columns(("source_kind", "gap_from", "gap_to", "next_from"), gaps),
    }


def _columns(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, list[object]]:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


@dataclass(frozen=True)
class Range:
    """`first` and `last` day of a change; `known_from`: first covered day, `known_to`: first day that is not known;
    `shown_from`: the first covered day with something to show.

    `is_live`: some account still has MRR after the last change; otherwise nothing is left to show after it.
    `paid_in`: the currencies in which accounts pay, by name.
    """

    first: date
    last: date
    shown_from: date
    known_from: date
    known_to: date
    is_live: bool
    paid_in: tuple[str, ...]
