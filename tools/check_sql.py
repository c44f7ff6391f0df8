"""Lint of the SQL models: the portable subset, the header, and the words of each selected column.

Text in, a list of faults out, each opening with the name of the rule that it breaks. Nothing here runs SQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

MAX_CTES = 5
MAX_LINES = 80

# Banned because DuckDB and Spark differ in them, or only one has them.
_BANNED: dict[type[exp.Expr], str] = {
    exp.Filter: "filter",
    exp.GenerateSeries: "series",
    exp.Unnest: "series",
    exp.Explode: "series",
    exp.ArgMax: "arg-max",
    exp.ArgMin: "arg-max",
    exp.LogicalOr: "bool-or",
    exp.LogicalAnd: "bool-or",
    exp.AtTimeZone: "time-zone",
    exp.AnyValue: "any-value",
    exp.Qualify: "qualify",
    exp.Round: "round",
    exp.TableSample: "sample",
    exp.CurrentDate: "clock",
    exp.CurrentTime: "clock",
    exp.CurrentTimestamp: "clock",
    exp.CurrentDatetime: "clock",
}
_CLOCKS = {"now", "get_current_time", "get_current_timestamp", "transaction_timestamp", "today", "localtimestamp"}
# They need an order and take no frame; first_value and its like are aggregates here: their frame matters.
_ORDERED = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead)


def portable(text: str) -> list[str]:
    """Faults against the portable subset, in the order of the rules; empty where the text is fine."""
    faults = [f"lines: {n} lines, at most {MAX_LINES}"] if (n := len(text.splitlines())) > MAX_LINES else []
    try:
        statements = [s for s in parse(text, read="duckdb") if s is not None]
    except SqlglotError as error:
        return [*faults, f"parse: {error}"]
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.SetOperation):
        return [*faults, "one-select: a file is exactly one select"]
    tree = statements[0]
    if (n := len(list(tree.find_all(exp.CTE)))) > MAX_CTES:
        faults.append(f"ctes: {n} common table expressions, at most {MAX_CTES}")
    for node in tree.walk():
        faults.extend(f"{rule}: {node.sql('duckdb')[:80]}" for rule in _node_faults(node))
    for select in tree.find_all(exp.Select):
        faults.extend(f"outer: {column.sql()} outside coalesce" for column in _bare_outer_columns(select))
    return faults


def _node_faults(node: exp.Expr) -> Iterator[str]:
    """Rules that a node breaks by itself or by where it stands."""
    if (rule := _BANNED.get(type(node))) is not None:
        yield rule
    if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
        yield "star"
    elif isinstance(node, exp.Anonymous) and node.name.lower() in _CLOCKS:
        yield "clock"
    elif isinstance(node, exp.IgnoreNulls) and not isinstance(node.this, exp.AnyValue):  # DuckDB's any_value implies it
        yield "ignore-nulls"
    elif isinstance(node, exp.Lag | exp.Lead) and node.args.get("default") is None:
        yield "lag"
    elif isinstance(node, exp.Join) and (node.side in ("FULL", "RIGHT") or node.method in ("ASOF", "NATURAL")):
        yield "join"
    elif isinstance(node, exp.TimestampTrunc | exp.DateTrunc) and not _is_cast(node.parent, "date"):
        yield "date-trunc"
    elif _is_by_all(node):
        yield "by-all"
    elif isinstance(node, exp.Sum):
        around = node.parent.parent if isinstance(node.parent, exp.Window) else node.parent
        if not _is_cast(around, "bigint", "double", "decimal(38, 0)"):
            yield "sum"
    elif isinstance(node, exp.Div):
        below = node.expression.unnest()
        by_zero = isinstance(below, exp.Nullif) and below.expression.sql() == "0"
        if not (_is_cast(node.this.unnest(), "double") and by_zero):
            yield "ratio"
    elif isinstance(node, exp.Window) and not isinstance(node.this, exp.Identifier):
        yield from _window_faults(node)


def _is_cast(node: exp.Expr | None, *types: str) -> bool:
    return isinstance(node, exp.Cast) and node.to.is_type(*types)


def _is_by_all(node: exp.Expr) -> bool:
    if isinstance(node, exp.Group):
        return bool(node.args.get("all"))
    return isinstance(node, exp.Ordered) and isinstance(node.this, exp.Var) and node.this.name.upper() == "ALL"


def _window_faults(window: exp.Window) -> Iterator[str]:
    """`window` where the result would hang on an order that nobody wrote, or on peers (a range frame)."""
    frame: exp.Expr = window
    if (name := window.args.get("alias")) is not None and (select := window.find_ancestor(exp.Select)) is not None:
        named = {w.name: w for w in select.args.get("windows") or ()}
        frame = named.get(name.name, window)
    function = window.this.this if isinstance(window.this, exp.IgnoreNulls) else window.this
    order, spec = frame.args.get("order"), frame.args.get("spec")
    if isinstance(function, _ORDERED):
        if order is None:
            yield "window"
    elif isinstance(function, exp.AggFunc) and (order is not None or spec is not None):
        rows = spec is not None and str(spec.args.get("kind")).upper() == "ROWS"
        if order is None or not rows:
            yield "window"


def _bare_outer_columns(select: exp.Select) -> Iterator[exp.Column]:
    """Columns of left-joined tables that may be NULL where they stand; unqualified ones beside a left join too."""
    joins = [j for j in select.args.get("joins") or () if j.side == "LEFT"]
    outer = {j.this.alias_or_name: j for j in joins}
    if not outer:
        return
    for node in select.walk(prune=lambda n: isinstance(n, exp.Query) and n is not select):
        if not isinstance(node, exp.Column) or (node.table and node.table not in outer):
            continue
        above: exp.Expr | None = node
        while above is not None and above is not select:
            if isinstance(above, exp.Coalesce) or above is outer.get(node.table):
                break
            above = above.parent
        else:
            yield node


@dataclass(frozen=True)
class Header:
    """What a model's opening comment says; `faults` lists what it should have said."""

    name: str
    doc: str
    grain: tuple[str, ...]
    reads: tuple[str, ...]
    ties: str
    faults: tuple[str, ...]


_HEADER = ("grain", "reads", "ties")


def header(text: str, name: str) -> Header:
    """The first four lines of a model: `-- name: one sentence`, then grain, reads and ties, in this order."""
    lines = [*text.splitlines()[:4], "", "", "", ""]
    said, faults = {}, []
    for number, (line, key) in enumerate(zip(lines, (name, *_HEADER), strict=False), start=1):
        found = re.fullmatch(rf"-- {re.escape(key)}: (\S.*)", line.rstrip())
        if found is None:
            faults.append(f"header: line {number} must be `-- {key}: …`, is `{line}`")
        said[key] = found[1] if found else ""
    split = {k: tuple(w.strip() for w in said[k].split(",") if w.strip()) for k in ("grain", "reads")}
    return Header(name, said[name], split["grain"], split["reads"], said["ties"], tuple(faults))


def header_faults(text: str, name: str, checks: set[str]) -> list[str]:
    """Where the header and the statement below it disagree. `checks` are the names of the files in checks/."""
    head = header(text, name)
    if head.faults:
        return list(head.faults)
    tree = parse(text, read="duckdb")[0]
    assert tree is not None
    own = {c.alias for c in tree.find_all(exp.CTE)}
    found = {t.name for t in tree.find_all(exp.Table)} - own
    faults = []
    if found != set(head.reads):
        faults.append(f"reads: header says {sorted(head.reads)}, the select reads {sorted(found)}")
    if missing := [g for g in head.grain if g not in dict(selected(text))]:
        faults.append(f"grain: {missing} not in the select list")
    if head.ties != "-" and head.ties not in checks:
        faults.append(f"ties: no check {head.ties}")
    return faults


def selected(text: str) -> list[tuple[str, str]]:
    """Name and trailing comment ('' = none) of each column of the outermost select, in order."""
    tree = parse(text, read="duckdb")[0]
    assert isinstance(tree, exp.Query)
    return [(c.alias_or_name, " ".join(w.strip() for w in c.comments or ())) for c in tree.selects]
