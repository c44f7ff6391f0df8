"""Many random histories in one store, each policy over all of them; what differs is shown on few rows.

A build costs seconds whatever is in it, a history milliseconds. So one store is told dozens of histories, the accounts
of the n-th as `n.a0`, with one catalogue, one coverage and one set of rates, which belong to a store. Histories are
made by plain `random` from one seed, and what differs is made smaller here: to one history, to few of its rows, then to
few settings, each time in a new store, while the same thing differs. It is printed as the inputs of a `.case`.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from agreement import Differs
from casefile import written
from product import store_of
from reference import File
from reference.files import Row
from rollforward.api import Store
from strategies import History

STORE_WIDE = ("products", "plans", "fx")
IDS = ("account_id", "subscription_id", "from_id", "to_id")
SECONDS = 120
"""How long a difference is made smaller."""

Question = dict[str, Any]
"""Settings of a policy, and what else an answer depends on (`by`, `as_of`, …)."""

Agree = Callable[[Store, History, Question, Path], None]
Part = TypeVar("Part")
Rows = tuple[int, tuple[Row, ...]]
"""The number of a file, and some of its rows."""


def together(
    histories: Iterable[History],
    coverage: Mapping[str, tuple[datetime, datetime] | None] = {},
    recorded: Mapping[datetime, datetime] = {},
    common: Iterable[File] = (),
) -> History:
    """One history of all. What was the n-th file of a kind is so again; its rows carry their own `recorded_at`, as
    they did or as `recorded` has it. Catalogue, rates and coverage are those given, not those of the histories."""
    files: dict[tuple[int, bool, str], list[Row]] = defaultdict(list)
    for n, history in enumerate(histories):
        nth = Counter[str]()
        for file in history.files:
            if file.kind not in STORE_WIDE:
                at = recorded.get(file.recorded_at, file.recorded_at).isoformat()
                files[nth[file.kind], file.correction, file.kind] += [_of(n, row, at) for row in file.rows]
                nth[file.kind] += 1
    told = [
        File(kind, tuple(rows), datetime(2024, 9, 1), coverage.get(kind), correction)
        for (_, correction, kind), rows in sorted(files.items())
    ]
    return History((*common, *told))


def _of(n: int, row: Row, recorded_at: str) -> Row:
    return {
        **row,
        **{name: f"{n}.{row[name]}" for name in IDS if row.get(name)},
        "recorded_at": row.get("recorded_at", recorded_at),
    }


def difference(history: History, questions: Sequence[Question], agree: Agree) -> str:
    """'' if the product agrees on all questions of one store; else what differs, and a small case of it."""
    with tempfile.TemporaryDirectory() as folder:
        store = store_of(history.files, Path(folder), at_once=True)
        for question in questions:
            what = _differs(store, history, question, agree, Path(folder))
            if what:
                return _Smaller(history, question, agree, what).shown()
    return ""


def _differs(store: Store, history: History, question: Question, agree: Agree, folder: Path) -> str:
    try:
        agree(store, history, question, folder)
    except Differs as found:
        return str(found)
    except Exception as error:  # whatever it is: the case of it is wanted
        return f"{type(error).__name__}\n{error}"
    return ""


class _Smaller:
    """Makes a difference smaller: first to one history, then to few rows, settings and entries of the catalogue."""

    def __init__(self, history: History, question: Question, agree: Agree, found: str) -> None:
        self.question, self.agree, self.found = question, agree, found
        self.what, self.until = found.partition("\n")[0], time.monotonic() + SECONDS
        self.common = [f for f in history.files if f.kind in STORE_WIDE]
        self.files = [f for f in history.files if f.kind not in STORE_WIDE]

    def shown(self) -> str:
        rows = self.rows()
        named = [r for r in rows if _number(r) in re.findall(r"'(\d+)\.", self.found)]
        if self.differs(self.told(named)):
            rows = self.fewer(named)
        else:  # no account is named: whole histories first, then rows, one candidate after the other
            numbers = sorted({_number(r) for r in rows})
            numbers = smallest(
                numbers, lambda some: self.differs(self.told(r for r in rows if _number(r) in some)), self.until
            )
            rows = smallest(
                [r for r in rows if _number(r) in numbers], lambda some: self.differs(self.told(some)), self.until
            )
        asked = smallest(
            list(self.question.items()), lambda some: self.differs(self.told(rows), dict(some)), self.until
        )
        self.question = dict(asked)
        common = [(n, (row,)) for n, file in enumerate(self.common) for row in file.rows]
        common = smallest(common, lambda some: self.differs(self.told(rows, some)), self.until)
        told = self.told(rows, common)
        if self.differs(self.told(rows, [])):
            told = self.told(rows, [])
        return f"{self.differs(told) or self.found}\n{self.question}\n{written(told.files)}"

    def rows(self) -> list[Rows]:
        """The rows of each file; ready-made changes of one item, which add up, together."""
        found: dict[tuple[object, ...], Rows] = {}
        for n, file in enumerate(self.files):
            for at, row in enumerate(file.rows):
                key = (n, row["subscription_id"], row["item_id"]) if file.kind == "changes" else (n, at)
                found[key] = (n, (*found.get(key, (n, ()))[1], row))
        return list(found.values())

    def told(self, rows: Iterable[Rows], common: Iterable[Rows] | None = None) -> History:
        everything = self.common if common is None else _of_files(self.common, common)
        return History((*everything, *_of_files(self.files, rows)))

    def differs(self, told: History, question: Question | None = None) -> str:
        """What differs in a store of its own, if that is what differed first."""
        with tempfile.TemporaryDirectory() as folder:
            try:
                store = store_of(told.files, Path(folder), at_once=True)
            except Exception:  # rows that are not accepted alone
                return ""
            found = _differs(store, told, self.question if question is None else question, self.agree, Path(folder))
        return found if found.partition("\n")[0] == self.what else ""

    def fewer(self, rows: list[Rows]) -> list[Rows]:
        """What can be left out is tried in one store too: each candidate is a history of a crowd."""
        coverage = {f.kind: f.coverage for f in self.files}
        draw = Random(0)
        while len(rows) > 1 and time.monotonic() < self.until:
            tried = [rows[:n] + rows[n + 1 :] for n in range(len(rows))]
            tried += [
                [r for r in rows if draw.random() < share] for share in (0.1, 0.2, 0.4, 0.6, 0.8) for _ in range(8)
            ]
            crowd = together([self.told(some, ()) for some in tried], coverage)
            found = self.differs(History((*self.common, *crowd.files)))
            smaller = [tried[int(n)] for n in set(re.findall(r"'(\d+)\.", found))]
            best = min(smaller, key=len, default=[])
            if not best or not self.differs(self.told(best)):
                break
            rows = best
        return smallest(rows, lambda some: self.differs(self.told(some)), self.until)


def _of_files(files: Sequence[File], rows: Iterable[Rows]) -> list[File]:
    kept: dict[int, list[Row]] = defaultdict(list)
    for n, some in rows:
        kept[n] += some
    return [replace(files[n], rows=tuple(kept[n])) for n in sorted(kept)]


def _number(rows: Rows) -> str:
    """The history of which these rows are."""
    _, (row, *_) = rows
    return (row.get("account_id") or row["from_id"]).partition(".")[0]


def smallest(parts: list[Part], fails: Callable[[list[Part]], object], until: float) -> list[Part]:
    """Few of `parts` for which `fails` still holds: halves are left out, then ever smaller runs of them."""
    size = len(parts)
    while size > 1:
        size = (size + 1) // 2
        at = 0
        while at < len(parts) and time.monotonic() < until:
            rest = parts[:at] + parts[at + size :]
            if fails(rest):
                parts = rest
            else:
                at += size
    return parts
