"""The role `restricted` finds no name, e-mail, person, text or row of a file, wherever it looks."""

from __future__ import annotations

import csv
import gzip
import html
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from rollforward import api
from rollforward.answers.table import Note, Table
from rollforward.demo import files
from rollforward.errors import Misuse
from rollforward.state import Actor, State
from rollforward.web import masking
from rollforward.web.questions import QUESTIONS

from .serving import WORDS, Serving, serving

BY = Actor("root", "cli")
PAGES = 60
LINK = re.compile(r'(?:href|data-src|hx-get)="(/[^"]*)"')


def said(column: str, *kinds: str) -> set[str]:
    """All values of a column in the demo's files."""
    found = set()
    for path in files():
        if not kinds or path.name.startswith(kinds):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                found |= {row[column] for row in csv.DictReader(file) if row.get(column)}
    return found


@pytest.fixture(scope="module")
def personal() -> set[str]:
    return said("name", "accounts") | said("email") | said("owner") | said("person") | said("text")


@pytest.fixture(scope="module")
def site(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    store = Path(shutil.copytree(demo, tmp_path_factory.mktemp("masked") / "store"))
    state = State(store)
    state.users.add(BY, "ann", "admin", WORDS)
    state.users.add(BY, "rita", "restricted", WORDS)
    state.users.add(BY, "vera", "viewer", WORDS)
    state.notes.add(Actor("ann", "admin"), "acc_00002", "Call them on Friday about the quarrel")
    state.close()
    with serving(store) as site:
        yield site


def starts() -> list[str]:
    """Where a walk begins: pages that are linked from nowhere, every table as a file, and every level of a number."""
    number = "metric=expansion&period=2026-10&of=USD"
    tables = [f"/tables/{n}.csv" for n in QUESTIONS if n not in ("bridge", "explain")] + ["/tables/mrr.json"]
    opened = [f"/open?{number}&level={level}" for level in ("accounts", "movements", "ledger", "sources")]
    opened += [
        f"/tables/explain.csv?{number}&level={level}" for level in ("accounts", "movements", "ledger", "sources")
    ]
    opened += ["/tables/bridge.csv?segment=country", "/accounts", "/accounts/acc_00002", "/data", "/data/problems"]
    return ["/", "/roll-forward?segment=industry", *tables, *opened]


def walked(client: httpx.Client) -> dict[str, str]:
    """What the pages say that can be reached, by address."""
    seen: dict[str, str] = {}
    queue = starts()
    while queue and len(seen) < PAGES + len(starts()):
        address = html.unescape(queue.pop(0))
        if address in seen or address.startswith(("/static/", "/login")) or "lang=" in address:
            continue
        done = client.get(address)
        if done.headers["content-type"].startswith("image/png"):
            seen[address] = ""  # drawn from the rows of its .svg
            continue
        seen[address] = html.unescape(done.text)
        if done.status_code == 200 and done.headers["content-type"].startswith("text/html"):
            known = {a.partition("?")[0] for a in (*seen, *queue)}
            found = [a for a in LINK.findall(done.text) if html.unescape(a).partition("?")[0] not in known]
            queue += [*found, *LINK.findall(done.text)[:8]]
    return seen


def test_nothing_personal_is_shown_anywhere(site: Serving, personal: set[str]) -> None:
    pages = walked(site.logged_in("rita"))
    assert len(pages) > 40
    said = "\n".join({line for text in pages.values() for line in re.split("[<>\n]", text)})  # most pages say the same
    assert {word for word in personal if word in said} == set()
    assert re.findall(r"\w@[\w-]+\.\w+", said) == []
    assert not any("quarrel" in text for text in pages.values())


def test_who_may_see_everything_does(site: Serving, personal: set[str]) -> None:
    client = site.logged_in("vera")
    page = client.get("/roll-forward?segment=owner").text
    assert any(word in page for word in personal)
    rows = client.get("/open?metric=churn&period=2026-10&of=USD&level=sources").text
    assert "acc_" in rows and masking.HIDDEN not in rows


@pytest.mark.parametrize("cut", ["segment=name", "segment=email", "segment=owner", "where=name%3DMeadow+Health",
                                 "where=email%3Dbilling@00002.example.com", "where=owner%3DPriya+Nair"])  # fmt: skip
def test_nothing_is_split_or_filtered_by_what_is_hidden(site: Serving, cut: str) -> None:
    client = site.logged_in("rita")
    for path in ("/", "/roll-forward", "/tables/mrr.csv", "/tables/metrics.json", "/tables/expansion.csv"):
        done = client.get(f"{path}?{cut}")
        assert done.status_code == 403 and "MRR ส" not in done.text, path
    assert client.get("/roll-forward?segment=country&where=industry%3DRetail").status_code == 200
    options = client.get("/roll-forward").text
    assert 'value="country"' in options and not any(f'value="{n}"' in options for n in ("name", "email", "owner"))


def test_no_search_tells_which_account_has_a_name(site: Serving) -> None:
    rita, vera = site.logged_in("rita"), site.logged_in("vera")
    for q in ("Meadow", "billing@00002", "Priya"):
        assert "acc_00002" in vera.get(f"/accounts?q={q}").text or q == "Priya"
        assert "acc_00002" not in rita.get(f"/accounts?q={q}").text, "nor from the memory of another's answer"
    for cut in ("where=name%3DMeadow+Health", "owner=Priya+Nair", "sort=name", "sort=owner"):
        seen = rita.get(f"/accounts?{cut}")
        plain = rita.get("/accounts")
        assert seen.status_code in (400, 403) or ids(seen.text) == ids(plain.text), cut
    assert ids(rita.get("/accounts?q=acc_00002").text) == ["acc_00002"]


def ids(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"acc_\d{5}", text.split("<main")[1])))


def test_accounts_that_are_called_by_their_address_have_stand_ins(tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(
        "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
        "kim@example.com,s1,pro,2026-01-05,,100.00,EUR\nlee@example.com,s2,pro,2026-01-05,,50.00,EUR\n"
    )
    store = api.open(tmp_path / "store")
    store.import_(tmp_path / "subs.csv")
    store.state.users.add(BY, "ann", "admin", WORDS)
    store.state.users.add(BY, "rita", "restricted", WORDS)
    store.state.close()
    with serving(tmp_path / "store") as site:
        client = site.logged_in("rita")
        pages = walked(client)
        text = client.get("/open?metric=new&period=2026-01&of=EUR&level=accounts&by=month").text
    assert not any(word in page for page in pages.values() for word in ("kim@", "lee@", "example.com"))
    assert len(set(re.findall(rf"{masking.HIDDEN}[0-9a-f]{{8}}", text))) == 2, "two accounts stay two"


def test_masking_by_column_and_by_look() -> None:
    table = Table(
        ("account_id", "Contact Name", "ผู้ดูแล", "mrr", "row", "country", "users"),
        [
            ("kim@example.com", "Kim", "กมล", 5, {"email": "x"}, "see lee@example.com.", 3),
            ("a", None, "", 0, "", None, None),
        ],
        [Note("row-not-read", {"file": "a.csv", "line": "of kim@example.com"})],
    )
    first, second = masking.masked(table, "restricted").rows
    hidden = masking.HIDDEN
    assert first[1:5] == (hidden, hidden, 5, hidden) and first[6] == 3
    assert str(first[0]).startswith(hidden) and "@" not in str(first) and "kim" not in str(first)
    assert second == ("a", None, "", 0, "", None, None)
    assert "@" not in str(masking.masked(table, "restricted").notes)
    assert masking.masked(table, "viewer") is table


def test_an_attribute_that_tells_accounts_apart_is_hidden_whatever_it_is_called() -> None:
    told = Table(
        ("dimension", "kind", "values", "accounts"),
        [("country", "account", 12, 400), ("brand", "account", 380, 400), ("band", "derived", None, None)],
    )
    assert [row[0] for row in masking.dimensions_for(told, "restricted").rows] == ["country", "band"]
    with pytest.raises(Misuse):
        masking.check_cut(told, "", ["brand=Meadow"], "restricted")
    masking.check_cut(told, "brand", [], "viewer")


def test_such_an_attribute_is_hidden_on_the_page_of_an_account_too(tmp_path: Path) -> None:
    numbers = range(30)
    subs = "".join(f"a{n},s{n},pro,2026-01-05,,10.00,EUR\n" for n in numbers)
    (tmp_path / "s.csv").write_text("account_id,subscription_id,plan,start_date,end_date,amount,currency\n" + subs)
    told = "".join(f"a{n},Canary{n:02}{'x' * (n % 3)},{'north' if n % 2 else 'south'}\n" for n in numbers)
    (tmp_path / "a.csv").write_text("account_id,aka,region\n" + told)
    store = api.open(tmp_path / "store")
    store.import_(tmp_path / "s.csv")
    store.import_(tmp_path / "a.csv", kind="accounts")
    store.state.users.add(BY, "ann", "admin", WORDS)
    store.state.users.add(BY, "rita", "restricted", WORDS)
    store.state.close()
    with serving(tmp_path / "store") as site:
        ann, rita = site.logged_in("ann"), site.logged_in("rita")
        token = {"authorization": f"Bearer {store.state.tokens.add(BY, 'seen', 'restricted')[1]}"}
        page = "/accounts/a7?show=links"
        assert "Canary07" in ann.get(page).text
        told = rita.get(page).text
        assert "Canary" not in told and "north" in told and "aka" in told
        for path in ("/v1/accounts/a7", "/v1/accounts", "/v1/explain?metric=mrr&period=2026-01&level=sources"):
            done = site.client().get(path, headers=token)
            assert done.status_code == 200 and "Canary" not in done.text, path
        assert rita.get("/roll-forward?segment=aka").status_code == 403
        assert site.client().get("/v1/mrr?where=aka%3DCanary07x", headers=token).status_code == 403


def test_findings_and_goals_about_a_person_are_for_those_who_may_see_persons(tmp_path: Path) -> None:
    """60 accounts: those of one person and region stay, half of the others' leave; a person is no region."""
    subs = "".join(
        f"a{n},s{n},pro,2024-01-05,{'2025-09-05' if n % 4 == 1 else ''},{100 + n}.00,EUR\n" for n in range(60)
    )
    head = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
    (tmp_path / "s.csv").write_text(head + subs)
    told = "".join(
        f"a{n},{'Bob Jaidee' if n % 2 else 'Ann Jaidee'},{'north' if n % 2 else 'south'},Zelda Quux\n"
        for n in range(60)
    )
    (tmp_path / "a.csv").write_text("account_id,csm,region,owner\n" + told)
    store = api.open(tmp_path / "store")
    store.import_(tmp_path / "s.csv", trust_valid_time=True, coverage="..2026-01-01")
    store.import_(tmp_path / "a.csv", kind="accounts", trust_valid_time=True)
    store.set_goal(BY, "expansion", "2025-06", Decimal(10), where="csm=Bob Jaidee")
    store.set_goal(BY, "expansion", "2025-07", Decimal(10), where="region=north", owner="Zelda Quux")
    store.set_goal(BY, "expansion", "2025-08", Decimal(10), where="region=north")
    for name, role in (("ann", "admin"), ("rita", "restricted")):
        store.state.users.add(BY, name, role, WORDS)
    token = {"authorization": f"Bearer {store.state.tokens.add(BY, 'seen', 'restricted')[1]}"}
    with serving(store.path) as site:
        ann, rita = site.logged_in("ann"), site.logged_in("rita")
        assert "csm = Bob Jaidee" in ann.get("/findings").text and "csm = Bob" in ann.get("/tables/findings.csv").text
        assert "csm=Bob" in ann.get("/tables/goals.csv").text
        for path in ("findings", "tables/findings.csv", "tables/findings.json", "v1/findings"):
            seen = (site.client(headers=token) if path.startswith("v1") else rita).get(f"/{path}")
            assert seen.status_code == 200 and "region = north" in seen.text, path
            assert "Jaidee" not in seen.text and "csm" not in seen.text, path
        for path in ("goals", "tables/goals.csv", "v1/goals"):
            seen = (site.client(headers=token) if path.startswith("v1") else rita).get(f"/{path}")
            assert seen.status_code == 200 and "region=north" in seen.text and masking.HIDDEN in seen.text, path
            assert not any(word in seen.text for word in ("Jaidee", "Zelda", "csm", "root")), path
        page = rita.get("/goals").text
        assert "period=2025-06" not in page and "period=2025-07" not in page


def test_who_did_it_is_a_person_and_what_was_said_of_it_is_none() -> None:
    names = ("set_by", "leader_by", "owner_by", "leader", "created_by", "owner", "csm")
    assert all(map(masking.is_personal, names))
    assert not any(map(masking.is_personal, ("owner_call", "leader_call", "forecast_by", "by_seats")))
    told = Table(("set_by", "owner_call", "asked_by"), [("kim", "renew", "rollforward mrr")])
    assert masking.masked(told, "restricted").rows[0] == (masking.HIDDEN, "renew", "rollforward mrr")
