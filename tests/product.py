"""The product, asked as the reference is: files imported through the api, answers in minor units keyed by ids.

`store_of` imports files in order, one commit a file; `Asked` reads the ledger, movements, roll-forward, expansion and
retention of one moment back. Nothing here computes: what the tests compare is what the api says.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

import rollforward
from reference import BEGINNING, DRIVERS, OPEN_END, File, LedgerRow
from rollforward import policy
from rollforward.api import Store
from rollforward.build import Build
from rollforward.ingest import ImportReport
from strategies import csv_file

BY = tuple(f"by_{d}" for d in DRIVERS)

LedgerKey = tuple[str, str, str, str, date]
"""account, subscription, item, currency, day."""

NAMED_ALIKE = ("opening", "swap", "gap", "pause", "currency")
"""Rules that product and reference call by the same name; `change`, `start`, `end`, `event` differ in the margins."""


def import_files(store: Store, files: Sequence[File], path: Path) -> ImportReport:
    """Files of a history or case as CSV (`path` and a suffix), with the options that all of them were told with."""
    file, coverage = files[0], None
    if file.coverage:
        coverage = tuple(None if at in (BEGINNING, OPEN_END) else at.date() for at in file.coverage)
    return store.import_(
        *(csv_file(f, path.with_name(f"{path.name}-{f.kind}.csv")) for f in files),
        kind=file.kind if len(files) == 1 else None,
        recorded_at=file.recorded_at,
        coverage=coverage,  # type: ignore[arg-type]
        correction=file.correction,
    )


def store_of(files: Iterable[File], folder: Path, name: str = "store", at_once: bool = False) -> Store:
    """A store that was told `files` in order; every row must be accepted. `at_once`: neighbours of several kinds that
    were told with the same options are one commit, which comes to the same."""
    store = rollforward.open(folder / name)
    calls: list[dict[str, File]] = []
    for file in files:
        if file.kind == "fx":
            tell(store, [file], folder)
        elif at_once and calls and file.kind not in calls[-1] and all(_alike(file, f) for f in calls[-1].values()):
            calls[-1][file.kind] = file
        else:
            calls.append({file.kind: file})
    for n, of in enumerate(calls):
        tell(store, list(of.values()), folder / f"{name}-{n}")
    return store


def store_of_texts(files: Mapping[str, str], folder: Path, coverage: str) -> Store:
    """A store that was told CSV texts by kind in order, each an import; `coverage` is of the subscriptions. Every row
    must be accepted."""
    store = rollforward.open(folder / "store")
    for kind, text in files.items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
        store.import_(folder / f"{kind}.csv", coverage=coverage if kind == "subscriptions" else None)
    assert [p for p in store.problems().to_dicts() if p["severity"] == "refused"] == []
    return store


def tell(store: Store, files: Sequence[File], path: Path) -> None:
    """Tells a store the files of one commit, or the rates of one file; every row must be accepted."""
    if files[0].kind == "fx":
        rows = (f"(date '{r['date']}', '{r['currency']}', {r['rate']})" for r in files[0].rows)
        tell_rates(store, ", ".join(rows), "")
        return
    report = import_files(store, files, path)
    assert not [p for p in report.problems if p.severity == "refused"], report.problems


def _alike(one: File, other: File) -> bool:
    return replace(one, kind="", rows=()) == replace(other, kind="", rows=())


def policy_file(settings: Mapping[str, Any], path: Path) -> str:
    """Writes a policy's file with these settings; what is returned is the name under which the product takes it."""
    lines = [f"{key} = {_toml(value)}" for key, value in {"name": path.stem, "version": 1, **settings}.items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value)


def tell_rates(store: Store, rows: str, to: str = "USD", recorded_at: str = "2020-01-01") -> None:
    """Rates as facts: `rows` are SQL values of day, currency, rate, in units of `to` ('' = whichever is asked for)."""
    with store._facts.writing() as w:
        w.append(
            "fx_rate",
            duckdb.connect(),
            f"select {w.commit_id} as commit_id, cast({w.commit_id} as bigint) as source_id, row_number() over () as "
            f"line, cast(2 as integer) as rank, timestamp '{recorded_at}' as recorded_at, on_date, currency, '{to}' as "
            f"to_currency, cast(rate as decimal(28,10)) as rate from (values {rows}) r(on_date, currency, rate)",
        )
        w.finish(kind="import")


class Asked:
    """What a store says as of a moment (None: now) under a policy: a name, or the path of its file."""

    def __init__(self, store: Store, as_of: datetime | None = None, rules: str = "default") -> None:
        self.store, self.as_of, self.rules_name = store, as_of, rules

    def build(self) -> Build:
        """What makes the tables."""
        return self.store._new_build(policy.find(self.rules_name), self.as_of)

    @cached_property
    def _whole(self) -> Build:
        """The views of a store stop at what is known; this goes on to the last row, as the reference does."""
        build = self.build()
        build.engine.view("known", "select date '9999-12-31' as known_to")
        build.mark("known")
        return build

    def rows(self, model: str) -> list[dict[str, Any]]:
        """All rows of a model. An opening balance stands on the day before coverage begins; the reference (and the
        cases) show it on the day on which it is first seen, and so do these rows."""
        engine = self._whole.need([model])
        names = [name for name, _ in engine.columns(model)]
        rows = [dict(zip(names, row, strict=True)) for row in engine.run(f'select * from "{model}"')]
        for row in rows:
            if "opening" in (row.get("rule"), row.get("movement")) and row.get("rule", "opening") == "opening":
                row["on_date"] += timedelta(days=1)
        return rows

    def mrr(self, by: str = "month", **asked: object) -> list[dict[str, Any]]:
        """The roll-forward in minor units."""
        return self.store.mrr(by=by, minor=True, as_of=self.as_of, policy=self.rules_name, **asked).to_dicts()

    def expansion(self, by: str = "month", **asked: object) -> list[dict[str, Any]]:
        """Expansion in minor units."""
        return self.store.expansion(by=by, minor=True, as_of=self.as_of, policy=self.rules_name, **asked).to_dicts()

    def metrics(self, by: str = "month", **asked: object) -> list[dict[str, Any]]:
        """The metrics in minor units."""
        return self.store.metrics(by=by, minor=True, as_of=self.as_of, policy=self.rules_name, **asked).to_dicts()

    def retention(self, window: int | tuple[date, date], **asked: object) -> list[dict[str, Any]]:
        """Retention in minor units."""
        return self.store.retention(
            window=window, minor=True, as_of=self.as_of, policy=self.rules_name, **asked
        ).to_dicts()

    def explain(self, metric: str, period: str, level: str, by: str = "month") -> list[dict[str, Any]]:
        """The rows behind a number in minor units."""
        return self.store.explain(
            metric, period, level=level, by=by, minor=True, as_of=self.as_of, policy=self.rules_name
        ).to_dicts()

    def ledger(self) -> dict[LedgerKey, tuple[int, ...]]:
        """Delta and the eight drivers, summed per item, currency and day."""
        return summed(
            ((r["account_id"], r["subscription_id"], r["item_id"], r["currency"], r["on_date"]),
             (r["delta"], *(r[c] for c in BY)))
            for r in self.rows("ledger")
        )  # fmt: skip

    def rules(self) -> dict[str, set[LedgerKey]]:
        """Where each of the rules NAMED_ALIKE booked something."""
        found: dict[str, set[LedgerKey]] = {rule: set() for rule in NAMED_ALIKE}
        for r in self.rows("ledger"):
            if r["rule"] in found:
                key = (r["account_id"], r["subscription_id"], r["item_id"], r["currency"], r["on_date"])
                found[r["rule"]].add(key)
        return found


def summed(rows: Iterable[tuple[LedgerKey, tuple[int, ...]]]) -> dict[LedgerKey, tuple[int, ...]]:
    """Rows of one key added up; keys whose sums are all 0 are left out, whatever they were made of."""
    totals: dict[LedgerKey, list[int]] = defaultdict(lambda: [0] * (1 + len(DRIVERS)))
    for key, values in rows:
        totals[key] = [a + b for a, b in zip(totals[key], values, strict=True)]
    return {key: tuple(values) for key, values in sorted(totals.items()) if any(values)}


def reference_ledger(rows: Sequence[LedgerRow]) -> dict[LedgerKey, tuple[int, ...]]:
    """The reference's ledger in the same shape as `Asked.ledger`."""
    return summed(
        ((r.account, r.subscription_id, r.item_id, r.currency, r.on_date), (r.delta, *r.drivers)) for r in rows
    )


def reference_rules(rows: Sequence[LedgerRow]) -> dict[str, set[LedgerKey]]:
    """The reference's rules in the same shape as `Asked.rules`."""
    return {
        rule: {(r.account, r.subscription_id, r.item_id, r.currency, r.on_date) for r in rows if r.rule == rule}
        for rule in NAMED_ALIKE
    }
