"""What plays did: who could be offered them beside those held out at random, or beside others like them.

Comes in: a Build, who was drawn, and which offers were made. Goes out: Tables. A comparison with a hold-out is by who
was drawn, whether or not they were offered anything; one with a matched group is an observation and is told as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.cut import WHOLE
from rollforward.state import HOLD_OUT, Assignment

if TYPE_CHECKING:
    from rollforward.stats.trial import Counts, Effect

EFFECT = (
    "kind", "channel", "compared", "result", "after_days", "treated", "others", "still_running", "offered_share",
    "share_with", "share_without", "effect", "effect_low", "effect_high", "worked", "needed",
)  # fmt: skip
MONEY = (
    "kind", "channel", "compared", "currency", "after_days", "treated", "others", "gain_with", "gain_without",
    "gain_effect", "gain_low", "gain_high",
)  # fmt: skip
BY_OFFER = (
    "nth_offer", "kind", "compared", "result", "after_days", "treated", "others", "still_running", "share_with",
    "share_without", "effect", "effect_low", "effect_high", "is_small",
)  # fmt: skip
DRAWN = (
    "account_id", "kind", "arm", "drawn_on", "channel", "offered_on", "currency", "mrr_before", "mrr_now",
    "is_over", "result",
)  # fmt: skip

DAYS = 90
"""Days in which an expansion counts, unless others are asked for."""

KEPT = (90, 180)
"""Days after which it is asked whether an account still pays."""


class Stay(NamedTuple):
    """What an account paid in a currency at the end of a day, and at the end of a later one, minor units; whether it
    then paid more, less or anything in another currency."""

    before: int
    then: int
    more_elsewhere: bool = False
    less_elsewhere: bool = False
    pays_elsewhere: bool = False


@dataclass(frozen=True)
class Drawn:
    """An assignment with the account's key, and what it paid after each number of days that are over."""

    told: Assignment
    key: int
    stays: dict[int, Stay]

    @property
    def is_held(self) -> bool:
        """Whether it is in the hold-out."""
        return self.told.arm == HOLD_OUT


def drawn(build: Build, assigned: Sequence[Assignment], days: int) -> list[Drawn]:
    """Who was drawn by the as-of moment and paid then; accounts that went over to another one are left out."""
    keys = accounts(build)
    known = [a for a in assigned if a.account_id in keys and (build.as_of is None or a.at <= build.as_of)]
    spans = sorted({days, *KEPT})
    ends = {(a, n): a.at.date() + timedelta(days=n) for a in known for n in (0, *spans)}
    over = build.complete_to()
    wanted = {(keys[a.account_id], a.currency, a.at.date(), end) for (a, n), end in ends.items() if end < over or not n}
    stays = stays_of(build, wanted)
    found = []
    for a in known:
        mine = {
            n: stay
            for n in (0, *spans)
            if (stay := stays.get((keys[a.account_id], a.currency, a.at.date(), ends[a, n])))
        }
        if a.at.date() >= over or (0 in mine and mine[0].before):
            found.append(Drawn(a, keys[a.account_id], mine))
    return found


def accounts(build: Build) -> dict[str, int]:
    """The key of each account that has not gone over to another one."""
    build.cut(WHOLE)
    build.report("")
    rows = build.need(["account_now"]).run(
        "select distinct account_id, account_key from account_now where state <> 'acquired'"
    )
    return {str(a): int(str(key)) for a, key in rows}


Span = tuple[int, str, date, date]


def stays_of(build: Build, wanted: Iterable[Span]) -> dict[Span, Stay]:
    """What accounts (key, currency) paid at the ends of two days, where it is known."""
    rows = sorted(wanted)
    if not rows:
        return {}
    keys, codes, starts, ends = (list(column) for column in zip(*rows, strict=True))
    build.signals.watch(keys, codes, starts, ends)
    got = build.need(["outcome"]).run("select account_key, currency, look_on, ends_on, mrr, mrr_then from outcome")
    found = {(int(k), str(c), _day(a), _day(b)): Stay(int(x), int(y)) for k, c, a, b, x, y in got}  # type: ignore[call-overload]
    beside = build.need(["several_currencies", "account_balance"]).run(
        "with beside as (select w.account_key, w.currency, w.look_on, w.ends_on, "
        "sum(case when t.from_on <= w.look_on and t.to_on > w.look_on then t.balance else 0 end) as held, "
        "sum(case when t.from_on <= w.ends_on and t.to_on > w.ends_on then t.balance else 0 end) as held_then "
        "from watched w join several_currencies s on s.account_key = w.account_key join account_balance t "
        "on t.account_key = w.account_key and t.currency <> w.currency group by 1, 2, 3, 4, t.currency) "
        "select account_key, currency, look_on, ends_on, max(held_then > held), max(held_then < held), "
        "max(held_then > 0) from beside group by 1, 2, 3, 4"
    )
    for k, c, a, b, more, less, pays in beside:
        span = int(str(k)), str(c), _day(a), _day(b)
        if span in found:
            found[span] = found[span]._replace(
                more_elsewhere=bool(more), less_elsewhere=bool(less), pays_elsewhere=bool(pays)
            )
    return found


def _day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value


@dataclass(frozen=True)
class Line:
    """A comparison of shares before it is judged with the others; `why`: why it must not be judged, '' = it may; over:
    treated and others whose days are over; share: part of the accounts held out."""

    head: tuple[object, ...]
    treated: int
    others: int
    running: int
    offered: float | None
    effect: Effect | None
    why: str
    over: tuple[int, int]
    share: float


def lines(found: Sequence[Drawn], days: int) -> list[Line]:
    """By kind: who expanded within `days`, and who still paid after 90 and 180."""
    told = []
    for kind in sorted({d.told.play for d in found}):
        of = [d for d in found if d.told.play == kind]
        for result, after in (("grew", days), *(("kept", n) for n in KEPT)):
            clear = [d for d in of if not is_unclear(d.stays.get(after), result)]
            if clear:
                told.append(_line(kind, result, after, clear))
    return told


def _line(kind: str, result: str, after: int, of: list[Drawn]) -> Line:
    from rollforward.stats import trial

    over = [d for d in of if after in d.stays]
    counts = [_counts([d for d in over if d.told.share == s], result, after) for s in {d.told.share for d in of}]
    treated, held = (sum(d.is_held is arm for d in over) for arm in (False, True))
    effect = trial.shares(counts)
    meant = [d for d in of if not d.is_held]
    offered = sum(d.told.offered_at is not None for d in meant) / len(meant) if meant else None
    why = "too_few" if min(len(meant), len(of) - len(meant)) < trial.LEAST else ""
    if not why and min(treated, held) < trial.LEAST:
        why = "running"
    mean = sum(d.told.share for d in of) / len(of)
    return Line(
        (kind, "", "hold_out", result, after), len(meant), len(of) - len(meant), len(of) - len(over), offered,
        effect, why, (treated, held), mean,
    )  # fmt: skip


def _counts(of: list[Drawn], result: str, after: int) -> Counts:
    from rollforward.stats.trial import Counts

    held = [happened(d.stays[after], result) for d in of if d.is_held]
    mine = [happened(d.stays[after], result) for d in of if not d.is_held]
    return Counts(len(mine), sum(mine), len(held), sum(held))


def happened(stay: Stay, result: str) -> bool:
    """Whether an account paid more than before (`grew`), or still paid (`kept`), in any currency."""
    if result == "grew":
        return (stay.then > stay.before or stay.more_elsewhere) and not is_unclear(stay, result)
    return stay.then > 0 or stay.pays_elsewhere


def is_unclear(stay: Stay | None, result: str = "grew") -> bool:
    """Whether it paid more in one currency and less in another, of which no sum says if it grew."""
    if stay is None or result != "grew":
        return False
    return (stay.then > stay.before or stay.more_elsewhere) and (stay.then < stay.before or stay.less_elsewhere)


def elsewhere(found: Sequence[Drawn], days: int, more: Iterable[int] = ()) -> list[Note]:
    """The remark on accounts, by key, that are left out of what grew within `days` for that; `more`: others."""
    keys = {d.key for d in found if is_unclear(d.stays.get(days))} | set(more)
    return [Note("paid-elsewhere", {"count": str(len(keys))})] if keys else []


def effects(build: Build, asked: Asked, told: Sequence[Line], notes: Sequence[Note]) -> Table:
    """The table of comparisons: what each found, all of them together (Holm), and how many accounts more it takes."""
    from rollforward.stats import trial

    judged = [line for line in told if not line.why and line.effect]
    stands = dict(zip(map(id, judged), trial.holm([j.effect.chance for j in judged if j.effect]), strict=True))
    rows: list[tuple[object, ...]] = []
    for line in told:
        effect, is_proof = line.effect, line.head[2] == "hold_out"
        values: tuple[object, ...] = (None,) * 5
        if effect and not line.why:
            values = (effect.treated, effect.held, effect.difference, effect.low, effect.high)
        found = line.why or "running"
        needed: int | None = None
        if not line.why and effect:
            way = "more" if effect.difference > 0 else "less"
            found = "cannot_tell" if not stands[id(line)] else way if is_proof else f"goes_with_{way}"
            if found == "cannot_tell" and is_proof:
                needed = trial.needed(effect, *line.over, len(judged))
        elif line.why == "too_few":
            least = trial.LEAST / min(line.share, 1 - line.share)
            needed = max(1, round(least) - line.treated - line.others)
        rows.append(
            (*line.head, line.treated, line.others, line.running, line.offered, *values, found, needed)
        )  # fmt: skip
    return figures.finish(build, asked, EFFECT, rows, notes)


def money(found: Sequence[Drawn], days: int) -> list[tuple[object, ...]]:
    """By kind and currency: expansion MRR an account within `days`, with and without; minor units. Under 20 accounts in
    either group there are no amounts."""
    import numpy as np

    from rollforward.stats import trial

    rows: list[tuple[object, ...]] = []
    for kind, code in sorted({(d.told.play, d.told.currency) for d in found}):
        of = [d for d in found if (d.told.play, d.told.currency) == (kind, code) and days in d.stays]
        of = [d for d in of if not is_unclear(d.stays[days])]
        gains = np.array([gain(d.stays[days]) for d in of], dtype=np.float64)
        mine = np.array([not d.is_held for d in of], dtype=bool)
        effect = None
        if min(mine.sum(), (~mine).sum()) >= trial.LEAST:
            effect = trial.means(trial.grouped(gains, np.array([d.told.share for d in of]), mine))
        rows.append(
            (kind, "", "hold_out", code, days, int(mine.sum()), int((~mine).sum()), *amounts(effect))
        )  # fmt: skip
    return rows


def gain(stay: Stay) -> int:
    """What MRR rose by; 0 where it did not."""
    return max(0, stay.then - stay.before)


def amounts(effect: Effect | None) -> tuple[float | None, ...]:
    """The cells of an effect in money, minor units."""
    if effect is None:
        return (None,) * 5
    return effect.treated, effect.held, effect.difference, effect.low, effect.high


def by_offer(
    build: Build, found: Sequence[Drawn], made: Iterable[tuple[str, str, datetime]], days: int
) -> list[tuple[object, ...]]:
    """By how-many-th offer since the draw, kind: who grew and who still paid after `days`, beside those held out.

    made: account, kind and moment of each offer. Who gets another offer is not drawn, so this is an observation.
    """
    from rollforward.stats import trial

    mine = {(d.told.account_id, d.told.play): d for d in found if not d.is_held}
    nth: dict[tuple[str, str], int] = {}
    times: dict[tuple[int, str], list[Span]] = {}
    over = build.complete_to()
    for account, kind, at in sorted(made, key=lambda m: m[2]):
        if not (one := mine.get((account, kind))) or at < one.told.at:
            continue
        nth[account, kind] = nth.get((account, kind), 0) + 1
        start = at.date() - timedelta(days=1)
        span = (one.key, one.told.currency, start, start + timedelta(days=days))
        times.setdefault((nth[account, kind], kind), []).append(span)
    stays = stays_of(build, {s for spans in times.values() for s in spans if s[3] < over})
    rows: list[tuple[object, ...]] = []
    for (n, kind), spans in sorted(times.items()):
        seen = [stays[s] for s in spans if s in stays]
        held = [d.stays[days] for d in found if d.is_held and d.told.play == kind and days in d.stays]
        for result in ("grew", "kept"):
            clear, others = ([s for s in group if not is_unclear(s, result)] for group in (seen, held))
            is_small = min(len(clear), len(others)) < trial.LEAST
            hits, base = (sum(happened(s, result) for s in group) for group in (clear, others))
            effect = trial.shares([trial.Counts(len(clear), hits, len(others), base)])
            values: tuple[object, ...] = (hits / len(clear) if clear else None, None, None, None, None)
            if effect and not is_small:
                values = (effect.treated, effect.held, effect.difference, effect.low, effect.high)
            counts = (len(clear), len(others), len(spans) - len(seen))
            rows.append((n, kind, "observed", result, days, *counts, *values, is_small))
    return rows


def listed(found: Sequence[Drawn], days: int, kind: str) -> list[tuple[object, ...]]:
    """A row an account and kind it was drawn for, the latest first; amounts in minor units."""
    rows: list[tuple[object, ...]] = []
    for d in sorted(found, key=lambda d: (d.told.at, d.told.account_id), reverse=True):
        if kind not in ("", d.told.play):
            continue
        stay, start = d.stays.get(days), d.stays.get(0)
        result = None
        if stay:
            result = "grew" if happened(stay, "grew") else "kept" if happened(stay, "kept") else "gone"
            result = "transferred" if is_unclear(stay) else result
        offered = d.told.offered_at
        rows.append(
            (d.told.account_id, d.told.play, d.told.arm, d.told.at.date(), d.told.channel, offered and offered.date(),
             d.told.currency, start.before if start else d.told.mrr, stay.then if stay else None, stay is not None,
             result)
        )  # fmt: skip
    return rows
