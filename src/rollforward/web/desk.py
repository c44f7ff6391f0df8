"""The desk where every request asks: a few Stores in turn, and the answers that were given before.

Comes in: questions from many threads. Goes out: answers. A Store serves one thread at a time; a question that somebody
else is asking already is asked once, and goes on when the one who asked has given up waiting. Answers are kept for a
version of the store and a quarter of an hour, in which no zone's date can change unseen.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rollforward import api
from rollforward.api import Progress
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
"""Seconds to wait for an answer, or for a Store."""

ENDING = 10.0
"""Seconds in which questions may end when the desk closes."""

_QUARTER = 900


class Working(Exception):
    """The answer is still being made: which model, and how far (0 … 1)."""

    def __init__(self, stage: str, done: float) -> None:
        super().__init__(stage)
        self.stage, self.done = stage, done


@dataclass
class _Asked:
    """A question that is asked: its answer to come, and how far it is."""

    answer: Future[Any]
    stage: str = ""
    done: float = 0.0

    def report(self, stage: str, done: float) -> None:
        self.stage, self.done = stage, done


class Desk:
    """Answers questions about the store in the folder `path`, from any thread."""

    def __init__(self, path: Path, stores: int = STORES) -> None:
        self.path = path
        self._free: queue.LifoQueue[api.Store] = queue.LifoQueue()
        self._stores = [api.open(path) for _number in range(stores)]
        for store in self._stores:
            self._free.put(store)
        self._workers = ThreadPoolExecutor(stores, "desk")
        self._kept: OrderedDict[Hashable, _Asked] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def state(self) -> State:
        """Users, settings, the audit log, …; may be used by any thread."""
        return self._stores[0].state

    def version(self) -> int:
        """Number of the store's last commit, as of now."""
        return self._stores[0].version()

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

    def ask(self, key: Hashable, question: Callable[[api.Store], T], patience: float = PATIENCE) -> T:
        """The answer to `question`, from memory if one with the same key was given for what store and settings
        hold now.

        Raises Working if it is not there within `patience` seconds; it goes on, and asking again waits for it again.
        """
        return self.follow(key, lambda store, progress: question(store), patience)

    def follow(self, key: Hashable, question: Callable[[api.Store, Progress], T], patience: float = PATIENCE) -> T:
        """The same of a question that says how far it is."""
        full = (self.version(), int(time.time()) // _QUARTER, self.state.settings.store(), key)
        with self._lock:
            asked = self._kept.get(full)
            if asked is None:
                asked = _Asked(Future())
                try:
                    self._workers.submit(copy_context().run, self._answer, full, asked, question)
                except RuntimeError:  # the desk is closed
                    raise ServiceError("busy") from None
                self._kept[full] = asked
            self._kept.move_to_end(full)
        try:
            found: T = asked.answer.result(patience)
        except TimeoutError:
            if asked.answer.done():
                raise  # the question's own
            raise Working(asked.stage, asked.done) from None
        return found

    def _answer(self, full: Hashable, asked: _Asked, question: Callable[[api.Store, Progress], Any]) -> None:
        try:
            with self.store(patience=PATIENCE * 10) as store:
                found = question(store, asked.report)
        except BaseException as error:
            self._drop(full)
            asked.answer.set_exception(error)
            return
        if hasattr(found, "__len__") and len(found) > LARGE:
            self._drop(full)
        asked.answer.set_result(found)
        with self._lock:
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def close(self) -> None:
        """Ends the questions that are asked, and lets go of the stores; the desk answers nothing after that."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        until = time.monotonic() + ENDING
        while self._free.qsize() < len(self._stores) and time.monotonic() < until:
            for store in self._stores:
                store.interrupt()
            time.sleep(0.05)
        with self._lock:
            self._kept.clear()
        for store in self._stores:
            store.release()

    def _drop(self, full: Hashable) -> None:
        with self._lock, suppress(KeyError):
            del self._kept[full]
