"""From the ledger to movements, one row per account, native currency and netting window (definitions.md section 4,
decisions 0007, 0009.5 to 0009.11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from reference.books import Held
from reference.facts import DRIVERS, OPEN_END
from reference.ledger import LedgerRow
from reference.netting import Changes, Window, first_changes, window
from reference.policy import DEFAULT, Policy

Balances = dict[tuple[str, str], int]
"""(account, currency) -> MRR in minor units; only what is not 0."""


@dataclass(frozen=True)
class Movement:
    """What happened to one account's MRR in one currency in one window; before and after are in that currency.

    `entered`: 1 if the account became active in this currency, -1 if it ceased to be.
    """

    account: str
    currency: str
    on_date: date
    movement: str
    amount: int
    before: int
    after: int
    drivers: tuple[int, ...]
    entered: int = 0


@dataclass
class Turn:
    """One window of one account: what it is as a whole, and its rows."""

    within: Window
    kind: str
    rows: list[Movement]


def movements(rows: Iterable[LedgerRow], policy: Policy = DEFAULT, held: Iterable[Held] = ()) -> list[Movement]:
    """By account, window and currency. Opening balances are none; a window in which nothing is left over has none."""
    accounts: dict[str, list[LedgerRow]] = defaultdict(list)
    holds: dict[str, list[Held]] = defaultdict(list)
    for hold in held:
        holds[hold.account].append(hold)
        accounts[hold.account] = []
    for row in rows:
        accounts[row.account].append(row)
    first = first_changes((r.account, r.occurred_at) for of in accounts.values() for r in of if r.rule != "opening")
    result = []
    for account in sorted(accounts):
        turns = Account(account, accounts[account], holds[account], policy).turns(first)
        result += [m for turn in adjusted(turns, policy) for m in turn.rows]
    return result


class Account:
    """One account through time."""

    def __init__(self, account: str, rows: Sequence[LedgerRow], held: Sequence[Held], policy: Policy) -> None:
        self.account, self.rows, self.held, self.policy = account, rows, held, policy
        self.balance: dict[str, int] = defaultdict(int)
        self.was_active = False

    def turns(self, first: Changes) -> list[Turn]:
        """All windows in which something moves, or the account becomes active or ceases to be."""
        moments = {r.occurred_at for r in self.rows}
        moments |= {at for h in self.held for at in (h.valid_from, h.valid_to) if at < OPEN_END}
        windows = sorted({window(self.policy, self.account, at, first) for at in moments})
        return [turn for within in windows for turn in self._turns_in(within)]

    def _turns_in(self, within: Window) -> list[Turn]:
        inside = [r for r in self.rows if within.start <= r.occurred_at < within.end]
        for row in inside:
            if row.rule == "opening":
                self.balance[row.currency] += row.delta
                self.was_active = True
        handed = [r for r in inside if r.rule == "acquired"]
        came, left = [r for r in handed if r.delta > 0], [r for r in handed if r.delta < 0]
        rest = [r for r in inside if r.rule not in ("opening", "acquired")]
        at_start, at_end = ({h.currency for h in self.held if h.just_before(t)} for t in (within.start, within.end))
        brought, taken = (
            {h.currency for h in self.held if h.handed == way and within.start <= h.valid_from < within.end}
            for way in (1, -1)
        )
        turns = [
            self._turn(within, "transfer", came, at_start, at_start | brought),
            self._turn(within, "", rest, at_start | brought, at_end | taken),
            self._turn(within, "transfer", left, at_end | taken, at_end),
        ]
        return [turn for turn in turns if turn.rows]

    def _turn(
        self, within: Window, kind: str, moved: Sequence[LedgerRow], held: set[str], still_held: set[str]
    ) -> Turn:
        before = dict(self.balance)
        for row in moved:
            self.balance[row.currency] += row.delta
        after = dict(self.balance)
        active = _paying(before) | held, _paying(after) | still_held
        currencies = {c for c in {r.currency for r in moved} if before.get(c, 0) != after.get(c, 0)}
        currencies |= active[0] ^ active[1]
        kind = kind or self._kind(active)
        rows = []
        for currency in sorted(currencies):
            of = [r for r in moved if r.currency == currency]
            old, new = before.get(currency, 0), after.get(currency, 0)
            drivers = tuple(sum(r.drivers[i] for r in of) for i in range(len(DRIVERS)))
            shown = kind or (_inside(before, after, currency) if old != new else "transfer")
            entered = (currency in active[1]) - (currency in active[0])
            rows.append(Movement(self.account, currency, within.on_date, shown, new - old, old, new, drivers, entered))
        self.was_active = self.was_active or any(active[0]) or any(active[1])
        return Turn(within, kind, rows)

    def _kind(self, active: tuple[set[str], set[str]]) -> str:
        """The account's class from all its currencies together; '' if it is active before and after."""
        if not active[0]:
            return "reactivation" if self.was_active else "new"
        return "" if active[1] else "churn"


def _paying(balance: dict[str, int]) -> set[str]:
    return {currency for currency, amount in balance.items() if amount > 0}


def _inside(before: dict[str, int], after: dict[str, int], currency: str) -> str:
    """The class of one currency of an account that is active before and after; a switch of currency is a transfer."""
    old, new = before.get(currency, 0), after.get(currency, 0)
    left = any(amount > 0 and after.get(c, 0) == 0 for c, amount in before.items())
    came = any(amount > 0 and before.get(c, 0) == 0 for c, amount in after.items())
    if left and came and 0 in (old, new):
        return "transfer"
    return "expansion" if new > old else "contraction"


def adjusted(turns: Sequence[Turn], policy: Policy) -> list[Turn]:
    """Decision 0009.11, in its order."""
    left: Turn | None = None
    for turn in turns:
        if turn.kind == "reactivation" and left:
            same_month = (left.within.start.year, left.within.start.month) == (
                turn.within.start.year,
                turn.within.start.month,
            )
            away = (turn.within.on_date - left.within.on_date).days
            if policy.reactivation_needs_month_end_at_zero and same_month:
                _turn_into(left, "contraction")
                _turn_into(turn, "expansion")
            elif policy.reactivated_within is not None and away > policy.reactivated_within:
                _turn_into(turn, "new")
        if turn.kind == "reactivation" and policy.reactivation_as != "own":
            _turn_into(turn, policy.reactivation_as)
        if turn.kind == "churn":
            left = turn
    for turn in turns:
        turn.rows = [
            replace(m, movement="adjustment")
            if m.movement in ("expansion", "contraction") and abs(m.amount) < policy.minor_movement
            else m
            for m in turn.rows
        ]
    return list(turns)


def _turn_into(turn: Turn, kind: str) -> None:
    turn.kind = kind
    turn.rows = [replace(m, movement=kind) for m in turn.rows]


def balances(rows: Iterable[LedgerRow], moment: date) -> Balances:
    """MRR at the first instant of a day, before anything of that day; what coverage finds there already stood."""
    held: Balances = defaultdict(int)
    for row in rows:
        if row.on_date < moment or (row.rule == "opening" and row.on_date == moment):
            held[row.account, row.currency] += row.delta
    return {key: amount for key, amount in held.items() if amount}
