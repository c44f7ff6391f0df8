"""Every chart at an address of its own, with the filters of the page: `/charts/movements.png?by=quarter`."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Response

from rollforward import charts
from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.text import sentences
from rollforward.web.desk import Working
from rollforward.web.drawing import OWN, Asked, draw, title
from rollforward.web.page import Filled
from rollforward.web.pages.tables import as_file
from rollforward.web.permission import allow
from rollforward.web.rendering import data
from rollforward.web.triangle import triangle

router = APIRouter()

MEDIA = {"json": "application/json", "svg": "image/svg+xml", "png": "image/png"}
WIDEST = 2400


@router.get("/charts/{name}.csv")
@allow("restricted", "export")
def as_csv(page: Filled, name: str) -> Response:
    """The table behind a chart."""
    return as_file(draw(page, name, **_own(page)).table, name, "csv")


@router.get("/charts/{name}.html")
@allow("restricted")
def part(page: Filled, name: str) -> Response:
    """A chart as a part of a page, which fetches it when the page stands; while it is made, what asks again."""
    told, asked = _own(page), Asked(page, **_own(page))
    shown: dict[str, Any] = {"name": name, "own": asked.pairs(), "title": title(name, asked), "drawn": None}
    shown |= {"error": "", "lines": (), "is_hatched": False, "is_cut": False}
    try:
        drawn = shown["drawn"] = draw(page, name, **told)
        if name == "cohorts":
            shown["lines"] = triangle(page, drawn.table, asked.measure or "ndr")
            shown["is_cut"] = len({r["cohort"] for r in drawn.table.to_dicts()}) > len(shown["lines"])
            shown["is_hatched"] = any(not r["is_complete"] for r in drawn.table.to_dicts())
    except Working:
        pass
    except Misuse as error:
        shown["error"] = sentences(error.code, error.params)[0]
    return page.show("part.html", **shown)


@router.get("/charts/{name}.{kind}")
@allow("restricted", "export")
def chart(page: Filled, name: str, kind: Literal["json", "svg", "png"]) -> Response:
    """A chart as a Vega-Lite specification or as a picture; `theme` is light or dark, `width` in pixels."""
    drawn = draw(page, name, **_own(page)).chart
    theme = page.address.get("theme", "light")
    if theme not in ("light", "dark"):
        raise Misuse("unknown-option", option="theme", value=theme, known="light, dark")
    width = page.address.get("width", "760")
    if not is_whole(width) or not 200 <= int(width) <= WIDEST:
        raise Misuse("unknown-option", option="width", value=width, known=f"200–{WIDEST}")
    if kind == "json":
        return Response(data(charts.themed(drawn.spec, theme)), media_type=MEDIA[kind])
    body = charts.static(drawn, kind, theme, int(width))
    return Response(body, media_type=MEDIA[kind], headers={"content-disposition": f'inline; filename="{name}.{kind}"'})


def _own(page: Filled) -> dict[str, str]:
    return {n: page.address.get(n) for n in OWN}
