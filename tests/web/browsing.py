"""Chromium for tests of pages: one browser a module, and windows that notice everything that goes wrong in them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, expect, sync_playwright

from rollforward import text

AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
GRAVE = ("serious", "critical")
LEFT = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx says of a part of a page that was left while it was loading; answers that fail are seen by themselves."""
ALIKE = "'tbody tr:nth-child(n+5)'"
"""Further rows of tables are as the first ones, and cost most of the time."""


def chromium() -> str:
    """Debian's Chromium; tools/setup.sh installs it."""
    found = shutil.which("chromium")
    assert found, "the tests of pages need Chromium: as root, apt-get install chromium"
    return found


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser for which no name but this machine's address leads anywhere."""
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", nowhere])
        yield found
        found.close()


class Window:
    """A window of its own (cookies too) on the server at `url`; `faults` is what went wrong in it so far.

    beside: another one, whose cookies and kept files it shares.
    """

    def __init__(self, browser: Browser, url: str, beside: Window | None = None, **how: Any) -> None:
        self.url, self.faults, self._is_own = url, list[str](), beside is None
        usual: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US"}
        self.context = beside.context if beside else browser.new_context(base_url=url, **usual | how)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda said: self._said(said.type, said.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", lambda asked: self._asked(asked.url))
        self.page.on("requestfailed", lambda asked: self._failed(asked.url, asked.failure or ""))
        self.page.on("response", lambda told: self._told(told.url, told.status))

    def _said(self, kind: str, text: str) -> None:
        if not text.startswith(LEFT):
            self.faults.append(f"{kind}: {text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.url + "/", "data:", "blob:")):
            self.faults.append(f"asked elsewhere: {url}")

    def _failed(self, url: str, why: str) -> None:
        if why != "net::ERR_ABORTED":  # left while it was loading, or a file that was kept
            self.faults.append(f"failed: {url}: {why}")

    def _told(self, url: str, status: int) -> None:
        if status >= 400:
            self.faults.append(f"{status}: {url}")

    def go(self, path: str) -> Page:
        """Opens a page, and waits until its answer is there; a long one says first how far it is."""
        self.page.goto(path)
        self.settle()
        return self.page

    def settle(self) -> None:
        """Waits until nothing is being loaded."""
        expect(self.page.locator("main .notice progress")).to_have_count(0, timeout=60_000)
        self.page.wait_for_load_state("networkidle")

    def await_later(self) -> None:
        """Waits for the charts that come after the page."""
        expect(self.page.locator(".later[hx-get]")).to_have_count(0, timeout=60_000)

    def draw(self) -> None:
        """Has every chart drawn, seen or not."""
        self.width(1280, 12_000)
        self.await_later()
        expect(self.page.locator("figure.chart:has(.canvas):not([data-drawn])")).to_have_count(0, timeout=30_000)

    def width(self, pixels: int, height: int = 900) -> None:
        """Makes the window so wide, and waits until the page has followed."""
        self.page.set_viewport_size({"width": pixels, "height": height})
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def overflow(self) -> list[str]:
        """What makes the page wider than the window, the innermost things first; [] if nothing does."""
        found: list[str] = self.page.evaluate(_OVERFLOW)
        return found

    def grave(self) -> list[str]:
        """What axe-core calls serious or critical, with the elements."""
        # evaluated by the debugger: the page's own policy allows no such script
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        asked = f"axe.run({{exclude: [{ALIKE}]}}, {{resultTypes: ['violations']}}).then(found => found.violations)"
        rules: list[dict[str, Any]] = self.page.evaluate(asked)
        return [
            f"{rule['id']}: {node['target']} {node['html'][:120]} {node['failureSummary'][:300]}"
            for rule in rules
            if rule["impact"] in GRAVE
            for node in rule["nodes"]
        ]

    def close(self) -> None:
        """Closes it with all that it alone remembers."""
        if self._is_own:
            self.context.close()
        else:
            self.page.close()


_OVERFLOW = """() => {
  const root = document.documentElement, wide = root.clientWidth + 1;
  if (root.scrollWidth <= wide) return [];
  const out = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > wide
    && !e.closest('.scroll, .menu, .beside, .tabs, pre, .unseen, .canvas'));
  return [`${root.scrollWidth} > ${root.clientWidth}`, ...out.slice(-5).map(e => e.outerHTML.slice(0, 150))];
}"""

SPOKEN = """() => {
  const said = [document.title];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    if (!node.parentElement.closest('script, style, noscript, code, pre, [lang]:not(html)')) said.push(node.data);
  }
  for (const e of document.body.querySelectorAll('*')) {
    if (e.closest('[lang]:not(html)')) continue;
    said.push(...['aria-label', 'title', 'placeholder', 'alt'].map(name => e.getAttribute(name) ?? ''));
  }
  return [...new Set(said.map(t => t.replace(/\\s+/g, ' ').trim()).filter(t => t))];
}"""
"""Every text of a page that a person reads or hears, closed menus too, but not what is marked as another language."""


@cache
def english() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Messages whose Thai differs: those without parameters, and those with them as patterns."""
    with (text.LOCALES / "th" / "LC_MESSAGES" / "rollforward.po").open("rb") as file:
        told = [m for m in read_po(file, locale="th") if isinstance(m.id, str) and m.id and m.string not in ("", m.id)]
    plain = {" ".join(str(m.id).split()) for m in told if "{" not in m.id}
    filled = [re.split(r"\{[^{}]*\}", " ".join(str(m.id).split())) for m in told if "{" in m.id]
    enough = [parts for parts in filled if len(re.findall(r"[A-Za-z]", "".join(parts))) >= 8]
    patterns = [re.compile(r".*?".join(map(re.escape, parts)), re.DOTALL) for parts in enough]
    return frozenset(plain), tuple(patterns)


def untranslated(said: list[str], names: frozenset[str] = frozenset()) -> list[str]:
    """Texts that stand in English although the catalogue has Thai for them. `names`: data, never translated."""
    plain, patterns = english()
    found = []
    for each in said:
        for part in {each, *each.split(" · "), each.removesuffix(":")}:
            if part in names or not re.search(r"[A-Za-z]{2}", part):
                continue
            if part in plain or any(p.fullmatch(part) for p in patterns):
                found.append(part)
    return found
