"""Catalogues are complete, messages fit the codes that the program raises, figures read as Babel would write them."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import pytest
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

import rollforward
from rollforward import errors, text
from rollforward.answers.check import checks
from rollforward.ingest.links import CODES as LINK_CODES
from rollforward.sources.problems import FILE_CODES, ROW_CODES
from rollforward.text import cells, figures, messages
from rollforward.text.checks import CHECKS
from rollforward.text.messages import ERRORS
from rollforward.text.notes import NOTES
from rollforward.text.problems import PROBLEMS

SOURCE = Path(rollforward.__file__).parent
WHERE = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
COMPILE = "run: pybabel compile -d src/rollforward/text/locale -D rollforward -l th"
PO = text.LOCALES / "th" / "LC_MESSAGES" / "rollforward.po"
RAISED = {c.__name__ for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.RollforwardError)}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    text.use("en")
    yield
    text.use("en")


def catalogue() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="th")


def extracted() -> set[str]:
    found = extract_from_dir(SOURCE, WHERE, keywords={"_": None, "N_": None})
    return {message for _file, _line, message, _comments, _context in found if isinstance(message, str)}


def placeholders(template: str) -> list[str]:
    return sorted(name for _text, name, _spec, _conv in string.Formatter().parse(template) if name is not None)


# --- the catalogue -------------------------------------------------------------------------------------------------


def test_every_string_of_the_program_is_in_the_catalogue_and_nothing_else() -> None:
    assert {m.id for m in catalogue() if m.id} == extracted()


def test_everything_is_translated_and_nothing_fuzzy() -> None:
    assert [m.id for m in catalogue() if m.id and (not m.string or m.fuzzy)] == []


def test_translations_keep_the_placeholders() -> None:
    wrong = [m.id for m in catalogue() if m.id and placeholders(str(m.id)) != placeholders(str(m.string))]
    assert wrong == []


def test_the_compiled_catalogue_is_the_one_that_is_read() -> None:
    with PO.with_suffix(".mo").open("rb") as file:
        compiled = {m.id: m.string for m in read_mo(file) if m.id}
    assert compiled == {m.id: m.string for m in catalogue() if m.id}, COMPILE


def test_terms_follow_the_glossary() -> None:
    said = {str(m.id): str(m.string) for m in catalogue() if m.id}
    for english, thai in {
        "New": "MRR ใหม่", "grows": "เติบโต", "holds": "มีเสถียรภาพ", "shrinks": "สูญเสียรายรับ",
        "Add-on": "ส่วนเสริม", "Seats": "ที่นั่ง", "Discount": "ส่วนลด",
    }.items():  # fmt: skip
        assert said[english] == thai


# --- codes ---------------------------------------------------------------------------------------------------------


def raised_errors() -> list[tuple[str, set[str] | None, str]]:
    """(code, names of the params or None where they are passed on, place) of every error made in the program."""
    calls = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in RAISED and node.args:
                first = node.args[0]
                codes = [first] if not isinstance(first, ast.IfExp) else [first.body, first.orelse]
                names = {k.arg for k in node.keywords}
                params = None if None in names else {str(n) for n in names}
                place = f"{path.relative_to(SOURCE)}:{node.lineno}"
                calls += [(c.value, params, place) for c in codes if isinstance(c, ast.Constant)]
    return calls


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def test_every_error_has_a_text() -> None:
    assert {(code, place) for code, _params, place in raised_errors() if code not in ERRORS} == set()


def test_every_error_gives_what_its_text_needs() -> None:
    missing = [
        (code, name, place)
        for code, params, place in raised_errors()
        if params is not None and code in ERRORS
        for part in ERRORS[code]
        for name in placeholders(part)
        if name not in params | {"where"}
    ]
    assert missing == []


def test_every_note_has_a_text_that_it_fills() -> None:
    made = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) == "Note" and isinstance(node.args[0], ast.Constant):
                params = node.args[1] if len(node.args) > 1 else ast.Dict([], [])
                assert isinstance(params, ast.Dict)
                made[node.args[0].value] = {k.value for k in params.keys if isinstance(k, ast.Constant)}
    assert set(NOTES) == set(made)
    assert {c for c, params in made.items() if set(placeholders(NOTES[c])) - params} == set()


def test_no_code_stands_in_two_of_the_dictionaries() -> None:
    parts = {
        f"{path.stem}.{name}": told
        for path in (SOURCE / "text").glob("*.py")
        for name, told in vars(import_module(f"rollforward.text.{path.stem}")).items()
        if name.endswith("_ERRORS") and path.stem not in ("__init__", "messages")
    } | {name: told for name, told in vars(messages).items() if name.endswith("_ERRORS")}
    told = {id(part): part for part in parts.values()}.values()
    assert len(told) > 8 and sum(map(len, told)) == len(ERRORS)


def test_no_text_is_left_over() -> None:
    assert set(ERRORS) - {code for code, _params, _place in raised_errors()} == set()


def problem_codes() -> set[str]:
    """Codes of the table `problem`: those that reading files declares, and those that ingest writes in SQL."""
    written = "".join(path.read_text(encoding="utf-8") for path in (SOURCE / "ingest").glob("*.py"))
    return (
        ROW_CODES
        | FILE_CODES
        | set(LINK_CODES)
        | set(re.findall(r"insert into refused\s+select [^']*'([a-z-]+)'", written))
    )


def test_every_problem_has_a_text_and_no_text_is_left_over() -> None:
    assert set(PROBLEMS) == problem_codes()
    assert {"overlap", "conflict"} <= problem_codes()


def test_every_check_has_a_sentence() -> None:
    assert set(CHECKS) == set(checks())


# --- sentences -----------------------------------------------------------------------------------------------------


def test_an_error_says_what_happened_and_what_to_do() -> None:
    err = errors.Misuse("bad-period", option="--from", value="March")
    assert text.error(err) == "--from: March is no period.\nWrite 2026, 2026-Q1, 2026-03, 2026-W12 or 2026-03-05."
    assert text.error(err, "th").startswith("--from: March ไม่ใช่งวด")


def test_a_part_in_brackets_is_left_out_where_its_value_is_empty() -> None:
    template = "[Did you mean {near}? ]Possible: {known}."
    assert text.fill(template, {"near": "", "known": "a"}) == "Possible: a."
    assert text.fill(template, {"near": "b", "known": "a"}) == "Did you mean b? Possible: a."


def test_an_unknown_code_still_speaks() -> None:
    assert text.error(errors.Misuse("brand-new", file="a.csv")) == "brand-new: file=a.csv"


def test_a_problem_names_the_users_own_column_and_value() -> None:
    what, remedy = text.problem(errors.Problem("bad-date", "a.csv", 3, params={"column": "Start", "value": "31.2."}))
    assert what == "Start is no date: 31.2." and "mapping file" in remedy


@pytest.mark.parametrize(
    ("option", "environ", "lang"),
    [
        (None, {}, "en"),
        (None, {"LANG": "th_TH.UTF-8"}, "th"),
        (None, {"LC_ALL": "C", "LANG": "th_TH.UTF-8"}, "en"),
        (None, {"ROLLFORWARD_LANG": "th", "LANG": "en_US.UTF-8"}, "th"),
        ("en", {"ROLLFORWARD_LANG": "th"}, "en"),
        ("fr", {}, "en"),
    ],
)
def test_the_language_is_the_option_then_the_variable_then_the_locale(
    option: str | None, environ: dict[str, str], lang: str
) -> None:
    assert text.choose(option, environ) == lang


# --- figures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("value", ["0.00", "1234.50", "-1234567.89", "1234567", "0.001"])
def test_numbers_read_as_babel_writes_them(lang: str, value: str) -> None:
    text.use(lang)
    digits = len(value.partition(".")[2])
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    assert figures.number(Decimal(value)) == format_decimal(Decimal(value), pattern, locale=lang)


def test_thai_dates_have_thai_months_and_gregorian_years() -> None:
    text.use("th")
    month = date(2026, 3, 1)
    assert figures.period(month, "month") == format_date(month, "MMM y", locale="th") == "มี.ค. 2026"
    assert figures.day(date(2026, 3, 5)) == "5 มี.ค. 2026"
    assert figures.period(date(2026, 1, 1), "quarter") == "ไตรมาส 1/2026"


@pytest.mark.parametrize(
    ("by", "label"),
    [("day", "2026-03-16"), ("week", "2026-W12"), ("month", "2026-03"), ("quarter", "2026-Q1"), ("year", "2026")],
)
def test_labels_of_periods(by: str, label: str) -> None:
    assert figures.period(date(2026, 3, 16), by) == label


def test_percentages_round_half_up_and_an_empty_ratio_is_a_dash() -> None:
    shown = [figures.percent(r, 2) for r in (1800 / 1900, 1300 / 1900, 1.0, -0.00001)]
    assert shown == ["94.74%", "68.42%", "100.00%", "0.00%"]
    assert figures.percent(0.0005, 1) == "0.1%" and figures.percent(None) == "–"


def test_whole_units_round_half_up_and_never_show_minus_zero() -> None:
    assert [figures.scaled(Decimal(v), 0) for v in ("0.50", "-0.49", "-0.50", "1234.5")] == ["1", "0", "-1", "1,235"]


@pytest.mark.parametrize(
    ("lang", "name", "said"),
    [
        ("en", "reactivation", "Reactivation"),
        ("en", "ndr_12", "NDR 12 months"),
        ("th", "contraction", "ส่วนที่ลดลง"),
        ("th", "opening", "MRR เริ่มต้น"),
        ("th", "no_heading", "no_heading"),
    ],
)
def test_a_heading_on_one_line_has_the_blanks_of_its_language(lang: str, name: str, said: str) -> None:
    text.use(lang)
    assert cells.heading(name) == said
