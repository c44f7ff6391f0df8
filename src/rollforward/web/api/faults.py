"""What a program told wrongly, in words of ours: each fault that pydantic finds becomes an error with a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from fastapi import Request
from pydantic import BaseModel

from rollforward.errors import Misuse

STATUS = {
    "unknown-parameter": 422, "repeated-parameter": 422, "missing-parameter": 422, "bad-value": 422, "bad-body": 422,
    "other-media-type": 415, "no-such-endpoint": 404, "no-such-import": 404, "no-such-link": 404,
    "unpacks-too-large": 413, "already-retracted": 409, "already-linked": 409, "link-ring": 409, "links-clash": 409,
    "not-closed": 409, "period-not-over": 409, "policy-registered": 409, "cursor-outdated": 409, "close-unsound": 409,
    "empty-store": 409,
}  # fmt: skip
"""The HTTP status of errors that programs tell apart by it."""


class Fault(BaseModel):
    """What went wrong: `code` and `params` for programs; `message` and `remedy` in the language of Accept-Language."""

    code: str
    message: str
    remedy: str
    params: dict[str, str]
    request_id: str


class Envelope(BaseModel):
    """The body of every answer that is an error."""

    error: Fault


def named(faults: Sequence[Mapping[str, Any]], known: Mapping[str, str]) -> Misuse:
    """The first fault as an error: `unknown-parameter`, `missing-parameter`, `bad-value` or `bad-body`.

    `known`: the parameters that there are, each with an example or ''.
    """
    first = faults[0] if faults else {}
    kind, place = str(first.get("type", "")), first.get("loc", ())
    name = ".".join(str(part) for part in place[1:])
    if kind == "extra_forbidden":
        near = get_close_matches(name, known, 1)
        return Misuse("unknown-parameter", name=name[:100], nearest=near[0] if near else "", known=", ".join(known))
    if kind == "missing" and name:
        return Misuse("missing-parameter", name=name)
    if kind.startswith("json") or not name:
        return Misuse("bad-body")
    value, told = first.get("input"), first.get("ctx", {})
    limits = (f"{sign}{told[n]}" for n, sign in _LIMITS.items() if n in told)
    shown = value if isinstance(value, str | int | float) else type(value).__name__
    return Misuse(
        "bad-value", name=name, value=str(shown)[:100], known=next(limits, _KINDS.get(kind, "")),
        example=known.get(name, "") if "pattern" in told else "",
    )  # fmt: skip


def repeated(names: Sequence[str], many: Sequence[str] = ()) -> None:
    """Misuse `repeated-parameter` for a name that stands more than once and is none of `many`."""
    for name in names:
        if name not in many and names.count(name) > 1:
            raise Misuse("repeated-parameter", name=name[:100])


def parameters_of(request: Request) -> dict[str, str]:
    """The parameters of the address that a request asks for, as the description has them, each with an example."""
    from rollforward.web.api.describing import document

    path = getattr(request.scope.get("route"), "path", "")
    told = document()["paths"].get(path, {}).get(request.method.lower(), {})
    found = [p for p in told.get("parameters", ()) if p["in"] == "query"]
    return {p["name"]: str(p["schema"].get("examples", [""])[0]) for p in found}


_LIMITS = {"expected": "", "ge": "≥ ", "le": "≤ ", "max_length": "≤ ", "min_length": "≥ "}
_KINDS = {
    "int_parsing": "0, 1, 2, …", "int_type": "0, 1, 2, …", "bool_parsing": "true, false", "bool_type": "true, false",
    "string_type": '"…"', "list_type": "[…]",
}  # fmt: skip
"""What a value has to be, without words."""
