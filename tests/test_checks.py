"""Every invariant is seen to fail: a fault planted in the table that it guards makes it, and the whole store, speak."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import rollforward as rf
from product import tell_rates
from rollforward.answers import check
from rollforward.build import Build
from rollforward.cut import WHOLE, Cut
from rollforward.models.catalog import models
from rollforward.policy import DEFAULT
from rollforward.store import FactStore

HEAD = "account_id,subscription_id,product,plan,start_date,end_date,amount,currency,quantity\n"
ROWS = HEAD + (
    "a,s1,core,basic,2026-01-01,2026-02-01,100.00,USD,10\n"
    "a,s1,core,basic,2026-02-01,,120.00,USD,12\n"
    "b,s2,core,basic,2026-01-01,2026-03-01,50.00,USD,5\n"
    "c,s3,core,basic,2026-01-01,,100.00,EUR,5\n"
)
RATES = "(date '2026-01-31', 'EUR', 1.10), (date '2026-02-28', 'EUR', 1.20), (date '2026-03-31', 'EUR', 1.15)"

PLANTED = {
    "ledger_ties": ("mrr_change", "* replace (delta + 1 as delta)"),
    "drivers_sum": ("mrr_change", "* replace (by_seats + 1 as by_seats)"),
    "balances_chain": ("account_day", "* replace (after_minor + 1 as after_minor)"),
    "balance_not_negative": ("account_day", "* replace (-1 as after_minor)"),
    "belief_is_single": ("item_step", "* replace (timestamp '2030-01-01' as b_to_at)"),
    "roll_forward_ties": ("roll_forward", "* replace (new + 1 as new)"),
    "days_tie": ("driver_day", "* replace (by_plan + 1 as by_plan)"),
    "retention_ties": ("retention_total", "* replace (churn - 1 as churn)"),
    "segments_tie": ("native_movement", "* replace (amount + 1 as amount)"),
    "cohorts_tie": ("cohort_step", "* replace (mrr + 1 as mrr)"),
    "bridge_adds_up": (
        "bridge",
        "* replace (coalesce(contribution, 0) + 0.1 as contribution, 0.0 as whole_before, 0.0 as whole_after)",
    ),
    "transfers_tie": ("handed_window", "* replace (delta + 1 as delta)"),
    "accounts_tie": ("account_now", "* replace (mrr + 1 as mrr)"),
    "uplifts_tie": ("uplift_step", "* replace (net + 1 as net)"),
    "fx_ties": ("fx_day", "* replace (amount + 1 as amount)"),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checks")
    (folder / "subs.csv").write_text(ROWS)
    made = rf.open(folder / "store")
    made.import_(folder / "subs.csv")
    (folder / "links.csv").write_text("from_id,to_id,kind,valid_from\nb,a,acquired,2026-02-10\n")
    made.import_(folder / "links.csv")
    tell_rates(made, RATES)
    assert made.check().rows == []
    return made.path


def test_every_check_has_a_planted_fault() -> None:
    assert set(PLANTED) == set(check.checks())


def test_every_model_names_a_check_that_exists() -> None:
    assert {m.ties for m in models().values()} - {"-"} <= set(check.checks())


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_planted_fault_is_found(store: Path, name: str) -> None:
    build = Build(FactStore.open(store), DEFAULT, None, date(2026, 11, 22))
    build.report("USD" if name == "fx_ties" else "")
    build.cut(Cut("product") if name == "segments_tie" else WHOLE)
    build.calendar("month")
    build.windows("month", 1 if name == "bridge_adds_up" else 12)
    _, reads, text = check.checks()[name]
    build.need(reads)
    assert build.engine.run(text) == []
    table, picks = PLANTED[name]
    build.engine.run(f"create temp table planted as from {table}")
    build.engine.view(table, f"select {picks} from planted")
    assert build.engine.run(text) != []
