"""What the parts of `api.Store` build on: the facts, and how a question becomes a Build and what was asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from rollforward.answers.asking import Question
from rollforward.answers.figures import Asked
from rollforward.answers.table import Table
from rollforward.build import Build
from rollforward.errors import Misuse
from rollforward.policy import Policy
from rollforward.store import FactStore

if TYPE_CHECKING:
    from rollforward.state import State


class Part(ABC):
    """A part of a store's questions; `api.Store` is all of them together."""

    _facts: FactStore

    @property
    @abstractmethod
    def state(self) -> State:
        """What is kept beside the facts."""

    def _lacks(self, asked: Question, *names: str) -> None:
        """Misuse `unknown-option` where a question is told one of `names`, which its answer has none of."""
        for name in names:
            if told := asked.get(name):
                raise Misuse("unknown-option", option=name, value=str(told), known="where, as_of, currency")

    @abstractmethod
    def _ask(self, asked: Question, empty: bool = False, rules: Policy | None = None) -> tuple[Build, Asked]: ...

    @abstractmethod
    def _each(self, asked: Question, answer: Callable[[Build, Asked], Table]) -> Table: ...

    @abstractmethod
    def _new_build(
        self, rules: Policy, as_of: datetime | None, scheduled: bool = False, basis: str = "reported"
    ) -> Build: ...

    @abstractmethod
    def _sound(self, build: Build, table: Table) -> Table: ...
