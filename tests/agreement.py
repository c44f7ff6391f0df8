"""What it means that the product says what the reference says: ledger, movements and figures, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pytest

from product import BY, Asked, reference_ledger, reference_rules
from reference import (
    OPEN_END,
    Books,
    Coverage,
    Policy,
    expansion,
    logo_churn,
    movements,
    retention,
    roll_forward,
)
from rollforward.periods import add_months
from test_cases_reference import after

DEFAULT = Policy()
KEYS = ("period", "currency")
MOVED = ("new", "reactivation", "expansion", "contraction", "churn", "transfer", "adjustment")
MONEY = ("opening", *MOVED, "closing")
ACCOUNTS = tuple(f"accounts_{n}" for n in ("opening", "new", "reactivated", "churned", "transfer", "closing"))
DISTINCT = ("accounts_expanded", "accounts_contracted")
EXPANDED = ("expansion", "from_opening", "from_newcomers", "reactivation", "opening", "accounts_expanded")
RETAINED = ("opening", "expansion", "contraction", "churn", "closing", "accounts_opening", "accounts_lost")


def same_ledger(asked: Asked, told: Books) -> None:
    assert asked.ledger() == reference_ledger(told.rows)
    assert asked.rules() == reference_rules(told.rows)


def same_movements(asked: Asked, told: Books, policy: Policy = DEFAULT) -> None:
    shown = [
        (r["account_id"], r["currency"], r["on_date"], r["movement"], r["amount"], r["before_minor"], r["after_minor"],
         tuple(r[c] for c in BY))
        for r in asked.rows("movement") if r["movement"] != "opening"
    ]  # fmt: skip
    wanted = [
        (m.account, m.currency, m.on_date, m.movement, m.amount, m.before, m.after, m.drivers)
        for m in movements(told.rows, policy, told.held)
    ]
    assert sorted(shown) == sorted(wanted)
    assert all(sum(row[-1]) == row[4] for row in shown)


def same_figures(
    asked: Asked, told: Books, coverage: Coverage, known_to: date | None = None, policy: Policy = DEFAULT
) -> None:
    """Roll-forward, expansion, logo churn and retention by month, from what is known before the end of coverage (or
    as-of)."""
    ends = [max(to for _, to in windows) for kind, windows in coverage.items() if kind != "charges"]
    known_to = known_to or min([OPEN_END, *ends]).date()
    rows = [r for r in told.rows if r.on_date < known_to]
    held = [h for h in told.held if h.valid_from.date() < known_to]
    rolled = asked.mrr()
    periods = [(m, after(m, "month")) for m in sorted({r["period"] for r in rolled})]
    same_rows(rolled, roll_forward(rows, periods, policy, held), KEYS, MONEY + ACCOUNTS + DISTINCT)
    expanded = asked.expansion()
    wanted = expansion(rows, periods, policy, held)
    same_rows(expanded, wanted, KEYS, EXPANDED)
    for e in wanted:
        row = next((r for r in expanded if (r["period"], r["currency"]) == (e.period, e.currency)), None)
        assert tuple(row[c] for c in BY) == e.drivers if row else not any(e.drivers)
    churned = logo_churn(rows, periods, policy, held)
    for r in asked.metrics():
        ratio = churned.get((r["period"], r["currency"]))
        assert r["logo_churn"] == pytest.approx(None if ratio is None else float(ratio)), r["period"]
    for window in (1, 3, 12):
        told_windows = asked.retention(window)
        spans = sorted({(r["window_start"], r["window_end"]) for r in told_windows})
        assert all(add_months(e, -window) == s for s, e in spans)
        kept = [w for s, e in spans for w in retention(rows, s, e, policy, held, told.acquired)]
        same_rows(told_windows, kept, ("window_start", "window_end", "currency"), RETAINED)
        for r in told_windows:
            if r["ndr"] is not None:
                assert r["grr"] <= min(1, r["ndr"])
                assert abs(r["ndr"] * r["opening"] - r["closing"]) < 1e-6 * r["opening"]


def same_rows(
    told: Sequence[dict[str, Any]], wanted: Iterable[object], keys: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    """Equal in `columns` wherever one of both is not 0 throughout."""
    have = {tuple(r[k] for k in keys): [r[c] for c in columns] for r in told}
    want = {tuple(getattr(w, k) for k in keys): [getattr(w, c) for c in columns] for w in wanted}
    have, want = ({k: v for k, v in side.items() if any(v)} for side in (have, want))
    assert have == want, columns
