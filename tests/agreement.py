"""What it means that the product says what the reference says: ledger, movements and figures, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from product import BY, Asked, reference_ledger, reference_rules
from reference import (
    OPEN_END,
    Books,
    Coverage,
    Held,
    LedgerRow,
    Policy,
    expansion,
    logo_churn,
    movements,
    retention,
    roll_forward,
)
from rollforward.periods import add_months
from test_cases_reference import after

KEYS = ("period", "currency")
MOVED = ("new", "reactivation", "expansion", "contraction", "churn", "transfer", "adjustment")
MONEY = ("opening", *MOVED, "closing")
ACCOUNTS = tuple(f"accounts_{n}" for n in ("opening", "new", "reactivated", "churned", "transfer", "closing"))
DISTINCT = ("accounts_expanded", "accounts_contracted")
EXPANDED = ("expansion", "from_opening", "from_newcomers", "reactivation", "opening", "accounts_expanded", *BY)
RETAINED = ("opening", "expansion", "contraction", "churn", "closing", "accounts_opening", "accounts_lost")
DAYS = {"start": date(2023, 12, 25), "end": date(2024, 5, 10)}
SPAN = {"end": date(2025, 7, 1)}
"""All time in which a drawn history changes; the years after it would be a thousand days more."""


class Differs(AssertionError):
    """Product and reference do not say the same of `what`."""

    def __init__(self, what: str, product: Iterable[object], reference: Iterable[object]) -> None:
        self.what = what
        sides = (("product", product), ("reference", reference))
        super().__init__("\n".join([what, *(f"  {side}: {row}" for side, rows in sides for row in rows)]))


def same(what: str, product: Iterable[Hashable], reference: Iterable[Hashable]) -> None:
    """The same rows in any order, each as often."""
    mine, theirs = Counter(product), Counter(reference)
    if mine != theirs:
        raise Differs(what, *(sorted(side.elements(), key=str) for side in (mine - theirs, theirs - mine)))


def agree(
    asked: Asked,
    told: Books,
    policy: Policy,
    coverage: Coverage,
    by: str = "month",
    windows: Sequence[int] = (1, 3, 12),
) -> None:
    """Ledger, movements and figures of one policy: roll-forward, expansion and logo churn by one grain, retention."""
    same("ledger", asked.ledger().items(), reference_ledger(told.rows).items())
    rules = (
        {(rule, key) for rule, of in side.items() for key in of} for side in (asked.rules(), reference_rules(told.rows))
    )
    same("rules", *rules)
    if told.rows:
        same_movements(asked, told, policy)
        ends = [max(to for _, to in windows) for kind, windows in coverage.items() if kind != "charges"]
        if asked.as_of:
            ends.append(policy.local(asked.as_of) + timedelta(days=1))
        known_to = min([OPEN_END, *ends]).date()
        same_figures(asked, told, known_to, policy, by)
        same_retention(asked, told, known_to, policy, windows)


def same_movements(asked: Asked, told: Books, policy: Policy) -> None:
    shown = [
        (r["account_id"], r["currency"], r["on_date"], r["movement"], r["amount"], r["before_minor"], r["after_minor"],
         tuple(r[c] for c in BY))
        for r in asked.rows("movement") if r["movement"] != "opening"
    ]  # fmt: skip
    wanted = [
        (m.account, m.currency, m.on_date, m.movement, m.amount, m.before, m.after, m.drivers)
        for m in movements(told.rows, policy, told.held)
    ]
    same("movements", shown, wanted)
    assert all(sum(row[-1]) == row[4] for row in shown)


def same_figures(asked: Asked, told: Books, known_to: date, policy: Policy, by: str) -> None:
    """Roll-forward, expansion and logo churn from what is known before the end of coverage (or as-of)."""
    rows, held = known(told, known_to)
    span = DAYS if by == "day" else SPAN
    rolled = asked.mrr(by, **span)
    periods = [(m, after(m, by)) for m in sorted({r["period"] for r in rolled})]
    same_rows(f"mrr by {by}", rolled, roll_forward(rows, periods, policy, held), KEYS, MONEY + ACCOUNTS + DISTINCT)
    for r in rolled:
        assert r["opening"] + sum(r[c] for c in MOVED) == r["closing"]
    wanted = [{**vars(e), **dict(zip(BY, e.drivers, strict=True))} for e in expansion(rows, periods, policy, held)]
    same_rows(f"expansion by {by}", asked.expansion(by, **span), wanted, KEYS, EXPANDED)
    if policy.logo_churn_base == "opening" and by != "month":
        return  # what is left of `metrics` costs as much as all else
    churned = logo_churn(rows, periods, policy, held)
    ratios = {key: None if ratio is None else round(float(ratio), 9) for key, ratio in churned.items()}
    shown = {(r["period"], r["currency"]): r["logo_churn"] for r in asked.metrics(by, **span)}
    same(
        "logo churn",
        ((k, None if v is None else round(v, 9)) for k, v in shown.items()),
        ((k, ratios.get(k)) for k in shown),
    )


def same_retention(asked: Asked, told: Books, known_to: date, policy: Policy, windows: Sequence[int]) -> None:
    rows, held = known(told, known_to)
    for window in windows:
        kept = asked.retention(window, **SPAN)
        spans = sorted({(r["window_start"], r["window_end"]) for r in kept})
        assert all(add_months(e, -window) == s for s, e in spans)
        whole = [w for s, e in spans for w in retention(rows, s, e, policy, held, told.acquired)]
        same_rows(f"retention {window}", kept, whole, ("window_start", "window_end", "currency"), RETAINED)
        for r in kept:
            if r["ndr"] is not None:
                assert r["grr"] <= min(1, r["ndr"])
                assert r["ndr"] * r["opening"] == pytest.approx(r["closing"])


def known(told: Books, known_to: date) -> tuple[list[LedgerRow], list[Held]]:
    return [r for r in told.rows if r.on_date < known_to], [h for h in told.held if h.valid_from.date() < known_to]


def same_rows(
    what: str, told: Sequence[dict[str, Any]], wanted: Iterable[object], keys: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    """Equal in `columns` wherever one of both is not 0 throughout."""
    rows = (told, [r if isinstance(r, dict) else vars(r) for r in wanted])
    filled = ([r for r in side if any(r[c] for c in columns)] for side in rows)
    same(what, *([tuple((c, r[c]) for c in (*keys, *columns)) for r in side] for side in filled))
