"""The reading of one file as SQL: sound rows into a typed table at full speed, then the faults of the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rollforward.sources.convert import Fault, Typed, factor, is_plain, lit, minor, number, text_of, typed
from rollforward.sources.dates import Form
from rollforward.sources.header import Layout
from rollforward.sources.kinds import Field
from rollforward.sources.mapping import Mapping
from rollforward.sources.scan import Scan
from rollforward.sources.shapes import Shape

_LITERAL = {
    "date": "cast(null as timestamp)", "month": "cast(null as timestamp)", "amount": "cast(null as bigint)",
    "delta": "cast(null as bigint)", "minor": "cast(null as bigint)", "percent": "0",
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """One file's reading. `fields` are the fields as SQL, `stored` those with a value in the file."""

    layout: Layout
    shape: Shape
    fields: tuple[Typed, ...]
    stored: frozenset[str]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that can be wrong with a row, in the order in which it is told."""
        return (*(f for t in self.fields for f in t.faults), *self.shape.faults)

    @property
    def cells(self) -> int:
        """Staged rows that one row of the file makes: the months of a wide file, else 1."""
        return max(len(self.layout.months), 1)

    def typed(self, relation: str, more: str = "") -> str:
        """Common table expressions `txt` and `typ` over a relation of texts; `more` are further columns of it."""
        if self.layout.months:
            months = ", ".join(lit(m) for m, _ in self.layout.months)
            values = ", ".join(f"c{p}" for _, p in self.layout.months)
            relation = f"(select *, unnest([{months}]) as w_month, unnest([{values}]) as w_mrr from {relation})"
        texts = ", ".join(f"{t.text} as x_{t.field.name}" for t in self.fields)
        values = ", ".join(f"{t.value} as v_{t.field.name}" for t in self.fields if t.value != f"x_{t.field.name}")
        currency = factor("x_currency") if any(t.field.name == "currency" for t in self.fields) else "1"
        return (
            f"with txt as (select {more}{texts} from {relation}), fac as (select *, {currency} as v_factor from txt), "
            f"typ as (select *{', ' + values if values else ''} from fac)"
        )

    def sound(self, table: str, scan: Scan, hashed: bool) -> str:
        """Make `table`: the values of all rows, whether each is sound (`ok`) and whether there is a remark on it."""
        texts = f"hash({', '.join(scan.texts)}) as h, " if hashed else ""
        line = "line, " if scan.explicit else ""
        columns = [*(["line"] if scan.explicit else []), *(["h"] if hashed else []), *self._kept()]
        refused = " or ".join(f"coalesce({f.reject}, false)" for f in self.faults if f.severity != "note") or "false"
        remarked = " or ".join(f"coalesce({f.reject}, false)" for f in self.faults if f.severity == "note") or "false"
        return (
            f"create or replace temp table {table} as {self.typed(scan.rows, line + texts)} "
            f"select {', '.join(columns)}, not ({refused}) as ok, {remarked} as remarked from typ"
        )

    def _kept(self) -> list[str]:
        kept = []
        for t in self.fields:
            name = t.field.name
            if name not in self.stored:
                continue
            if t.field.holds in ("date", "month"):
                kept += [f"v_{name}", f"{is_plain('x_' + name)} as p_{name}"]
            elif t.value == f"x_{name}":
                kept.append(f"x_{name}")
            else:
                kept += [f"v_{name}", *([f"x_{name}"] if name.startswith("limit_") else [])]
        return kept

    def line(self, scan: Scan) -> str:
        """The line of a row of the table made by `sound`."""
        if scan.explicit:
            return "line"
        return f"(rowid // {self.cells} + 2)" if self.cells > 1 else "(rowid + 2)"

    def base(self, table: str, scan: Scan) -> str:
        """A query over `table` with `line` and every x_, v_ and p_ column; absent fields are constants."""
        texts, values = [], []
        for t in self.fields:
            name = t.field.name
            if name in self.stored:
                continue
            if t.field.holds in ("date", "month"):
                values.append(f"true as p_{name}")
            texts.append(f"{t.text} as x_{name}")
            if t.value != f"x_{name}":
                literal = t.field.default or "0" if t.field.holds == "count" else _LITERAL[t.field.holds]
                values.append(f"{literal} as v_{name}")
        more = "".join(f", {v}" for v in (*texts, *values))
        line = "" if scan.explicit else f", {self.line(scan)} as line"
        return f"(select *{line}{more} from {table})"

    def faulty(self, table: str, scan: Scan, lines: str, limit: int) -> str:
        """Make `table`: the problems (line, severity, code, params, amount, currency) of the rows at `lines`."""
        found = ", ".join(
            f"case when {f.reject} then {{'n': {n}, 'severity': {lit(f.severity)}, 'code': {f.code}, "
            f"'column': {lit(self.shown(f.column))}, 'value': {f.value}, 'allowed': {lit(f.allowed)}}} end"
            for n, f in enumerate(self.faults)
        )
        currency = "case when v_factor is null then '' else x_currency end" if self._has_currency() else "''"
        return (
            f"create or replace temp table {table} as "
            f"{self.typed(f'(select * from {scan.numbered} where line in ({lines}))', 'line, ')}, "
            f"fault as (select line, {self.shape.stake} as stake, {currency} as currency, {self._cell()} as cell, "
            f"unnest([{found}]) as f from typ), "
            "one as (select * from fault where f is not null "
            "qualify row_number() over (partition by line, f.code order by f.n, cell) = 1) "
            "select line, case f.severity when 'refused' then 'refused' else 'note' end as severity, f.code as code, "
            "cast(json_object('column', "
            "case when cell <> '' and f.column in ('month', 'mrr') then cell else f.column end, "
            "'value', f.value, 'allowed', f.allowed) as varchar) as params, "
            "case when f.severity = 'refused' and "
            "row_number() over (partition by line order by f.severity = 'refused' desc, f.n) = 1 "
            f"then stake else 0 end as amount, currency from one order by line limit {limit}"
        )

    def rounded(self, scan: Scan, mapping: Mapping) -> str:
        """A query that counts the rows with an amount finer than its minor unit that the mapping lets us round."""
        unit = "1" if mapping.minor else "v_factor"
        inexact = " or ".join(
            f"(v_{t.field.name} is not null and ({minor(number(f'x_{t.field.name}', mapping), False, unit)}) is null)"
            for t in self.fields
            if t.field.holds in ("amount", "delta") and t.field.name in self.stored
        )
        return f"{self.typed(scan.rows)} select count(*) from typ where {inexact or 'false'}"

    def _cell(self) -> str:
        titles = {m: self.layout.header[p] for m, p in self.layout.months}
        cases = " ".join(f"when {lit(m)} then {lit(title)}" for m, title in titles.items())
        return f"case x_month {cases} else '' end" if cases else "''"

    def _has_currency(self) -> bool:
        return any(t.field.name == "currency" for t in self.fields)

    def shown(self, name: str) -> str:
        """The user's header of a column of ours."""
        if name.startswith("limit_"):
            return self.layout.header[self.layout.extras[int(name[6:])][1]]
        return self.layout.shown(name)


def make_plan(layout: Layout, shape: Shape, mapping: Mapping, forms: dict[str, Form]) -> Plan:
    """Bind the declared fields of a kind (and the extra columns of this file) to where they stand."""
    fields, stored = [], set()
    for field in layout.kind.fields:
        if layout.kind.name == "accounts" and field.name not in ("account_id", "valid_from", "recorded_at"):
            continue
        wide = layout.months and field.name in ("month", "mrr")
        text = text_of(layout, mapping, field, f"w_{field.name}" if wide else None)
        form = (
            (mapping.date,) if mapping.date and not wide else forms[field.name].formats if field.name in forms else ()
        )
        fields.append(typed(field, text, mapping, form, field.name in shape.optional))
        if wide or layout.has(field.name):
            stored.add(field.name)
    for n, (name, place) in enumerate(layout.extras):
        if layout.kind.name == "accounts":
            extra = Field(f"attribute_{n}")
        else:
            extra = Field(f"limit_{n}", "count", code="bad-quantity", high=10**15)
        swaps = replace(mapping, values={extra.name: mapping.values.get(name, {})})
        text = text_of(layout, swaps, extra, f"c{place}" if place >= 0 else lit(layout.constants[name]))
        fields.append(typed(extra, text, mapping, (), False))
        stored.add(extra.name)
    return Plan(layout, shape, tuple(fields), frozenset(stored))
