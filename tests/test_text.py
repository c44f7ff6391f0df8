"""Catalogues are complete, messages fit the codes that the program raises, and figures read as Babel would write them."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import rollforward
from rollforward import errors, text
from rollforward.text.messages import ERRORS

SOURCE = Path(rollforward.__file__).parent
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
    found = extract_from_dir(SOURCE, [("**.py", "python")], keywords={"_": None, "N_": None})
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
    assert compiled == {m.id: m.string for m in catalogue() if m.id}, "compile it: see CONTRIBUTING"


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


def test_no_text_is_left_over() -> None:
    assert set(ERRORS) - {code for code, _params, _place in raised_errors()} == set()
