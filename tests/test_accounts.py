"""The list of accounts: what each row says, by hand; that it ties to the roll-forward; search, filters and pages."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import rollforward as rf
from product import tell_rates
from rollforward.answers.listing import SORTS
from rollforward.errors import Misuse

TODAY = date.today()
HEAD = "account_id,subscription_id,product,plan,start_date,end_date,amount,currency\n"


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


ROWS = f"""\
a,s1,core,pro,{ago(800)},{ago(10)},100.00,USD
a,s1,core,pro,{ago(10)},,120.00,USD
a,s2,extra,plus,{ago(50)},,30.00,USD
b,s3,core,basic,{ago(300)},{ago(200)},50.00,USD
e,s4,core,basic,{ago(100)},{TODAY + timedelta(days=40)},70.00,USD
old,s5,core,basic,{ago(90)},,5.00,USD
x,s6,core,basic,{ago(90)},,40.00,USD
two,s7,core,basic,{ago(90)},,10.00,USD
two,s8,core,basic,{ago(80)},,20.00,EUR
went,s9,core,basic,{ago(90)},{ago(60)},10.00,USD
went,s10,core,basic,{ago(60)},,9.00,EUR
"""
SAID = """\
account_id,name,email,country,industry,owner,website
a,Café Été,Anna@Example.COM,TH,Retail,Nok,shop.example
b,บริษัท น้ำตาล จำกัด,info@sugar.test,TH,,สมชาย,
n,Never Co,n@never.test,US,Retail,Nok,
old,Formerly Known,old@former.test,,,,
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> rf.Store:
    folder = tmp_path_factory.mktemp("accounts")
    (folder / "subs.csv").write_text(HEAD + ROWS)
    (folder / "said.csv").write_text(SAID)
    made = rf.open(folder / "store")
    made.import_(folder / "subs.csv", trust_valid_time=True)
    made.import_(folder / "said.csv", kind="accounts", trust_valid_time=True)
    made.link("old", "a")
    made.link("x", "b", kind="acquired", on=ago(5))
    return made


@pytest.fixture(scope="module")
def company(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> rf.Store:
    return rf.open(shutil.copytree(demo, tmp_path_factory.mktemp("demo") / "store"))


def found(store: rf.Store, **asked: object) -> list[str]:
    return [str(r["account_id"]) for r in store.accounts(**asked).table.to_dicts()]  # type: ignore[arg-type]


def row(store: rf.Store, account: str, **asked: object) -> dict[str, object]:
    rows = [r for r in store.accounts(**asked).table.to_dicts() if r["account_id"] == account]  # type: ignore[arg-type]
    assert len(rows) == 1
    return rows[0]


def test_what_a_row_says(store: rf.Store) -> None:
    a = row(store, "a")
    told = {"name": "Café Été", "owner": "Nok", "country": "TH", "currency": "USD", "state": "active", "linked": 1,
            "mrr": Decimal("155.00"), "change_30": Decimal("20.00"), "change_12": Decimal("55.00"),
            "peak": Decimal("155.00"), "movement": "expansion", "changed_on": ago(10), "first_on": ago(800),
            "next_on": None, "plan_id": "pro", "product_id": "core", "items": 3, "contract_ends": None,
            "goes_on_as": ""}  # fmt: skip
    assert {k: a[k] for k in told} == told


def test_states(store: rf.Store) -> None:
    listed = store.accounts()
    states = {(r["account_id"], r["currency"]): r["state"] for r in listed.table.to_dicts()}
    assert states == {
        ("a", "USD"): "active", ("b", "USD"): "active", ("e", "USD"): "ending", ("n", ""): "never paid",
        ("x", "USD"): "acquired", ("two", "USD"): "active", ("two", "EUR"): "active", ("went", "EUR"): "active",
    }  # fmt: skip
    assert listed.states == {"active": 6, "ending": 1, "churned": 0, "acquired": 1, "never paid": 1}
    assert listed.total == len(listed.table.rows) == 8
    assert listed.mrr == {"EUR": Decimal("29.00"), "USD": Decimal("275.00")}
    assert row(store, "e")["next_on"] == TODAY + timedelta(days=40)
    assert row(store, "b")["mrr"] == Decimal("40.00")  # what was x's, and b left before
    assert row(store, "x")["goes_on_as"] == "b"
    assert found(store, state="ending") == ["e"]
    assert set(found(store, state="active")) == {"a", "b", "e", "two", "went"}


@pytest.mark.parametrize(
    ("search", "who"),
    [
        ("CAFÉ", ["a"]),
        ("cafe\u0301 e\u0301te\u0301", ["a"]),  # accents apart from their letters
        ("example shop", ["a"]),
        ("ANNA@", ["a"]),
        ("example.com nothing", []),
        ("น้ำตาล", ["b"]),
        ("น\u0e49\u0e4d\u0e32ตาล", ["b"]),  # SARA AM of two parts
        ("formerly", ["a"]),  # the account that old goes on as
        ("old", ["a"]),
        ("%", []),
        ("_", []),
        ("'", []),
        ("", ["a", "e", "b", "two", "two", "went", "n", "x"]),
        ("  ", ["a", "e", "b", "two", "two", "went", "n", "x"]),
    ],
)
def test_search(store: rf.Store, search: str, who: list[str]) -> None:
    assert sorted(found(store, search=search)) == sorted(who)


def test_filters(store: rf.Store) -> None:
    assert set(found(store, where=["country=TH"])) == {"a", "b"}
    assert set(found(store, where=["industry=Retail", "country=US"])) == {"n"}
    assert set(found(store, where=["website=shop.example"])) == {"a"}
    assert "a" not in found(store, where=["website=unknown"]) and "n" in found(store, where=["website=unknown"])
    assert set(found(store, where=["country=unknown"])) == {"e", "two", "went", "x"}
    assert set(found(store, plan="plus")) == set(found(store, where=["plan=plus"])) == {"a"}
    assert set(found(store, where=["product=extra"])) == {"a"}
    assert set(found(store, owner="Nok")) == {"a", "n"}
    assert set(found(store, owner="สมชาย", where=["interval=month"])) == {"b"}
    assert found(store, where=["interval=2 weeks"]) == []
    assert set(found(store, currency="EUR")) == {"two", "went", "n"}


def test_one_reporting_currency(tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(HEAD + ROWS)
    made = rf.open(tmp_path / "store")
    made.import_(tmp_path / "subs.csv", trust_valid_time=True)
    days = (TODAY - timedelta(days=n) for n in range(900))
    tell_rates(made, ", ".join(f"(date '{d}', 'EUR', {'1.5' if d > ago(20) else '1.1'})" for d in days))
    two = row(made, "two", currency="USD")
    assert (two["currency"], two["mrr"], two["change_30"]) == ("USD", Decimal("40.00"), Decimal("0.00"))
    closing = made.mrr(currency="USD", scheduled=False).to_dicts()[-1]["closing"]
    assert made.accounts(currency="USD").mrr == {"USD": closing}


def test_the_list_ties_to_the_roll_forward(company: rf.Store) -> None:
    last = {r["currency"]: r for r in company.mrr().to_dicts()}
    listed = company.accounts(limit=0)
    assert listed.mrr == {c: r["closing"] for c, r in last.items()}
    assert listed.states["active"] == sum(int(str(r["accounts_closing"])) for r in last.values())
    rows = listed.table.to_dicts()
    assert len(rows) == listed.total == sum(listed.states.values()) - listed.states["ending"]
    for currency in last:
        assert sum((r["mrr"] for r in rows if r["currency"] == currency), Decimal(0)) == last[currency]["closing"]


@pytest.mark.parametrize("where", ["country=TH", "size_band=small", "plan=business_monthly_usd", "owner=unknown"])
def test_a_filter_means_what_it_means_in_the_roll_forward(company: rf.Store, where: str) -> None:
    last = {r["currency"]: r for r in company.mrr(where=[where], currency="native").to_dicts()}
    listed = company.accounts(where=[where], currency="native", state="active")
    assert listed.states["active"] == sum(int(str(r["accounts_closing"])) for r in last.values()) > 0
    if not where.startswith("plan"):  # there the roll-forward has the MRR of that plan's items alone
        assert listed.mrr == {c: r["closing"] for c, r in last.items() if r["closing"]}


@pytest.mark.parametrize("as_of", ["2025-06-15", "2026-03-01T12:00:00"])
def test_the_list_as_of_a_moment(company: rf.Store, as_of: str) -> None:
    last = {r["currency"]: r["closing"] for r in company.mrr(as_of=as_of).to_dicts()}
    assert company.accounts(as_of=as_of).mrr == last


@pytest.mark.parametrize("sort", [s for name in SORTS for s in (name, f"-{name}")])
def test_pages_together_are_the_list(company: rf.Store, sort: str) -> None:
    whole = company.accounts(search="co", sort=sort, limit=0).table.to_dicts()
    pages, after = [], ""
    while not pages or after:
        page = company.accounts(search="co", sort=sort, limit=400, after=after or None)
        pages += page.table.to_dicts()
        assert page.total == len(whole)
        after = page.next
    assert [r["account_id"] for r in pages] == [r["account_id"] for r in whole]
    column = sort.removeprefix("-")
    if column != "name":
        values = [r[column] for r in whole if r[column] is not None]
        assert values == sorted(values, reverse=sort.startswith("-"))  # type: ignore[type-var]


def test_closed_periods(tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(HEAD + "a,s1,core,pro,2026-01-05,,100.00,USD\n")
    (tmp_path / "more.csv").write_text(
        HEAD + "b,s2,core,pro,2026-02-05,,7.00,USD\nc,s3,core,pro,2026-01-05,,1.00,USD\n"
    )
    made = rf.open(tmp_path / "store")
    made.import_(tmp_path / "subs.csv", trust_valid_time=True)
    made.close("2026-03")
    made.import_(tmp_path / "more.csv", trust_valid_time=True)
    for basis in ("reported", "restated"):
        assert made.accounts(basis=basis).mrr == {"USD": Decimal("108.00")}
    assert row(made, "b", basis="restated")["first_on"] == date(2026, 2, 5)
    assert row(made, "b", basis="reported")["movement"] == "restatement"


def test_what_is_scheduled(store: rf.Store) -> None:
    assert row(store, "e", scheduled=True)["state"] == "churned"
    assert "e" in found(store, state="active") and "e" not in found(store, state="active", scheduled=True)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"sort": "shoe_size"}, "unknown-option"), ({"state": "happy"}, "unknown-option"),
        ({"limit": -1}, "unknown-option"), ({"segment": "country"}, "unknown-option"),
        ({"after": "nonsense"}, "bad-cursor"), ({"after": "ÿ"}, "bad-cursor"), ({"after": "W10"}, "bad-cursor"),
        ({"where": ["shoe=9"]}, "unknown-dimension"),
    ],
)  # fmt: skip
def test_what_is_refused(store: rf.Store, asked: dict[str, object], code: str) -> None:
    with pytest.raises(Misuse) as refused:
        store.accounts(**asked)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_a_cursor_belongs_to_its_order(company: rf.Store) -> None:
    after = company.accounts(limit=3).next
    assert after and not set(after) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    with pytest.raises(Misuse):
        company.accounts(sort="name", after=after)


def test_a_damaged_list_is_made_again(store: rf.Store) -> None:
    before = store.accounts().table.rows
    for made in store.path.glob("built/*/accounts@*.duckdb"):
        made.write_bytes(b"not a database at all" * 1000)
    again = rf.open(store.path)
    assert [r[:5] for r in again.accounts().table.rows] == [r[:5] for r in before]


def test_the_list_knows_new_facts_at_once(tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(HEAD + "a,s1,core,pro,2026-01-05,,100.00,USD\n")
    (tmp_path / "said.csv").write_text("account_id,name\na,First\n")
    made = rf.open(tmp_path / "store")
    made.import_(tmp_path / "subs.csv")
    assert row(made, "a")["name"] == ""
    made.import_(tmp_path / "said.csv", kind="accounts")
    assert row(made, "a")["name"] == "First"
    made.retract(1)
    assert row(made, "a")["state"] == "never paid"
