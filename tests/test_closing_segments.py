"""Segments of closed periods stay as they were closed; what is known otherwise is restatement (decision 0012.7)."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import rollforward as rf
from crowd import together
from product import policy_file, store_of
from reference import File
from strategies import GRID, RECORDED, History, random_catalogue, random_history, random_monthly_history
from test_segments import DIMENSIONS, USE, VALUES

HEAD = "account_id,subscription_id,product,plan,start_date,end_date,amount,currency,recorded_at\n"
MOVED = ("opening", "restatement", "new", "expansion", "contraction", "churn", "transfer", "closing")


def told(tmp_path: Path, store: rf.Store, *rows: str, head: str = HEAD, kind: str = "facts") -> None:
    """Import rows as one file."""
    path = tmp_path / f"{kind}{store.version()}.csv"
    path.write_text(head + "\n".join(rows) + "\n")
    store.import_(path, kind="accounts" if kind == "accounts" else None)


def told_of_accounts(tmp_path: Path, store: rf.Store, *rows: str) -> None:
    head = "account_id,country,valid_from,recorded_at\n"
    told(tmp_path, store, *rows, head=head, kind="accounts")


@pytest.fixture
def store(tmp_path: Path) -> rf.Store:
    """One account of Thailand at 100.00 for `crm` since January."""
    made = rf.open(tmp_path / "store")
    told(tmp_path, made, "a,s,crm,basic,2026-01-05,,100.00,USD,2026-01-06")
    told_of_accounts(tmp_path, made, "a,TH,,2026-01-06")
    return made


def by_segment(store: rf.Store, dimension: str, period: str, **asked: str) -> dict[str, dict[str, Decimal]]:
    """What is not 0 in each segment of one period; rows tie."""
    found = {}
    for r in store.mrr(segment=dimension, start=period, end=period, **asked).to_dicts():  # type: ignore[arg-type]
        assert sum(r[n] for n in (*MOVED[:-1], "reactivation", "fx", "adjustment")) == r["closing"], r
        shown = {n: r[n] for n in (*MOVED, "accounts_transfer") if r[n]}
        if shown:
            found[r["segment"]] = shown
    return found


def test_a_closed_segment_stays_and_what_is_said_later_is_restatement(tmp_path: Path, store: rf.Store) -> None:
    store.close("2026-03")
    told_of_accounts(tmp_path, store, "a,SG,2026-02-10,2026-04-20")
    stays = {"TH": {"opening": 100, "closing": 100}}
    assert by_segment(store, "country", "2026-02") == by_segment(store, "country", "2026-03") == stays
    assert by_segment(store, "country", "2026-04") == {
        "TH": {"opening": 100, "restatement": -100, "accounts_transfer": -1},
        "SG": {"restatement": 100, "closing": 100, "accounts_transfer": 1},
    }
    assert by_segment(store, "country", "2026-05") == {"SG": {"opening": 100, "closing": 100}}
    assert by_segment(store, "country", "2026-02", basis="restated") == {
        "TH": {"opening": 100, "transfer": -100, "accounts_transfer": -1},
        "SG": {"transfer": 100, "closing": 100, "accounts_transfer": 1},
    }
    store.reopen("2026-02")
    assert by_segment(store, "country", "2026-02") == by_segment(store, "country", "2026-02", basis="restated")


@pytest.mark.parametrize("since", ["2026-04-01", "2026-04-10"])
def test_a_segment_that_changes_on_an_open_day_is_transfer(tmp_path: Path, store: rf.Store, since: str) -> None:
    store.close("2026-03")
    told_of_accounts(tmp_path, store, f"a,SG,{since},2026-04-20")
    assert by_segment(store, "country", "2026-04") == {
        "TH": {"opening": 100, "transfer": -100, "accounts_transfer": -1},
        "SG": {"transfer": 100, "closing": 100, "accounts_transfer": 1},
    }


def test_amount_and_segment_are_restated_together(tmp_path: Path, store: rf.Store) -> None:
    store.close("2026-03")
    told_of_accounts(tmp_path, store, "a,SG,2026-02-10,2026-04-20")
    told(
        tmp_path, store,
        "a,s,crm,basic,2026-01-05,2026-04-10,140.00,USD,2026-04-20",
        "a,s,crm,basic,2026-04-10,,150.00,USD,2026-04-20",
        "b,t,crm,basic,2026-02-05,,7.00,USD,2026-04-20",
    )  # fmt: skip
    told_of_accounts(tmp_path, store, "b,TH,2026-01-01,2026-04-20", "b,LA,2026-04-01T12:00:00,2026-04-20")
    assert by_segment(store, "country", "2026-03") == {"TH": {"opening": 100, "closing": 100}}
    assert by_segment(store, "country", "2026-04") == {
        "TH": {"opening": 100, "restatement": -93, "transfer": -7, "accounts_transfer": -1},
        "SG": {"restatement": 140, "expansion": 10, "closing": 150, "accounts_transfer": 1},
        "LA": {"transfer": 7, "closing": 7, "accounts_transfer": 1},
    }
    (april,) = store.mrr(start="2026-04", end="2026-04").to_dicts()
    assert (april["restatement"], april["transfer"], april["closing"]) == (47, 0, 157)
    for segment, cell in by_segment(store, "country", "2026-04").items():
        for metric, wanted in cell.items():
            if metric == "accounts_transfer":
                continue
            for level in ("movements", "ledger") if metric not in ("opening", "closing") else ("movements",):
                opened = store.explain(
                    metric, "2026-04", level=level, segment="country", where=[f"country={segment}"]
                ).to_dicts()
                name = "amount" if level == "movements" else "delta"
                assert sum(r[name] for r in opened) == wanted, (segment, metric, level)


def test_a_border_keeps_out_what_was_not_inside_when_closed(tmp_path: Path, store: rf.Store) -> None:
    store.close("2026-03")
    told_of_accounts(tmp_path, store, "a,SG,2026-02-10,2026-04-20")
    asked = {"start": "2026-03", "end": "2026-04"}
    found = store.mrr(where=["country=SG"], **asked).to_dicts()  # type: ignore[arg-type]
    assert [(r["closing"], r["restatement"]) for r in found] == [(0, 0), (100, 100)]


def test_items_of_closed_periods_stay(tmp_path: Path, store: rf.Store) -> None:
    told(tmp_path, store, "a,u,desk,basic,2026-01-05,,50.00,USD,2026-01-06")
    store.close("2026-03")
    # What was said to be 100 of crm was 60 of crm and 40 of desk since February: the account's balance is the same.
    told(
        tmp_path, store,
        "a,s,crm,basic,2026-01-05,2026-02-10,100.00,USD,2026-04-20",
        "a,s,crm,basic,2026-02-10,,60.00,USD,2026-04-20",
        "a,u,desk,basic,2026-01-05,2026-02-10,50.00,USD,2026-04-20",
        "a,u,desk,basic,2026-02-10,2026-04-09,90.00,USD,2026-04-20",
        "a,u,desk,basic,2026-04-09,,95.00,USD,2026-04-20",
    )  # fmt: skip
    stays = {"crm": {"opening": 100, "closing": 100}, "desk": {"opening": 50, "closing": 50}}
    assert by_segment(store, "product", "2026-02") == by_segment(store, "product", "2026-03") == stays
    assert by_segment(store, "product", "2026-04") == {
        "crm": {"opening": 100, "restatement": -40, "closing": 60},
        "desk": {"opening": 50, "restatement": 40, "expansion": 5, "closing": 95},
    }
    (april,) = store.mrr(start="2026-04", end="2026-04").to_dicts()
    assert (april["restatement"], april["expansion"], april["closing"]) == (0, 5, 155)
    drivers = {r["segment"]: r for r in store.drivers("expansion", segment="product", start="2026-04").to_dicts()}
    assert (drivers["desk"]["amount"], drivers["desk"]["by_price"]) == (5, 5)
    opened = store.explain("restatement", "2026-04", level="ledger", where=["product=desk"]).to_dicts()
    assert sum(r["delta"] for r in opened) == 40
    store.close("2026-05")
    told(tmp_path, store, "a,s,crm,basic,2026-02-10,,61.00,USD,2026-06-20")
    assert by_segment(store, "product", "2026-02") == stays
    assert by_segment(store, "product", "2026-04")["desk"]["restatement"] == 40
    assert by_segment(store, "product", "2026-06") == {
        "crm": {"opening": 60, "restatement": 1, "closing": 61}, "desk": {"opening": 95, "closing": 95},
    }  # fmt: skip


def test_a_family_that_is_called_otherwise_is_restatement(tmp_path: Path, store: rf.Store) -> None:
    head = "product_id,family,recorded_at\n"
    told(tmp_path, store, "crm,core,2026-01-06", head=head, kind="products")
    store.close("2026-03")
    told(tmp_path, store, "crm,platform,2026-04-20", head=head, kind="products")
    assert by_segment(store, "family", "2026-03") == {"core": {"opening": 100, "closing": 100}}
    assert by_segment(store, "family", "2026-04") == {
        "core": {"opening": 100, "restatement": -100, "accounts_transfer": -1},
        "platform": {"restatement": 100, "closing": 100, "accounts_transfer": 1},
    }
    store.close("2026-04")
    told(tmp_path, store, "crm,suite,2026-05-20", head=head, kind="products")
    assert by_segment(store, "family", "2026-04")["platform"]["closing"] == 100
    assert by_segment(store, "family", "2026-05")["platform"] == {
        "opening": 100, "restatement": -100, "accounts_transfer": -1,
    }  # fmt: skip


def test_bands_of_closed_periods_stay(tmp_path: Path, store: rf.Store) -> None:
    rules = tmp_path / "mine.toml"
    rules.write_text('name = "mine"\nversion = 1\n[bands.size_band]\nlow = 0\nhigh = 100\n')
    store.close("2026-03", policy=str(rules))
    rules.write_text('name = "mine"\nversion = 2\n[bands.size_band]\nlow = 0\nhigh = 101\n')
    asked = {"policy": str(rules)}
    assert by_segment(store, "size_band", "2026-03", **asked) == {"high": {"opening": 100, "closing": 100}}
    assert by_segment(store, "size_band", "2026-04", **asked) == {
        "high": {"opening": 100, "restatement": -100, "accounts_transfer": -1},
        "low": {"restatement": 100, "closing": 100, "accounts_transfer": 1},
    }


def test_what_nobody_knew_when_it_was_closed_is_unknown_there_and_said(tmp_path: Path, store: rf.Store) -> None:
    store.close("2026-03")
    told(tmp_path, store, "a,north,2026-04-20", head="account_id,region,recorded_at\n", kind="accounts")
    table = store.mrr(segment="region", start="2026-03", end="2026-03")
    assert [(r["segment"], r["closing"]) for r in table.to_dicts() if r["closing"]] == [("unknown", 100)]
    assert "unknown-when-closed" in [n.code for n in table.notes]
    for other in (store.mrr(segment="country"), store.mrr(segment="region", basis="restated"), store.mrr()):
        assert "unknown-when-closed" not in [n.code for n in other.notes]


def test_retention_of_closed_windows_keeps_its_segments(tmp_path: Path, store: rf.Store) -> None:
    told(tmp_path, store, "b,t,desk,basic,2026-01-05,2026-04-05,30.00,USD,2026-01-06")
    told_of_accounts(tmp_path, store, "b,LA,,2026-01-06")
    store.close("2026-03")
    asked = {"start": "2026-03", "end": "2026-04"}

    def retained(dimension: str) -> list[tuple[str, str, Decimal, Decimal]]:
        rows = store.retention(1, segment=dimension, **asked).to_dicts()  # type: ignore[arg-type]
        return [(f"{r['window_start']:%m-%d}", r["segment"], r["opening"], r["churn"]) for r in rows if r["opening"]]

    def wanted(one: str, other: str) -> list[tuple[str, str, int, int]]:
        return sorted(
            [("03-01", one, 100, 0), ("03-01", other, 30, 0), ("04-01", one, 100, 0), ("04-01", other, 30, -30)]
        )

    assert sorted(retained("country")) == wanted("TH", "LA")
    assert sorted(retained("product")) == wanted("crm", "desk")
    told_of_accounts(tmp_path, store, "a,SG,2026-02-10,2026-04-20", "b,SG,2026-01-01,2026-04-20")
    told(tmp_path, store, "a,s,erp,basic,2026-01-05,,100.00,USD,2026-04-20")
    # A window that starts with the first open day has opening balances as they were closed, in the segments of then.
    assert sorted(retained("country")) == wanted("TH", "LA")
    assert sorted(retained("product")) == wanted("crm", "desk")


def test_a_link_at_the_first_open_instant_comes_after_the_restatement(tmp_path: Path, store: rf.Store) -> None:
    told(tmp_path, store, "b,t,desk,basic,2026-01-05,,30.00,USD,2026-01-06")
    told_of_accounts(tmp_path, store, "b,LA,,2026-01-06")
    store.close("2026-03")
    told(tmp_path, store, "a,s,crm,basic,2026-01-05,,110.00,USD,2026-04-20")
    told(tmp_path, store, "b,t,desk,basic,2026-01-05,,35.00,USD,2026-04-20")
    told(
        tmp_path, store, "b,a,acquired,2026-04-01,2026-04-20",
        head="from_id,to_id,kind,valid_from,recorded_at\n", kind="links",
    )  # fmt: skip
    assert store.check().rows == []
    assert by_segment(store, "country", "2026-04") == {
        "TH": {"opening": 100, "restatement": 10, "transfer": 35, "closing": 145},
        "LA": {"opening": 30, "restatement": 5, "transfer": -35, "accounts_transfer": -1},
    }
    assert by_segment(store, "product", "2026-04") == {
        "crm": {"opening": 100, "restatement": 10, "closing": 110},
        "desk": {"opening": 30, "restatement": 5, "closing": 35},
    }


# -- whatever is told, before and after ------------------------------------------------------------------------------

NUMBERS = (*MOVED, "reactivation", "fx", "adjustment", *(f"accounts_{n}" for n in ("opening", "transfer", "closing")))
NEW_AFTER = ("new", "reactivation", "expansion", "contraction", "churn", "transfer")
CROWD = 12
Cells = dict[tuple[Any, ...], dict[str, Any]]


def cells(store: rf.Store, dimension: str, where: str, rules: str, basis: str) -> Cells:
    """The rows that are not all 0, in minor units, by period, currency and segment."""
    asked = store.mrr(segment=dimension or None, where=[where] if where else [], basis=basis, policy=rules, minor=True)
    rows = {(r["period"], r["currency"], r.get("segment", "")): {n: r[n] for n in NUMBERS} for r in asked.to_dicts()}
    return {at: row for at, row in rows.items() if any(row.values())}


def others(store: rf.Store, dimension: str, rules: str, until: date) -> list[set[tuple[Any, ...]]]:
    """Drivers of expansion and retention over a month of what is over before `until`, but for rows of nothing."""
    found: list[set[tuple[Any, ...]]] = []
    for table, day, some in (
        (store.drivers("expansion", segment=dimension, policy=rules, minor=True), "period", "amount"),
        (store.retention(1, segment=dimension, policy=rules, minor=True), "window_start", "opening"),
    ):
        rows = [r for r in table.to_dicts() if r[day] < until and r.get("window_end", until) <= until and r[some]]
        found.append({tuple(v for n, v in r.items() if n not in ("as_of", "store_version")) for r in rows})
    return found


def random_attributes(draw: Random, history: History) -> list[File]:
    """Up to two files of attributes, dated or not, and of use."""
    accounts = sorted({r["account_id"] for f in history.files for r in f.rows if "account_id" in r})
    files = []
    whens = ["", *(day.replace(hour=hour).isoformat() for day in GRID for hour in (0, 13))]
    for at in draw.sample(RECORDED, draw.randrange(3)):
        rows = [
            {"account_id": account, "country": draw.choice(["TH", "US", ""]), "owner": draw.choice(["x", "y", ""]),
             "valid_from": since}
            for account in accounts for since in draw.sample(whens, draw.randrange(3))
        ]  # fmt: skip
        used = [
            {"account_id": account, "metric": "calls", "at": draw.choice(GRID).isoformat(),
             "quantity": draw.choice(["0", "99", "100"])}
            for account in accounts
        ]  # fmt: skip
        files += [File(kind, tuple(told), at) for kind, told in (("accounts", rows), ("usage", used)) if told]
    return files


def told_apart(draw: Random) -> tuple[list[File], list[File]]:
    """Files of a crowd of histories with attributes and use: those of before a moment, and those of after it."""
    crowd = []
    for _ in range(CROWD):
        told = draw.choice((random_history, random_history, random_monthly_history))(draw)
        crowd.append(History((*told.files, *random_attributes(draw, told))))
    moment = draw.choice(["2024-04-02", "2024-05-02"])
    parts: dict[bool, list[File]] = {True: random_catalogue(draw), False: random_catalogue(draw)}
    for file in together(crowd).files:
        for is_early, part in parts.items():
            rows = tuple(r for r in file.rows if (r["recorded_at"] < moment) == is_early)
            if rows:
                part.append(replace(file, rows=rows))
    return parts[True], parts[False]


def stays(seed: int) -> None:
    draw = Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        early, late = told_apart(draw)
        rules = policy_file({"bands": {"usage_level": USE}}, folder / "r.toml")
        month = draw.choice([1, 2, 2])
        store = store_of(early, folder, at_once=True)
        store.close(f"2024-{month:02}", policy=rules)
        end = date(2024, month + 1, 1)
        asked = [(d, "") for d in draw.sample(DIMENSIONS, 2)]
        where, value = draw.choice([(d, v) for d, values in VALUES.items() for v in values])
        asked.append((draw.choice([d for d in ("country", "owner", "") if d != where]), f"{where}={value}"))
        before = {a: cells(store, *a, rules, "reported") for a in asked}
        more = {d: others(store, d, rules, end) for d, w in asked if not w}
        store_of(late, folder, at_once=True)
        for cut in asked:
            now, known = (cells(store, *cut, rules, basis) for basis in ("reported", "restated"))
            assert before_day(now, end) == before_day(before[cut], end), (seed, cut)
            for place in {at[1:] for at in (*now, *known, *before[cut])}:
                last, first = (date(2024, month, 1), *place), (end, *place)
                was, is_, knew, knows = (
                    side.get(at, dict.fromkeys(NUMBERS, 0))
                    for side, at in ((before[cut], last), (now, first), (known, last), (known, first))
                )
                for of in ("", "accounts_"):  # a source of which coverage begins on an open day opens with what it has
                    begun = knows[f"{of}opening"] - knew[f"{of}closing"]
                    assert is_[f"{of}opening"] == was[f"{of}closing"] + begun, (seed, cut, place)
                    assert is_[f"{of}closing"] == knows[f"{of}closing"], (seed, cut, place)
                assert is_["restatement"] == knew["closing"] - was["closing"], (seed, cut, place)
                assert [is_[n] for n in NEW_AFTER] == [knows[n] for n in NEW_AFTER], (seed, cut, place)
            assert after_day(now, end) == after_day(known, end), (seed, cut)
        for dimension, told_before in more.items():
            assert others(store, dimension, rules, end) == told_before, (seed, dimension)
        assert store.known_violations() == 0


def before_day(rows: Cells, day: date) -> Cells:
    return {at: row for at, row in rows.items() if at[0] < day}


def after_day(rows: Cells, day: date) -> Cells:
    return {at: row for at, row in rows.items() if at[0] > day}


@pytest.mark.slow
@settings(max_examples=int(os.environ.get("ROLLFORWARD_EXAMPLES", "1")), phases=[Phase.generate])
@given(st.integers(0, 10**6))
def test_closed_cells_stay_and_open_ones_are_as_known(seed: int) -> None:
    stays(seed)


@pytest.mark.long
@settings(max_examples=int(os.environ.get("ROLLFORWARD_EXAMPLES", "30")), phases=[Phase.generate])
@given(st.integers(0, 10**6))
def test_closed_cells_stay_and_open_ones_are_as_known_long(seed: int) -> None:
    stays(seed)
