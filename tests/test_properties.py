"""Whatever is imported: the product says what the plain-Python reference says, every row ties, and nothing depends
on how the files were cut.

Stores are slow beside the reference (seconds each), so one example asks everything of one store. `make test-long`
draws many more.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreement import ACCOUNTS, MONEY, same_figures, same_ledger, same_movements
from product import BY, Asked, import_file, store_of
from reference import DRIVERS, File, books
from strategies import History, histories, monthly_histories
from test_cases_reference import after

EXAMPLES = int(os.environ.get("ROLLFORWARD_EXAMPLES", "12"))
few = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
many = settings(few, max_examples=int(os.environ.get("ROLLFORWARD_EXAMPLES", "2000")))


# -- the properties --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@few
@given(histories(instants=True))
def test_product_is_the_reference(history: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        is_the_reference(history, Path(folder))


@pytest.mark.slow
@few
@given(monthly_histories())
def test_product_is_the_reference_on_monthly_files(history: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        is_the_reference(history, Path(folder))


@pytest.mark.slow
@settings(few, max_examples=max(EXAMPLES // 4, 1))
@given(histories(instants=True))
def test_importing_again_changes_nothing(history: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        again_changes_nothing(history.files, Path(folder))


@pytest.mark.slow
@settings(few, max_examples=max(EXAMPLES // 3, 1))
@given(histories(coverage=False, max_files=3), st.randoms(use_true_random=False))
def test_order_and_chunking_change_nothing(history: History, random: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        order_and_chunking_change_nothing(history, random, Path(folder))


@pytest.mark.slow
@settings(few, max_examples=max(EXAMPLES // 2, 1))
@given(histories(instants=True, coverage=False), st.sampled_from(range(60)))
def test_as_of_is_the_reference(history: History, days: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        as_of_is_the_reference(history, days, Path(folder))


@pytest.mark.long
@many
@given(histories(instants=True))
def test_product_is_the_reference_long(history: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        is_the_reference(history, Path(folder))


@pytest.mark.long
@many
@given(monthly_histories())
def test_product_is_the_reference_on_monthly_files_long(history: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        is_the_reference(history, Path(folder))


@pytest.mark.long
@many
@given(histories(instants=True))
def test_importing_again_changes_nothing_long(history: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        again_changes_nothing(history.files, Path(folder))


@pytest.mark.long
@many
@given(histories(coverage=False, max_files=3), st.randoms(use_true_random=False))
def test_order_and_chunking_change_nothing_long(history: History, random: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        order_and_chunking_change_nothing(history, random, Path(folder))


@pytest.mark.long
@many
@given(histories(instants=True, coverage=False), st.sampled_from(range(60)))
def test_as_of_is_the_reference_long(history: History, days: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        as_of_is_the_reference(history, days, Path(folder))


# -- what they are made of -------------------------------------------------------------------------------------------


def is_the_reference(history: History, folder: Path) -> None:
    """Ledger, movements, roll-forward, expansion, retention; then what must hold of any store."""
    store = store_of(history.files, folder)
    told = books(history.states, catalogue=history.catalogue, coverage=history.coverage)
    asked = Asked(store)
    same_ledger(asked, told)
    assert store.check().rows == []
    if told.rows:
        same_movements(asked, told)
        same_figures(asked, told, history.coverage)
        longer_periods_are_sums(asked)
        if asked.mrr():
            cells_open(asked)


def as_of_is_the_reference(history: History, days: int, folder: Path) -> None:
    """As of a moment of the histories' own time: all files are told at once, before anything happens."""
    files = [File(f.kind, f.rows, datetime(2023, 12, 1), f.coverage, f.correction) for f in history.files]
    as_of = datetime(2024, 1, 1) + timedelta(days=days, hours=12)
    asked = Asked(store_of(files, folder), as_of)
    told = History(tuple(files))
    book = books(told.states, catalogue=told.catalogue, as_of=as_of)
    same_ledger(asked, book)
    if book.rows:
        same_movements(asked, book)
        same_figures(asked, book, {}, as_of.date() + timedelta(days=1))


def order_and_chunking_change_nothing(history: History, random: Any, folder: Path) -> None:
    """Rows that carry their own recorded_at, no two files the same: any order, any cut, one commit or many."""
    catalogue = [f for f in history.files if f.kind != "subscriptions"]
    told = []
    for n, f in enumerate(history.subscriptions):
        at = (f.recorded_at + timedelta(hours=n)).isoformat()
        told.append(File(f.kind, tuple({**row, "recorded_at": at} for row in f.rows), f.recorded_at))
    whole = Asked(store_of([*catalogue, *told], folder, "whole"))
    rows = [row for f in told for row in f.rows]
    random.shuffle(rows)
    cut = random.randrange(len(rows) + 1)
    chunks = [File("subscriptions", tuple(part), datetime(2024, 9, 1)) for part in (rows[:cut], rows[cut:]) if part]
    cut_up = Asked(store_of([*chunks, *catalogue], folder, "cut"))
    assert cut_up.ledger() == whole.ledger()
    assert cut_up.rules() == whole.rules()
    if whole.ledger():
        assert without_version(cut_up.mrr()) == without_version(whole.mrr())


def longer_periods_are_sums(asked: Asked) -> None:
    """Days add up to months, months to quarters and years; each opens where the one before closed."""
    grains = {by: asked.mrr(by) for by in ("day", "month", "quarter", "year")}
    for short, long in (("day", "month"), ("month", "quarter"), ("month", "year")):
        for row in grains[long]:
            end = after(row["period"], long)
            inside = [
                r for r in grains[short] if r["currency"] == row["currency"] and row["period"] <= r["period"] < end
            ]
            assert inside
            for column in (*MONEY[1:-1], *ACCOUNTS[1:-1]):
                assert row[column] == sum(r[column] for r in inside), (long, row["period"], column)
            assert (row["opening"], row["closing"]) == (inside[0]["opening"], inside[-1]["closing"])
    for rows in grains.values():
        last: dict[str, int] = defaultdict(int)
        for n, r in enumerate(rows):
            assert r["opening"] + sum(r[c] for c in MONEY[1:-1]) == r["closing"]
            assert n == 0 or rows[n - 1]["currency"] != r["currency"] or last[r["currency"]] == r["opening"]
            last[r["currency"]] = r["closing"]


def cells_open(asked: Asked) -> None:
    """The busiest month: movements, ledger rows and sources behind each of its cells add up to it."""
    month = max(asked.mrr(), key=lambda r: sum(bool(r[c]) for c in MONEY))
    period, currency = f"{month['period']:%Y-%m}", month["currency"]
    for column in (c for c in MONEY if c != "adjustment"):
        for level, measure in (("movements", "amount"), ("ledger", "delta")):
            rows = [r for r in asked.explain(column, period, level) if r["currency"] == currency]
            assert sum(r[measure] for r in rows) == month[column], (column, level)
    cell = next(r for r in asked.expansion() if (r["period"], r["currency"]) == (month["period"], currency))
    for column in BY:
        if cell[column]:
            for level in ("movements", "ledger"):
                rows = [r for r in asked.explain(column, period, level) if r["currency"] == currency]
                assert sum(r[column] for r in rows) == cell[column], (column, level)
    behind = {r["source_ref"] for r in asked.explain("closing", period, "ledger")}
    assert {r["ref"] for r in asked.explain("closing", period, "sources")} == behind
    for r in asked.retention(1):
        if r["opening"] and r["window_end"] == after(month["period"], "month"):
            for level, measure in (("movements", "amount"), ("ledger", "delta")):
                rows = [x for x in asked.explain("ndr_1", period, level) if x["currency"] == r["currency"]]
                assert sum(x[measure] for x in rows) == r["closing"] - r["opening"], level


def again_changes_nothing(files: Sequence[File], folder: Path) -> None:
    """Every file again: nothing written, the same answers; and as of now is now."""
    asked = Asked(store_of(files, folder))
    before = asked.ledger(), asked.rules()
    version = asked.store.version()
    for n, file in enumerate(files):
        assert import_file(asked.store, file, folder / f"again-{n}.csv").commit_id == 0
    assert asked.store.version() == version
    assert (asked.ledger(), asked.rules()) == before
    now = datetime.now(UTC).replace(tzinfo=None)
    assert Asked(asked.store, now).ledger() == before[0]
    assert Asked(asked.store, now).rules() == before[1]


def without_version(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in r.items() if k not in ("store_version", "as_of")} for r in rows]


def test_there_are_eight_drivers() -> None:
    assert tuple(f"by_{d}" for d in DRIVERS) == BY
