"""Logging in and out: where it leads, cookies, sessions, waits, passwords; over real HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from rollforward.state import Actor, State
from rollforward.state.database import utc

from .serving import WORDS, Serving, csrf, serving

BY = Actor("root", "cli")


@pytest.fixture(scope="module")
def site(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    store = Path(shutil.copytree(demo, tmp_path_factory.mktemp("login") / "store"))
    state = State(store)
    state.users.add(BY, "ann", "admin", WORDS)
    state.users.add(BY, "vera", "viewer", WORDS)
    state.close()
    with serving(store) as site:
        yield site


def state_of(site: Serving) -> State:
    found = site.app.state.desk.state
    assert isinstance(found, State)
    return found


def test_the_login_leads_back_and_only_within(site: Serving) -> None:
    asked = site.client().get("/roll-forward?by=quarter&where=plan%3Dpro")
    assert asked.headers["location"] == "/login?next=/roll-forward%3Fby%3Dquarter%26where%3Dplan%253Dpro"
    for wanted, led in (
        ("/roll-forward?by=quarter", "/roll-forward?by=quarter"),
        ("https://evil.example", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"), ("/login", "/"),
    ):  # fmt: skip
        client = site.client()
        form = {"csrf": csrf(client, "/login"), "name": "vera", "password": WORDS, "next": wanted}
        assert client.post("/login", data=form).headers["location"] == led


def test_cookies_are_the_servers_alone(site: Serving) -> None:
    client = site.client()
    form = {"csrf": csrf(client, "/login"), "name": "vera", "password": WORDS}
    set_ = client.post("/login", data=form).headers.get_list("set-cookie")
    (session,) = [c for c in set_ if "session" in c]
    assert "HttpOnly" in session and "SameSite=Lax" in session and "Path=/" in session and "Domain" not in session
    assert "Secure" not in session
    client = site.client(headers={"x-forwarded-proto": "https"})  # as a proxy on this machine says
    form["csrf"] = csrf(client, "/login")
    visit = client.cookies
    assert all(c.secure for c in visit.jar) and all(c.name.startswith("__Host-") for c in visit.jar)


def test_a_session_is_made_at_login_and_never_taken_over(site: Serving) -> None:
    client = site.logged_in("vera")
    (first,) = [c.value for c in client.cookies.jar if "session" in c.name]
    name = next(c.name for c in client.cookies.jar if "session" in c.name)
    planted = site.client(cookies={name: "chosen-by-somebody-else"})
    form = {"csrf": csrf(planted, "/login"), "name": "vera", "password": WORDS}
    done = planted.post("/login", data=form)
    given = next(c.split("=", 1)[1].split(";")[0] for c in done.headers.get_list("set-cookie") if "session" in c)
    assert given not in ("chosen-by-somebody-else", first) and len(given) == 43
    assert site.client(cookies={name: "chosen-by-somebody-else"}).get("/").status_code == 303
    client.post("/logout", data={"csrf": csrf(client)})
    assert site.client(cookies={name: str(first)}).get("/").status_code == 303, "over on the server too"


def test_wrong_names_and_passwords_get_one_answer_and_waits(site: Serving) -> None:
    state_of(site).users.add(BY, "target", "viewer", WORDS)

    def tried(name: str) -> list[tuple[int, str]]:
        found = []
        for _ in range(5):
            client = site.client()
            done = client.post("/login", data={"csrf": csrf(client, "/login"), "name": name, "password": "wrong"})
            body = done.text.replace(name, "NAME").replace(csrf_of(done), "")
            found.append((done.status_code, body[body.index("<main") :]))
        return found

    known, unknown = tried("target"), tried("nobody")
    assert known == unknown and [status for status, _ in known] == [401] * 5
    then = utc()
    earlier = State(state_of(site).path.parent, lambda: then)
    for name in ("target", "nobody"):
        then, wait = utc() - timedelta(minutes=1), 0
        while wait < 60:  # one failure after the other, as soon as each may be
            then += timedelta(seconds=wait)
            wait = earlier.attempts.begin(name, "10.0.0.1")
    earlier.close()
    for name, password in (("target", WORDS), ("target", "wrong"), ("nobody", "wrong")):
        client = site.client()
        waiting = client.post("/login", data={"csrf": csrf(client, "/login"), "name": name, "password": password})
        assert waiting.status_code == 429 and int(waiting.headers["retry-after"]) > 1, "also with the right password"
    acts = state_of(site).audit.rows(action="login.failed")
    assert {a.target for a in acts} == {"target", ""} and "nobody" not in repr(acts)
    state_of(site).attempts.succeeded("target", "127.0.0.1")


def csrf_of(done: httpx.Response) -> str:
    return done.text.split('name="csrf" value="')[1].split('"')[0]


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(site: Serving) -> None:
    state_of(site).users.add(BY, "petra", "restricted", WORDS)
    mine, other = site.logged_in("petra"), site.logged_in("petra")
    form = {"csrf": csrf(mine), "old": "wrong", "new": "another good one", "again": "another good one"}
    assert mine.post("/settings/password", data=form).status_code == 401
    form |= {"old": WORDS, "csrf": csrf(mine)}
    assert mine.post("/settings/password", data=form | {"again": "another good two"}).status_code == 400
    assert mine.post("/settings/password", data=form).status_code == 303
    assert mine.get("/").status_code == 200 and other.get("/").status_code == 303
    site.logged_in("petra", "another good one")
    assert mine.post("/settings/sessions", data={"csrf": csrf(mine)}).status_code == 303
