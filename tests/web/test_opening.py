"""Every class of number that opens, clicked down to the user's own rows: at each level the sum is the cell."""

from __future__ import annotations

import gzip
import re
from decimal import Decimal
from functools import cache
from importlib import resources
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from .browsing import Window

pytestmark = pytest.mark.slow

FLOWS = {"opening", "new", "reactivation", "expansion", "contraction", "churn", "closing"}
BY = {"by_plan", "by_product", "by_add_on", "by_seats", "by_price", "by_discount"}
KEPT = {f"{name}_{months}" for name in ("ndr", "grr") for months in (1, 3, 12)}

OPENS = {
    "/roll-forward?span=6": FLOWS,
    "/roll-forward?span=6&currency=USD": FLOWS | {"fx"},
    "/expansion?of=EUR": {"expansion", "contraction", "churn"} | BY,
    "/?of=USD": FLOWS | BY | KEPT | {"mrr", "arr", "net_new"},
    "/roll-forward?segment=plan": FLOWS | {"transfer"},
    "/retention?segment=country": {"ndr_12", "grr_12", "logo_retention", "mrr"},
}
"""Page → metrics of the numbers on it that open."""

BRIEFLY = {
    "/expansion?of=EUR": {"expansion", "contraction", "churn"},
    "/?of=USD": FLOWS | BY | {"mrr", "ndr_3", "ndr_1", "grr_3", "grr_1"},
    "/roll-forward?segment=plan": {"opening", "reactivation", "contraction"},
}
"""Those of them that are followed to the rows of files from another page, or as their likes: here to accounts only."""


@cache
def imported(name: str) -> list[str]:
    """The lines of a file of the demo."""
    packed = resources.files("rollforward.demo") / "data" / name
    return gzip.decompress(packed.read_bytes()).decode("utf-8").splitlines()


def number(text: str) -> Decimal:
    return Decimal(re.sub(r"[^\d.-]", "", text.replace("−", "-")))


def unfold(page: Page) -> None:
    """Shows the tables behind charts, once all charts are there."""
    expect(page.locator(".later[hx-get]")).to_have_count(0, timeout=60_000)
    page.evaluate("() => document.querySelectorAll('main details').forEach(each => { each.open = true })")


def openers(page: Page) -> dict[str, tuple[str, str]]:
    """Metric → address and text of the last number on the page that opens and is not 0."""
    unfold(page)
    links = page.locator('main a[href^="/open"]').evaluate_all(
        "all => all.map(a => [a.getAttribute('href'), a.innerText])"
    )
    first = dict(reversed(links))  # ARR opens as the MRR that it is twelve times of
    told = ((parse_qs(urlsplit(href).query)["metric"][0], href, first[href]) for href, _text in links)
    return {metric: (href, text) for metric, href, text in told if re.search("[1-9]", text) and "account=" not in href}


AMOUNTS = "() => [...document.querySelectorAll('main tbody tr')].map(row => row.querySelector('td.n a').innerText)"


def total(page: Page) -> Decimal:
    """What the rows of a level add up to: as the page says, else by adding them."""
    said = page.locator("p.sum").first
    found = re.search(r"(?:add up to|One row:) (-?[\d,.]+\d)", said.inner_text()) if said.count() else None
    if found:
        return number(found[1])
    return sum(map(number, page.evaluate(AMOUNTS)), Decimal(0))


def deeper(page: Page, level: str) -> Decimal:
    """Clicks the first row's number, and says what it was."""
    link = page.locator(f'main table a[href*="level={level}"]').first
    told = number(link.inner_text())
    link.click()
    expect(page).to_have_url(re.compile(f"level={level}"))
    return told


@pytest.mark.parametrize("path", OPENS)
def test_numbers_open_to_the_rows_that_were_imported(window: Window, path: str) -> None:
    page = window.go(path)
    found = openers(page)
    assert set(found) == OPENS[path]
    is_converted = "currency=" in path
    for metric, (href, cell) in found.items():
        if metric == next(iter(found)):
            page.locator(f'main a[href="{href}"]').last.click()
        else:
            page.goto(href)
        expect(page).to_have_url(re.compile("/open"))
        is_ratio = metric in KEPT or metric == "logo_retention"
        said = page.locator("p.sum strong").first.inner_text()
        if is_ratio:
            assert said == cell or abs(number(said) - number(cell)) <= Decimal("0.05"), (metric, said, cell)
        elif cell.endswith("%"):  # a cohort's share, which opens to the MRR above the line
            assert said == "= the cell ✓"
        else:
            times = 12 if metric == "arr" else 1
            assert (times * total(page), said) == (number(cell), "= the cell ✓"), metric
        if page.locator("main .pages").count() == 0:
            rows = sum(map(number, page.evaluate(AMOUNTS)), Decimal(0))
            assert is_ratio or metric in BY or cell.endswith("%") or times * rows == number(cell), metric
        if metric in BRIEFLY.get(path, ()):
            continue
        amount = deeper(page, "movements")
        assert total(page) == amount, metric
        if metric == "fx":
            continue  # what exchange rates do has no row of the ledger
        deeper(page, "ledger")
        if not is_converted:
            assert total(page) == amount, metric
        page.locator('main table a[href*="level=sources"]').first.click()
        expect(page).to_have_url(re.compile("level=sources"))
        rows = page.locator("main tbody tr").all()
        assert rows, metric
        for row in rows:
            ref, *_when, text = (each.strip() for each in row.locator("th, td").all_inner_texts())
            name, line = ref.rsplit(":", 1)
            assert imported(name)[int(line) - 1] == text, (metric, ref)


def test_a_top_mover_opens_to_the_movements_of_the_account(window: Window) -> None:
    page = window.go("/?of=USD")
    movers = page.locator('main a[href*="metric=net_new"][href*="account="]')
    amounts = [number(each) for each in movers.all_inner_texts()]
    assert len(amounts) >= 8
    page.goto(movers.nth(0).get_attribute("href") or "")
    assert total(page) == amounts[0] != 0


def test_the_way_back_and_another_language_keep_the_question(window: Window) -> None:
    page = window.go("/roll-forward?span=6&where=country%3DUS")
    found = openers(page)["expansion"]
    page.locator(f'main a[href="{found[0]}"]').first.click()
    expect(page).to_have_url(re.compile("/open.*where=country=US"))
    deeper(page, "movements")
    sums = page.locator("p.sum").inner_text()
    deeper(page, "ledger")
    at_ledger = page.url
    level = page.locator(".levels a[aria-current]")
    page.go_back()
    expect(level).to_have_text("Movements")
    expect(page.locator("p.sum")).to_have_text(sums)
    window.settle()  # Chromium gives up a way forward that meets a page being loaded
    page.go_forward()
    expect(level).to_have_text("Ledger rows")
    expect(page).to_have_url(at_ledger)

    page.get_by_role("link", name="ไทย").click()
    expect(page.locator("html")).to_have_attribute("lang", "th")
    asked = {n: v for n, v in parse_qs(urlsplit(page.url).query).items() if n != "lang"}
    assert asked == parse_qs(urlsplit(at_ledger).query)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")

    crumbs = page.locator(".crumbs a")
    assert crumbs.count() == 4
    crumbs.nth(2).click()
    expect(page.locator("p.sum")).to_have_text(sums)
    crumbs.nth(1).click()
    expect(page.locator("p.sum strong")).to_have_text("= the cell ✓")
    crumbs.nth(0).click()
    expect(page).to_have_url(re.compile("/roll-forward.*where=country=US"))
    assert openers(page)["expansion"] == found


def test_forward_while_the_way_back_is_still_loading_shows_what_the_address_says(window: Window) -> None:
    page = window.go("/open?metric=expansion&period=2026-10&of=USD")
    deeper(page, "movements")
    deeper(page, "ledger")
    window.settle()
    held: list[Route] = []
    page.route("**/static/charts.js", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/static/charts.js"):
        page.evaluate("history.back()")
    page.wait_for_url("**level=movements**", wait_until="commit")
    page.evaluate("history.forward()")
    page.wait_for_url("**level=ledger**", wait_until="commit")
    held[0].continue_()
    expect(page.locator(".levels a[aria-current]")).to_have_text("Ledger rows")
    window.settle()
