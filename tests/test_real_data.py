"""Public data sets against what others say of them, and as a file full of faults: docs/real_data.md has the tables."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import rollforward
from rollforward.api import Store
from rollforward.errors import Misuse

# -- fivetran/dbt_stripe ---------------------------------------------------------------------------------------------

ITEMS = """
select
  coalesce(s.customer_id, '') as customer_id, i.subscription_id, i.id as item_id, i.plan_id as plan,
  p.product_id as product,
  i.created as start_date, i.current_period_end as paid_through, i.quantity, p.amount * i.quantity / 100.0 as amount,
  upper(p.currency) as currency, p.interval, p.interval_count
from read_csv('{data}/subscription_item_data.csv') i
left join read_csv('{data}/plan_data.csv') p on p.id = i.plan_id
left join read_csv('{data}/subscription_data.csv') s on s.id = i.subscription_id
"""
REPORT = """
select
  subscription_id, customer_id, subscription_month as month, month_contract_mrr / 100 as mrr,
  month_billed_mrr / 100 as billed, upper(currency) as currency
from read_csv('{data}/resulting_item_mrr_report.csv')
"""


class Fivetran:
    """The package's seeds as a store, its report as a file: Stripe's tables joined as they are, cents in dollars."""

    def __init__(self, data: Path, folder: Path) -> None:
        self.folder = folder
        con = duckdb.connect()
        for name, query in (("items.csv", ITEMS), ("report.csv", REPORT)):
            con.execute(f"copy ({query.format(data=data)}) to '{folder / name}'")
        self.store = rollforward.open(folder / "store")
        self.report = self.store.import_(folder / "items.csv", mapping=self.mapping("subscription_id"))

    def mapping(self, account: str, mrr: str = "") -> Path:
        path = self.folder / "mapping.toml"
        columns = f'account_id = "{account}"\n' + (f'mrr = "{mrr}"\n' if mrr else "")
        path.write_text(f"[columns]\n{columns}", encoding="utf-8")
        return path

    def found(self, account: str = "subscription_id", mrr: str = "") -> dict[tuple[str, str], tuple[int, str]]:
        """(month, reason) → accounts and dollars."""
        answer = self.store.reconcile(self.folder / "report.csv", mapping=self.mapping(account, mrr))
        sums: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
        for row in answer.to_dicts():
            sums[f"{row['period']:%Y-%m}", str(row["reason"])].append(Decimal(str(row["amount"])))
        return {key: (len(amounts), str(sum(amounts))) for key, amounts in sums.items()}


@pytest.fixture(scope="module")
def fivetran(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Fivetran:
    return Fivetran(real_data / "fivetran_dbt_stripe", tmp_path_factory.mktemp("fivetran"))


def test_the_item_without_a_plan_is_a_problem(fivetran: Fivetran) -> None:
    assert (fivetran.report.files[0].rows, fivetran.report.files[0].accepted) == (14, 13)
    refused = {(p.line, p.code, p.params["column"]) for p in fivetran.report.problems if p.severity == "refused"}
    assert refused == {(15, "missing-value", "currency"), (15, "year-out-of-range", "paid_through")}


def test_each_error_of_the_report_is_named(fivetran: Fivetran) -> None:
    """13 items, 11,838.20 a month by hand from the price list; nothing says that any of them ended."""
    over = (13, "11838.20")
    assert fivetran.found() == {
        ("2024-07", "counted twice"): (1, "-1780.00"),  # item 713: its subscription also has 714, without a currency
        **{(month, "paid period over"): over for month in ("2024-08", "2024-09", "2024-10")},
    }
    (july, *_) = fivetran.store.reconcile(
        fivetran.folder / "report.csv", mapping=fivetran.mapping("subscription_id"), by="period"
    ).to_dicts()
    assert (str(july["ours"]), str(july["theirs"])) == ("11838.20", "13618.20")


def test_its_billed_mrr_says_nothing_of_months_at_0(fivetran: Fivetran) -> None:
    assert fivetran.found(mrr="billed") == {("2024-07", "counted twice"): (1, "-1780.00")}


def test_its_customers_are_missing(fivetran: Fivetran) -> None:
    """11 of 13 subscriptions have no customer there: their rows are not read, none is taken for another's."""
    found = fivetran.found("customer_id")
    assert found["2024-07", "not read"] == (11, "7338.20")
    assert {reason for _, reason in found} == {"not read", "only in ours", "only in theirs", "paid period over"}


# -- ravenstack ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ravenstack(real_data: Path) -> Path:
    return real_data / "ravenstack_saas_synthetic"


@pytest.mark.parametrize(
    ("name", "code", "columns"),
    [
        ("subscriptions.csv.gz", "missing-columns", "plan, currency"),
        ("churn_events.csv.gz", "unknown-kind", None),
        ("feature_usage.csv.gz", "unknown-kind", None),  # it names subscriptions, no accounts
        ("support_tickets.csv.gz", "unknown-kind", None),
    ],
)
def test_what_the_header_does_not_say_is_not_guessed(
    ravenstack: Path, tmp_path: Path, name: str, code: str, columns: str | None
) -> None:
    store = rollforward.open(tmp_path / "store")
    with pytest.raises(Misuse) as refused:
        store.import_(ravenstack / name)
    assert (refused.value.code, refused.value.params.get("columns")) == (code, columns)
    assert store.version() == 0


MAPPINGS = {
    "accounts.csv.gz": "",
    "subscriptions.csv.gz": '[columns]\nplan = "plan_tier"\n[constants]\ncurrency = "USD"\n',
    "churn_events.csv.gz": (
        '[columns]\nat = "churn_date"\ntag = "reason_code"\ntext = "feedback_text"\n[constants]\nkind = "churn"\n'
    ),
    "support_tickets.csv.gz": (
        '[columns]\nat = "submitted_at"\noutcome_at = "closed_at"\ntag = "priority"\n[constants]\nkind = "ticket"\n'
    ),
}
FAULTS = {
    "accounts.csv.gz": (500, 500, {}),
    "subscriptions.csv.gz": (5000, 4987, {"empty-stretch": 13, "synonym-used": 2, "ignored-columns": 1}),
    "churn_events.csv.gz": (600, 600, {"ignored-columns": 1}),
    "support_tickets.csv.gz": (2000, 2000, {"ignored-columns": 1}),
}


@pytest.fixture(scope="module")
def imported(ravenstack: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, dict[str, object]]:
    folder = tmp_path_factory.mktemp("ravenstack")
    store, found = rollforward.open(folder / "store"), {}
    for name, text in MAPPINGS.items():
        mapping = folder / f"{name}.toml"
        mapping.write_text(text, encoding="utf-8")
        report = store.import_(ravenstack / name, mapping=mapping)
        codes = dict(Counter(p.code for p in report.problems))
        found[name] = (report.files[0].rows, report.files[0].accepted, codes)
    return store, found


def test_every_fault_is_named(imported: tuple[Store, dict[str, object]]) -> None:
    store, found = imported
    assert found == FAULTS
    # the 13 that end on the day on which they start never were, and are listed with their lines
    listed = [r for r in store.problems().to_dicts() if r["code"] == "empty-stretch"]
    assert len({r["line"] for r in listed}) == 13


def test_a_file_full_of_faults_still_ties(imported: tuple[Store, dict[str, object]]) -> None:
    assert imported[0].check().rows == []


def test_what_its_files_say_against_each_other_is_counted(
    ravenstack: Path, imported: tuple[Store, dict[str, object]]
) -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with gzip.open(ravenstack / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    paid: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    first: dict[str, date] = {}
    for row in rows("subscriptions"):
        if row["start_date"] != row["end_date"]:
            began = date.fromisoformat(row["start_date"])
            paid[row["account_id"]][began] += int(row["mrr_amount"])
            first[row["account_id"]] = min(began, first.get(row["account_id"], began))
            if row["end_date"]:
                paid[row["account_id"]][date.fromisoformat(row["end_date"])] -= int(row["mrr_amount"])
    churned: dict[str, list[date]] = defaultdict(list)
    for account, changes in paid.items():
        held = 0
        for day in sorted(changes):
            if held and not held + changes[day]:
                churned[account].append(day)
            held += changes[day]
    events = [(r["account_id"], date.fromisoformat(r["churn_date"])) for r in rows("churn_events")]
    tickets = [(r["account_id"], date.fromisoformat(r["submitted_at"][:10])) for r in rows("support_tickets")]
    alone = sum(all(abs((day - d).days) > 31 for d in churned[account]) for account, day in events)
    early = sum(account in first and day < first[account] for account, day in tickets)
    notes = {n.code: n.params for n in imported[0].check().notes}
    assert (notes["churn-not-booked"]["rows"], notes["churn-not-booked"]["of"]) == (f"{alone}", "600")
    told = notes["before-anything-billed"]
    assert (told["rows"], told["of"]) == (f"{early}", "2000")
    assert (alone, early) > (0, 0)
