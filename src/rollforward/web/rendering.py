"""Templates to pages: one Jinja environment, autoescaped, with the words and figures of the language in force."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rollforward import text
from rollforward.text import access, figures, signals
from rollforward.text.cells import cell, dimension, heading
from rollforward.text.words import WORDS
from rollforward.web.menu import MENU, beside

if TYPE_CHECKING:
    from rollforward.web.page import Page

HERE = Path(__file__).parent


def render(page: Page, template: str, status: int, context: dict[str, Any]) -> Response:
    """A page as HTML."""
    said = environment().get_template(template).render(page=page, request=page.request, **context)
    return HTMLResponse(said, status)


def prepare() -> Iterator[str]:
    """Reads every template, which takes longer than to fill it; yields the name of each."""
    for name in environment().list_templates():
        environment().get_template(name)
        yield name


@cache
def environment() -> Environment:
    """The templates, and what they may call."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    env.globals |= {
        "_": say,
        "language": text.language,
        "figures": figures,
        "cell": cell,
        "signal_title": signals.title,
        "signal_claim": lambda signal: text._(signals.CLAIMS[signals.KINDS[signal].claim]),
        "heading": heading,
        "dimension": dimension,
        "words": WORDS,
        "sentences": lambda error: text.sentences(error.code, error.params),
        "data": data,
        "error": text.error,
        "roles": access.ROLES,
        "role_may": access.MAY,
        "actions": access.ACTIONS,
        "menu": MENU,
        "grouped": beside,  # `beside` is a parameter of pages
        "action": access.action,
    }
    env.filters["say"] = say
    return env


def say(message: str, **params: object) -> str:
    """A message in the language in force, its `{placeholders}` filled."""
    return text.fill(message, params) if params else text._(message)


def data(value: object) -> Markup:
    """A value as JSON inside `<script type="application/json">`: nothing in it can end the element."""
    said = json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":"), allow_nan=False)
    return Markup(said.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
