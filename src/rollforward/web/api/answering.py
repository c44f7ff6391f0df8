"""An answer as a program reads it: a page of rows as JSON or CSV, with its mark, its cursor and its remarks.

Comes in: a Table. Goes out: `{"data": [{column: value}], "columns": […], "notes": […], "next": …, "store_version": n}`.
Values are those of `Table.to_json`: money as text in major units, dates in ISO 8601.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel

from rollforward import text
from rollforward.api import Table
from rollforward.web.address import Address
from rollforward.web.api import cursors
from rollforward.web.api.call import Call, digest
from rollforward.web.api.faults import repeated
from rollforward.web.api.parameters import PAGED, pairs
from rollforward.web.questions import QUESTIONS

HEADERS = {"cache-control": "private, no-cache", "vary": "accept, authorization"}
"""Of every answer: for its asker alone, and to be asked for again each time (304 where it is the same)."""

TYPES = {
    bool: "boolean", int: "integer", float: "number", Decimal: "decimal", datetime: "date-time", date: "date",
    str: "string", type(None): "null", list: "array", tuple: "array", dict: "object",
}  # fmt: skip
"""Python type → what the column is called; `decimal` is a number written as text, `null` a column without any value."""

Type = Literal[
    "boolean", "integer", "number", "decimal", "date-time", "date", "string", "null", "array", "object"
]  # fmt: skip


class Column(BaseModel):
    """One column of a table."""

    name: str
    type: Type


class Remark(BaseModel):
    """What is assumed, left out or incomplete: `code` and `params` for programs, `message` for people."""

    code: str
    message: str
    params: dict[str, str]


class Answer(BaseModel):
    """Rows of a table, what their columns are, remarks, and the cursor of the rows behind them."""

    data: list[dict[str, Any]]
    columns: list[Column]
    notes: list[Remark]
    next: str | None
    store_version: int


def answered(call: Call, name: str, told: BaseModel) -> Response:
    """The answer to one of `QUESTIONS` as its parameters say."""
    repeated([n for n, _value in call.request.query_params.multi_items()], ("where",))
    said = pairs(told)
    own = {n: v for n, v in said if n in QUESTIONS[name].own}
    minor = any(n == "minor" for n, _value in said)
    address = Address.of((n, v) for n, v in said if n not in (*own, "minor", "limit", "cursor", "format"))
    told_all = told.model_dump()
    limit, cursor = int(told_all["p_limit"]), str(told_all["p_cursor"])
    is_csv = wants_csv(call.request, dict(said).get("format", ""))
    version, question = call.desk.version(), digest(name, address, sorted(own.items()), minor, call.said(name))
    etag = call.etag(question, limit, cursor, is_csv)
    start = cursors.read(cursor, version, question)
    if call.has(etag):
        return Response(status_code=304, headers=HEADERS | {"etag": etag})
    pages_itself = set(PAGED) <= set(QUESTIONS[name].own) and own.get("level") == "accounts"
    if pages_itself:  # one row more than asked for tells whether there are more
        own |= {"limit": str(limit + 1), "skip": str(start)}
    table = call.ask(name, address, own, minor)
    rows = table.rows if pages_itself else table.rows[start : start + limit + 1]
    following = cursors.written(version, question, start + limit) if len(rows) > limit else None
    headers = HEADERS | {"etag": etag}
    if following:
        headers["link"] = linked(call.request, said, following)
    if is_csv:
        call.exported()
    return told_as(table, rows[:limit], following, version, is_csv, headers, name)


def told_as(
    table: Table, rows: Sequence[tuple[object, ...]], following: str | None, version: int, is_csv: bool,
    headers: Mapping[str, str], name: str,
) -> Response:  # fmt: skip
    """Some rows of a table as JSON or CSV."""
    some = Table(table.columns, rows)
    if is_csv:
        headers = {**headers, "content-disposition": f'attachment; filename="{name}.csv"'}
        return Response(some.to_csv(), media_type="text/csv; charset=utf-8", headers=headers)
    around = {
        "columns": columns(table),
        "notes": remarks(table),
        "next": following,
        "store_version": version,
    }
    body = f'{{"data":{some.to_json().rstrip()},{json.dumps(around, ensure_ascii=False)[1:]}'
    return Response(body, media_type="application/json", headers=dict(headers))


def columns(table: Table) -> list[dict[str, str]]:
    """The columns of a table and what they hold."""
    return [{"name": n, "type": TYPES.get(t, "string")} for n, t in zip(table.columns, table.types, strict=True)]


def linked(request: Request, said: list[tuple[str, str]], following: str) -> str:
    """The header that leads to the next rows."""
    query = urlencode([*(p for p in said if p[0] != "cursor"), ("cursor", following)])
    return f'<{request.url.path}?{query}>; rel="next"'


def remarks(table: Table) -> list[dict[str, object]]:
    """The remarks of an answer, in the language in force."""
    return [{"code": n.code, "message": text.note(n.code, n.params), "params": n.params} for n in table.notes]


def wants_csv(request: Request, format: str = "") -> bool:
    """Whether the answer is to be CSV: by the parameter `format`, else by the header Accept."""
    if format:
        return format == "csv"
    liking: dict[str, float] = {}
    for part in request.headers.get("accept", "").split(","):
        media, _semicolon, weight = part.partition(";q=")
        try:
            liking[media.split(";")[0].strip().lower()] = float(weight) if weight else 1.0
        except ValueError:
            continue
    csv = liking.get("text/csv", 0.0)
    return csv > 0 and csv > max(liking.get("application/json", 0.0), liking.get("application/*", 0.0))
