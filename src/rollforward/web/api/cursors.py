"""Where the next rows of an answer begin: a text bound to the question and to what the store held when it was made."""

from __future__ import annotations

import base64
import binascii
import json

from rollforward.errors import Misuse


def written(version: int, question: str, start: int) -> str:
    """The cursor of the rows from `start` (0 = the first) of an answer; `question` is a mark of what was asked."""
    told = json.dumps([version, question, start], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read(cursor: str, version: int, question: str) -> int:
    """Where the rows of a cursor begin; '' = at the first.

    Misuse `cursor-unreadable`, `cursor-of-another` (question), `cursor-outdated` (facts came in since).
    """
    if not cursor:
        return 0
    try:
        told = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        of_version, of_question, start = told
        if not (type(of_version) is int and type(of_question) is str and type(start) is int and start >= 0):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Misuse("cursor-unreadable") from None
    if of_question != question:
        raise Misuse("cursor-of-another")
    if of_version != version:
        raise Misuse("cursor-outdated", then=of_version, now=version)
    return start
