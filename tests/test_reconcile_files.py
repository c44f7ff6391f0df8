"""Decision 0014: every difference to another tool's file has its reasons, and they add up to it.

The stores are small enough to be worked by hand; what each line should say is written beside it.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import rollforward as rf
from reconciling import adds_up, book, told
from rollforward.api import Store
from rollforward.errors import Misuse

# -- a file ----------------------------------------------------------------------------------------------------------

PEERED = """\
a,a,p,2026-01-05,,100.00,USD,month,active,20,once,2026-03-01,,
b,b,p,2026-01-05,2026-03-01,50.00,USD,month,active,,,,,
b,b,p,2026-03-01,,50.00,USD,month,paused,,,,,
g,g,p,2026-01-05,,100.00,USD,year,active,,,,,
h,h,p,2026-03-05,,11.00,USD,month,active,,,,,
k,k,p,2026-02-15,,70.00,USD,month,active,,,,,
l,l,p,2026-01-05,2026-03-15,60.00,USD,month,active,,,,,
m,m,p,2026-01-05,,20.00,EUR,month,active,,,,,
n,n,p,2026-01-05,,45.00,USD,month,active,,,,,
o,o,p,2026-01-05,,33.00,USD,month,active,,,,,
p,p,p,2026-01-05,,10.00,USD,month,active,,,,,
q,q,p,2026-01-05,,15.00,USD,month,active,,,,,
r,r,p,2026-01-05,,16.00,USD,month,active,,,,,
"""
PEER = {
    "a": "80 80 100 100", "b": "50 50 50 0", "g": "8.33 8.34 8.333333 8.33", "k": "- - 70 70", "l": "60 - - -",
    "m": "20 20 20 20", "n": "45 45 45 44", "o": "33 33 33 -33", "p": "10 10.01 10 10", "q": "15 15 0 15",
    "r": "16 16 - 16", "x": "- - 12 -",
}  # fmt: skip
NAMED = {
    ("01", "a", "discounts", "20.00"),
    ("02", "a", "discounts", "20.00"),
    ("03", "b", "paused", "-50.00"),
    ("02", "g", "rounding", "-0.01"),
    ("03", "h", "only in ours", "11.00"),
    ("04", "h", "only in ours", "11.00"),
    ("02", "k", "a month later", "70.00"),
    ("02", "l", "a month earlier", "60.00"),
    *((f"0{m}", "m", "other currency", amount) for m in (1, 2, 3, 4) for amount in ("20.00", "-20.00")),
    ("04", "n", "unexplained", "1.00"),
    ("04", "o", "not read", "33.00"),
    ("02", "p", "unexplained", "-0.01"),  # 10.00 a month is exact: there is nothing to round
    ("03", "q", "unexplained", "15.00"),  # they say 0
    ("03", "r", "only in ours", "16.00"),  # they say nothing
    ("03", "x", "only in theirs", "-12.00"),
}


def long_file(path: Path) -> Path:
    lines = ["account_id,month,mrr,currency"]
    for account, values in PEER.items():
        cells = zip(("2026-01", "2026-02", "2026-03", "2026-04"), values.split(), strict=True)
        lines += [f"{account},{month},{mrr},USD" for month, mrr in cells if mrr != "-"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def peered(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return book(tmp_path_factory.mktemp("peered"), PEERED)


def test_a_peers_file_with_one_fault_of_each_kind(peered: Store, tmp_path: Path) -> None:
    path = long_file(tmp_path / "peer.csv")
    assert told(adds_up(peered, path, by_period=True)) == NAMED
    notes = {(n.code, *n.params.values()) for n in peered.reconcile(path).notes}
    assert ("row-not-read", "peer.csv", "28", "negative-amount") in notes
    assert ("rows-not-read", "peer.csv", "1") in notes
    assert ("unexplained", "16.01 USD", "3") in notes


def test_the_same_file_as_parquet_and_json_lines(peered: Store, tmp_path: Path) -> None:
    path = long_file(tmp_path / "peer.csv")
    con = duckdb.connect()
    for name, how in (("peer.parquet", "parquet"), ("peer.jsonl", "json")):
        con.execute(f"copy (from read_csv('{path}', all_varchar = true)) to '{tmp_path / name}' (format {how})")
        assert told(peered.reconcile(tmp_path / name).to_dicts()) == NAMED, name


def test_a_column_a_month(peered: Store, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    rows = [f"{a},USD,{v.replace('-33', '').replace('-', '').replace(' ', ',')}" for a, v in PEER.items()]
    path.write_text("\n".join(["account_id,currency,2026-01,2026-02,2026-03,2026-04", *rows]), encoding="utf-8")
    silent = {("04", "o", "only in ours", "33.00")}
    assert told(adds_up(peered, path)) == NAMED - {("04", "o", "not read", "33.00")} | silent


def test_change_rows(peered: Store, tmp_path: Path) -> None:
    path = tmp_path / "changes.csv"
    path.write_text(
        "account_id,occurred_at,delta,currency\nn,2026-01-05,45.00,USD\nn,2026-04-02,-5.00,USD\n"
        "k,2026-03-01,70.00,USD\nr,2026-01-07,16.00,USD\n", encoding="utf-8",
    )  # fmt: skip
    rows = [t for t in told(adds_up(peered, path)) if t[1] in "nkr"]
    assert set(rows) == {("04", "n", "unexplained", "5.00"), ("02", "k", "a month later", "70.00")}
    new = [t for t in told(adds_up(peered, path, measure="contraction")) if t[1] in "nkr"]
    assert new == [("04", "n", "only in theirs", "5.00")]  # a contraction that we do not have


def test_our_own_roll_forward_has_no_difference(peered: Store, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(peered.mrr(end="2026-04").to_csv(), encoding="utf-8")
    for measure in ("mrr", "new", "churn", "contraction"):
        assert peered.reconcile(path, measure=measure).rows == []
    path.write_text(peered.mrr(end="2026-04", policy="chartmogul").to_csv(), encoding="utf-8")
    # Discounts and the pause of b are in the total together from March on; in March and April only the pause is.
    named = told(adds_up(peered, path))
    assert named == {
        ("01", "", "discounts", "20.00"), ("02", "", "discounts", "20.00"),
        ("03", "", "paused", "-50.00"), ("04", "", "paused", "-50.00"),
    }  # fmt: skip


def test_rows_told_twice_and_a_period_that_ends_with_its_payment(tmp_path: Path) -> None:
    """s is in the file twice in January; from February on it ends where t, which renews, was last paid."""
    store = book(
        tmp_path,
        "s,s,p,2026-01-05,,10.00,USD,month,active,,,,,\n"
        "t,t,p,2026-01-05,,20.00,USD,month,active,,,,,2026-02-05\nt,u,p,2026-01-05,,5.00,USD,month,active,,,,,\n",
    )
    path = tmp_path / "peer.csv"
    path.write_text(
        "account_id,month,mrr,currency\ns,2026-01,10,USD\ns,2026-01,10,USD\ns,2026-02,10,USD\nt,2026-01,25,USD\n"
        "t,2026-02,5,USD\n", encoding="utf-8",
    )  # fmt: skip
    named = {("01", "s", "counted twice", "-10.00"), ("02", "t", "paid period over", "20.00")}
    assert told(adds_up(store, path)) == named


def test_a_roll_forward_with_losses_as_magnitudes(peered: Store, tmp_path: Path) -> None:
    path = tmp_path / "peer.csv"
    path.write_text("period,currency,opening,new,churn,closing\n2026-03,USD,0,11,110.00,0\n", encoding="utf-8")
    assert peered.reconcile(path, measure="churn").rows == []  # b and l: 50 + 60
    assert peered.reconcile(path, measure="new").rows == []


def test_by_the_rules_of_a_profile(peered: Store, tmp_path: Path) -> None:
    path = tmp_path / "peer.csv"
    path.write_text("account_id,month,mrr,currency\na,2026-02,80,USD\nb,2026-03,50,USD\nn,2026-02,44,USD\n")
    rows = adds_up(peered, path, profile="chartmogul", start="2026-02", end="2026-03")
    named = {t for t in told(rows) if t[1] in "abn"}
    assert named == {
        ("02", "a", "discounts", "20.00"), ("02", "n", "unexplained", "1.00"), ("03", "b", "paused", "-50.00"),
        ("02", "b", "only in ours", "50.00"), ("03", "a", "only in ours", "100.00"),
        ("03", "n", "only in ours", "45.00"),
    }  # fmt: skip


def test_a_rule_that_the_profile_names_where_the_account_shows_it(tmp_path: Path) -> None:
    """Chargebee: a coupon limited to 12 months on a yearly plan is not subtracted; ours is 1,200 × 75 % / 12 = 75."""
    store = book(
        tmp_path,
        "y,y,p,2026-01-05,,1200.00,USD,year,active,25,repeating,2027-01-05,,\n"
        "z,z,p,2026-01-05,,100.00,USD,month,active,25,forever,,,\n",
    )
    path = tmp_path / "peer.csv"
    path.write_text("account_id,month,mrr,currency\ny,2026-02,100,USD\nz,2026-02,70,USD\n")
    rows = adds_up(store, path, profile="chargebee")
    assert told(rows) == {
        ("02", "y", "not_reproduced: limited_coupon_on_yearly", "-25.00"), ("02", "z", "unexplained", "5.00"),
    }  # fmt: skip


# -- files that are bad, empty, huge -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty-file"),
        ("account_id,month,mrr,currency\n", "header-only"),
        ("account_id,month,mrr\na,2026-01,5\n", "missing-columns"),
        ("name,price\nx,1\n", "unknown-kind"),
        ("account_id,month,mrr,currency\na,never,5,USD\n", "nothing-to-compare"),
        ("period,currency,closing\n2026-01,USD,5\n2026-01,USD,6\n", "several-rows-a-month"),
    ],
)
def test_bad_files_are_refused(peered: Store, tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Misuse) as refused:
        peered.reconcile(path)
    assert refused.value.code == code


def test_bad_questions_are_refused(peered: Store, tmp_path: Path) -> None:
    for asked, code in (
        ({"against": tmp_path / "none.csv"}, "no-such-file"),
        ({"against": "policy:nobody"}, "unknown-policy"),
        ({"against": "policy:stripe", "by": "month"}, "unknown-option"),
        ({"against": "policy:stripe", "measure": "arr"}, "unknown-option"),
        ({"against": "policy:stripe", "currency": "JPY"}, "unknown-currency"),
    ):
        with pytest.raises(Misuse) as refused:
            peered.reconcile(**asked)  # type: ignore[arg-type]
        assert refused.value.code == code


def test_one_currency_alone(peered: Store, tmp_path: Path) -> None:
    rows = adds_up(peered, long_file(tmp_path / "peer.csv"), currency="EUR")
    assert {(r["account_id"], r["currency"]) for r in rows} == {("m", "EUR")}


def test_a_hundred_thousand_rows(tmp_path: Path) -> None:
    """10,000 accounts of 10 months; every hundredth has a price of its own in the peer's file."""
    con = duckdb.connect()
    con.execute(
        "copy (select 'a' || i as account_id, 's' || i as subscription_id, 'p' as plan, "
        "date '2025-01-01' as start_date, 10 as amount, 'USD' as currency from range(10000) t(i)) "
        f"to '{tmp_path / 'facts.csv'}'"
    )
    con.execute(
        "copy (select 'a' || i as account_id, date '2025-01-01' + to_months(cast(m as integer)) as month, "
        "case when i % 100 = 0 then 9 else 10 end as mrr, 'USD' as currency from range(10000) t(i), range(10) u(m)) "
        f"to '{tmp_path / 'peer.csv'}'"
    )
    store = rf.open(tmp_path / "store")
    store.import_(tmp_path / "facts.csv")
    rows = store.reconcile(tmp_path / "peer.csv").to_dicts()
    assert len(rows) == 100 * 10
    assert {(r["reason"], str(r["amount"])) for r in rows} == {("unexplained", "1.00")}
