"""Whether a store's figures can be trusted, as a part of `api.Store`: builds, checks, problems, imports, export."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Unpack

from rollforward.answers import check, everything
from rollforward.answers.asking import Progress, Question
from rollforward.answers.doubts import doubts
from rollforward.answers.everything import BuildReport
from rollforward.answers.overview import Overview, overview
from rollforward.answers.table import Table
from rollforward.build import Build
from rollforward.errors import Misuse
from rollforward.part import Part
from rollforward.periods import Calendar

ENGINES = ("duckdb", "spark")
"""What can make the tables."""


@dataclass(frozen=True)
class Days:
    """The days that answers are about, and how they are counted.

    first: the first day with figures. last: the last day on which MRR changed. known_to, complete_to: the first days of
    which nothing, and not everything, is known yet. today: in the policy's time zone, or of the as-of moment.
    """

    first: date
    last: date
    known_to: date
    complete_to: date
    today: date
    calendar: Calendar


class Trust(Part):
    """What a store says of itself."""

    def days(self, **asked: Unpack[Question]) -> Days:
        """The days that answers are about. Misuse `empty-store` where there are none."""
        build, _ = self._ask(asked)
        told = build.range()
        return Days(told.shown_from, told.last, told.known_to, build.complete_to(), build.today, build.policy.calendar)

    def build(self, progress: Progress | None = None, engine: str = "duckdb", master: str | None = None) -> BuildReport:
        """Makes every stored table that is missing, for all windows, and runs all checks.

        engine: duckdb, or spark (extra `rollforward[spark]` and Java 17) at `master`: local[*] (default) or a cluster
        such as spark://host:7077 that sees the store's folder under the same path. Tables are the same either way.
        Raises Misuse `no-pyspark`, `no-java`, `other-master`, ServiceError `spark-unreachable`, `spark-failed`.
        """
        build, _ = self._ask(Question(progress=progress))
        if engine not in ENGINES:
            raise Misuse("unknown-option", option="--engine", value=engine, known=", ".join(ENGINES))
        if engine == "duckdb":
            if master is not None:
                raise Misuse("master-without-spark", master=master)
            return everything.make(build, progress)
        from rollforward.engines import spark

        with spark.engine(master) as on:
            build = Build(self._facts, build.policy, build.as_of, build.today, engine=on)
            return everything.make(build, progress)

    def known_violations(self) -> int:
        """Violations that are known of the present version; `check` runs the checks that have not run yet."""
        build, _ = self._ask(Question(), empty=True)
        return check.known_violations(build)

    def check(self) -> Table:
        """Rows that break an invariant; none = everything ties. Its notes say which facts contradict each other."""
        found = check.check(build := self._ask(Question())[0])
        found.notes += doubts(build)
        return found

    def problems(self, commit: int | None = None) -> Table:
        """Rows of the files that were refused, or accepted with a remark."""
        build, question = self._ask(Question(), empty=True)
        build.need(["problem", "source_file"])
        where = f"where p.commit_id = {int(commit)}" if commit is not None else ""
        columns = ("commit_id", "file", "line", "severity", "code", "params", "row", "amount", "currency")
        rows = build.engine.run(
            "select p.commit_id, coalesce(f.name, ''), p.line, p.severity, p.code, p.params, p.row, p.amount, "
            f"p.currency from problem p left join source_file f on f.source_id = p.source_id {where} "
            "order by p.commit_id, p.source_id, p.line, p.code"
        )
        return Table.of_money(columns, rows, frozenset({"amount"}), question.minor)

    def imports(self) -> Table:
        """Every import and retraction, oldest first."""
        build, _ = self._ask(Question(), empty=True)
        build.need(["commit"])
        columns = (
            "commit_id",
            "committed_at",
            "kind",
            "retracts",
            "rows_read",
            "rows_accepted",
            "rows_known",
            "rows_refused",
            "note",
        )
        return Table(columns, build.engine.run(f'select {", ".join(columns)} from "commit" order by commit_id'))

    def export(self, directory: str | os.PathLike[str], progress: Progress | None = None) -> list[Path]:
        """Every fact table and every built table as Parquet and CSV in `directory`; returns the files."""
        from rollforward.answers.export import export

        build, _ = self._ask(Question(progress=progress))
        return export(build, Path(directory), progress)

    def overview(self) -> Overview:
        """What a founder wants to know: balances, roll-forward, retention, expansion, whether it ties."""

        build, question = self._ask(Question())
        return overview(build, question, check.violations(build))
