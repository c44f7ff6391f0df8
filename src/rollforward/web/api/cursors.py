"""Where the next rows of an answer begin: a text bound to the question and to what the store held when it was made."""

from __future__ import annotations

import base64
import binascii
import json

from rollforward.errors import Misuse


def written(version: int, question: str, start: int | str) -> str:
    """The cursor of the rows from `start` of an answer: a number (0 = the first) or a place.

    `question` is a mark of what was asked.
    """
    told = json.dumps([version, question, start], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read(cursor: str, version: int, question: str) -> int:
    """Where the rows of a cursor begin; '' = at the first.

    Misuse `cursor-unreadable`, `cursor-of-another` (question), `cursor-outdated` (facts came in since).
    """
    start = _read(cursor, version, question) if cursor else 0
    if type(start) is not int or not 0 <= start < _MOST:
        raise Misuse("cursor-unreadable")
    return start


def read_text(cursor: str, version: int, question: str) -> str:
    """The same of a cursor that holds a place; '' = the beginning."""
    start = _read(cursor, version, question) if cursor else ""
    if type(start) is not str:
        raise Misuse("cursor-unreadable")
    return start


def _read(cursor: str, version: int, question: str) -> object:
    try:
        told = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        of_version, of_question, start = told
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Misuse("cursor-unreadable") from None
    if type(of_version) is not int or type(of_question) is not str:
        raise Misuse("cursor-unreadable")
    if of_question != question:
        raise Misuse("cursor-of-another")
    if of_version != version:
        raise Misuse("cursor-outdated", then=of_version, now=version)
    found: object = start
    return found


_MOST = 2**53
"""Beyond any row."""
