"""The desk where every request asks: a few Stores in turn, and the answers that were given before.

Comes in: questions from many threads. Goes out: answers. A Store serves one thread at a time; a question that somebody
else is asking already is asked once. Answers are kept for a version of the store and a quarter of an hour, in which no
zone's date can change unseen.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from rollforward import api
from rollforward.errors import ServiceError
from rollforward.state import State

T = TypeVar("T")

STORES = 2
"""Questions answered at the same time; each has DuckDB's threads to itself."""

KEPT = 600
"""Answers kept in memory."""

LARGE = 20_000
"""Answers of more rows are not kept."""

PATIENCE = 60.0
"""Seconds that a question waits for its turn."""

_QUARTER = 900


class Desk:
    """Answers questions about the store in the folder `path`, from any thread."""

    def __init__(self, path: Path, stores: int = STORES) -> None:
        self.path = path
        self._free: queue.Queue[api.Store] = queue.Queue()
        self._first = api.open(path)
        self._free.put(self._first)
        for _number in range(stores - 1):
            self._free.put(api.open(path))
        self._kept: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def state(self) -> State:
        """Users, settings, the audit log, …; may be used by any thread."""
        return self._first.state

    def version(self) -> int:
        """Number of the store's last commit, as of now."""
        return self._first.version()

    @contextmanager
    def store(self, patience: float = PATIENCE) -> Iterator[api.Store]:
        """A Store for this thread alone. ServiceError `busy` where none is free in time."""
        try:
            store = self._free.get(timeout=patience)
        except queue.Empty:
            raise ServiceError("busy") from None
        try:
            yield store
        finally:
            self._free.put(store)

    def ask(self, key: Hashable, question: Callable[[api.Store], T]) -> T:
        """The answer to `question`, from memory if one with the same key was given for what the store holds now."""
        full = (self.version(), int(time.time()) // _QUARTER, key)
        with self._lock:
            known = self._kept.get(full)
            if known is None:
                mine: Future[Any] = Future()
                self._kept[full] = mine
            else:
                self._kept.move_to_end(full)
        if known is not None:
            answer: T = known.result(PATIENCE * 10)
            return answer
        try:
            with self.store() as store:
                found = question(store)
        except BaseException as error:
            self._drop(full)
            mine.set_exception(error)
            raise
        mine.set_result(found)
        if hasattr(found, "__len__") and len(found) > LARGE:
            self._drop(full)
        with self._lock:
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def has(self, key: Hashable) -> bool:
        """Whether the answer to a question is in memory."""
        return (self.version(), int(time.time()) // _QUARTER, key) in self._kept

    def _drop(self, full: Hashable) -> None:
        with self._lock:
            self._kept.pop(full, None)
