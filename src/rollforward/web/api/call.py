"""One request of a program: who asks, what the address says, and the answer to it, from the desk where pages ask."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request

from rollforward import __version__, text
from rollforward.api import Question, Store, Table
from rollforward.web.address import Address
from rollforward.web.desk import Desk
from rollforward.web.masking import answer_for, check_cut, dimensions_for
from rollforward.web.questions import QUESTIONS
from rollforward.web.visitor import visitor_of

T = TypeVar("T")

_QUARTER = 900


class Call:
    """One request."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.desk = cast(Desk, request.app.state.desk)
        self.visitor = visitor_of(request)

    def ask(self, name: str, address: Address, own: Mapping[str, str], minor: bool = False) -> Table:
        """The answer to one of `QUESTIONS`, as its asker may see it; money in minor units where `minor`."""
        role = self.visitor.role
        if address.segment or address.where:
            check_cut(self._dimensions(), address.segment, address.where, role)
        asked, question = QUESTIONS[name], address.question() | Question(minor=minor)
        key = ("v1", name, address, tuple(sorted(own.items())), minor, self.said(name))
        found = self.know(key, lambda store: asked.answer(store, question, own))
        table = answer_for(name, found, self._dimensions, role)
        return dimensions_for(table, role) if name == "dimensions" else table

    def _dimensions(self) -> Table:
        return self.know("dimensions", lambda store: store.dimensions())

    def said(self, name: str) -> tuple[int, ...]:
        """Up to which call and goal an answer tells what people said; () for one that tells nothing of it."""
        return self.desk.state.told() if QUESTIONS[name].is_said else ()

    def know(self, key: Hashable, question: Callable[[Store], T]) -> T:
        """Any other answer of the store, remembered under `key`; nothing in it is hidden from anybody."""
        return self.desk.ask(key, question)

    def store(self) -> AbstractContextManager[Store]:
        """A Store for this thread alone, to change something."""
        return self.desk.store()

    def did(self, target: str = "", **detail: object) -> None:
        """What the audit log says of this request beside its action."""
        self.visitor.did(target, **detail)

    def exported(self) -> None:
        """Writes a row of the audit log: a table left as a file."""
        told = dict(self.request.query_params.items())
        self.desk.state.audit.add(self.visitor.actor, "export", self.request.url.path, told)

    def etag(self, *parts: object) -> str:
        """A mark of an answer: of what the store holds now, for this quarter of an hour, role and language."""
        told = (__version__, self.desk.version(), int(time.time()) // _QUARTER, self.visitor.role, text.language())
        # weak: the same answer goes out compressed and not
        return f'W/"{digest(*told, *parts)}"'

    def has(self, etag: str) -> bool:
        """Whether the asker has that answer already (If-None-Match)."""
        named = [part.strip() for part in self.request.headers.get("if-none-match", "").split(",")]
        return "*" in named or any(part.removeprefix("W/") == etag.removeprefix("W/") for part in named)


def digest(*parts: object) -> str:
    """A short mark of some values."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:24]


Called = Annotated[Call, Depends(Call)]
