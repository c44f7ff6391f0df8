"""All cases in one store, their ids prefixed, and the groups of cases that are asked together.

Telling a store file by file is what costs, so files that are told alike are one file, whatever case they are of. A
group are cases of one policy; each is asked over those facts alone that its own cases told (`Sees`), so that coverage
and exchange rates, which are the whole store's, are those of the case.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import rollforward
from casefile import Case, Expected, load_all
from product import Asked, policy_file, tell
from reference import File
from rollforward.api import Store
from test_cases_product import as_text, stands_alone
from test_cases_reference import normal

SAYS_BY_COLUMN = ("accounts", "plans")
"""Kinds of file in which an empty cell says more than a column that is not there."""

IDS = (
    "account_id",
    "subscription_id",
    "item_id",
    "product",
    "plan",
    "product_id",
    "plan_id",
    "contract_id",
    "from_id",
    "to_id",
)

ACCOUNTS = ("ledger", "movements")
"""What is expected of single accounts, so that it can be told from other cases' in one store."""


@dataclass(frozen=True)
class Sees:
    """The facts that count for a group: of ids with one of these prefixes, in these commits."""

    prefixes: tuple[str, ...]
    commits: tuple[int, ...]


@dataclass(frozen=True)
class Group:
    """Cases by the prefix of their ids; the moment as of which they are asked ('': now), under which policy (its name
    or file); a store with a folder of its own for what is built, and which of its facts count."""

    cases: Mapping[str, Case]
    as_of: str
    rules: str
    store: Store
    sees: Sees

    def asked(self) -> list[Expected]:
        """What the cases expect at that moment."""
        return [e for case in self.cases.values() for e in case.expected if moment_of(e) == self.as_of]


def moment_of(expected: Expected) -> str:
    return expected.options.get("as_of", "")


def prefixed(cases: Sequence[Case]) -> dict[str, Case]:
    """Cases by the prefix that their ids have in one store."""
    return {f"c{n:03}-": case for n, case in enumerate(cases)}


def in_one_store(cases: Sequence[Case], folder: Path) -> dict[str, list[int]]:
    """Tells all of them to a store in `folder`; the commits of each prefix."""
    store = rollforward.open(folder / "store")
    by_prefix = prefixed(cases)
    commits: dict[str, list[int]] = {prefix: [] for prefix in by_prefix}
    for nth, (file, prefixes) in enumerate(together(by_prefix)):
        tell(store, [file], folder / f"{nth}")
        for prefix in prefixes:
            commits[prefix].append(store.version())
    return commits


def grouped(told: Path, commits: Mapping[str, list[int]], folder: Path) -> list[Group]:
    """Every case of the store that was told all of them, in one group for each moment as of which it is asked; those of
    the default policy always also now."""
    cases = prefixed(load_all())
    found = defaultdict(list)
    for prefix, case in cases.items():
        for as_of in dict.fromkeys([*map(moment_of, case.expected), *([] if case.policy else [""])]):
            found[prefix if stands_alone(case) else json.dumps(case.policy), as_of].append(prefix)
    groups = []
    for (_, as_of), prefixes in found.items():
        (own := folder / f"group-{len(groups)}").mkdir()
        for part in told.iterdir():
            if part.name != "built":
                (own / part.name).symlink_to(part)
        settings = cases[prefixes[0]].policy
        rules = policy_file(settings, own.with_suffix(".toml")) if settings else "default"
        sees = Sees(tuple(prefixes), tuple(sorted({c for p in prefixes for c in commits[p]})))
        groups.append(Group({p: cases[p] for p in prefixes}, as_of, rules, rollforward.open(own), sees))
    return groups


def together(cases: Mapping[str, Case]) -> list[tuple[File, list[str]]]:
    """All files of all cases, each case's in its own order, as few as there can be; with the prefixes in each."""
    left = {prefix: list(case.files) for prefix, case in cases.items()}
    told = []
    while left := {prefix: files for prefix, files in left.items() if files}:
        next_of = defaultdict(list)
        for prefix, files in left.items():
            next_of[_told_as(prefix, files[0])].append(prefix)
        later = [_told_as(prefix, file) for prefix, files in left.items() for file in files[1:]]
        key = min(next_of, key=lambda key: (later.count(key), -len(next_of[key])))
        several = [(prefix, left[prefix].pop(0)) for prefix in next_of[key]]
        columns = list(dict.fromkeys(c for _, file in several for row in file.rows for c in row))
        rows = tuple(
            {c: prefix + row[c] if c in IDS and row.get(c) else row.get(c, "") for c in columns}
            for prefix, file in several
            for row in file.rows
        )
        told.append((replace(several[0][1], rows=rows), next_of[key]))
    return told


def _told_as(prefix: str, file: File) -> Hashable:
    """What is equal for files that can be one."""
    if file.coverage or file.kind in ("fx", "monthly"):  # it says something of its own rows' days
        return prefix, id(file)
    columns = tuple(file.rows[0]) if file.kind in SAYS_BY_COLUMN and file.rows else ()
    return file.kind, file.recorded_at, file.correction, columns


def assert_expected(cases: Mapping[str, Case], rows: Mapping[str, list[dict[str, Any]]], as_of: str = "") -> None:
    """Ledger and movements as of a moment are what each case says."""
    for prefix, case in cases.items():
        for expected in case.expected:
            if expected.table not in ACCOUNTS or moment_of(expected) != as_of:
                continue
            actual = [as_text(row) for row in rows[expected.table] if row["account_id"].startswith(prefix)]
            hidden = {column for row in actual for column in row if column.startswith("by_")} - set(expected.columns)
            assert all(Decimal(row[column]) == 0 for row in actual for column in hidden), case.name
            shown = [[normal(bare(row, column, prefix)) for column in expected.columns] for row in actual]
            wanted = [[normal(row[column]) for column in expected.columns] for row in expected.rows]
            assert sorted(shown) == sorted(wanted), case.name


def ledger_and_movements(asked: Asked) -> dict[str, list[dict[str, Any]]]:
    """Rows of both, as the cases name their columns."""
    moved = [r for r in asked.rows("movement") if r["movement"] != "opening"]
    return {
        "ledger": asked.rows("ledger"),
        "movements": [{**r, "before": r["before_minor"], "after": r["after_minor"]} for r in moved],
    }


def bare(row: dict[str, str], column: str, prefix: str) -> str:
    """An id without its case's prefix."""
    return row[column].removeprefix(prefix) if column in IDS else row[column]
