"""Decision 0003 through the product: snapshots with dates are the whole truth, sightings speak from their time."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from product import Asked
from test_belief import HEAD, Told

SEEN = "account_id,subscription_id,plan,amount,currency\n"


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def test_a_whole_snapshot_rewrites_and_ends(told: Told) -> None:
    told.tell("a,s,p,2025-01-01,,100,USD\nb,t,p,2025-01-01,,50,USD", recorded_at="2025-02-01")
    dry = told.tell("a,s,p,2025-01-10,,90,USD", snapshot=True, recorded_at="2025-03-05", dry_run=True)
    assert [(e.account_id, e.mrr_minor) for e in dry.ends] == [("b", 5_000)]
    assert told.closing("2025-04") == 15_000
    told.tell("a,s,p,2025-01-10,,90,USD", snapshot=True, recorded_at="2025-03-05")
    # The file's row replaces its item from the beginning: nothing on 1 January any more. The missing one ended.
    asked = Asked(told.store)
    moved = [(r["account_id"], r["on_date"], r["movement"], r["amount"]) for r in asked.rows("movement")]
    assert sorted(moved) == [
        ("a", date(2025, 1, 10), "new", 9_000),
        ("b", date(2025, 1, 1), "new", 5_000),
        ("b", date(2025, 3, 5), "churn", -5_000),
    ]
    assert told.closing("2025-01", "2025-02-15") == 15_000
    assert told.store.check().rows == []


def test_sightings_show_what_happened_between_them(told: Told) -> None:
    """The dump of September does not put September's plan into January, and who paid at the first is not new."""
    told.tell("a,s,p,100,USD\nb,t,p,50,USD\nc,u,p,30,USD", SEEN, snapshot=True, recorded_at="2025-01-19")
    told.tell("a,s,q,150,USD\nb,t,p,40,USD\nd,v,p,20,USD", SEEN, snapshot=True, recorded_at="2025-09-21")
    asked = Asked(told.store)
    (w,) = asked.retention((date(2025, 1, 19), date(2025, 9, 22)))
    assert (w["opening"], w["expansion"], w["contraction"], w["churn"]) == (18_000, 5_000, -1_000, -3_000)
    assert (w["accounts_opening"], w["accounts_lost"], w["ndr"]) == (3, 1, pytest.approx(190 / 180))
    january, *_, september = asked.mrr(start="2025-01", end="2025-09")
    assert (january["opening"], january["new"], january["closing"]) == (18_000, 0, 18_000)
    assert (september["new"], september["expansion"], september["closing"]) == (2_000, 5_000, 21_000)
    assert {r["rule"] for r in asked.rows("ledger") if r["account_id"] == "c"} == {"opening", "end"}
    assert told.store.check().rows == []


def test_a_sighting_of_what_has_a_history_is_no_opening_balance(told: Told) -> None:
    """Accounts that paid before the first sighting are known: only the others stood there unseen."""
    told.tell("a,s,p,2024-06-01,,100,USD", recorded_at="2024-07-01")
    told.tell("a,s,p,130,USD\nb,t,p,50,USD", SEEN, snapshot=True, recorded_at="2025-01-19")
    asked = Asked(told.store)
    moved = [(r["account_id"], r["on_date"], r["movement"], r["amount"]) for r in asked.rows("movement")]
    assert sorted(moved) == [
        ("a", date(2024, 6, 1), "new", 10_000),
        ("a", date(2025, 1, 19), "expansion", 3_000),
        ("b", date(2025, 1, 19), "opening", 5_000),
    ]
    assert told.store.check().rows == []


def test_a_sighting_ends_what_only_a_file_with_dates_knew(told: Told) -> None:
    told.tell("a,s,p,2024-06-01,,100,USD\nb,t,p,2024-06-01,,50,USD", recorded_at="2024-07-01")
    report = told.tell("a,s,p,100,USD", SEEN, snapshot=True, recorded_at="2025-01-19")
    assert [e.account_id for e in report.ends] == ["b"]
    churned = [r for r in Asked(told.store).rows("movement") if r["movement"] == "churn"]
    assert [(r["account_id"], r["on_date"]) for r in churned] == [("b", date(2025, 1, 19))]


def test_the_same_snapshot_again_is_nothing_new(told: Told) -> None:
    rows = "a,s,p,2025-01-10,,90,USD"
    assert told.tell(rows, HEAD, snapshot=True, recorded_at="2025-03-05").commit_id == 1
    assert told.tell(rows, HEAD, snapshot=True, recorded_at="2025-03-05").commit_id == 0
    assert told.closing("2025-03", datetime(2025, 3, 6).isoformat()) == 9_000
