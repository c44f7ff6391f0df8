"""What moved NDR between two windows: rate and mix of segments, the accounts behind it, and how few they are.

Comes in: a Build, what was asked, the length of the windows. Goes out: a Table. The model `bridge` says rate and mix,
stats/mix.py what chance may have made of them and what each account gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from rollforward import periods
from rollforward.answers import by_account, figures, segments
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import MONTHS, Build
from rollforward.cut import WHOLE
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse
from rollforward.rates import SCALE

if TYPE_CHECKING:
    from rollforward.stats.mix import Concentration, Floats, Sums

VIEWS = ("segments", "accounts", "concentration")

BRIDGE = (
    "currency", "segment", "weight_before", "weight_after", "ndr_before", "ndr_after", "rate", "mix", "contribution",
    "accounts_before", "accounts_after",
)  # fmt: skip
LIMITS = ("rate_low", "rate_high", "mix_low", "mix_high", "contribution_low", "contribution_high")
ACCOUNTS = (
    "account_id", "currency", "opening_before", "closing_before", "opening_after", "closing_after", "contribution",
    "net_share", "moved_share",
)  # fmt: skip
CONCENTRATION = (
    "currency", "left_out", "accounts", "ndr_before", "ndr_after", "ndr_change", "net_share", "moved_share",
    "effective_accounts", "is_few",
)  # fmt: skip
ENDS = ("window_end_before", "window_end_after")

TOTAL = "total"
"""The segment of the row that sums up a bridge."""

FEW = 5
"""Accounts whose share of all that was moved is looked at."""

LEAST = 0.02
"""A difference of NDR that is worth explaining: as far from 100 % an NDR still holds (definitions.md section 5)."""

NOTHING = 1e-9
"""A difference up to which nobody has a share of it."""

MOST_SEGMENTS = 400
"""Segments above which no interval is drawn."""


@dataclass(frozen=True)
class Windows:
    """First days after both windows, and the currencies to answer in."""

    ends: tuple[date, date]
    codes: list[str]


def bridge(
    build: Build, asked: Asked, window: int, view: str = "segments", part: str | None = None, of: str | None = None
) -> Table:
    """One of VIEWS; see `Store.bridge`. Misuse `no-such-window`, `bridge-needs-segment`, `unknown-option`."""
    if view not in VIEWS:
        raise Misuse("unknown-option", option="--view", value=view, known=", ".join(VIEWS))
    if view == "segments" or (view == "accounts" and part is not None):
        if not asked.cut.segment:
            raise Misuse("bridge-needs-segment", known=", ".join(segments.names(build)))
    elif view == "concentration":
        asked = replace(asked, cut=replace(asked.cut, segment=""))
    windows = _windows(build, asked, window)
    windows.codes[:] = [code for code in windows.codes if code == (of or code)]
    if view == "segments":
        return _segments(build, asked, windows)
    return _accounts(build, asked, windows, part) if view == "accounts" else _concentration(build, asked, windows)


def _windows(build: Build, asked: Asked, window: int) -> Windows:
    """The windows that end with the periods `start` and `end`; by default the last complete one and one before it."""
    if window not in MONTHS:
        raise Misuse("no-such-window", window=str(window), known=", ".join(map(str, MONTHS)))
    codes = figures.currencies(build, asked)
    build.cut(replace(asked.cut, mode="frozen") if asked.cut.dimensions else WHOLE)
    build.calendar(asked.by)
    build.windows("month", window)
    last = asked.end or build.complete_to().replace(day=1)
    first = periods.add_months(asked.start, 1) if asked.start else periods.add_months(last, -window)
    build.need(["retention_window"])
    for end in (first, last):
        if not build.engine.run(f"select 1 from retention_window where window_end = date '{end}'"):
            raise Misuse("no-such-window", window=str(end), known=f"{build.range().shown_from} …")
    build.engine.view(
        "bridge_window", f"select 1 as side, date '{first}' as window_end union all select 2, date '{last}'"
    )
    build.mark("bridge_window")
    return Windows((first, last), codes)


def _segments(build: Build, asked: Asked, windows: Windows) -> Table:
    """Rate and mix; the last row of each currency, of the segment `total`, has both NDRs and their difference."""
    build.need(["bridge"], asked.progress)
    rows: list[tuple[object, ...]] = []
    notes: list[Note] = []
    for currency in windows.codes:
        found = build.engine.run(
            f"select {', '.join(BRIDGE)}, least(accounts_before, accounts_after) < {figures.SMALL}, whole_before, "
            f"whole_after from bridge where currency = ? order by abs(contribution) desc, segment",
            [currency],
        )
        if not found:
            continue
        names, counts = [str(r[1]) for r in found], [_count(found, c) for c in BRIDGE[-2:]]
        drawn = _limits(build, currency, windows, names) if min(counts) >= figures.SMALL else {}
        nothing = (None,) * len(LIMITS)
        sums: list[float | None] = [sum(_float(r[BRIDGE.index(c)]) for r in found) for c in BRIDGE[6:9]]
        whole = sums[2] or 0.0
        if None in found[0][-2:]:  # one of the windows had nothing open
            sums = [None, None, None]
        for r in found:
            share = _float(r[BRIDGE.index("contribution")]) / whole if abs(whole) > NOTHING else None
            rows.append((*r[:-2], share, *(nothing if r[-3] else drawn.get(str(r[1]), nothing))))
        ends = (*found[0][-2:], *sums, *counts, min(counts) < figures.SMALL)
        rows.append((currency, TOTAL, 1.0, 1.0, *ends, 1.0 if abs(whole) > NOTHING else None, *drawn.get("", nothing)))
        notes += _warned(currency, _weighed(*each)) if (each := _each(build, currency, windows)) else []
    columns = (*BRIDGE, "is_small", "net_share", *LIMITS, *ENDS)
    return figures.finish(build, asked, columns, [(*r, *windows.ends) for r in rows], notes)


def _limits(build: Build, currency: str, windows: Windows, names: Sequence[str]) -> dict[str, tuple[object, ...]]:
    """LIMITS by segment, those of all under ''; none above MOST_SEGMENTS segments, or where a window has no limits."""
    import numpy as np

    from rollforward.stats import mix

    if len(names) > MOST_SEGMENTS:
        return {}
    build.need(["account_block"])
    rows = build.engine.arrays(
        "select b.block, p.segment, p.side, cast(sum(p.o) as double) as o, cast(sum(p.c) as double) as c from "
        f"({_both(build, currency, windows)}) p join account_block b on b.account_key = p.account_key "
        "group by b.block, p.segment, p.side order by 1, 2, 3"
    )
    blocks, at = np.unique(rows["block"], return_inverse=True)
    place = {name: n for n, name in enumerate(names)}
    of = np.array([place.get(str(s), -1) for s in rows["segment"]])
    sums = []
    for side, column in ((1, "o"), (1, "c"), (2, "o"), (2, "c")):
        total = np.zeros((len(blocks), len(names)))
        mine = (rows["side"] == side) & (of >= 0)
        np.add.at(total, (at[mine], of[mine]), rows[column][mine])
        sums.append(total)
    found = mix.limits(mix.Sums(*sums))
    ends = np.concatenate([found.rate, found.mix, found.contribution])
    told = [tuple(float(v) if np.isfinite(v) else None for v in ends[:, n]) for n in range(ends.shape[1])]
    return dict(zip((*names, ""), told, strict=True))


def _both(build: Build, currency: str, windows: Windows) -> str:
    """Each account's part of both windows, by side 1 and 2."""
    first, last = (by_account.of_window(build, end, quote(currency)) for end in windows.ends)
    return f"select 1 as side, f.* from ({first}) f union all select 2 as side, l.* from ({last}) l"


def _each(build: Build, currency: str, windows: Windows) -> tuple[dict[str, Floats], Sums] | None:
    """account_key and segment, and the sums, of all accounts of either window; None where a window has nothing open,
    or not all of it has a rate."""
    from rollforward.stats import mix

    build.need(["retention_total"])
    known = build.engine.run(
        "select count(*) from retention_total r join bridge_window b on b.window_end = r.window_end "
        "where r.currency = ? and r.ndr is null and r.accounts_opening > 0", [currency],
    )  # fmt: skip
    rows = build.engine.arrays(
        "select p.account_key, p.segment, "
        "cast(sum(case when side = 1 then o else 0 end) as double) as opening_before, "
        "cast(sum(case when side = 1 then c else 0 end) as double) as closing_before, "
        "cast(sum(case when side = 2 then o else 0 end) as double) as opening_after, "
        "cast(sum(case when side = 2 then c else 0 end) as double) as closing_after "
        f"from ({_both(build, currency, windows)}) p group by p.account_key, p.segment order by 1, 2"
    )
    sums = mix.Sums(*(rows[n] for n in ("opening_before", "closing_before", "opening_after", "closing_after")))
    if known[0][0] or not sums.opening_before.sum() or not sums.opening_after.sum():
        return None
    return rows, sums


def _accounts(build: Build, asked: Asked, windows: Windows, part: str | None) -> Table:
    """What each account gave to the difference, the largest first; with a segment, in each segment it was in."""
    import numpy as np

    from rollforward.stats import mix

    rows: list[tuple[object, ...]] = []
    notes: list[Note] = []
    scale = SCALE if build.conversion.currency else 1
    for currency in windows.codes:
        if (found := _each(build, currency, windows)) is None:
            continue
        read, sums = found
        notes += _warned(currency, _weighed(*found))
        given = mix.contributions(sums)
        whole, moved = float(given.sum()), float(np.abs(given).sum())
        mine = np.arange(len(given)) if part is None else np.flatnonzero(read["segment"] == part)
        mine = mine[np.lexsort((mine, -np.abs(given[mine])))]
        shown = mine[: asked.skip + asked.limit] if asked.limit else mine
        names = _names(build, [int(k) for k in read["account_key"][shown]])
        for i in shown:
            money = (sums.opening_before, sums.closing_before, sums.opening_after, sums.closing_after)
            own = (read["segment"][i],) if asked.cut.segment else ()
            rows.append(
                (names[int(read["account_key"][i])], currency, *own, *(round(float(m[i]) / scale) for m in money),
                 float(given[i]), float(given[i]) / whole if abs(whole) > NOTHING else None,
                 float(abs(given[i])) / moved if moved else None)
            )  # fmt: skip
    rows = rows[asked.skip : asked.skip + asked.limit] if asked.limit else rows
    columns = (*asked.columns(ACCOUNTS), *ENDS)
    return figures.finish(build, asked, columns, [(*r, *windows.ends) for r in rows], notes)


def _names(build: Build, keys: Sequence[int]) -> dict[int, str]:
    if not keys:
        return {}
    build.need(["account"])
    listed = ", ".join(map(str, dict.fromkeys(keys)))
    found = build.engine.run(f"select account_key, account_id from account where account_key in ({listed})")
    return {int(str(key)): str(name) for key, name in found}


def _concentration(build: Build, asked: Asked, windows: Windows) -> Table:
    """NDR of both windows with all accounts, and without those that moved the difference most."""
    rows: list[tuple[object, ...]] = []
    notes: list[Note] = []
    for currency in windows.codes:
        if (found := _each(build, currency, windows)) is None:
            continue
        told = _weighed(*found)
        notes += _warned(currency, told)
        for w in told:
            ratios = (w.before, w.after, w.after - w.before, w.carried + 0.0, w.moved)
            rows.append(
                (currency, w.left_out, w.accounts, *(v if v == v else None for v in ratios), round(w.effective, 1),
                 _is_few(told))
            )  # fmt: skip
    return figures.finish(build, asked, (*CONCENTRATION, *ENDS), [(*r, *windows.ends) for r in rows], notes)


def _weighed(read: dict[str, Floats], sums: Sums) -> list[Concentration]:
    """`mix.concentration` of whole accounts, whatever segments they were in."""
    import numpy as np

    from rollforward.stats import mix

    of = np.unique(read["account_key"], return_inverse=True)[1]
    ends = (sums.opening_before, sums.closing_before, sums.opening_after, sums.closing_after)
    return mix.concentration(mix.Sums(*(np.bincount(of, e).astype(np.float64) for e in ends)), FEW)


def _is_few(told: Sequence[Concentration]) -> bool:
    """Whether so few accounts carry a difference that it says little of the others: it is as uneven as if fewer than 20
    had made it, five moved half of all that was moved, or half of a difference of LEAST and more is theirs."""
    whole = told[0].after - told[0].before
    return told[0].effective < figures.SMALL or any(
        w.moved >= 0.5 or (abs(whole) >= LEAST and w.carried >= 0.5) for w in told if w.left_out <= FEW
    )


def _warned(currency: str, told: Sequence[Concentration]) -> list[Note]:
    without = next((w for w in reversed(told) if 0 < w.left_out <= FEW), None)
    if without is None or not _is_few(told):
        return []
    points = [f"{100 * (w.after - w.before):+.1f}" for w in (told[0], without)]
    return [
        Note("few-carry", {"currency": currency, "count": str(without.left_out), "moved": f"{without.moved:.0%}",
                           "effective": f"{told[0].effective:.0f}", "change": points[0], "without": points[1]})
    ]  # fmt: skip


def _count(rows: Sequence[Sequence[object]], column: str) -> int:
    return sum(int(str(r[BRIDGE.index(column)])) for r in rows)


def _float(value: object) -> float:
    return float(str(value)) if value is not None else 0.0
