"""Goals against what came, and a preview of commission on expansion that lasts.

Comes in: goals, their figures as the other answers tell them, or a Build. Goes out: Tables. Pace and forecast are naive
and say so; which uplifts there are and what was lost of them is said by the models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from rollforward.answers import durability, figures
from rollforward.answers.figures import Asked
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.errors import Misuse
from rollforward.money import to_minor
from rollforward.state import Goal

GOALS = (
    "goal_id", "goal_metric", "goal_period", "goal_where", "owner", "currency", "target_mrr", "actual_mrr",
    "forecast_mrr", "target_share", "actual_share", "forecast_share", "attainment", "elapsed", "last_year_share",
    "on_pace", "forecast_from", "is_complete", "set_by", "set_at",
)  # fmt: skip
COMMISSION = (
    "made_on", "account_id", "owner", "currency", "uplift", "clawed_back", "durable_uplift", "commission", "is_settled",
)  # fmt: skip

OWNERS = (
    "owner", "currency", "made", "uplift", "clawed_back", "durable_uplift", "commission", "commission_settled",
)  # fmt: skip

SOME = 0.05
"""Share of last year's period below which nothing is forecast from it."""


@dataclass(frozen=True)
class Progress:
    """How far a goal is: its figure so far, the share of its days that are over, and of last year's figure by then."""

    actual: Decimal | float | None
    elapsed: float
    last_year: float | None


@dataclass(frozen=True)
class Terms:
    """Of a commission: rate on what lasts, the part that is the owner's, at most how much, days of claw-back."""

    rate: Fraction
    split: Fraction = Fraction(1)
    cap: Decimal | None = None
    days: int = 90

    def checked(self) -> Terms:
        """Misuse `bad-terms`."""
        if not (0 < self.rate <= 1 and 0 < self.split <= 1 and self.days > 0 and (self.cap is None or self.cap > 0)):
            raise Misuse("bad-terms")
        return self


def goal_row(goal: Goal, told: Progress) -> tuple[object, ...]:
    """A row of `GOALS`. On pace: what was reached is at least the target's part of the days that are over."""
    assert goal.target is not None
    is_money, actual, elapsed = goal.metric == "expansion", told.actual, told.elapsed
    from_year = is_money and told.last_year is not None and told.last_year >= SOME
    share = told.last_year if from_year and told.last_year is not None else elapsed
    forecast: Decimal | float | None = None
    attainment = pace = None
    if actual is not None and elapsed > 0:
        if is_money:
            assert isinstance(actual, Decimal)
            forecast = actual if elapsed >= 1 else (actual / Decimal(share)).quantize(actual)
            attainment, pace = float(actual / goal.target), float(actual / goal.target) >= share
        else:
            ratio = float(actual)
            forecast = ratio if elapsed >= 1 else 1 + (ratio - 1) / elapsed
            attainment, pace = ratio / float(goal.target), forecast >= float(goal.target)
    basis = "over" if elapsed >= 1 else "last year" if from_year else "days"
    money = (goal.target, actual, forecast) if is_money else (None, None, None)
    ratios = (None, None, None) if is_money else (float(goal.target), actual, forecast)
    return (
        goal.goal_id, goal.metric, goal.period, goal.where, goal.owner, goal.currency, *money, *ratios, attainment,
        elapsed, told.last_year, pace, basis, elapsed >= 1, goal.author, goal.at,
    )  # fmt: skip


def gaps(goals: Sequence[Goal]) -> list[Note]:
    """Where the goals of owners do not add up to the one of all, of the same metric, period, segment and currency."""
    found = []
    for whole in (g for g in goals if g.metric == "expansion" and not g.owner):
        parts = [g.target for g in goals if g.owner and _without_owner(g) == _without_owner(whole) and g.target]
        if parts and whole.target is not None and sum(parts) != whole.target:
            gap = whole.target - sum(parts)
            found.append(
                Note("owners-gap", {"period": whole.period, "whole": f"{whole.target} {whole.currency}",
                                    "parts": f"{sum(parts)}", "gap": f"{gap}"})
            )  # fmt: skip
    return found


def _without_owner(goal: Goal) -> tuple[str, ...]:
    return goal.metric, goal.period, goal.where, goal.currency


def commission(build: Build, asked: Asked, terms: Terms, by_owner: bool = False) -> Table:
    """A row an uplift made in the time asked for (`by_owner`: their sums), with what of it was lost within the days of
    claw-back.

    Amounts are empty where the rate of its day is missing, and behind such a one where a cap could have been reached.
    The owner is who had the account on the day of the expansion. Paid is rate × split of what is left, rounded down to
    the minor unit, in the order of the days until the owner's cap is reached. Settled: all days of claw-back are known.
    """
    durability.prepared(build, asked, "")
    build.need(["known"])
    rows = build.engine.run(
        "select f.made_on, a.account_id, f.part, f.currency, f.uplift, coalesce((select cast(sum(l.lost) as double) * "
        "f.uplift / max(u.uplift) from uplift_loss l join uplift u on u.account_key = l.account_key and "
        "u.currency = l.currency and u.window_at = l.made_at where l.account_key = f.account_key and "
        f"l.currency = f.paid_in and l.made_at = f.window_at and l.on_date - f.made_on <= {terms.days}), 0), "
        f"f.made_on + {terms.days} <= (select known_to - 1 from known) or f.fate = 'churned', f.rated "
        "from asked_uplift f "
        "join account a on a.account_key = f.account_key "
        "order by f.part, f.currency, f.made_on, a.account_id, f.paid_in"
    )
    paid: dict[tuple[str, str], int] = {}
    unsure: set[tuple[str, str]] = set()
    told: list[tuple[object, ...]] = []
    for made_on, account, owner, code, uplift, lost, settled, rated in rows:
        if not rated:
            unsure.add((str(owner), str(code)))
            told.append((made_on, account, owner or "unknown", code, None, None, None, None, settled))
            continue
        clawed = min(round(float(str(lost))), int(str(uplift)))
        durable = int(str(uplift)) - clawed
        full = int(durable * terms.rate * terms.split)
        due: int | None = full
        key = (str(owner), str(code))
        if terms.cap is not None and key in unsure:
            due = None
        elif terms.cap is not None:
            due = min(full, to_minor(terms.cap, str(code), True) - paid.get(key, 0))
        paid[key] = paid.get(key, 0) + (due or 0)
        assert isinstance(made_on, date)
        told.append((made_on, account, owner or "unknown", code, uplift, -clawed, durable, due, settled))
    notes = [] if told else [Note("no-expansions")]
    if by_owner:
        return figures.finish(build, asked, OWNERS, _owners(told), notes)
    told = told[asked.skip : asked.skip + asked.limit] if asked.limit else told[asked.skip :]
    return figures.finish(build, asked, COMMISSION, told, notes)


def _owners(told: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Rows of `COMMISSION` summed by owner and currency, the most commission first; of an empty amount no sum."""
    sums: dict[tuple[str, str], list[int | None]] = {}
    for _on, _account, owner, code, *amounts, settled in told:
        uplift, clawed, durable, due = (None if a is None else int(str(a)) for a in amounts)
        cells = (1, uplift, clawed, durable, due, due if settled else 0)
        so_far = sums.get((str(owner), str(code)), [0] * len(cells))
        sums[str(owner), str(code)] = [
            None if a is None or b is None else a + b for a, b in zip(so_far, cells, strict=True)
        ]
    found = sorted(sums.items(), key=lambda kv: (kv[0][1], -(kv[1][4] or 0), kv[0][0]))
    return [(*key, *cells) for key, cells in found]
