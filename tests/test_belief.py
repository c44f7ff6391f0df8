"""Decision 0002 through the product: moments, repeats, retractions, what was known when."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import rollforward
from product import Asked
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.ingest import ImportReport

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"


class Told:
    """A store that is told one file after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, rollforward.open(folder / "store")

    def tell(self, rows: str, head: str = HEAD, **options: Any) -> ImportReport:
        path = self.folder / "subscriptions.csv"
        path.write_text(head + rows, encoding="utf-8")
        return self.store.import_(path, **options)

    def closing(self, month: str, as_of: str | None = None) -> int:
        """Minor units at the end of a month."""
        asked = Asked(self.store, datetime.fromisoformat(as_of) if as_of else None)
        rows = asked.mrr(start=month, end=month)
        return sum(r["closing"] for r in rows)


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def a_b_a(told: Told) -> None:
    told.tell("a,s,p,2025-01-01,,100,USD", recorded_at="2025-02-01")
    told.tell("a,s,p,2025-01-01,,120,USD", recorded_at="2025-02-02")
    told.tell("a,s,p,2025-01-01,,100,USD", recorded_at="2025-02-03")


def test_review_3_a_b_a(told: Told) -> None:
    a_b_a(told)
    assert told.closing("2025-03") == 10_000
    by_day = [told.closing("2025-01", f"2025-02-0{day}T12:00") for day in (1, 2, 3)]
    assert by_day == [10_000, 12_000, 10_000]
    assert told.store.check().rows == []


def test_retracting_the_correction_brings_the_mistake_back(told: Told) -> None:
    a_b_a(told)
    before_retracting = datetime.now()
    report = told.store.retract(3)
    assert report.commit_id == 4
    assert told.closing("2025-03") == 12_000
    # As of a moment before the retraction the import still counts.
    assert told.closing("2025-01", "2025-02-03T12:00") == 10_000
    assert told.closing("2025-01", before_retracting.isoformat()) == 10_000
    # The same file again brings it back, later than the retraction.
    assert told.tell("a,s,p,2025-01-01,,100,USD", recorded_at="2025-02-03").commit_id > 4
    assert told.closing("2025-03") == 10_000


def test_a_repeat_is_not_written(told: Told) -> None:
    a_b_a(told)
    assert told.tell("a,s,p,2025-01-01,,120,USD", recorded_at="2025-02-02").commit_id == 0
    # Recorded now: equal to what is believed now.
    assert told.tell("a,s,p,2025-01-01,,100,USD").commit_id == 0
    # What is not believed any more is news again.
    assert told.tell("a,s,p,2025-01-01,,120,USD").commit_id > 3
    assert told.closing("2025-03") == 12_000


def test_as_of_before_anything_was_said_names_the_first_moment(told: Told) -> None:
    a_b_a(told)
    with pytest.raises(Misuse) as caught:
        told.closing("2025-01", "2025-01-31")
    assert (caught.value.code, caught.value.params["first"]) == ("as-of-before-first", "2025-02-01T00:00:00")


def test_a_time_of_recording_in_the_future_is_a_problem(told: Told) -> None:
    head = "account_id,subscription_id,plan,start_date,amount,currency,recorded_at\n"
    report = told.tell("a,s,p,2025-01-01,100,USD,2200-01-01", head)
    assert [p.code for p in report.problems] == ["recorded-in-future"]


def test_trusted_history_does_not_know_the_future(told: Told) -> None:
    """As of March the subscription is open: its end in May was not known, though one file says both."""
    told.tell("a,s,p,2025-01-01,2025-05-10,100,USD\nb,t,p,2025-01-01,,7,USD", trust_valid_time=True)
    assert told.closing("2025-06") == 700
    asked = Asked(told.store, datetime(2025, 3, 15))
    (march,) = asked.mrr(start="2025-03", end="2025-03")
    assert (march["closing"], march["is_complete"]) == (10_700, False)
    assert told.store.mrr(as_of="2025-03-15").notes[0].code == "as-of-assumed"
    assert {r["delta"] for r in asked.rows("ledger")} == {10_000, 700}


def test_void_leaves_nothing_and_as_of_still_sees_it(told: Told) -> None:
    head = "account_id,subscription_id,plan,start_date,amount,currency,status\n"
    told.tell("a,s,p,2025-01-01,100,USD,\nb,t,p,2025-01-01,7,USD,", head, recorded_at="2025-02-01")
    told.tell("a,s,p,2025-01-01,100,USD,void", head, recorded_at="2025-03-01")
    assert told.closing("2025-02") == 700
    assert told.closing("2025-02", "2025-02-15") == 10_700


def test_half_years_commute(told: Told, tmp_path: Path) -> None:
    """Without any recorded_at: half-years of one item imported in either order both stand."""
    first, second = "a,s,p,2025-01-01,2025-07-01,100,USD", "a,s,p,2025-07-01,,120,USD"
    stores = []
    for n, order in enumerate(((first, second), (second, first))):
        (tmp_path / str(n)).mkdir()
        other = Told(tmp_path / str(n))
        for rows in order:
            other.tell(rows)
        stores.append(other)
    ledgers = [Asked(s.store).ledger() for s in stores]
    assert ledgers[0] == ledgers[1] != {}
    assert [s.closing("2025-06") for s in stores] == [10_000, 10_000]
    assert [s.closing("2025-07") for s in stores] == [12_000, 12_000]


def test_every_answer_names_its_version(told: Told) -> None:
    a_b_a(told)
    store: Store = told.store
    assert {r["store_version"] for r in store.mrr().to_dicts()} == {3}
    assert {r["as_of"] for r in store.mrr(as_of="2025-02-02T12:00").to_dicts()} == {"2025-02-02T12:00:00Z"}
