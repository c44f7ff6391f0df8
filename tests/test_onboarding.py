"""From a stranger's file to figures and back: previews, proposed mappings, imports made again, effects, links."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

import rollforward as rf
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.sources.mapping import Mapping, read_mapping, write_mapping

OURS = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return rf.open(tmp_path / "store")


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def closing(store: Store, month: str) -> dict[str, Decimal]:
    return {str(r["currency"]): r["closing"] for r in store.mrr(start=month, end=month).to_dicts()}  # type: ignore[misc]


def listed(store: Store) -> list[tuple[object, ...]]:
    return [(r["commit_id"], r["kind"], r["retracts"]) for r in store.imports().to_dicts()]


# --- what a file is ------------------------------------------------------------------------------------------------


def test_a_file_in_our_words_needs_no_mapping(store: Store, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", OURS + "acme,s1,pro,2026-01-01,,100,USD\nbeta,s2,pro,2026-02-30,,50,USD\n")
    seen = store.preview(file)
    assert (seen.kind, seen.missing, seen.is_needed, seen.error) == ("subscriptions", (), False, None)
    assert seen.outcome is not None and seen.outcome.commit_id == 0
    assert [(f.accepted, f.refused) for f in seen.outcome.files] == [(1, 1)]
    (group,) = seen.outcome.groups
    assert (group.code, group.column, group.rows, group.at_stake) == ("bad-date", "start_date", 1, {"USD": 5000})
    assert group.samples[0].row == "beta,s2,pro,2026-02-30,,50,USD"
    assert store.version() == 0


THAI = "ลูกค้า,แพ็กเกจ,จำนวนเงิน,สกุลเงิน,วันที่เริ่ม,วันที่ยกเลิก,สถานะ\n"


def test_thai_headers_and_words(store: Store, tmp_path: Path) -> None:
    text = THAI + 'สยาม,โปร,"1,500.00",THB,25/01/2026,,ใช้งาน\nไทย,โปร,"2,000.00",THB,13/02/2026,01/03/2026,ยกเลิก\n'
    for name, encoding in (("u.csv", "utf-8-sig"), ("w.csv", "cp874"), ("x.csv", "utf-16")):
        seen = store.preview(write(tmp_path / name, text, encoding))
        assert seen.kind == "subscriptions" and seen.missing == () and seen.error is None
        at = {t.name: t.header for t in seen.targets if t.header}
        assert (at["account_id"], at["plan"], at["amount"], at["currency"], at["start_date"], at["end_date"]) == (
            "ลูกค้า", "แพ็กเกจ", "จำนวนเงิน", "สกุลเงิน", "วันที่เริ่ม", "วันที่ยกเลิก",
        )  # fmt: skip
        assert seen.settings.values["status"] == {"ใช้งาน": "active", "ยกเลิก": "canceled"}
        assert seen.settings.thousands == "," and seen.settings.encoding == ("cp874" if encoding == "cp874" else "")
        assert seen.outcome is not None and [(f.accepted, f.refused) for f in seen.outcome.files] == [(2, 0)]


def test_foreign_headers_signs_and_what_only_a_person_knows(store: Store, tmp_path: Path) -> None:
    rows = "1,Pro,$1200.50,Jan 5 2026,\n2,Pro,$80,Feb 9 2026,Mar 1 2026\n"
    text = "Customer ID,Plan name,MRR,Started at,Canceled at\n" + rows
    file = write(tmp_path / "export.csv", text)
    seen = store.preview(file)
    at = {t.name: (t.header or t.constant, t.how) for t in seen.targets if t.how}
    assert at["account_id"] == ("Customer ID", "synonym") and at["amount"] == ("MRR", "synonym")
    assert at["subscription_id"] == ("Customer ID", "alike"), "one subscription a customer"
    assert at["currency"] == ("USD", "constant"), "the sign beside the amounts"
    assert seen.settings.symbol == "$" and seen.settings.date == "%b %d %Y"
    assert seen.outcome is not None and seen.outcome.files[0].accepted == 2
    bare = write(tmp_path / "bare.csv", text.replace("$", ""))
    seen = store.preview(bare)
    assert seen.missing == ("currency",) and seen.outcome is None, "a currency is never guessed"


def test_dates_that_only_a_person_can_tell(store: Store, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", OURS + "a,s,p,03/04/2026,,1,USD\n")
    seen = store.preview(file)
    assert seen.date_formats == ("%d/%m/%Y", "%m/%d/%Y") and seen.date_example == "03/04/2026"
    assert seen.outcome is None
    told = write(tmp_path / "m.toml", seen.mapping + '\n[format]\ndate = "%m/%d/%Y"\n')
    seen = store.preview(file, mapping=told)
    assert seen.outcome is not None and seen.outcome.files[0].accepted == 1
    store.import_(file, mapping=told)
    assert closing(store, "2026-03") == {"USD": Decimal("1.00")}


def test_a_column_of_months_is_a_wide_monthly_file(store: Store, tmp_path: Path) -> None:
    seen = store.preview(write(tmp_path / "w.csv", "Customer,Currency,2026-01,2026-02\na,USD,10,20\n"))
    assert (seen.kind, seen.missing) == ("monthly", ())
    assert seen.outcome is not None and seen.outcome.files[0].accepted == 1


def test_a_monthly_price_is_not_divided_by_the_billing_cycle(store: Store, tmp_path: Path) -> None:
    text = "account,subscription,plan,start,mrr,currency,billing_frequency\na,s,p,2026-01-01,100,USD,annual\n"
    file = write(tmp_path / "a.csv", text)
    seen = store.preview(file)
    assert "billing_frequency" in seen.unread
    store.import_(file, mapping=store.save_mapping("bill", seen.mapping))
    assert closing(store, "2026-02") == {"USD": Decimal("100.00")}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "empty-file"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "binary-file"),
        ("a.csv", b"account_id,amount\n", "header-only"),
        ("a.csv.gz", b"\x1f\x8bnonsense", "bad-gzip"),
        ("a.csv", b",".join(b"c%d" % n for n in range(3000)) + b"\n1\n", "header-too-wide"),
        ("a.json", b'[{"a": 1}]', "not-json-lines"),
        ("a.parquet", b"PAR1 nonsense", "bad-parquet"),
    ],
)
def test_what_is_no_table_is_said(store: Store, tmp_path: Path, name: str, content: bytes, code: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(Misuse) as caught:
        store.preview(file)
    assert caught.value.code == code


def test_unpacking_stops_at_the_limit(store: Store, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.csv.gz"
    with gzip.open(bomb, "wb") as out:
        out.write(b"0" * (8 << 20))
    assert bomb.stat().st_size < 1 << 16
    assert store.unpacked_size(bomb, 9 << 20) == 8 << 20
    with pytest.raises(Misuse, match="unpacks-too-large"):
        store.unpacked_size(bomb, 4 << 20)


def test_only_the_beginning_of_a_large_file_is_looked_at(store: Store, tmp_path: Path) -> None:
    rows = "".join(f'a{n},s{n},"a ""long""\nplan",2026-01-01,,1,USD\n' for n in range(40_000))
    for name, data in (("a.csv", OURS + rows), ("a.csv.gz", OURS + rows)):
        file = tmp_path / name
        file.write_bytes(gzip.compress(data.encode()) if name.endswith("gz") else data.encode())
        assert file.stat().st_size < 200_000 or len(data) > 1 << 20
        seen = store.preview(file, dry_run=False)
        assert seen.kind == "subscriptions" and seen.columns[0].samples == ("a0", "a1", "a2", "a3", "a4")


def test_mappings_written_are_mappings_read(tmp_path: Path) -> None:
    told = Mapping(
        kind="subscriptions", columns={"account_id": 'Kunde "A"\\', "limit:seats": "Sitze\t"},
        constants={"plan": "ลูกค้า"},
        values={"status": {"Läuft": "active"}}, date="%d.%m.%Y", decimal=",", thousands=".", delimiter=";",
        encoding="cp1252", round=True, symbol="€", minor=True,
    )  # fmt: skip
    path = write(tmp_path / "m.toml", write_mapping(told))
    read = read_mapping(path)
    assert {k: v for k, v in vars(read).items() if k not in ("text", "file")} == {
        k: v for k, v in vars(told).items() if k not in ("text", "file")
    }


def test_symbols_and_cents(store: Store, tmp_path: Path) -> None:
    rows = OURS + 'a,s,p,2026-01-01,,"€ 1.234",EUR\nb,t,p,2026-01-01,,99 €,EUR\n'
    head = '[format]\nsymbol = "€"\nthousands = "."\ndecimal = ","\n'
    store.import_(write(tmp_path / "a.csv", rows), mapping=write(tmp_path / "m.toml", head))
    assert closing(store, "2026-01") == {"EUR": Decimal("1333.00")}
    cents = write(tmp_path / "cents.csv", OURS + "c,u,p,2026-01-01,,150000,JPY\nd,v,p,2026-01-01,,2999,USD\n")
    store.import_(cents, mapping=write(tmp_path / "n.toml", '[format]\nunit = "minor"\n'))
    assert closing(store, "2026-01") == {
        "EUR": Decimal("1333.00"), "JPY": Decimal("150000"), "USD": Decimal("29.99"),
    }  # fmt: skip


def test_kept_mappings_fit_by_their_headers(store: Store, tmp_path: Path) -> None:
    first = write(tmp_path / "jan.csv", "Customer ID,MRR,Start\na,10,2026-01-01\n")
    seen = store.preview(first)
    kept = store.save_mapping("Our billing", seen.mapping.replace("[constants]", '[constants]\ncurrency = "EUR"'))
    assert kept == store.path / "mappings" / "Our billing.toml"
    again = store.preview(write(tmp_path / "feb.csv", "Start,MRR,Customer ID\n2026-02-01,20,b\n"))
    assert again.saved == "Our billing" and again.outcome is not None and again.outcome.files[0].accepted == 1
    assert store.preview(write(tmp_path / "x.csv", OURS + "a,s,p,2026-01-01,,1,USD\n")).saved == ""
    store.drop_mapping("Our billing")
    assert store.mappings() == []
    for name in ("../../etc/x", "", ".hidden", "a/b", "a\\b", "x" * 61, "a\nb"):
        with pytest.raises(Misuse, match="bad-mapping-name"):
            store.save_mapping(name, seen.mapping)
    with pytest.raises(Misuse, match="bad-mapping"):
        store.save_mapping("ok", "this is not = = toml")
    assert not list((store.path / "mappings").iterdir())


# --- undo, redo, fix -----------------------------------------------------------------------------------------------


def test_a_wrong_import_is_replaced_in_one_commit(store: Store, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "Kunde,Vertrag,Tarif,Beginn,Betrag\na,s,p,2026-01-01,10\nb,t,p,2026-02-01,20\n")
    columns = (
        '[columns]\naccount_id = "Kunde"\nsubscription_id = "Vertrag"\nplan = "Tarif"\nstart_date = "Beginn"\n'
        'amount = "Betrag"\n[constants]\ncurrency = "{}"\n'
    )
    wrong = write(tmp_path / "wrong.toml", columns.format("USD"))
    right = write(tmp_path / "right.toml", columns.format("EUR"))
    assert store.import_(file, mapping=wrong).commit_id == 1
    assert store.import_again(1, right, dry_run=True).files[0].accepted == 2
    assert store.version() == 1
    assert store.import_again(1, right).commit_id == 2
    assert listed(store) == [(1, "import", 0), (2, "import", 1)]
    assert closing(store, "2026-02") == {"EUR": Decimal("30.00")}
    assert len(store.check()) == 0
    assert store.import_again(1, replaces=2).commit_id == 3, "and back"
    assert closing(store, "2026-02") == {"USD": Decimal("30.00")}
    with pytest.raises(Misuse, match="already-retracted"):
        store.import_again(1, replaces=2)


def test_as_of_before_a_replacement_still_sees_what_was_believed(store: Store, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", OURS.replace(",currency", "") + "a,s,p,2026-01-01,,10\n")
    usd, eur = (write(tmp_path / f"{c}.toml", f'[constants]\ncurrency = "{c}"\n') for c in ("USD", "EUR"))
    store.import_(file, mapping=usd)
    at = store.imports().to_dicts()[0]["committed_at"]
    store.import_again(1, eur)
    before = store.mrr(as_of=at, start="2026-01", end="2026-01").to_dicts()  # type: ignore[arg-type]
    assert [r["currency"] for r in before] == ["USD"]
    assert list(closing(store, "2026-01")) == ["EUR"]


def test_what_was_told_earlier_does_not_override_what_was_told_later(store: Store, tmp_path: Path) -> None:
    january = write(tmp_path / "jan.csv", OURS + "a,s,p,2026-01-01,,10,USD\nb,t,,2026-01-01,,5,USD\n")
    store.import_(january, recorded_at="2026-01-31")
    store.import_(write(tmp_path / "feb.csv", OURS + "a,s,p,2026-02-01,,30,USD\n"), recorded_at="2026-02-28")
    assert closing(store, "2026-03") == {"USD": Decimal("30.00")}
    store.import_again(1, write(tmp_path / "m.toml", '[columns]\nplan = "subscription_id"\n'))
    assert closing(store, "2026-03") == {"USD": Decimal("35.00")}, "b is in; a's later price stands"


def test_a_replacement_that_fails_changes_nothing(store: Store, tmp_path: Path) -> None:
    store.import_(write(tmp_path / "a.csv", OURS + "a,s,p,2026-01-01,,10,USD\n"))
    with pytest.raises(Misuse, match="missing-mapped-column"):
        store.import_again(1, write(tmp_path / "m.toml", '[columns]\nplan = "Nowhere"\n'))
    assert listed(store) == [(1, "import", 0)] and closing(store, "2026-01") == {"USD": Decimal("10.00")}


def test_an_import_taken_back_comes_again(store: Store, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", OURS + "a,s,p,2026-01-01,,10,USD\n")
    store.import_(file, trust_valid_time=True, coverage="2026-01-01..2026-04-01", correction=True)
    file.unlink()
    store.retract(1)
    assert store.import_again(1).commit_id == 3
    assert listed(store) == [(1, "import", 0), (2, "retract", 1), (3, "import", 0)]
    (kept,) = store.import_files_of(3)
    assert (kept.name, kept.trusted, str(kept.covered_to)[:10]) == ("a.csv", True, "2026-04-01")
    assert store._facts.is_correction(3)


def test_problems_are_counted_by_import_code_and_column(store: Store, tmp_path: Path) -> None:
    bad = "a,s,p,2026-13-01,,10,USD\nb,t,p,2026-14-01,,20,USD\nc,u,p,2026-01-01,,x,USD\nd,v,p,2026-15-01,,7,EUR\n"
    store.import_(write(tmp_path / "a.csv", OURS + bad + "e,w,p,2026-01-01,,1,USD\n"))
    found = [(g.commit_id, g.severity, g.code, g.column, g.rows, g.at_stake) for g in store.problem_groups()]
    assert found == [
        (1, "refused", "bad-date", "start_date", 3, {"EUR": 700, "USD": 3000}),
        (1, "refused", "bad-number", "amount", 1, {}),
    ]
    assert store.problem_groups(commit=2) == []
    store.retract(1)
    assert store.problem_groups() == []


# --- what a change would do ----------------------------------------------------------------------------------------


def test_the_effect_of_taking_an_import_back(store: Store, tmp_path: Path) -> None:
    store.import_(write(tmp_path / "a.csv", OURS + "a,s,p,2025-01-01,,10,USD\nz,y,p,2025-01-01,,1,USD\n"))
    store.import_(write(tmp_path / "b.csv", OURS + "b,t,p,2026-02-01,,20,USD\na,s,p,2026-03-01,,15,USD\n"))
    seen = store.effect_of_retract(2)
    assert store.version() == 2
    rows = {str(r["period"])[:7]: (r["before"], r["after"]) for r in seen.months.to_dicts()}
    assert rows["2026-02"] == (Decimal("31.00"), Decimal("11.00"))
    assert rows["2026-03"] == (Decimal("36.00"), Decimal("11.00")) and "2026-01" not in rows
    assert [(r["account_id"], r["difference"]) for r in seen.accounts.to_dicts()] == [
        ("b", Decimal("-20.00")), ("a", Decimal("-5.00")),
    ]  # fmt: skip
    store.retract(2)
    assert closing(store, "2026-03") == {"USD": Decimal("11.00")}, "as was said"
    seen = store.effect_of_retract(1)
    assert {r["after"] for r in seen.months.to_dicts()} == {Decimal("0.00")}


def test_the_effect_of_a_policy_is_what_the_policy_then_says(store: Store, tmp_path: Path) -> None:
    head = "account_id,subscription_id,plan,start_date,end_date,amount,currency,status\n"
    store.import_(
        write(tmp_path / "a.csv", head + "a,s,p,2026-01-01,,10,USD,past_due\nb,t,p,2026-01-01,,5,USD,active\n")
    )
    text = 'name = "strict"\nversion = 1\npast_due = "does_not_count"\n'
    seen = store.effect_of_policy(text)
    last = seen.months.to_dicts()[-1]
    assert (last["before"], last["after"], last["difference"]) == (Decimal("15.00"), Decimal("5.00"), Decimal("-10.00"))
    assert [(r["account_id"], r["after"]) for r in seen.accounts.to_dicts()] == [("a", Decimal("0.00"))]
    assert seen.changed == 1
    rules, new = store.register_policy(text)
    assert new and rules.name == "strict"
    asked = store.mrr(policy="strict", start="2026-02", end="2026-02").to_dicts()
    assert asked[0]["closing"] == Decimal("5.00")
    with pytest.raises(Misuse, match="bad-policy-value"):
        store.effect_of_policy('name = "x"\nversion = 1\ngap_days = -1\n')
    assert store.effect_of_policy('name = "x"\nversion = 1\n').changed == 0


# --- accounts that are one -----------------------------------------------------------------------------------------


def test_pairs_that_look_like_one_are_proposed_with_evidence(store: Store, tmp_path: Path) -> None:
    rows = (
        "old,s1,p,2026-01-01,2026-03-01,100,USD\nnew,s2,p,2026-03-05,,110,USD\n"
        "x,s3,p,2026-01-01,,10,USD\ny,s4,p,2026-01-01,,10,USD\nfar,s5,p,2026-03-01,,100,USD\n"
    )
    people = (
        "account_id,name,email\nold,Acme Ltd,ann@acme.io\nnew,ACME Inc.,bob@acme.io\n"
        "x,Blue,sam@gmail.com\ny,Red,sam@gmail.com\nfar,Green,z@gmail.com\n"
    )
    store.import_(write(tmp_path / "s.csv", OURS + rows), write(tmp_path / "a.csv", people))
    found = store.link_proposals().to_dicts()
    assert [(r["from_id"], r["to_id"], r["evidence"]) for r in found] == [
        ("old", "new", "same_name, same_domain, handover"), ("x", "y", "same_email"),
    ]  # fmt: skip
    assert (found[0]["churn"], found[0]["new"], found[0]["days"]) == (Decimal("-100.00"), Decimal("110.00"), 4)
    assert (found[0]["from_name"], str(found[0]["ended_on"])) == ("Acme Ltd", "2026-03-01")
    assert found[1]["churn"] is None
    churned = store.mrr(start="2026-03", end="2026-03").to_dicts()[0]["churn"]
    assert churned == Decimal("-100.00"), "nothing is linked by itself"
    store.link("old", "new")
    assert [r["from_id"] for r in store.link_proposals().to_dicts()] == ["x"]


# --- files that nobody here made -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "kind", "missing", "rows"),
    [
        ("mrr_playbook/subscription_periods.csv", "subscriptions", ("currency",), 121),
        ("mrr_playbook/expected_mrr_customer_month.csv", "monthly", ("currency",), 0),
        ("fivetran_dbt_stripe/resulting_item_mrr_report.csv", "monthly", (), 0),
        ("ravenstack_saas_synthetic/accounts.csv.gz", "accounts", (), 500),
        ("ravenstack_saas_synthetic/subscriptions.csv.gz", "subscriptions", ("currency",), 4987),
        ("ravenstack_saas_synthetic/support_tickets.csv.gz", "events", (), 2000),
        ("ravenstack_saas_synthetic/churn_events.csv.gz", "events", (), 600),
        ("ravenstack_saas_synthetic/feature_usage.csv.gz", "usage", ("account_id",), 0),
        ("churnsim_crm_truth/panel.csv.gz", "subscriptions", ("currency",), 0),
    ],
)
def test_files_of_others_go_in_with_at_most_a_currency_said(
    store: Store, tmp_path: Path, real_data: Path, file: str, kind: str, missing: tuple[str, ...], rows: int
) -> None:
    seen = store.preview(real_data / file, dry_run=bool(rows))
    assert (seen.kind, seen.missing) == (kind, missing)
    if rows:
        place = write(tmp_path / "m.toml", seen.mapping)
        if missing:
            told = read_mapping(place)
            place.write_text(
                write_mapping(Mapping(**{**vars(told), "constants": told.constants | {"currency": "USD"}}))
            )
        done = store.import_(real_data / file, mapping=place if seen.is_needed else None)
        assert done.files[0].accepted == rows and done.files[0].refused == 0
