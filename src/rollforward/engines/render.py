"""DuckDB's SQL, as the models have it, in Spark's words, with DuckDB's results. The only place that knows sqlglot.

Spark must run as `spark.SETTINGS` say: ANSI errors, TIMESTAMP without zone, UTC. What is more than renaming:

- hugeint is decimal(38,0). Spark's DIV of decimals wraps at 64 bits without a word, so it is said with `%`, exactly.
- sign() of Spark is a double, and would make everything that it is multiplied with one.
- Spark numbers rows in 32 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp, parse_one
from sqlglot.optimizer.annotate_types import annotate_types

Columns = Sequence[tuple[str, str]]
"""(name, DuckDB type) of a table's columns."""

_WIDE = "DECIMAL(38, 0)"
_NUMBERS = (exp.RowNumber, exp.Rank, exp.DenseRank)


def spark_type(duckdb_type: str) -> str:
    """The type that holds the same values."""
    return _type(exp.DataType.build(duckdb_type, dialect="duckdb")).sql("spark")


def spark(sql: str, columns_of: Callable[[str], Columns]) -> str:
    """One select in Spark's words. `columns_of` gives the columns of each table that it reads."""
    tree = parse_one(sql, read="duckdb")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    names = {table.name for table in tree.find_all(exp.Table)} - own
    tree = annotate_types(tree, schema={n: dict(columns_of(n)) for n in names}, dialect="duckdb")
    for node in reversed(list(tree.walk())):  # the inner ones first
        if (other := _spoken(node)) is not node:
            node.replace(other)
    return tree.sql("spark", identify=True, comments=False)


def casted(sql: str, columns: Columns) -> str:
    """The same select (Spark's) with each column in the type that DuckDB gives it."""
    names = [name.replace("`", "``") for name, _ in columns]
    picks = ", ".join(f"cast(c{n} as {spark_type(kind)}) as `{names[n]}`" for n, (_, kind) in enumerate(columns))
    return f"select {picks} from ({sql}) as t({', '.join(f'c{n}' for n in range(len(names)))})"


def values(columns: Columns, rows: Sequence[Sequence[object]]) -> str:
    """A select of constant rows."""
    if not rows:
        return "select " + ", ".join(f"cast(null as {spark_type(t)}) as `{n}`" for n, t in columns) + " where false"
    lines = ", ".join("(" + ", ".join(map(_literal, row)) + ")" for row in rows)
    return casted(f"select * from values {lines}", columns)


def _literal(value: object) -> str:
    if value is None or isinstance(value, bool | int):
        return str(value).lower() if value is not None else "null"
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _type(kind: exp.DataType) -> exp.DataType:
    if kind.is_type(exp.DataType.Type.INT128):
        return exp.DataType.build(_WIDE)
    return kind


def _spoken(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.DataType):
        return _type(node)
    if isinstance(node, exp.IntDiv) and not _is_integer(node.this, node.expression):
        a, b = (exp.cast(side.unnest(), _WIDE) for side in (node.this.copy(), node.expression.copy()))
        whole = exp.paren(exp.Sub(this=a.copy(), expression=exp.Mod(this=a, expression=b.copy())))
        return exp.cast(exp.Div(this=whole, expression=b, typed=True, safe=False), _WIDE)
    if isinstance(node, exp.Sign):
        return exp.cast(node.copy(), "int")
    if isinstance(node, exp.Window) and isinstance(node.this, _NUMBERS):
        return exp.cast(node.copy(), "bigint")
    return node


def _is_integer(*sides: exp.Expr) -> bool:
    kinds = {exp.DataType.Type.TINYINT, exp.DataType.Type.SMALLINT, exp.DataType.Type.INT, exp.DataType.Type.BIGINT}
    return all(side.type is not None and side.type.this in kinds for side in sides)
