"""What an import is asked to do, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from rollforward.errors import Problem

SHOWN_PROBLEMS = 100


@dataclass(frozen=True)
class ImportOptions:
    """How files are to be read. Moments are UTC without zone.

    `recorded_at` is for rows that carry none; None = the time of import. `coverage` is [from, to). `correction` gives
    the rows the highest source rank. `now` is the time of import, None = the clock. `currency` is what exchange rates
    are told in, '' = not said. `commit_kind` is what the list of imports calls it. `replaces`: an import that this one
    takes back in the same commit, 0 = none.
    """

    kind: str | None = None
    mapping: Path | None = None
    snapshot: bool = False
    recorded_at: datetime | None = None
    trust_valid_time: bool = False
    coverage: tuple[date, date] | None = None
    correction: bool = False
    dry_run: bool = False
    now: datetime | None = None
    currency: str = ""
    commit_kind: str = "import"
    replaces: int = 0


@dataclass(frozen=True)
class FileReport:
    """Rows of one file: `rows` = accepted + known (said nothing new) + refused; `noted` are accepted with a remark."""

    name: str
    kind: str
    rows: int
    accepted: int
    known: int
    refused: int
    noted: int


@dataclass(frozen=True)
class EndedItem:
    """An item that a snapshot ends because it is missing; `mrr_minor` is its list amount per month, minor units."""

    account_id: str
    subscription_id: str
    item_id: str
    mrr_minor: int
    currency: str


@dataclass(frozen=True)
class ProblemGroup:
    """Problems of one import (0 = not in the store), code and column. `rows` counts them; `at_stake` is the monthly
    amount by currency in minor units; `samples` are the first of them."""

    commit_id: int
    severity: str
    code: str
    column: str
    rows: int
    at_stake: dict[str, int]
    samples: list[Problem]


@dataclass(frozen=True)
class ImportReport:
    """What one commit did, or would do (`dry_run`).

    `commit_id` 0 = nothing was written. `problems` are the first 100 of `problem_count`. `splits` are subscriptions
    whose overlapping rows became separate items. `repeated` (retract only) counts rows that later imports
    found known: as many as that may vanish with this one, and come back when their files are imported again.
    `groups` are all problems, counted.
    """

    commit_id: int
    version: int
    dry_run: bool
    files: list[FileReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    ends: list[EndedItem] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)
    repeated: int = 0
    groups: list[ProblemGroup] = field(default_factory=list)
