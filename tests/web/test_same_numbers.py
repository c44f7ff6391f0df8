"""Page, JSON API, CSV of the page and command line give the same numbers: for each filter, cell by cell."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from rollforward import api, text
from rollforward.cli import main
from rollforward.errors import Misuse
from rollforward.judging import WORKED
from rollforward.text.cells import cell, heading
from rollforward.web.growing import PRICING, VOICE
from rollforward.web.questions import QUESTIONS

from .serving import Serving, serving
from .small import small

NATIVE: dict[str, str] = {}
FILTERS = {
    "as paid": NATIVE,
    "by quarter": {"by": "quarter"},
    "segments": {"segment": "country", "from": "2026-01"},
    "one segment": {"where": "country=TH", "from": "2026-01"},
    "two policies": {"policy": "default,chartmogul", "from": "2026-01"},
    "as of": {"as-of": "2026-06-30"},
    "as known now": {"basis": "restated", "from": "2026-01"},
    "one currency": {"currency": "USD", "from": "2026-01"},
}
NAMES = ("mrr",)
TIMES = ("as_of",)
"""Columns that say when it was asked."""


@pytest.fixture(scope="module")
def store(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Path(shutil.copytree(demo, tmp_path_factory.mktemp("same") / "store"))
    rates = made.parent / "rates.csv"
    days = [f"{year}-{month:02d}-{day:02d}" for year in (2023, 2024, 2025, 2026) for month in range(1, 13)
            for day in range(1, 29)]  # fmt: skip
    rates.write_text("date,currency,rate\n" + "".join(f"{day},EUR,1.1{day[6]}\n" for day in days), encoding="utf-8")
    opened = api.open(made)
    opened.import_(rates, currency="USD")
    opened.close("2026-03")
    return made


@pytest.fixture(scope="module")
def site(store: Path) -> Iterator[Serving]:
    with serving(store) as found:
        yield found


class Cells(HTMLParser):
    """Tables of a page: their headings, and the text of their cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._is_open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables:
            self.tables[-1][-1].append("")
            self._is_open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._is_open = False

    def handle_data(self, data: str) -> None:
        if self._is_open:
            self.tables[-1][-1][-1] += data


def of_command(capsys: pytest.CaptureFixture[str], store: Path, name: str, filters: dict[str, str]) -> list[object]:
    options = [part for key, value in filters.items() for part in (f"--{key}", value)]
    with pytest.raises(SystemExit):
        main([name, "--store", str(store), "--format", "json", *options])
    return plain(json.loads(capsys.readouterr().out))


def of_api(site: Serving, name: str, filters: dict[str, str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    address: str | None = f"/v1/{name}?{urlencode(filters)}"
    client = site.client()
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        found += answer.json()["data"]
        address = answer.links["next"]["url"] if "next" in answer.links else None
    return found


def plain(rows: list[dict[str, object]]) -> list[object]:
    return [{k: v for k, v in row.items() if k not in TIMES} for row in rows]


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("name", NAMES)
def test_command_api_and_export_are_the_same_rows(
    capsys: pytest.CaptureFixture[str], store: Path, site: Serving, name: str, filters: dict[str, str]
) -> None:
    told = of_api(site, name, filters)
    assert told and plain(told) == of_command(capsys, store, name, filters)
    exported = site.client().get(f"/tables/{name}.csv?{urlencode(filters | {'span': 'all'})}").text
    rows = list(csv.reader(io.StringIO(exported.removeprefix("\ufeff"))))
    assert rows[0] == [heading(column) for column in told[0]]
    at = [n for n, column in enumerate(told[0]) if column not in TIMES]
    assert [[row[n] for n in at] for row in rows[1:]] == [[said(list(row.values())[n]) for n in at] for row in told]


def said(value: object) -> str:
    """A value of JSON as CSV writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(round(value, 10)) if isinstance(value, float) else str(value)


# --- every question of the registry, on a store of a few rows -------------------------------------------------------

OWN = {
    **{n: {"segment": "country", "window": "3"} for n in ("bridge", "bridge-accounts")},
    "bridge-concentration": {"window": "3"},
    "explain": {"metric": "mrr", "period": "2026-03"},
    "retention": {"window": "3"},
    "quote": {"account": "acme", "plan": "pro"},
    **{name: {"account": "acme"} for name in ("value", "contact-days")},
}
REFUSED = {"risks": "score-thin", "score-report": "score-thin", "quote": "no-price-plans"}
"""Questions that so small a store refuses, everywhere alike."""

COMMANDS = {
    "policies": "policy list",
    "commission": "goals --commission 5",
    "commission-owners": "goals --commission 5 --owners",
    "bridge-accounts": "bridge --view accounts --segment country --window 3",
    "bridge-concentration": "bridge --view concentration --window 3",
    "explain": "explain mrr --period 2026-03",
    "uplifts": "durability --list all",
    "unsustainable": "durability --unsustainable",
    "lifetime": "economics --lifetime",
    "closings": "",
    **{f"pricing-{view}": f"pricing --view {view}" for view in PRICING},
    **{f"voice-{view}": f"voice --view {view}" for view in VOICE},
    "forecast-scores": "forecast --score",
    "plays": "",
    "signal-kinds": "signals --count",
    "headroom-steps": "headroom --steps",
    "headroom-total": "headroom --total",
    "cross-sell": "headroom --similar",
    "value": "value acme",
    "contact-days": "offers --account acme",
    "renewal-calendar": "renewals --view calendar",
    "renewals-past": "renewals --view past",
    "renewal-rate": "renewals --view rate",
    "renewal-scores": "renewals --view scores",
    **{f"worked-{view}": f"worked --view {view}" for view in WORKED},
}
"""Commands that are called otherwise than the question; '': there is none."""


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(small(tmp_path_factory.mktemp("few"))) as found:
        yield found


@pytest.fixture(scope="module")
def asked(few: Serving) -> api.Store:
    """The store of `few`, opened once."""
    return api.open(few.app.state.desk.path)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_one_answer(
    capsys: pytest.CaptureFixture[str], few: Serving, asked: api.Store, name: str
) -> None:
    own, client = OWN.get(name, {}), few.client()
    if name in REFUSED:
        with pytest.raises(Misuse, match=REFUSED[name]):
            QUESTIONS[name].answer(asked, {}, own)
        assert client.get(f"/v1/{name}?{urlencode(own)}").json()["error"]["code"] == REFUSED[name]
        return
    told = of_api(few, name, own)
    cut: api.Question = {"segment": own["segment"]} if "segment" in own else {}  # type: ignore[typeddict-item]
    answer = QUESTIONS[name].answer(asked, cut, own)
    assert plain(told) == plain(json.loads(answer.to_json()))
    options = [part for key, value in own.items() for part in (f"--{key}", value)]
    command = COMMANDS[name].split() if name in COMMANDS else [name, *options]
    if command:
        with pytest.raises(SystemExit):
            main([*command, "--store", str(few.app.state.desk.path), "--format", "json", "--lang", "th"])
        assert plain(json.loads(capsys.readouterr().out)) == plain(told)
    at = [n for n, column in enumerate(answer.columns) if column not in TIMES]
    for lang in text.LANGUAGES:
        text.use(lang)
        exported = client.get(f"/tables/{name}.csv?{urlencode(own | {'span': 'all', 'lang': lang})}")
        rows = list(csv.reader(io.StringIO(exported.text.removeprefix("\ufeff"))))
        assert rows[0] == list(api.Table([heading(column) for column in answer.columns], []).columns)
        assert [[row[n].removeprefix("'") for n in at] for row in rows[1:]] == [
            [said(list(row.values())[n]) for n in at] for row in told
        ]


PAGES = {
    "/roll-forward": ("mrr", ("opening", "new", "expansion", "contraction", "churn", "closing")),
}


ON_A_PAGE = {n: f for n, f in FILTERS.items() if "segment" not in f and "," not in f.get("policy", "")}
"""Segments and several policies stand on the page in tables of their own."""


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("filters", ON_A_PAGE.values(), ids=ON_A_PAGE)
def test_the_page_shows_the_same_numbers(site: Serving, path: str, filters: dict[str, str]) -> None:
    name, columns = PAGES[path]
    page = site.client().get(f"{path}?{urlencode(filters | {'span': 'all'})}", headers={"accept-language": "en"})
    assert page.status_code == 200
    shown: list[list[str]] = []
    for table in Cells(page.text).tables:
        if {heading(c) for c in columns} <= set(table[0]):
            at = [table[0].index(heading(c)) for c in ("period", *columns)]
            shown += [[re.sub(r"\s+", " ", row[n]).strip() for n in at] for row in table[1:]]
    rows = [typed(row) for row in of_api(site, name, filters)]
    expected = [[cell(c, row, filters.get("by", "month")) for c in ("period", *columns)] for row in rows]
    assert shown and sorted(shown) == sorted(expected)


def typed(row: dict[str, object]) -> dict[str, object]:
    """A row of JSON with the values that a page writes."""
    from datetime import date
    from decimal import Decimal

    found: dict[str, object] = {}
    for name, value in row.items():
        if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value):
            found[name] = Decimal(value)
        elif isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            found[name] = date.fromisoformat(value)
        else:
            found[name] = value
    return found


def test_fifty_at_once_get_what_one_gets(few: Serving) -> None:
    asked = [
        "/",
        "/roll-forward",
        "/expansion",
        "/accounts",
        "/accounts/acme",
        "/charts/movements.html",
        "/start",
        "/data",
    ]
    asked += ["/open?metric=mrr&period=2026-05&of=USD", "/tables/mrr.csv", *(f"/v1/{n}" for n in ("mrr", "expansion"))]
    alone = {address: steady(few.client().get(address)) for address in asked}

    def person(number: int) -> list[str]:
        client = few.client()
        mine = [asked[(number + n) % len(asked)] for n in range(4)]
        answers = [(address, client.get(address)) for address in mine]
        return [a for a, got in answers if got.status_code != 200 or steady(got) != alone[a]]

    with ThreadPoolExecutor(50) as pool:
        assert [address for wrong in pool.map(person, range(50)) for address in wrong] == []


def steady(got: httpx.Response) -> list[str]:
    """The numbers of an answer, less moments."""
    return re.findall(r"[\d,]+\.\d\d\b", re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+", "", got.text))


@pytest.mark.parametrize(
    ("page", "name"),
    [("/voice?view=themes", "voice-themes"), ("/pricing?view=requests", "pricing-requests"), ("/findings", "findings"),
     ("/forecast", "forecast"), ("/economics", "lifetime")],
)  # fmt: skip
def test_what_has_no_dates_is_shown_without_and_refused_with_them(few: Serving, page: str, name: str) -> None:
    """Links between pages carry dates; who asks for a time by name is not told of another."""
    client, dates = few.client(), "from=2026-02&to=2026-03"
    assert client.get(f"{page}{'&' if '?' in page else '?'}{dates}").status_code == 200
    assert client.get(f"/tables/{name}.csv?{dates}").text == client.get(f"/tables/{name}.csv").text
    assert client.get(f"/v1/{name}?{dates}").status_code == 422
