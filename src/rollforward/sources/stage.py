"""`stage`: one user file → a typed table in the connection, and a problem for every row that is not in it.

open_file → open_scan → choose → Plan.sound   (all rows, one pass, typed; is each sound?)
                               → Plan.faulty  (only the rows that are not: which problem, what amount)
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb

from rollforward.errors import Misuse
from rollforward.sources import catalogue, problems
from rollforward.sources.convert import lit
from rollforward.sources.dates import Form, find_form
from rollforward.sources.exact import MAX_FAULTS
from rollforward.sources.files import TextFile, open_file
from rollforward.sources.header import Layout, choose
from rollforward.sources.kinds import COMPARED, KINDS
from rollforward.sources.mapping import Mapping, read_mapping
from rollforward.sources.plan import Plan, make_plan
from rollforward.sources.request import BEGINNING, OPEN_END, Request, Staged
from rollforward.sources.scan import Scan, exact_scan, in_order, numbered_scan, open_scan
from rollforward.sources.shapes import shape_of, term_states

_numbers = itertools.count(1)


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> Staged:
    """Read one file into a temporary view of `con`; append its problems to the temporary table `stage_problem`.

    Whole-file faults are Misuse (file, header, mapping, ambiguous dates); then nothing is staged or appended.
    Rows go through DuckDB alone, so memory is the connection's own limit.
    """
    mapping = read_mapping(request.mapping)
    if request.compared:
        mapping = replace(mapping, round=True)
    with tempfile.TemporaryDirectory(prefix="rollforward-") as name, _ordered(con):
        folder = Path(name)
        file = open_file(Path(request.path), mapping, folder)
        scan = open_scan(con, file, mapping, folder)
        if not scan.header:
            raise Misuse("not-json-lines", file=file.name)
        layout = choose(
            scan.header, mapping, request.kind, file.name, request.snapshot, COMPARED if request.compared else KINDS
        )
        return _Reading(con, request, mapping, file, layout, folder).staged(scan)


def unstage(con: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    """Drop what `stage` made in the connection, except the rows of `stage_problem`."""
    for name in (staged.table, *(f"{staged.table}_{part}" for part in ("tier", "limit", "state"))):
        con.execute(f"drop view if exists {name}")
    for name in ("typed", "out", "tiers"):
        con.execute(f"drop table if exists {staged.table}_{name}")


@contextmanager
def _ordered(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    # line numbers are row numbers, so rows must arrive in the file's order
    before = con.execute("select current_setting('preserve_insertion_order')").fetchall()[0][0]
    con.execute("set preserve_insertion_order = true")
    try:
        yield
    finally:
        con.execute(f"set preserve_insertion_order = {str(bool(before)).lower()}")


class _Reading:
    """The state of one call: `typed` holds every row's values, `out` the lines that are not staged though sound."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        request: Request,
        mapping: Mapping,
        file: TextFile,
        layout: Layout,
        folder: Path,
    ) -> None:
        self.con, self.request, self.mapping = con, request, mapping
        self.file, self.layout, self.folder = file, layout, folder
        self.shape = shape_of(layout, request, mapping)
        self.view = f"staged_{next(_numbers)}"
        self.typed, self.out = f"{self.view}_typed", f"{self.view}_out"
        # two equal changes are two changes; what another tool says twice is compared as it says it
        self.hashed = layout.kind.name not in ("changes", "charges") and not request.compared

    def staged(self, scan: Scan) -> Staged:
        try:
            return self._staged(scan)
        except BaseException:
            for name in (self.typed, self.out, f"{self.view}_fault", f"{self.view}_tiers"):
                self.con.execute(f"drop table if exists {name}")
            raise

    def _staged(self, scan: Scan) -> Staged:
        self._check_date_format()
        plan, scan = self._read(scan, {})
        forms: dict[str, Form] = {}
        if not self.mapping.date and self._count("not ok"):
            forms = self._forms(plan, scan)
            if forms:
                plan, scan = self._read(scan, forms)
        rows = scan.clean.rows if scan.clean else self._count("true") // plan.cells
        if not rows:
            raise Misuse("header-only", file=self.file.name, header=", ".join(self.layout.header))
        problems.make_table(self.con)
        self._notes(forms)
        if self.mapping.round and (rounded := self._number(plan.rounded(scan, self.mapping))):
            problems.note(self.con, self.file, "amounts-rounded", rows=str(rounded))
        self._problems(plan, scan)
        base = plan.base(self.typed, scan)
        if self._number(f"select count(*) from {self.out}"):
            base = f"(select * from {base} where line not in (select line from {self.out}))"
        self._views(plan, base)
        begin, end = self._coverage()
        dated = not (self.layout.kind.name == "subscriptions" and not self.layout.has("start_date"))
        return Staged(
            self.layout.kind.name,
            self.view,
            rows,
            self.file.format,
            self.file.sha256,
            self.file.bytes,
            dated,
            begin,
            end,
        )

    def _read(self, scan: Scan, forms: dict[str, Form]) -> tuple[Plan, Scan]:
        plan = make_plan(self.layout, self.shape, self.mapping, forms)
        fast = self.file.format == "csv" and not scan.clean
        query = plan.sound(self.typed, scan, self.hashed)
        if not scan.explicit and not in_order(self.con, query):
            scan = numbered_scan(scan)
            query = plan.sound(self.typed, scan, self.hashed)
        try:
            self.con.execute(query).fetchall()
        except duckdb.InvalidInputException:
            if not fast:
                raise
        else:
            if not fast or (self.file.plain and self._count("true") // plan.cells == self.file.lines - 1):
                return plan, scan
        scan = exact_scan(self.file, scan, self.folder)
        self.con.execute(plan.sound(self.typed, scan, self.hashed)).fetchall()
        return plan, scan

    def _count(self, condition: str) -> int:
        return self._number(f"select count(*) from {self.typed} where {condition}")

    def _number(self, query: str) -> int:
        return int(self.con.execute(query).fetchall()[0][0])

    def _check_date_format(self) -> None:
        if not self.mapping.date:
            return
        try:
            self.con.execute(f"select try_strptime('x', {lit(self.mapping.date)})").fetchall()
        except duckdb.Error as error:
            raise Misuse(
                "bad-mapping-value",
                mapping=self.mapping.file,
                line=self.mapping.line("date"),
                key="date",
                value=self.mapping.date,
            ) from error

    def _forms(self, plan: Plan, scan: Scan) -> dict[str, Form]:
        forms = {}
        for typed in plan.fields:
            name = typed.field.name
            if typed.field.holds in ("date", "month") and name in self.layout.places:
                column = f"c{self.layout.places[name]}"
                if form := find_form(self.con, scan.rows, column, self.layout.shown(name), self.file.name):
                    forms[name] = form
        return forms

    def _notes(self, forms: dict[str, Form]) -> None:
        for code, params in self.layout.notes:
            problems.note(self.con, self.file, code, **params)
        for name, form in forms.items():
            problems.note(self.con, self.file, "date-form", column=self.layout.shown(name), form=form.shown)

    def _problems(self, plan: Plan, scan: Scan) -> None:
        con, fault = self.con, f"{self.view}_fault"
        line = plan.line(scan)
        con.execute(f"create or replace temp table {self.out} (line bigint)")
        if self.hashed:
            self._repeats(plan, scan, line)
        known = list(scan.clean.faults) if scan.clean else []
        if self.layout.kind.name == "plans":
            bad = catalogue.read_tiers(con, plan.base(self.typed, scan), self.view, self.mapping, self.folder)
            known += bad
            con.execute(f"insert into {self.out} select unnest(?::bigint[])", [[n for n, _, _ in bad]])
        if known:
            rows = ({"line": n, "code": code, "params": json.dumps(p, ensure_ascii=False)} for n, code, p in known)
            problems.load(con, fault, {"line": "BIGINT", "code": "VARCHAR", "params": "VARCHAR"}, rows, self.folder)
            con.execute(
                f"create or replace temp table {fault} as select line, 'refused' as severity, code, params, "
                f"cast(0 as bigint) as amount, '' as currency from {fault}"
            )
            problems.write(con, fault, self.file, scan, self.folder)
        if refused := self._count("not ok or remarked"):
            lines = f"select {line} from {self.typed} where not ok or remarked"
            con.execute(plan.faulty(fault, scan, lines, MAX_FAULTS))
            problems.write(con, fault, self.file, scan, self.folder)
            if plan.cells > 1:
                con.execute(f"insert into {self.out} select distinct {line} from {self.typed} where not ok")
            if refused > MAX_FAULTS:
                problems.note(con, self.file, "more-problems", rows=str(refused - MAX_FAULTS))
        con.execute(f"drop table if exists {fault}")

    def _repeats(self, plan: Plan, scan: Scan, line: str) -> None:
        con, fault = self.con, f"{self.view}_fault"
        # equal hashes are looked at text by text: a collision must not drop a row
        first = f"{line} % 1 = 0" if plan.cells == 1 else f"rowid % {plan.cells} = 0"
        con.execute(
            f"create or replace temp table {fault} as select h from {self.typed} where ok and {first} "
            "group by h having count(*) > 1"
        )
        if not self._number(f"select count(*) from {fault}"):
            return
        texts = ", ".join(scan.texts)
        lines = f"select {line} from {self.typed} where ok and h in (select h from {fault})"
        con.execute(
            f"create or replace temp table {fault} as select line, 'note' as severity, 'duplicate-row' as code, "
            "cast(json_object('first_line', cast(first as varchar)) as varchar) as params, "
            "cast(0 as bigint) as amount, '' as currency "
            f"from (select line, min(line) over (partition by {texts}) as first from {scan.numbered} "
            f"where line in ({lines})) where line > first"
        )
        con.execute(f"insert into {self.out} select line from {fault}")
        problems.write(con, fault, self.file, scan, self.folder)

    def _views(self, plan: Plan, base: str) -> None:
        kind = self.layout.kind.name
        if kind == "accounts":
            self.con.execute(catalogue.attributes(self.view, base, plan, self.shape))
            return
        columns = ", ".join(f"{sql} as {name}" for name, sql in self.shape.columns)
        self.con.execute(
            f"create or replace temp view {self.view} as select line, v_recorded_at as recorded_at, {columns} "
            f"from {base} where ok and {self.shape.where}"
        )
        if kind == "plans":
            self.con.execute(catalogue.tiers(self.view, base))
            self.con.execute(catalogue.limits(self.view, base, plan))
        if kind == "contracts":
            dated = f"(select line, v_recorded_at as recorded_at, {columns}, p_start_date and p_end_date as dated "
            states = term_states(f"{dated} from {base} where ok)")
            self.con.execute(f"create or replace temp view {self.view}_state as {states}")

    def _coverage(self) -> tuple[datetime, datetime]:
        if self.request.coverage:
            begin, end = self.request.coverage
            return datetime(begin.year, begin.month, begin.day), datetime(end.year, end.month, end.day)
        if self.layout.kind.name == "monthly":
            found = self.con.execute(
                f"select min(v_month), max(v_month) + interval 1 month from {self.typed} where ok"
            ).fetchall()[0]
            if found[0] is not None:
                return found[0], found[1]
        if self.layout.kind.name == "subscriptions" and not self.layout.has("start_date"):
            return self.request.recorded_at or self.request.now, OPEN_END
        return BEGINNING, OPEN_END
