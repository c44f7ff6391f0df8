"""Item-level settings of a policy beyond the tables that cases show: notes, Stripe's local time, models left out."""

from __future__ import annotations

from pathlib import Path

import pytest

import rollforward
from product import Asked, policy_file
from rollforward import policy
from rollforward.models.catalog import models

ROWS = """account_id,subscription_id,plan,start_date,end_date,amount,currency,paid_through,first_paid_at
a,sa,basic,2026-01-01,2026-03-10,100.00,USD,2026-04-01,2026-01-01
b,sb,basic,2026-01-01,2026-03-10,70.00,USD,,
c,sc,basic,2026-01-01,2026-03-10,30.00,EUR,,
c,sc,pro,2026-03-10,,40.00,EUR,,
"""


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ({}, {}),
        ({"churn_on": "period_end"}, {"no-date-of-churn": "70.00 USD"}),
        ({"churn_on": "requested"}, {"no-date-of-churn": "170.00 USD"}),
        ({"active_from": "first_payment"}, {"no-date-of-payment": "40.00 EUR"}),
    ],
)
def test_answers_say_for_how_much_mrr_a_setting_fell_back(
    tmp_path: Path, settings: dict[str, str], codes: dict[str, str]
) -> None:
    (tmp_path / "rows.csv").write_text(ROWS)
    store = rollforward.open(tmp_path / "store")
    store.import_(tmp_path / "rows.csv", recorded_at="2026-04-02")
    rules = policy_file(settings, tmp_path / "case.toml") if settings else "default"
    notes = {n.code: n.params.get("mrr") for n in store.mrr(policy=rules).notes if n.code.startswith("no-date-of")}
    assert notes == codes


STRIPE = {
    "event_timestamp": "2026-04-01 01:00:00", "local_event_timestamp": "2026-03-31 17:00:00",
    "event_type": "ACTIVE_START", "customer_id": "cus_1", "subscription_id": "sub_1", "subscription_item_id": "si_1",
    "product_id": "prod_1", "price_id": "price_1", "currency": "usd", "mrr_change": "10000", "quantity_change": "1",
}  # fmt: skip


def test_stripe_rows_stay_on_their_own_local_day_in_every_zone(tmp_path: Path) -> None:
    (tmp_path / "changes.csv").write_text(f"{','.join(STRIPE)}\n{','.join(STRIPE.values())}\n")
    store = rollforward.open(tmp_path / "store")
    store.import_(tmp_path / "changes.csv", recorded_at="2026-04-02")
    rules = policy_file({"time_zone": "Asia/Bangkok"}, tmp_path / "case.toml")
    assert [str(r["on_date"]) for r in Asked(store, rules=rules).rows("ledger")] == ["2026-03-31"]


def test_models_that_only_some_policies_need_are_empty_in_the_default_one(tmp_path: Path) -> None:
    """What `only` and `columns` say must follow from the model's own text: run in full, it has no row either."""
    (tmp_path / "rows.csv").write_text(ROWS)
    store = rollforward.open(tmp_path / "store")
    store.import_(tmp_path / "rows.csv", recorded_at="2026-04-02")
    build = store._new_build(policy.DEFAULT, None)
    build.windows("month", 12)
    scarce = [m for m in models().values() if m.only]
    assert {m.name for m in scarce} >= {
        "local_time",
        "past_due_end",
        "paid_end",
        "counted_span",
        "gap_end",
        "kept_from",
    }
    for model in scarce:
        engine = build.need(model.reads)
        assert engine.run(f"select count(*) from ({model.sql})") == [(0,)], model.name
        engine.view("in_full", model.sql)
        assert [(c, k.lower()) for c, k in engine.columns("in_full")] == list(model.columns), model.name
