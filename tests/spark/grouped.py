"""Cases that can lie in one store, their ids prefixed, and what their ledger and movements must be."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from casefile import Case, load_all
from product import Asked, policy_file, store_of
from reference import File
from rollforward.api import Store
from test_cases_product import as_text
from test_cases_reference import normal

OF_THE_STORE = ("fx", "spend", "monthly", "charges")
"""Kinds of file that say something of the whole store, not of an account."""

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


def groups() -> dict[str, list[Case]]:
    """Cases that can lie in one store: of one policy; coverage and rates are the whole store's (decision 0005), and a
    monthly file covers its months."""
    found = defaultdict(list)
    for case in load_all():
        alone = any(f.coverage or f.kind in OF_THE_STORE for f in case.files)
        found[case.name if alone else json.dumps(case.policy, sort_keys=True)].append(case)
    return found


GROUPS = groups()


ACCOUNTS = ("ledger", "movements")
"""What is expected of single accounts, so that it can be told from other cases' in one store."""


@dataclass(frozen=True)
class Group:
    """Cases by the prefix of their ids, the store that was told them, and the policy's name or file."""

    cases: Mapping[str, Case]
    store: Store
    rules: str

    def moments(self) -> list[str]:
        """Now, which is '', and each moment as of which something is asked."""
        asked = (e.options.get("as_of", "") for case in self.cases.values() for e in case.expected)
        return list(dict.fromkeys(["", *asked]))


def told(name: str, folder: Path) -> Group:
    """The group `name` in a store of its own."""
    several = GROUPS[name]
    cases = {f"c{n:03}-" if len(several) > 1 else "": case for n, case in enumerate(several)}
    settings = several[0].policy
    rules = policy_file(settings, folder / "case.toml") if settings else "default"
    return Group(cases, store_of(together(cases), folder), rules)


def assert_expected(group: Group, as_of: str, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    """Ledger and movements as of a moment are what each case says."""
    for prefix, case in group.cases.items():
        for expected in case.expected:
            if expected.table not in ACCOUNTS or expected.options.get("as_of", "") != as_of:
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


def together(cases: dict[str, Case]) -> Iterator[File]:
    """The first files of all cases, then the second ones, …; those told alike are one file."""
    for turn in range(max(len(case.files) for case in cases.values())):
        alike: dict[tuple[object, ...], File] = {}
        for prefix, case in cases.items():
            if turn >= len(case.files):
                continue
            file = case.files[turn]
            rows = tuple(
                {column: prefix + text if column in IDS and text else text for column, text in row.items()}
                for row in file.rows
            )
            columns = tuple(rows[0]) if rows else ()
            key = (file.kind, file.recorded_at, file.correction, columns)
            known = alike.get(key)
            alike[key] = replace(file, rows=(*known.rows, *rows) if known else rows)
        yield from alike.values()
