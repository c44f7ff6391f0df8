"""What a question of pages, exports and the JSON API is: how it is answered, and what it can be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rollforward.api import Question, Store, Table
from rollforward.errors import Misuse
from rollforward.numerals import is_whole

Own = Mapping[str, str]
"""A question's own parameters."""


FILTERS = ("by", "from", "to", "currency", "segment", "where", "policy", "basis", "as-of", "minor")
"""What most questions can be told, as addresses say it."""


@dataclass(frozen=True)
class Asks:
    """A question: how it is answered, as which view of `text.columns` it is shown, its own parameters, its filters.

    is_said: the answer also tells what people said (calls, goals), which changes without a commit.
    """

    answer: Callable[[Store, Question, Own], Table]
    view: str = ""
    own: tuple[str, ...] = ()
    filters: tuple[str, ...] = FILTERS
    is_said: bool = False


def number(own: Own, name: str, usual: str) -> Decimal:
    """One of the own parameters as a number from 0 on, `usual` where it is not told. Misuse `unknown-option`."""
    told = (own.get(name) or usual).replace(",", "")
    if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", told):
        raise Misuse("unknown-option", option=name, value=told, known="0, 1, 2.5, …")
    return Decimal(told)


def whole(own: Own, name: str, usual: int = 0) -> int:
    """One of the own parameters as a whole number, `usual` where it is not told. Misuse `unknown-option`."""
    told = own.get(name) or str(usual)
    if not is_whole(told):
        raise Misuse("unknown-option", option=name, value=told, known="0, 1, 2, …")
    return int(told)
