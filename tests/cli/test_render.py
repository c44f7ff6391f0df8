"""Tables on a terminal: alignment, width, words, scales. No store needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest

from rollforward import text
from rollforward.cli import render
from rollforward.text import figures
from rollforward.text.views import VIEWS


@dataclass(frozen=True)
class Rows:
    columns: list[str]
    rows: list[tuple[object, ...]]
    calendars: dict[str, tuple[int, int]] = field(default_factory=dict)


MRR = [
    *("period", "currency", "opening", "restatement", "new", "reactivation", "expansion", "contraction", "churn"),
    *("fx", "transfer", "adjustment", "closing"),
]


def mrr(scale: int = 1, complete: bool = True, adjustment: str = "0.00") -> Rows:
    # the worked example of definitions.md section 5, as the roll-forward of January
    money = [Decimal(f"{n}.00") * scale for n in (1900, 0, 250, 300, 500, -200, -400, 0, 0)]
    row = (date(2026, 1, 1), "EUR", *money, Decimal(adjustment), Decimal("2350.00") * scale, complete)
    return Rows([*MRR, "is_complete"], [row])


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    text.use("en")
    yield
    text.use("en")


def test_a_roll_forward_reads_line_by_line() -> None:
    assert render.table(mrr(), VIEWS["mrr"], "month", 80).splitlines() == [
        "MRR roll-forward, EUR",
        "                           Reacti-             Contrac-",
        "Period    Opening     New   vation  Expansion      tion    Churn   Closing",
        "───────  ────────  ──────  ───────  ─────────  ────────  ───────  ────────",
        "2026-01  1,900.00  250.00   300.00     500.00   -200.00  -400.00  2,350.00",
    ]


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("scale", [1, 1_000, 100_000, 10_000_000, 1_000_000_000])
def test_a_roll_forward_fits_80_columns_whatever_its_size(lang: str, scale: int) -> None:
    text.use(lang)
    lines = render.table(mrr(scale), VIEWS["mrr"], "month", 80).splitlines()
    assert max(map(figures.width, lines)) <= 80


def test_large_amounts_are_rounded_and_say_so() -> None:
    shown = render.table(mrr(1_000), VIEWS["mrr"], "month", 80)
    assert "1,900,000" in shown and "Rounded to whole EUR" in shown


def test_a_term_that_is_not_zero_is_never_hidden() -> None:
    assert "Adjust-" not in render.table(mrr(), VIEWS["mrr"], "month", 80)
    assert "Adjust-" in render.table(mrr(adjustment="0.01"), VIEWS["mrr"], "month", 80)


def test_a_period_that_is_not_over_is_marked() -> None:
    shown = render.table(mrr(complete=False), VIEWS["mrr"], "month", 80)
    assert "2026-01*" in shown and "* not over yet" in shown


def test_each_currency_has_its_own_block() -> None:
    euro = mrr()
    both = Rows(euro.columns, [*euro.rows, (euro.rows[0][0], "JPY", *euro.rows[0][2:])])
    shown = render.table(both, VIEWS["mrr"], "month", 80)
    titles = [line for line in shown.splitlines() if "roll-forward" in line]
    assert titles == ["MRR roll-forward, EUR", "MRR roll-forward, JPY"]


RETENTION = [
    *("window_start", "window_end", "months", "currency", "ndr", "ndr_low", "ndr_high"),
    *("grr", "grr_low", "grr_high", "logo_retention", "band", "is_complete"),
]


def test_a_window_belongs_to_the_period_it_ends_with_and_an_empty_ratio_is_a_dash() -> None:
    window = (date(2025, 2, 1), date(2026, 2, 1), 12)
    row = (*window, "EUR", 1800 / 1900, None, None, 1300 / 1900, 0.6, 0.75, 2 / 3, "cannot tell", True)
    line = render.table(Rows(RETENTION, [row]), VIEWS["retention"], "month", 80).splitlines()[-1]
    assert line.split() == ["2026-01", "94.74%", "–", "cannot", "tell", "68.42%", "60.0–75.0%", "66.7%"]


def test_a_wider_terminal_shows_more_and_nothing_less() -> None:
    wide = Rows([*MRR, "is_complete", "accounts_closing"], [(*mrr().rows[0], 4)])
    at_80, at_200 = (render.table(wide, VIEWS["mrr"], "month", w) for w in (80, 200))
    assert "Accounts" not in at_80 and "Accounts" in at_200 and "Closing" in at_200


def test_plain_tables_keep_numbers_right_and_cut_long_texts() -> None:
    shown = render.plain(Rows(["id", "note", "n"], [("a", "x" * 200, 7), ("b", "", 12345)]), 60).splitlines()
    assert all(len(line) <= 60 for line in shown)
    assert shown[2].endswith("…      7") and shown[3].endswith("12345")


def test_thai_letters_line_up() -> None:
    text.use("th")
    assert figures.width("ที่นั่ง") == 3
    lines = render.grid(["ที่นั่ง", "x"], [["ab", "1"], ["กี่", "22"]], [False, True])
    assert {figures.width(line) for line in lines} == {7}
