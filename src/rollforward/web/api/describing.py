"""The API's description, OpenAPI 3.1, in the language in force; made from the routes themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.openapi.utils import get_openapi

from rollforward import __version__, text
from rollforward.text import N_
from rollforward.web.page import Any_
from rollforward.web.permission import EVERYBODY, allow

router = APIRouter()

ABOUT = N_(
    "Every number that the pages show, with the same filters and the same names as the command line. "
    "Money is text in major units, so that no reader makes a float of it (whole minor units with minor=true). "
    "Send the header Authorization: Bearer rf_… with a token; on the machine of a store without users none is needed. "
    "An answer says in `next` how to go on, and in ETag how to ask whether it has changed."
)
BEARER = N_(
    "A token of this store, made with: rollforward token add NAME --role viewer. It never does more than its role."
)

TAGS = {
    "figures": N_("Figures"),
    "store": N_("The store"),
    "changes": N_("Changes"),
}
"""Groups of addresses, in order."""

_LISTED = 16
"""Words that a parameter can be, as far as the page lists them."""

_SAID = ("description", "summary", "title")


@cache
def document() -> dict[str, Any]:
    """The description in English."""
    from rollforward.web.api import ROUTERS

    made = get_openapi(
        title="rollforward", version=__version__, openapi_version="3.1.0", description=ABOUT,
        routes=[route for router in ROUTERS for route in router.routes],
        tags=[{"name": name, "description": said} for name, said in TAGS.items()],
    )  # fmt: skip
    made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "description": BEARER}}
    made["security"] = [{"token": []}]
    for name, schema in made["components"]["schemas"].items():
        schema.pop("title", None)
        if name.startswith("Body_"):  # a form; what it does not know is refused
            schema["additionalProperties"] = False
    done: dict[str, Any] = _without_titles(made)
    return done


def translated(told: Any, key: str = "") -> Any:
    """The description in the language in force: what people read in it, and nothing else."""
    if isinstance(told, dict):
        return {name: translated(value, name) for name, value in told.items()}
    if isinstance(told, list):
        return [translated(value) for value in told]
    return text._(told) if isinstance(told, str) and key in _SAID and told else told


@router.get("/v1/openapi.json")
@allow(EVERYBODY)
def openapi() -> Response:
    """The description as programs read it."""
    return Response(json.dumps(translated(document()), ensure_ascii=False), media_type="application/json")


@router.get("/developers")
@allow("restricted")
def developers(page: Any_) -> Response:
    """The description as people read it."""
    told = translated(document())
    return page.show("developers.html", about=told["info"]["description"], groups=_groups(told))


@router.get("/v1")
@allow(EVERYBODY)
def root(request: Request) -> Response:
    """Leads to the page."""
    return Response(status_code=307, headers={"location": "/developers"})


@dataclass(frozen=True)
class Told:
    """A parameter as people read it; `choices`: what it can be, or an example."""

    name: str
    about: str
    choices: tuple[str, ...]
    is_needed: bool


@dataclass(frozen=True)
class Endpoint:
    """An address as people read it."""

    name: str
    method: str
    path: str
    summary: str
    about: str
    told: tuple[Told, ...]


def _groups(api: dict[str, Any]) -> dict[str, list[Endpoint]]:
    """Endpoints by the heading of their group."""
    found: dict[str, list[Endpoint]] = {str(tag["description"]): [] for tag in api["tags"]}
    headings = {tag["name"]: str(tag["description"]) for tag in api["tags"]}
    for path, methods in api["paths"].items():
        for method, said in methods.items():
            told = [_told(p["name"], p["schema"] | p, p["required"]) for p in said.get("parameters", ())]
            for content in said.get("requestBody", {}).get("content", {}).values():
                schema = content["schema"]
                if "$ref" in schema:
                    schema = api["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
                needed = schema.get("required", ())
                told += [_told(n, p, n in needed) for n, p in schema["properties"].items()]
            about = said.get("description", "")
            found[headings[said["tags"][0]]].append(
                Endpoint(said["operationId"], method.upper(), path, said["summary"], about, tuple(told))
            )
    return found


def _told(name: str, schema: dict[str, Any], is_needed: bool) -> Told:
    examples = schema.get("examples", [])
    choices = [str(v) for v in schema.get("enum", ()) if v]
    if schema.get("type") == "boolean":
        choices = ["true", "false"]
    elif not choices or len(choices) > _LISTED:
        first = examples[0] if examples else ""
        choices = [str(v) for v in (first if isinstance(first, list) else [first]) if v != ""]
    return Told(name, schema.get("description", ""), tuple(choices), is_needed)


def _without_titles(told: Any, key: str = "") -> Any:
    # names of parameters again, in another writing
    if isinstance(told, dict):
        is_schema = key in ("schema", "items", "anyOf", "properties") or "type" in told
        return {n: _without_titles(v, n) for n, v in told.items() if not (n == "title" and is_schema)}
    return [_without_titles(v, key) for v in told] if isinstance(told, list) else told
