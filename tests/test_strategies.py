"""The drawn histories are what strategies.py promises, and the reference ties on them whatever they hold."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings

from reference import (
    OPEN_END,
    believed,
    covered,
    item_mrr,
    ledger,
    movements,
    retention,
    roll_forward,
)
from reference.belief import by_item
from strategies import History, csv_file, drawn, random_history

MONTHS = [date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1)]


@settings(max_examples=40)
@given(drawn(random_history, instants=True))
def test_rows_of_one_moment_do_not_overlap(history: History) -> None:
    for file in history.subscriptions:
        for rows in by_item(History((file,)).states).values():
            distinct = sorted({(s.valid_from, s.valid_to) for s in rows})
            assert len(distinct) == len(rows)
            assert all(a[1] <= b[0] for a, b in pairwise(distinct))
            assert len(rows) == 1 or all(s.status != "void" for s in rows)


@settings(max_examples=60)
@given(drawn(random_history, instants=True))
def test_the_reference_ties(history: History) -> None:
    states, catalogue, coverage = history.states, history.catalogue, history.coverage
    for rows in by_item(believed(states)).values():
        assert all(a.valid_to <= b.valid_from for a, b in pairwise(rows))
    book = ledger(states, catalogue=catalogue, coverage=coverage)
    assert all(sum(r.drivers) == r.delta != 0 for r in book)
    assert all(sum(m.drivers) == m.amount == m.after - m.before != 0 for m in movements(book))
    held = item_mrr(covered(believed(states), coverage))
    assert sum(r.delta for r in book) == sum(s.mrr for s in held if s.valid_to == OPEN_END)
    for r in roll_forward(book, list(pairwise(MONTHS))):
        moved = r.new + r.reactivation + r.expansion + r.contraction + r.churn + r.transfer
        assert r.opening + moved == r.closing
        came = r.accounts_new + r.accounts_reactivated - r.accounts_churned + r.accounts_transfer
        assert r.accounts_opening + came == r.accounts_closing
    for w in retention(book, MONTHS[1], MONTHS[4]):
        if w.ndr is not None and w.grr is not None:
            assert w.ndr == Fraction(w.opening + w.expansion + w.contraction + w.churn, w.opening)
            assert w.grr <= min(w.ndr, 1)


@settings(max_examples=40)
@given(drawn(random_history))
def test_importing_again_and_late_as_of_change_nothing(history: History) -> None:
    once = ledger(history.states, catalogue=history.catalogue, coverage=history.coverage)
    twice = History((*history.files, *history.files))
    assert ledger(twice.states, catalogue=history.catalogue, coverage=history.coverage) == once
    late = ledger(history.states, catalogue=history.catalogue, coverage=history.coverage, as_of=datetime(2100, 1, 1))
    assert late == once


@settings(max_examples=10)
@given(history=drawn(random_history))
def test_files_are_written_as_csv(history: History, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("files")
    for n, file in enumerate(history.files):
        lines = csv_file(file, folder / f"{n}.csv").read_text(encoding="utf-8").splitlines()
        assert len(lines) == len(file.rows) + 1
