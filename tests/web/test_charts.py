"""Charts on pages in Chromium: drawn under the strict policy, tooltips, themes, widths, addresses of their own."""

from __future__ import annotations

import json
import re
import time

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from rollforward import api, charts

from .serving import Serving

PAGES = {"/": 3, "/expansion": 5, "/retention": 4}
"""Pages and how many charts they have."""


def drawn(page: Page) -> int:
    """Scrolls to every chart, waits until it is drawn, and says how many there are."""
    expect(page.locator("main progress")).to_have_count(0, timeout=60_000)  # not while tables are made
    expect(page.locator(".later[hx-get]")).to_have_count(0, timeout=60_000)
    charts_ = page.locator("figure.chart:has(.canvas)")
    for number in range(charts_.count()):
        charts_.nth(number).scroll_into_view_if_needed()
        expect(charts_.nth(number)).to_have_attribute("data-drawn", re.compile("light|dark"), timeout=20_000)
    return charts_.count()


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_every_chart_is_drawn_under_the_strict_policy(page: Page, site: Serving, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    answer = page.goto(site.url + path)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert drawn(page) == PAGES[path]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for canvas in page.locator("figure.chart .canvas").all():
        box, picture = canvas.bounding_box(), canvas.locator("svg.marks").bounding_box()
        assert box and picture and abs(picture["width"] - box["width"]) < 16, canvas.get_attribute("aria-label")


@pytest.mark.slow
def test_a_tooltip_says_exact_values_to_pointer_and_keyboard(page: Page, site: Serving) -> None:
    page.goto(site.url + "/expansion")
    drawn(page)
    bars = page.locator("#chart-driver-bars .mark-rect.role-mark path").first
    bars.scroll_into_view_if_needed()
    bars.hover()
    tip = page.locator(".tip")
    native = api.open(site.app.state.desk.path).expansion(start="2026-10", end="2026-10").to_dicts()
    seats = next(r["by_seats"] for r in native if r["currency"] == "USD")
    expect(tip).to_contain_text(f"{seats:,} USD")
    expect(tip.locator("strong")).to_have_text("Seats")

    page.mouse.move(0, 0)
    page.locator("#chart-drivers .canvas").focus()
    page.keyboard.press("ArrowRight")
    expect(tip).to_be_visible()
    first = tip.inner_text()
    page.keyboard.press("ArrowRight")
    assert tip.inner_text() != first
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


@pytest.mark.slow
def test_the_theme_is_followed_and_swapped_pages_are_drawn(page: Page, site: Serving) -> None:
    page.goto(site.url + "/expansion")
    drawn(page)
    figure = page.locator("#chart-losses")
    expect(figure.locator(f'path[fill="{charts.look.KINDS["churn"]}"]').first).to_be_attached()
    page.locator("[data-theme-toggle]").click()
    expect(figure).to_have_attribute("data-drawn", "dark")
    expect(figure.locator(f'path[fill="{charts.DARK[charts.look.KINDS["churn"]]}"]').first).to_be_attached()
    page.get_by_role("link", name="Retention", exact=True).first.click()
    expect(page.locator("#chart-retention")).to_be_visible(timeout=20_000)
    assert drawn(page) == 4
    assert page.locator("#chart-retention").get_attribute("data-drawn") == "dark"
    page.locator("[data-theme-toggle]").click()
    expect(page.locator("#chart-retention")).to_have_attribute("data-drawn", "light")
    page.go_back()
    expect(page.locator("#chart-losses")).to_be_visible(timeout=20_000)
    assert drawn(page) == 5


@pytest.mark.slow
def test_without_scripts_charts_are_pictures(chromium: Browser, site: Serving) -> None:
    context = chromium.new_context(java_script_enabled=False)
    found = context.new_page()
    found.goto(site.url + "/retention")
    assert found.locator("figure.chart noscript img, figure.chart .canvas img").count() == 1
    assert found.locator(".later img, .later noscript img").count() == 3
    context.close()


def test_a_chart_has_its_address_as_picture_file_and_specification(site: Serving) -> None:
    client = site.client()
    asked = "by=quarter&of=USD"
    spec = client.get(f"/charts/movements.json?{asked}").json()
    assert spec["layer"][0]["mark"] == {"type": "bar"}
    dark = client.get(f"/charts/movements.json?{asked}&theme=dark").text
    assert charts.DARK[charts.look.KINDS["churn"]] in json.dumps(json.loads(dark)["layer"])
    svg = client.get(f"/charts/movements.svg?{asked}")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert re.search(r"202\d-Q\d", svg.text)
    png = client.get(f"/charts/movements.png?{asked}&lang=th")
    assert png.content.startswith(b"\x89PNG")
    csv = client.get(f"/charts/movements.csv?{asked}&lang=en")
    rows = csv.text.removeprefix("\ufeff").splitlines()
    assert rows[0].startswith("Period,Currency,Opening")
    assert all(",USD," in row for row in rows[1:])


@pytest.mark.parametrize(
    "path",
    [
        "/charts/none.svg",
        "/charts/movements.svg?theme=pink",
        "/charts/movements.png?width=99999",
        "/charts/retention.svg?window=7",
        "/charts/cohorts.svg?measure=mrr",
        "/charts/movements.pdf",
    ],
)
def test_what_no_chart_can_be_is_refused(site: Serving, path: str) -> None:
    assert site.client().get(path).status_code in (400, 404, 422)


@pytest.mark.parametrize(
    ("by", "lang"), [("day", "en"), ("week", "th"), ("month", "en"), ("quarter", "th"), ("year", "en")]
)
@pytest.mark.parametrize("path", ["/expansion", "/retention"])
def test_pages_answer_for_every_kind_of_period(site: Serving, path: str, by: str, lang: str) -> None:
    answer = made(site, path, by=by, lang=lang, span="6", segment="country")
    assert answer.status_code == 200, answer.text[-500:]
    assert 'class="chart"' in answer.text


def made(site: Serving, path: str, **params: str) -> httpx.Response:
    """The answer, once what takes long is made."""
    answer = site.client().get(path, params=params)
    for _turn in range(120):
        if "load delay" not in answer.text:
            break
        time.sleep(0.5)
        answer = site.client().get(path, params=params)
    return answer


def test_a_cohorts_number_opens_to_its_accounts(site: Serving) -> None:
    client = site.client()
    page = made(site, "/charts/cohorts.html", of="USD").text
    links = re.findall(r'href="(/open\?[^"]*cohort%3D[^"]*|/open\?[^"]*cohort=[^"]*)"', page)
    assert len(links) > 300
    opened = client.get(links[200].replace("&amp;", "&"))
    assert opened.status_code == 200
    assert "= the cell ✓" in opened.text


def test_a_segments_number_opens_to_its_accounts(site: Serving) -> None:
    client = site.client()
    table = made(site, "/charts/expansion-by.html", of="USD").text
    link = re.search(r'href="(/open\?[^"]*size_band[^"]*)"', table)
    assert link is not None
    opened = client.get(link[1].replace("&amp;", "&"))
    assert opened.status_code == 200
    assert "= the cell ✓" in opened.text


def test_a_chart_that_cannot_be_says_why_in_its_place(site: Serving) -> None:
    answer = site.client().get("/charts/bridge.html", params={"to": "2023-11", "span": "6"})
    assert answer.status_code == 200
    assert 'class="empty"' in answer.text and "<figure" not in answer.text and "<html" not in answer.text


def test_of_two_policies_figures_and_charts_are_those_of_the_first(site: Serving) -> None:
    one = made(site, "/charts/driver-bars.csv", of="USD", policy="default").text
    both = made(site, "/charts/driver-bars.csv", of="USD", policy="default,chartmogul").text
    moment = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z")
    assert moment.sub("", both) == moment.sub("", one)
