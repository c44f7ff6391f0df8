"""Numbers that are none, or have no end, are refused or left out: no request ends in a fault of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rollforward import api
from rollforward.acting import _typed
from rollforward.errors import Misuse
from rollforward.numerals import is_whole

from .serving import Serving, csrf, serving
from .small import small

SOURCES = Path(api.__file__).parent
NINES = "9" * 20
OPEN = "/open?metric=new&period=2026-01&of=USD"


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(small(tmp_path_factory.mktemp("odd"))) as found:
        yield found


def test_digits_are_asked_for_in_one_place() -> None:
    assert [is_whole(t) for t in ("0", "12", "²", "๑", "", "-1", "1" * 10)] == [True, True, *[False] * 5]
    # what sources do with digits is no number: they look at single characters of a file
    found = [p.name for p in SOURCES.rglob("*.py") if p.parent.name != "sources" and ".isdigit()" in p.read_text()]
    assert found == []


@pytest.mark.parametrize(
    "path",
    [
        "/renewals?days=²", "/renewals?page=²", "/quotes?page=²", "/quotes/1?version=²", "/worked?days=²",
        "/opportunities?page=²", "/opportunities?undo=²", f"{OPEN}&page=²", "/accounts/acme?page=²",
        "/accounts/acme/quote?seats=²", "/accounts/acme/quote?add-on=x%3D²", "/tables/forecast.csv?months=²",
        "/v1/voice-landmark?landmark=²", "/v1/economics?margin=²", "/v1/durability?months=²", "/economics?margin=²",
        "/retention?window=²", "/bridge?page=²", "/signals?page=²", "/pricing?page=²", "/goals/commission?page=²",
        *(f"{of}/{'9' * 5000}" for of in ("/opportunities", "/v1/opportunities", "/quotes")),
        f"/quotes/{'9' * 5000}.pdf",
        f"/opportunities/{NINES}", f"/quotes/{NINES}", f"/quotes/{NINES}.pdf", f"/data/audit?before={NINES}",
        f"/v1/opportunities?account={NINES}", f"/quotes/1?version={NINES}", f"/v1/quotes?account={NINES}",
        f"{OPEN}&page={NINES}", f"{OPEN}&level=movements&page={NINES}", f"/accounts/acme?show=history&page={NINES}",
        f"/accounts/acme?show=sources&page={NINES}", "/v1/bridge?window=abc", "/tables/bridge.csv?window=abc",
        "/tables/bridge.csv?window=999999999", "/tables/retention.csv?window=999999999",
        "/accounts/acme/quote?discount=1e999999", "/accounts/acme/quote?discount=1e9999999",
        "/accounts/acme/quote?discount=NaN", "/accounts/acme/quote.pdf?plan=pro&discount=-1e999999",
        "/plan?gap=churn%3DNaN", "/plan?gap=churn%3D1e999", "/plan?gap=churn%3D1e308,expansion%3D1e308",
        *(f"/plan?plays=play,lever,reach,effect_low,effect_high,cost%0Aa,churn,1,1,1,{cost}"
          for cost in ("1e999", "1e308", "1e-320", "NaN")),
    ],
)  # fmt: skip
def test_no_address_ends_in_a_fault(few: Serving, path: str) -> None:
    got = few.client().get(path)
    assert got.status_code < 500 and "Traceback" not in got.text, got.text


def test_a_file_has_what_its_page_has(few: Serving) -> None:
    """The page of a forecast leaves out what splits other pages, and so does its file."""
    whole, split = (few.client().get(f"/tables/forecast.csv{of}") for of in ("", "?segment=plan"))
    assert split.status_code == 200 and split.text == whole.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        *(("/goals/set", {"period": "2026-02", "target": told, "currency": "USD"})
          for told in ("NaN", "sNaN", "Infinity", "1e999999", "1e9999999")),
        ("/goals/set", {"metric": "ndr", "period": "2026-02", "target": "1e9999999"}),
        *(("/renewals/call", {"account": "dune", "due": "2027-02-15", "said": "renew", **told})
          for told in ({"amount": "NaN"}, {"amount": "1e999999"}, {"chance": "sNaN"}, {"chance": "1e9999999"})),
        (f"/opportunities/{NINES}/offer", {}), (f"/opportunities/{NINES}/owner", {"owner": "kim"}),
        (f"/quotes/{NINES}/send", {}), ("/goals/remove", {"goal": NINES}),
    ],
)  # fmt: skip
def test_no_form_ends_in_a_fault(few: Serving, path: str, fields: dict[str, str]) -> None:
    client = few.client()
    got = client.post(path, data={"csrf": csrf(client), **fields})
    assert 400 <= got.status_code < 500 and "Traceback" not in got.text, got.text


def test_a_file_of_opportunities_is_refused_by_its_line(few: Serving) -> None:
    store = api.open(few.app.state.desk.path)
    for text in (
        f"opportunity,stage\n{NINES},won\n",
        "opportunity,stage\n²,won\n",
        "opportunity,owner\n1,•••\n",
        f"opportunity,why\n1,{'x' * 200_000}\n",
    ):
        with pytest.raises(Misuse, match="bad-opportunities"):
            store.read_opportunities(text, api.operator())


def test_a_formula_sign_is_taken_off_again() -> None:
    assert [_typed(t) for t in ("'@kim", "'kim", "@kim", "'", None)] == ["@kim", "'kim", "@kim", "'", ""]
