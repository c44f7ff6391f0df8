"""Answers made before they are asked for: the pages' first views, when the server starts and when facts change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from fastapi import FastAPI, Request

from rollforward import text
from rollforward.errors import RollforwardError
from rollforward.state import Actor
from rollforward.web.desk import Desk, Working
from rollforward.web.masking import SEES
from rollforward.web.page import Page
from rollforward.web.rendering import prepare
from rollforward.web.visitor import Visitor

EVERY = 2.0
"""Seconds between two looks at the store's version."""

log = logging.getLogger("rollforward.web")


def start(app: FastAPI, pages: Sequence[tuple[str, Callable[[Page], object]]]) -> threading.Event:
    """Keeps the first views of `pages` (path, function) warm in a thread; the event it returns ends that."""
    ended = threading.Event()
    threading.Thread(target=_watch, args=(app, pages, ended), name="warming", daemon=True).start()
    return ended


def _watch(app: FastAPI, pages: Sequence[tuple[str, Callable[[Page], object]]], ended: threading.Event) -> None:
    desk: Desk = app.state.desk
    warmed = 0
    text.use("en")
    while not ended.is_set():
        try:
            version = desk.version()
            if version and version != warmed:
                for path, page in pages:
                    _ask(app, path, page, ended)
                if not warmed:
                    for _name in prepare():
                        if ended.is_set():
                            return
                warmed = version
        except Exception as error:  # whoever asks next is told what is wrong; at the end questions are broken off
            if not ended.is_set():
                log.warning("nothing warmed: %s", error)
        ended.wait(EVERY)


def _ask(app: FastAPI, path: str, page: Callable[[Page], object], ended: threading.Event) -> None:
    viewer = Visitor(Actor("", SEES))  # who may see no names finds other answers
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "app": app,
        "state": {"visitor": viewer},
    }  # fmt: skip
    while not ended.is_set():
        try:
            page(Page(Request(scope)))
            return
        except Working:
            continue
        except RollforwardError:
            return
