"""Scores on a simulated company whose true chances are known (churnsim): how near they come to them.

What is learnt from are the numbers of the file that a company would have: plan, price, discount, seats, use. Each
renewal month is a row; the truth is the simulator's chance of leaving in it, which depends on a satisfaction that
nobody sees.
"""

from __future__ import annotations

import csv
import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rollforward.stats import scores

pytest.importorskip("sklearn")
NUMBERS = (
    "month_no", "bill_period", "mrr", "discount", "user_limit", "users_active_mean", "days_over_user_limit", "n_search",
    "n_win_opportunity", "n_advance_stage", "n_lose_opportunity", "n_quote", "n_create_opportunity", "n_add_contact",
    "n_add_lead", "n_email_lead", "n_call_lead", "n_meeting", "search_limit", "meeting_limit",
)  # fmt: skip


def test_churn_is_told_nearly_as_well_as_can_be(real_data: Path) -> None:
    with gzip.open(real_data / "churnsim_crm_truth" / "panel.csv.gz", "rt") as file:
        told = [r for r in csv.DictReader(file) if r["is_renewal_month"] == "1"]

    def column(name: str) -> scores.Floats:
        return np.array([float(r[name] or 0) for r in told])

    day = np.array([date.fromisoformat(r["period_end"]).replace(day=1).toordinal() for r in told])
    plans = np.unique([r["plan"] for r in told], return_inverse=True)[1]
    values = np.column_stack([column(n) for n in NUMBERS])
    rows = scores.Rows(day, column("customer_id").astype(np.int64), values, column("churned"), plans)
    split = scores.parts([date.fromordinal(d) for d in sorted(set(day.tolist()))], 31)
    late = rows.of(split.tested)
    true = column("true_p_churn_intent")[np.isin(day, [d.toordinal() for d in split.tested])]
    learnt = scores.Learnt(rows.of(split.trained), rows.of(split.calibrated))
    rank = learnt.raw(late.values)
    chance = learnt.chance(rank)
    found, ceiling = scores.measured(late, chance, rank), scores.measured(late, true, true)
    assert found.auc is not None and ceiling.auc is not None
    assert found.pr_auc is not None and ceiling.pr_auc is not None
    assert found.auc >= ceiling.auc - 0.03
    assert found.pr_auc >= ceiling.pr_auc - 0.02
    assert found.brier <= ceiling.brier + 0.0005
    assert found.has_skill and found.within.low is not None and found.within.low > 1.5, "not by knowing the plan"
    # against the truth, by fifths of what was told: within a point and a half of the mean true chance
    for fifth in np.array_split(np.argsort(chance), 5):
        assert float(chance[fifth].mean()) == pytest.approx(float(true[fifth].mean()), abs=0.015)
