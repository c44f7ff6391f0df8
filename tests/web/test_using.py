"""How pages are used: by keyboard, without scripts, on paper, enlarged, and from an address alone."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .browsing import Window
from .serving import Serving

pytestmark = pytest.mark.slow

FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {name: e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.getAttribute('name') || '',
    tag: e.tagName.toLowerCase(), place: e.closest('.skip, header, form, main')?.className ?? '',
    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 0 && box.right > 0};
}"""


def content(page: Page) -> str:
    """What the tables say."""
    return "\n".join(page.locator("main table.grid").all_inner_texts())


def test_everything_is_reached_and_seen_by_keyboard(window: Window) -> None:
    page = window.go("/roll-forward?span=6")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["place"] == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"
    page.goto("/roll-forward?span=6")
    order, names = list[str](), list[str]()
    for _step in range(30):
        page.keyboard.press("Tab")
        told = page.evaluate(FOCUSED)
        assert told["seen"], told
        assert told["name"].strip(), told
        order.append(told["place"])
        names.append(told["name"].strip().split("\n")[0])
    assert order[0] == "skip" and order[1] == "top" and "filters" in order
    assert names[2:5] == ["Overview", "Roll-forward", "Expansion MRR"]

    field(page, "span").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page).not_to_have_url(re.compile("span=6"))
    more = page.locator("details.more summary")
    more.focus()
    page.keyboard.press("Enter")
    expect(field(page, "policy")).to_be_visible()
    field(page, "where").focus()
    page.keyboard.type("country=US")
    page.keyboard.press("Enter")
    expect(page.locator(".filters .chip")).to_contain_text("country=US")
    cell = page.locator("main td.n a").first
    cell.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/open"))


CHOICES = {
    "span": "24",
    "by": "quarter",
    "segment": "country",
    "currency": "USD",
    "policy": "stripe",
    "basis": "restated",
}
TYPED = {"as-of": "2026-06-30", "from": "2026-02", "to": "2026-05", "where": "country=US"}


def field(page: Page, name: str) -> Locator:
    """A field of the filters."""
    return page.locator(f'form.filters [name="{name}"]:not([type=hidden])').first


@pytest.mark.parametrize("name", [*CHOICES, *TYPED])
def test_a_filter_is_in_the_address(chromium: Browser, window: Window, name: str) -> None:
    page = window.go("/roll-forward")
    before = content(page)
    if not field(page, name).is_visible():
        page.locator("details.more summary").click()
    if name in CHOICES:
        field(page, name).select_option(CHOICES[name])
    else:
        field(page, name).fill(TYPED[name])
        page.get_by_role("button", name="Apply").first.click()
    expected = f"{name}={quote((CHOICES | TYPED)[name])}"
    expect(page).to_have_url(re.compile(re.escape(expected)))
    window.settle()
    shown = content(page)
    assert shown and (shown != before or name == "basis")
    fresh = Window(chromium, window.url)
    again = fresh.go(page.url.removeprefix(window.url))
    assert content(again) == shown
    assert fresh.faults == []
    fresh.close()
    page.get_by_role("link", name="Reset").click()
    expect(page.get_by_role("link", name="Reset")).to_have_count(0)
    assert content(page) == before


@pytest.mark.parametrize(
    "asked",
    ["by=fortnight", "span=7", "from=2031-01", "from=x", "segment=shoes", "where=shoes%3D1", "where=shoes",
     "policy=none", "currency=XXX", "basis=mine", "as-of=yesterday"],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_with_a_way_back(site: Serving, asked: str) -> None:
    client = site.client(headers={"accept-language": "th"})
    answer = client.get(f"/roll-forward?{asked}")
    assert answer.status_code in (200, 400), answer.text
    assert 'lang="th"' in answer.text
    if answer.status_code == 400:
        told = answer.text.partition('role="alert">')[2]
        assert re.search("[\u0e00-\u0e7f]{8}", re.sub("<[^>]+>", " ", told)), told
        assert '<a class="button" href="/roll-forward">' in told


def test_pages_filters_and_opening_work_without_scripts(chromium: Browser, site: Serving) -> None:
    window = Window(chromium, site.url, java_script_enabled=False)
    page = window.page
    page.goto("/roll-forward")
    field(page, "by").select_option("quarter")
    page.get_by_role("button", name="Apply").click()
    assert "by=quarter" in page.url
    assert page.locator("main tbody th").first.inner_text().startswith("2023")
    page.locator("main tbody tr").last.locator("td.n a").first.click()
    expect(page.locator("p.sum strong")).to_have_text("= the cell ✓")
    page.locator("main td.n a").first.click()
    assert "account=" in page.url
    page.goto("/settings")
    page.locator("select[name=language]").first.select_option("th")
    page.locator(
        "form[action='/settings/mine'] button[type=submit], form[action='/settings/mine'] button"
    ).first.click()
    expect(page.locator("html")).to_have_attribute("lang", "th")
    page.goto("/retention")
    assert page.locator("figure.chart img, .later img").count() >= 3
    assert window.faults == []
    window.close()


@pytest.mark.parametrize("path", ["/roll-forward", "/accounts"])
def test_on_paper_nothing_but_the_content(window: Window, path: str) -> None:
    page = window.go(path)
    page.emulate_media(media="print", color_scheme="dark")
    for gone in ("header.top", "form.filters", ".actions"):
        expect(page.locator(gone).first).to_be_hidden()
    assert page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    window.width(1040)  # A4 across at 96 dots an inch, less its margins
    assert page.evaluate(
        "() => [...document.querySelectorAll('.scroll')].every(each => each.scrollWidth <= each.clientWidth + 1)"
    )


@pytest.mark.parametrize("path", ["/", "/roll-forward", "/open?metric=expansion&period=2026-10&of=USD", "/settings"])
def test_at_400_percent_nothing_is_lost(window: Window, path: str) -> None:
    page = window.go(path)
    words = page.locator("main").inner_text().split()
    window.width(320, 256)
    assert window.overflow() == []
    assert len(page.locator("main").inner_text().split()) >= len(words) * 0.95
    # the head must not cover what is read
    assert page.evaluate("() => document.querySelector('header.top').getBoundingClientRect().height") < 128


def test_who_wants_no_motion_gets_none(window: Window) -> None:
    page = window.go("/")
    page.emulate_media(reduced_motion="reduce")
    moving = page.evaluate(
        "() => [...document.querySelectorAll('*')].map(each => getComputedStyle(each))"
        ".filter(style => parseFloat(style.transitionDuration) > 0.01 || style.animationName !== 'none').length"
    )
    assert moving == 0
