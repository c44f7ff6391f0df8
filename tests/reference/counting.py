"""From believed states to stretches of constant MRR, as a policy counts them (definitions.md section 2, 0009)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from math import floor

from reference.belief import by_item
from reference.facts import OPEN_END, Discount, State
from reference.policy import DEFAULT, Policy

ABSENT = ("trialing", "incomplete", "canceled")
"""Statuses as good as nothing: an item starts from them and ends into them. Pause and dunning are not."""


@dataclass(frozen=True)
class Stretch:
    """An item state with constant MRR.

    `list_amount`, `off_amount` are exact minor units a month, `off_rate` a fraction; `mrr` is 0 unless `counted`.
    exact = list_amount x (1 - off_rate) - off_amount, and mrr is that rounded half up. `holds`: the account is active
    by it although it is at 0. `status` is the state's, as the policy sees it.
    """

    state: State
    valid_from: datetime
    valid_to: datetime
    counted: bool
    list_amount: Fraction
    off_rate: Fraction
    off_amount: Fraction
    mrr: int
    status: str
    holds: bool = False

    @property
    def quantity(self) -> int:
        """Quantity where a price per unit is needed: empty or 0 is 1."""
        return self.state.quantity or 1


@dataclass(frozen=True)
class Piece:
    """A part of a state in which nothing but its discounts changes."""

    state: State
    valid_from: datetime
    valid_to: datetime
    status: str
    counted: bool


def item_mrr(states: Iterable[State], policy: Policy = DEFAULT, as_of: datetime = OPEN_END) -> list[Stretch]:
    """Stretches of all items in order; what begins or ends by a setting after `as_of` has not yet."""
    result = []
    for rows in by_item(states).values():
        pieces = [piece for row in rows for piece in _pieces(row, _spell_start(row, rows), policy, as_of)]
        if policy.churn_on == "period_end":
            pieces = _to_period_end(pieces, as_of)
        result += [stretch for piece in pieces for stretch in _stretches(piece, policy, as_of)]
    return result


def _spell_start(state: State, rows: Sequence[State]) -> datetime:
    """Where the run of touching past due states that this one belongs to begins (0009.1)."""
    start = state.valid_from
    for earlier in reversed(rows):
        if earlier.status == "past_due" and earlier.valid_to == start:
            start = earlier.valid_from
    return start


def _pieces(state: State, spell: datetime, policy: Policy, as_of: datetime) -> list[Piece]:
    """0009.1, 3 and 4: days of past due, requests and first payments cut a state that would count or hold."""
    paused_holds = state.status == "paused" and policy.paused == "active"
    counts = policy.counts(state.status) and not state.metered
    if not counts and not paused_holds:
        return [Piece(state, state.valid_from, state.valid_to, state.status, False)]
    requested = first_paid = dunned = OPEN_END
    if policy.churn_on == "requested" and state.cancel_requested_at <= as_of:
        requested = state.cancel_requested_at
    if policy.active_from == "first_payment" and state.first_paid_at < OPEN_END:
        first_paid = state.first_paid_at
    if state.status == "past_due" and policy.past_due_lasts is not None:
        dunned = spell + policy.past_due_lasts
    inside = {e for e in (requested, first_paid, dunned) if state.valid_from < e < state.valid_to and e <= as_of}
    result = []
    for start, end in pairwise([state.valid_from, *sorted(inside), state.valid_to]):
        if start >= requested:
            piece = Piece(state, start, end, "canceled", False)
        elif first_paid < OPEN_END and start < first_paid:
            piece = Piece(state, start, end, "incomplete", False)
        else:
            piece = Piece(state, start, end, state.status, counts and start < dunned)
        result.append(piece)
    return result


def _to_period_end(pieces: Sequence[Piece], as_of: datetime) -> list[Piece]:
    """0009.3: a counted piece that ends before what is paid counts on until then, or until the item goes on."""
    result: list[Piece] = []
    for n, piece in enumerate(pieces):
        if result and piece.status == "canceled" and piece.valid_from < result[-1].valid_to:
            if piece.valid_to > result[-1].valid_to:
                result.append(replace(piece, valid_from=result[-1].valid_to))
            continue
        paid_through = piece.state.paid_through
        following = pieces[n + 1 :]
        touches = bool(following) and following[0].valid_from == piece.valid_to and following[0].status != "canceled"
        if piece.counted and piece.valid_to < paid_through < OPEN_END and not touches:
            goes_on = [p.valid_from for p in following if p.status != "canceled"]
            end = min([paid_through, *goes_on])
            piece = replace(piece, valid_to=end if end <= as_of else OPEN_END)
        result.append(piece)
    return result


def _stretches(piece: Piece, policy: Policy, as_of: datetime) -> list[Stretch]:
    """A piece is split where a subtracted discount ends inside it."""
    state = piece.state
    discounts = [d for d in state.discounts if d.kind in policy.discounts and (d.ppm or d.amount)]
    inside = {d.until for d in discounts if piece.valid_from < d.until < piece.valid_to and d.until <= as_of}
    result = []
    for start, end in pairwise([piece.valid_from, *sorted(inside), piece.valid_to]):
        in_force = [d for d in discounts if d.until > start]
        result.append(_stretch(replace(piece, valid_from=start, valid_to=end), in_force, policy))
    return result


def _stretch(piece: Piece, discounts: list[Discount], policy: Policy) -> Stretch:
    state = piece.state
    factor = policy.month_factor(state.interval, state.interval_count)
    list_amount = state.amount * factor
    kept = Fraction(1)
    for discount in discounts:  # stacked percentages: each is taken from what the one before leaves
        kept *= 1 - Fraction(discount.ppm, 1_000_000)
    off_amount = min(sum((d.amount for d in discounts), 0) * factor, list_amount * kept)
    mrr = round_half_up(list_amount * kept - off_amount) if piece.counted else 0
    free = piece.counted and mrr == 0 and policy.free_account == "active"
    paused = piece.status == "paused" and policy.paused == "active" and not state.metered
    return Stretch(
        state,
        piece.valid_from,
        piece.valid_to,
        piece.counted,
        list_amount,
        1 - kept,
        off_amount,
        mrr,
        piece.status,
        free or paused,
    )


def round_half_up(exact: Fraction) -> int:
    """Whole minor units; `exact` is not negative."""
    return floor(exact + Fraction(1, 2))
