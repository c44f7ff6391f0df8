"""What the role `restricted` does not see: names, e-mails, persons, free text, rows of files.

One function for tables, one for single texts, one for dimensions; pages, exports and the API all use these. Beside what
is known by its column's name, anything that looks like an e-mail address is hidden wherever it stands.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Mapping

from rollforward.api import Note, Table
from rollforward.errors import Misuse
from rollforward.state import may
from rollforward.text.words import CODED

HIDDEN = "•••"

SEES = "viewer"
"""The least role that sees everything."""

_PARTS = "name|mail|phone|firma|empresa|ชื่อ|นามสกุล|บริษัท|ลูกค้า|อีเมล|โทร|ผู้|เจ้าของ|ที่อยู่|ติดต่อ"
_WORDS = (
    "persons?|people|owners?|leaders?|contacts?|tel|mobile|fax|users?|managers?|csm|rep|agent|author|company|customer|client|"
    "organi[sz]ation|domain|website|url|street|address|postcode|texts?|comments?|notes?|description|subject|message|"
    "feedback|themes?|row|params|details?|raw"
)
_PERSONAL = re.compile(rf"{_PARTS}|(?:^|[^a-z])(?:{_WORDS})(?:$|[^a-z])|_by$", re.IGNORECASE)
_CODED = frozenset(CODED) - {"owner", "contact_channel", "comment"}  # which hold the words of people too
_OURS = frozenset(("asked_by", "calibrated_by", "known_by"))
"""Columns of answers of ours that say no person, whatever they are called: a command, a method, a day."""
_EMAIL = re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;:=]+")
_KEY = secrets.token_bytes(32)

_BY_SEGMENT = ("segment_below", "segment_above")
"""Findings whose subject is a value of a dimension."""

_FEW, _SHARE = 20, 0.5
"""An attribute of more values than both, as a share of the accounts that have one, tells accounts apart."""


def is_personal(column: str) -> bool:
    """Whether a column or dimension of that name may say who somebody is."""
    return column not in _CODED and _PERSONAL.search(column) is not None


def masked(table: Table, role: str) -> Table:
    """The table as `role` may see it: the same columns and rows, what is personal as `HIDDEN`."""
    if may(role, SEES):
        return table
    hidden = [_hides(column) for column in table.columns]
    rows = [[_cell(value, hide) for value, hide in zip(row, hidden, strict=True)] for row in table.rows]
    if {"dimension", "value"} <= set(table.columns):  # attributes, each in a row of its own
        named, at = table.columns.index("dimension"), table.columns.index("value")
        for row, told in zip(rows, table.rows, strict=True):
            row[at] = _cell(row[at], is_personal(str(told[named])))
    notes = [Note(n.code, {k: HIDDEN if _hides(k) else text_for(v, role) for k, v in n.params.items()})
             for n in table.notes]  # fmt: skip
    found = Table(table.columns, rows, notes, table.kinds)
    found.calendars = table.calendars
    return found


def answer_for(name: str, table: Table, dimensions: Callable[[], Table], role: str) -> Table:
    """The answer to a question of `QUESTIONS` as `role` may see it: what names a dimension that it may not split by is
    hidden too. `dimensions`: makes `Store.dimensions()` where that is needed."""
    if may(role, SEES) or name not in ("findings", "goals"):
        return masked(table, role)
    allowed = {str(row["dimension"]) for row in dimensions_for(dimensions(), role).to_dicts()}
    seen, told = masked(table, role), table.to_dicts()
    rows = [list(row) for row in seen.rows]
    if name == "goals":
        at = seen.columns.index("goal_where")
        for row, was in zip(rows, told, strict=True):
            where = str(was["goal_where"] or "")
            row[at] = HIDDEN if where and where.partition("=")[0].strip() not in allowed else where
        return Table(seen.columns, rows, seen.notes, seen.kinds)
    # without the value that it is about a finding says nothing, and its sentences say it in words
    at, kept = seen.columns.index("subject"), []
    for row, was in zip(rows, told, strict=True):
        dimension, _is, _value = (subject := str(was["subject"] or "")).partition(" = ")
        if str(was["finding"]) not in _BY_SEGMENT or dimension in allowed:
            row[at] = text_for(subject, role)
            kept.append(row)
    return Table(seen.columns, kept, seen.notes, seen.kinds)


def coded_only(table: Table, column: str, role: str) -> Table:
    """The table without what people wrote in a column of coded words, if `role` sees no free text."""
    if may(role, SEES):
        return table
    at = table.columns.index(column)
    rows = [[HIDDEN if n == at and v and v not in CODED[column] else v for n, v in enumerate(r)] for r in table.rows]
    return Table(table.columns, rows, table.notes, table.kinds)


def masked_record(record: Mapping[str, object], role: str) -> dict[str, object]:
    """One record likewise."""
    if may(role, SEES):
        return dict(record)
    return {name: _cell(value, _hides(name)) for name, value in record.items()}


def text_for(text: str, role: str) -> str:
    """A text without e-mail addresses; each has one stand-in while the server runs, so that rows stay apart."""
    if may(role, SEES):
        return text
    return _EMAIL.sub(lambda found: f"{HIDDEN}{_stand_in(found[0])}", text)


def dimensions_for(table: Table, role: str) -> Table:
    """The rows of `Store.dimensions()` by which `role` may split and filter."""
    if may(role, SEES):
        return table
    rows = [row for row, told in zip(table.rows, table.to_dicts(), strict=True) if not _identifies(told)]
    return Table(table.columns, rows, table.notes)


def attributes_for(table: Table, dimensions: Table, role: str) -> Table:
    """Attributes, a row each (dimension, value): `role` sees those that it may split by, whatever they are called."""
    if may(role, SEES):
        return table
    allowed = {str(row["dimension"]) for row in dimensions_for(dimensions, role).to_dicts()}
    named, at = table.columns.index("dimension"), table.columns.index("value")
    rows = [[HIDDEN if n == at and row[named] not in allowed else v for n, v in enumerate(row)] for row in table.rows]
    return masked(Table(table.columns, rows, table.notes, table.kinds), role)


def check_cut(dimensions: Table, segment: str, where: Iterable[str], role: str) -> None:
    """Misuse `hidden-from-you` for a split or a filter by what `role` does not see."""
    if may(role, SEES):
        return
    allowed = {str(row["dimension"]) for row in dimensions_for(dimensions, role).to_dicts()}
    for name in filter(None, (segment, *(w.partition("=")[0].strip() for w in where))):
        if name not in allowed:
            raise Misuse("hidden-from-you", what=name)


def _hides(column: str) -> bool:
    return column not in _OURS and is_personal(column)


def _identifies(told: Mapping[str, object]) -> bool:
    if is_personal(str(told["dimension"])):
        return True
    values, accounts = int(str(told["values"] or 0)), int(str(told["accounts"] or 0))
    return values > max(_FEW, _SHARE * accounts)


def _cell(value: object, is_hidden: bool) -> object:
    if isinstance(value, Mapping | list | tuple):
        return HIDDEN
    if not isinstance(value, str) or not value:
        return value
    return HIDDEN if is_hidden else text_for(value, "")


def _stand_in(email: str) -> str:
    return hmac.new(_KEY, email.casefold().encode(), hashlib.sha256).hexdigest()[:8]
