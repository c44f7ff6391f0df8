"""Every page in Chromium, in both languages and themes and at three widths, on a demo and an empty store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser

from rollforward import text
from rollforward.web import permission
from rollforward.web.app import PAGES

from .browsing import SPOKEN, Window, untranslated
from .serving import Serving, serving

pytestmark = pytest.mark.slow

WIDTHS = (360, 1280, 2560)
ELSEWHERE = frozenset(("/login", "/open", "/account/link"))
"""Pages that are another one while nobody has to log in, or need parameters."""

FURTHER = (
    "/overview-of-nothing",
    "/?by=quarter&currency=USD",
    "/roll-forward?segment=country&policy=stripe",
    "/roll-forward?policy=default,stripe&span=6",
    "/roll-forward?span=6&beside=2026-06-30",
    "/roll-forward?by=day&span=24",
    "/expansion?segment=plan&of=EUR",
    "/retention?window=1&measure=logo_retention&by=quarter",
    "/open?metric=expansion&period=2026-10&of=USD",
    "/open?metric=expansion&period=2026-10&of=USD&level=sources&account=acc_01381",
    "/open?metric=ndr_12&period=2026-10&of=USD",
    "/accounts?where=country%3DTH&state=active",
    "/accounts/acc_01381?show=sources",
    "/data/imports/1/undo",
    "/roll-forward?from=2031-01",
    "/roll-forward?by=fortnight",
)
"""Pages beside those that routes without parameters have: opened numbers, splits, what cannot be."""

REFUSED = ("/overview-of-nothing", "/roll-forward?from=2031-01", "/roll-forward?by=fortnight")
NAMES = frozenset(("default", "Stripe"))
"""Data of the demo that reads like a message."""


def plain_pages() -> list[str]:
    """Addresses of all pages without parameters, from the routes themselves: a new page is looked at too."""
    app = FastAPI(openapi_url=None)
    for page in PAGES:
        app.include_router(page.router)
    found = [r.path for r in permission.routes(app) if "GET" in r.methods and not set("{.") & set(r.path)]
    return sorted(set(found) - ELSEWHERE)


_FIRST: dict[tuple[str, str], Window] = {}
"""A window that stays open, by server and language."""


def looked_at(browser: Browser, site: Serving, path: str, lang: str, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """What is wrong with a page, in English light and in Thai dark, at three widths; axe-core at one of them.

    What a theme can spoil is contrast, which axe-core sees: it needs not be looked for in each language and width.
    """
    theme, axed = ("dark", 360) if lang == "th" else ("light", 1280)
    if (site.url, lang) not in _FIRST:  # what a browser keeps is kept for the pages after: scripts most of all
        locale = "th-TH" if lang == "th" else "en-US"
        _FIRST[site.url, lang] = Window(browser, site.url, locale=locale, color_scheme=theme)
    window = Window(browser, site.url, _FIRST[site.url, lang])
    try:
        page = window.go(path)
        window.draw()
        faults = [] if page.locator("html").get_attribute("lang") == lang else [f"not lang={lang}"]
        if not page.title().removesuffix("rollforward").strip(" ·"):
            faults.append("no title")
        if page.locator("h1").count() != 1:
            faults.append(f"{page.locator('h1').count()} headings of the first order")
        if lang == "th":
            faults += [f"English: {said}" for said in untranslated(page.evaluate(SPOKEN), NAMES)]
        for width in widths:
            window.width(width)
            faults += [f"{theme}, {width} px: wider than the window: {what}" for what in window.overflow()]
            if width == axed:
                faults += [f"{theme}, {width} px: {what}" for what in window.grave()]
        expected = f"400: {site.url}{path}", f"404: {site.url}{path}"
        faults += [
            f for f in window.faults if path not in REFUSED or not f.startswith((*expected, "error: Failed to load"))
        ]
        return faults
    finally:
        window.close()


@pytest.mark.parametrize(
    ("path", "lang"), [*((p, lang) for p in plain_pages() for lang in text.LANGUAGES), *((p, "th") for p in FURTHER)]
)
def test_pages_of_the_demo(chromium: Browser, site: Serving, path: str, lang: str) -> None:
    assert looked_at(chromium, site, path, lang, WIDTHS if lang == "th" else (1280,)) == []  # Thai needs more room


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("empty") / "store") as found:
        yield found


@pytest.mark.parametrize("path", plain_pages())
def test_pages_of_an_empty_store(chromium: Browser, empty: Serving, path: str) -> None:
    assert looked_at(chromium, empty, path, "th", (360,)) == []
