"""Every table as a file, with the filters of the page: `/tables/mrr.csv?by=quarter`.

Headings are those of the page, in its language; the JSON API has the names that programs read.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response

from rollforward.api import Table
from rollforward.errors import Misuse
from rollforward.text.cells import heading
from rollforward.web.page import Filled
from rollforward.web.permission import allow
from rollforward.web.questions import QUESTIONS, SHOWN

router = APIRouter()


@router.get("/tables/{name}.{kind}")
@allow("restricted", "export")
def download(page: Filled, name: str, kind: Literal["csv", "json"]) -> Response:
    """The answer to one of `QUESTIONS` as a file."""
    if name not in QUESTIONS:
        raise Misuse("unknown-option", option="table", value=name, known=", ".join(QUESTIONS))
    own = {n: page.address.get(n) for n in QUESTIONS[name].own}
    # as on its page: what has no dates is told without those of the page that one came from
    told = QUESTIONS[name].filters
    dated = {} if "from" in told else {"start": "", "end": ""}
    whole = {} if "segment" in told else {"segment": ""}
    table = page.shown(name, own, **whole) if name in SHOWN else page.ask(name, own, **dated, **whole)
    return as_file(table, name, kind)


def as_file(table: Table, name: str, kind: str) -> Response:
    """A table as a file to keep. Its headings are in the language in force, dates and amounts as programs read them."""
    if kind == "json":
        body, media = table.to_json(), "application/json"
    else:
        headed = Table([heading(c) for c in table.columns], table.rows)
        # a spreadsheet takes a file without the mark for one of an old Windows page, and spoils Thai
        body, media = "\ufeff" + headed.to_csv(), "text/csv; charset=utf-8"
    return Response(body, media_type=media, headers={"content-disposition": f'attachment; filename="{name}.{kind}"'})
