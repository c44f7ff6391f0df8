"""Offers beside a matched group: accounts that were as alike as can be seen, and were offered nothing.

Comes in: a Build, Builds of past days, and offers. Goes out: comparisons as `worked.Line`, amounts, and how alike the
groups were. All that is matched on was known at the end of the month before the offer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from rollforward.answers import looking
from rollforward.answers.figures import Asked
from rollforward.answers.worked import KEPT, Line, Span, Stay, accounts, amounts, gain, happened, is_unclear, stays_of
from rollforward.build import Build
from rollforward.periods import add_months

if TYPE_CHECKING:
    from rollforward.stats.matching import Pairs
    from rollforward.stats.trial import Effect

BALANCE = (
    "kind", "channel", "treated", "others", "covariate", "mean_treated", "mean_others", "mean_matched",
    "apart_before", "apart_after", "likeness",
)  # fmt: skip

MOST = 1_000_000
"""Accounts at looks that pairs are sought among; above, whole accounts without an offer are left out."""

QUIET = 90
"""Days before the look in which neither of a pair was offered anything."""

_DAY = timedelta(days=1)


class Made(NamedTuple):
    """An offer that was made: `kind` is that of its opportunity, `any` where only an event tells of it."""

    account_id: str
    kind: str
    channel: str
    at: datetime


@dataclass(frozen=True)
class Likened:
    """All comparisons with matched groups: of shares, of money (rows of `worked.MONEY`), and the rows of BALANCE; and
    the keys of accounts of which it cannot be told whether they grew."""

    lines: list[Line]
    money: list[tuple[object, ...]]
    balance: list[tuple[object, ...]]
    elsewhere: set[int] = field(default_factory=set)


def likened(
    build: Build, at: Callable[[datetime], Build], asked: Asked, made: Sequence[Made], days: int
) -> Likened:  # fmt: skip
    """Every kind and channel in which offers were made in the twelve months whose 90 days are known.

    An account counts with its first offer of the kind and channel; its pair paid the day before it, was offered
    nothing in the 90 days before the look nor in the month, and is compared over the same days. Misuse `no-history`.
    """
    keys = accounts(build)
    by_key: dict[int, list[Made]] = {}
    for one in sorted(made, key=lambda m: m.at):
        if one.account_id in keys:
            by_key.setdefault(keys[one.account_id], []).append(one)
    dates = [m.at.date() for offers in by_key.values() for m in offers]
    ends = looking.month_ends(build, looking.MONTHS) if dates else []
    ends = [end for end in ends if any(end < day <= _month_after(end) for day in dates)]
    if not ends:
        return Likened([], [], [])
    seen = _seen(build, looking.looks(build, at, ends, asked), by_key)
    found = Likened([], [], [])
    for kind, channel in sorted({(m.kind, m.channel) for offers in by_key.values() for m in offers}):
        _play(build, found, seen, by_key, kind, channel, days)
    return found


def _month_after(end: date) -> date:
    return add_months(end + _DAY, 1) - _DAY


@dataclass(frozen=True)
class _Seen:
    """`look_account` of all looks, a place each: its columns, exact stratum, logarithm of MRR and signals of each;
    whether it was left alone; the places and days of the looks at those who were offered something."""

    data: dict[str, Any]
    stratum: Any
    near: Any
    signal: Any
    is_quiet: Any
    looked: dict[int, list[tuple[int, date]]]


def _seen(build: Build, looks: Any, by_key: dict[int, list[Made]]) -> _Seen:
    import numpy as np

    build.signals.look(looks)
    engine = build.need(["look_account"])
    rows = int(str(engine.run("select count(*) from look_account")[0][0]))
    engine.table("offered_key", {"account_key": list(by_key)}, ["BIGINT"])
    few = f"account_key % {rows // MOST + 1} = 0 or account_key in (select account_key from offered_key)"
    data = engine.arrays(f"select * from look_account where {few} order by look_on, account_key")
    near = np.log(data["mrr"].astype(np.float64))
    signal = np.char.add(np.char.add(data["limits"].astype(str), data["wants"].astype(str)), data["losses"].astype(str))
    stratum = data["look_on"].astype(str)
    band = (near / np.log(4)).astype(int).astype(str)
    for part in (data["currency"].astype(str), data["peers"].astype(str), band, signal):
        stratum = np.char.add(np.char.add(stratum, "|"), part)
    is_quiet, looked = np.ones(len(near), dtype=bool), dict[int, list[tuple[int, date]]]()
    for n in np.flatnonzero(np.isin(data["account_key"], list(by_key))).tolist():
        key, end = int(data["account_key"][n]), data["look_on"][n].astype("datetime64[D]").item()
        is_quiet[n] = not any(
            end - timedelta(days=QUIET) < m.at.date() <= _month_after(end) for m in by_key[key]
        )  # fmt: skip
        looked.setdefault(key, []).append((n, end))
    return _Seen(data, stratum, near, signal, is_quiet, looked)


def _play(
    build: Build, into: Likened, seen: _Seen, by_key: dict[int, list[Made]], kind: str, channel: str, days: int
) -> None:  # fmt: skip
    import numpy as np

    from rollforward.stats import matching

    offered_on = _firsts(seen, by_key, kind, channel)
    is_treated = np.zeros(len(seen.near), dtype=bool)
    is_treated[list(offered_on)] = True
    kept = np.flatnonzero(is_treated | seen.is_quiet)
    if not offered_on:
        return
    pairs = matching.nearest(is_treated[kept], seen.stratum[kept], seen.near[kept])
    after = sorted({0, days, *KEPT})
    spans = {n: _spans(seen, kept, pairs, offered_on, n) for n in after}
    over = build.complete_to()
    stays = stays_of(build, {s for told in spans.values() for pair in told for s in pair if s[3] < over})
    # who had left by the day before the offer could not have been offered anything
    pays = np.array([all(s in stays and stays[s].before for s in pair) for pair in spans[0]], dtype=bool)
    pairs = matching.Pairs(pairs.treated[pays], pairs.control[pays])
    balance = matching.balance(
        pairs, is_treated[kept],
        {"mrr": seen.near[kept], "signals": seen.data["signals"][kept],
         "plan": seen.data["peers"][kept].astype(str), "signal": seen.signal[kept]},
    )  # fmt: skip
    why = matching.weakness(pairs, len(offered_on), balance).replace(" ", "_")
    counted = (len(offered_on), len(pairs.treated))
    into.balance.extend(
        (kind, channel, *counted, b.name, b.treated, b.others, b.matched, b.before, b.after, why or "alike")
        for b in balance
    )
    told = {n: _told([pair for pair, kept in zip(spans[n], pays, strict=True) if kept], stays) for n in after}
    for result, n in (("grew", days), *(("kept", n) for n in KEPT)):
        into.lines.append(_line((kind, channel, "matched", result, n), counted, told[n], result, why))
    paired = [pair for pair, kept in zip(spans[days], pays, strict=True) if kept]
    into.elsewhere.update(s[0] for pair in paired for s in pair if is_unclear(stays.get(s)))
    codes = [pair[0][1] for pair in paired]
    into.money.extend(_money(kind, channel, days, told[days], codes, why))


def _firsts(seen: _Seen, by_key: dict[int, list[Made]], kind: str, channel: str) -> dict[int, date]:
    """Place of each account's look before its first offer of the kind and channel → the day of the offer."""
    found = {}
    for key, offers in by_key.items():
        day = next((m.at.date() for m in offers if (m.kind, m.channel) == (kind, channel)), None)
        for n, end in seen.looked.get(key, ()):
            before = any(end - timedelta(days=QUIET) < m.at.date() <= end for m in offers)
            if day is not None and end < day <= _month_after(end) and not before:
                found[n] = day
    return found


def _spans(seen: _Seen, kept: Any, pairs: Pairs, offered_on: dict[int, date], days: int) -> list[tuple[Span, Span]]:
    """For both of each pair: from the day before the offer on, so many days."""

    def span(n: int, start: date) -> Span:
        code = str(seen.data["currency"][n])
        return int(seen.data["account_key"][n]), code, start, start + timedelta(days=days)

    told = []
    for one, other in zip(kept[pairs.treated].tolist(), kept[pairs.control].tolist(), strict=True):
        start = offered_on[one] - _DAY
        told.append((span(one, start), span(other, start)))
    return told


def _told(spans: list[tuple[Span, Span]], stays: dict[Span, Stay]) -> list[tuple[Stay, Stay] | None]:
    """What both of each pair paid; None where the days are not over yet."""
    return [(stays[one], stays[other]) if one in stays and other in stays else None for one, other in spans]


def _line(
    head: tuple[object, ...], counted: tuple[int, int], told: list[tuple[Stay, Stay] | None], result: str, why: str
) -> Line:  # fmt: skip
    import numpy as np

    from rollforward.stats import matching, trial

    told = [pair for pair in told if pair is None or not any(is_unclear(stay, result) for stay in pair)]
    over = [pair for pair in told if pair]
    mine, others = (np.array([happened(pair[n], result) for pair in over], dtype=bool) for n in (0, 1))
    if len(over) < matching.LEAST_PAIRS:
        return Line(head, counted[0], counted[1], len(told) - len(over), None, None, why or "running", (0, 0), 0.5)
    apart, low, high = matching.share_difference(mine, others)
    wide = trial.widened((low, high), 2 * len(over))
    effect = trial.Effect(float(mine.mean()), float(others.mean()), apart, max(-1.0, wide[0]), min(1.0, wide[1]),
                          wide[2], 2 * len(over))  # fmt: skip
    return Line(head, counted[0], counted[1], len(told) - len(over), None, effect, why, (len(over), len(over)), 0.5)


def _money(
    kind: str, channel: str, days: int, told: list[tuple[Stay, Stay] | None], codes: list[str], why: str
) -> list[tuple[object, ...]]:  # fmt: skip
    import numpy as np

    from rollforward.stats import matching, trial

    rows: list[tuple[object, ...]] = []
    for code in sorted(set(codes)):
        over = [pair for pair, own in zip(told, codes, strict=True) if pair and own == code]
        over = [pair for pair in over if not any(is_unclear(stay) for stay in pair)]
        effect: Effect | None = None
        if len(over) >= matching.LEAST_PAIRS and not why:
            mine, others = (np.array([gain(pair[n]) for pair in over], dtype=np.float64) for n in (0, 1))
            apart, low, high = matching.mean_difference(mine, others)
            wide = trial.widened((low, high), 2 * len(over))
            effect = trial.Effect(float(mine.mean()), float(others.mean()), apart, *wide, 2 * len(over))
        rows.append((kind, channel, "matched", code, days, len(over), len(over), *amounts(effect)))
    return rows
