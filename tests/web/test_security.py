"""Who gets in, from where, and what every answer carries: real HTTP against a store with users of all roles."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter

import rollforward.state
from rollforward.state import ROLES, Actor, State, may
from rollforward.text.access import ACTIONS
from rollforward.web import permission
from rollforward.web.permission import EVERYBODY, allow

from .serving import WORDS, Serving, csrf, serving

BY = Actor("root", "cli")
USERS = {"ann": "admin", "anna": "analyst", "vera": "viewer", "rita": "restricted"}
HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy",
           "cross-origin-opener-policy", "x-frame-options", "cache-control", "x-request-id")  # fmt: skip


@pytest.fixture(scope="module")
def site(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    store = Path(shutil.copytree(demo, tmp_path_factory.mktemp("users") / "store"))
    state = State(store)
    for name, role in USERS.items():
        state.users.add(BY, name, role, WORDS)
    state.close()
    with serving(store) as site:
        router = APIRouter()

        @router.get("/planted")
        def planted() -> str:
            return "secret"

        @router.get("/broken")
        @allow("viewer")
        def broken() -> None:
            raise ZeroDivisionError("a secret of the program")

        @router.get("/v1/broken")
        @allow("viewer")
        def broken_too() -> None:
            raise ZeroDivisionError("a secret of the program")

        @router.get("/v1/figure")
        @allow("viewer")
        def figure(window: int = 12) -> int:
            return window

        @router.post("/v1/change")
        @allow("analyst", "import")
        def change() -> str:
            return "changed"

        site.app.include_router(router)
        yield site


@pytest.fixture(scope="module")
def local(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    store = Path(shutil.copytree(demo, tmp_path_factory.mktemp("local") / "store"))
    with serving(store) as site:
        yield site


@pytest.fixture(scope="module")
def browsers(site: Serving) -> dict[str, httpx.Client]:
    return {role: site.logged_in(name) for name, role in USERS.items()}


def state_of(site: Serving) -> State:
    found = site.app.state.desk.state
    assert isinstance(found, State)
    return found


def filled(path: str) -> str:
    """An address of a route with something in each place of its pattern."""
    path = path.replace("{name}", "mrr").replace("{kind}", "csv")
    return re.sub(r"{\w+:number}", "1", path).replace("{", "").replace("}", "")


# --- roles ---------------------------------------------------------------------------------------------------------


def test_every_route_says_who_may_and_what_the_log_calls_it(local: Serving) -> None:
    assert permission.faults(local.app) == []


def test_every_action_of_the_log_has_words(local: Serving) -> None:
    said = {r.permission.action for r in permission.routes(local.app) if r.permission and r.permission.action}
    kept = "".join(p.read_text(encoding="utf-8") for p in Path(rollforward.state.__file__).parent.glob("*.py"))
    said |= set(re.findall(r'record\(con, by, "([\w.]+)"', kept)) | {
        "refused",
        "login.failed",
        "note.delete",
        "note.restore",
    }
    assert "user.add" in said and said - set(ACTIONS) == set()


def test_what_an_action_needs_cannot_be_said_away() -> None:
    @allow("viewer", "retract")
    def undo() -> None: ...

    @allow("admin", "import")
    def import_() -> None: ...

    assert (undo.permission.role, import_.permission.role) == ("admin", "admin")  # type: ignore[attr-defined]


def test_a_route_that_does_not_say_is_found_and_closed(site: Serving, browsers: dict[str, httpx.Client]) -> None:
    assert [f.split(":")[0] for f in permission.faults(site.app)] == ["/planted"]
    assert browsers["admin"].get("/planted").status_code == 403


def test_nobody_does_what_needs_more_than_their_role(site: Serving, browsers: dict[str, httpx.Client]) -> None:
    tried = 0
    for route in permission.routes(site.app):
        if route.permission is None or route.permission.role == EVERYBODY:
            continue
        for method in sorted(route.methods - {"HEAD"}):
            path = filled(route.path)
            unknown = site.client().request(method, path)
            assert unknown.status_code in (303, 401), path
            if unknown.status_code == 303:
                assert unknown.headers["location"].startswith("/login"), path
            for role in (r for r in ROLES if not may(r, route.permission.role)):
                tried += 1
                assert browsers[role].request(method, path).status_code == 403, (role, method, path)
    assert tried > 20
    refused = state_of(site).audit.rows(who="rita", action="refused")
    assert ("/data/audit", {"method": "GET"}) in [(a.target, a.detail) for a in refused]


def test_everybody_does_what_their_role_allows(browsers: dict[str, httpx.Client]) -> None:
    assert [browsers[role].get("/").status_code for role in ROLES] == [200] * 4
    assert [browsers[role].get("/data/audit").status_code for role in ROLES] == [403] * 3 + [200]


def test_a_role_holds_at_once_and_who_is_removed_is_out(site: Serving) -> None:
    state = state_of(site)
    state.users.add(BY, "temp", "admin", WORDS)
    client = site.logged_in("temp")
    assert client.get("/data/audit").status_code == 200
    state.users.set_role(BY, "temp", "viewer")
    assert client.get("/data/audit").status_code == 403
    state.users.remove(BY, "temp")
    assert client.get("/").headers["location"] == "/login"


# --- forms from elsewhere ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["local", "users"])
def test_a_change_needs_the_forms_token_and_the_own_origin(
    site: Serving, local: Serving, browsers: dict[str, httpx.Client], who: str
) -> None:
    client = local.client() if who == "local" else browsers["admin"]
    url = str(client.base_url).rstrip("/")
    form = {"csrf": csrf(client), "language": "", "theme": "system"}

    def post(headers: dict[str, str] | None = None, **changes: str) -> int:
        return client.post("/settings/mine", data={k: v for k, v in (form | changes).items() if v != "-"},
                           headers=headers).status_code  # fmt: skip

    assert post() == 303 and post({"origin": url, "sec-fetch-site": "same-origin"}) == 303
    assert post(csrf="-") == 403 and post(csrf="0" * 96) == 403 and post(csrf=form["csrf"][:-1] + "x") == 403
    assert post({"origin": "https://evil.example"}) == 403 and post({"origin": "null"}) == 403
    assert post({"origin": url.replace("127.0.0.1", "localhost")}) == 403
    assert post({"sec-fetch-site": "cross-site"}) == 403 and post({"sec-fetch-site": "same-site"}) == 403
    assert post({"x-csrf-token": form["csrf"]}, csrf="-") == 303
    stranger = csrf(local.client() if who == "local" else site.logged_in("ann"))
    assert post(csrf=stranger) == 403, "another login's token"


def test_other_sites_may_lead_here_but_not_load_from_here(local: Serving) -> None:
    def get(**headers: str) -> int:
        return (
            local.client().get("/tables/mrr.csv", headers={f"sec-fetch-{k}": v for k, v in headers.items()}).status_code
        )

    assert get(site="cross-site", mode="navigate") == 200 and get(site="same-origin", mode="cors") == 200
    assert get(site="cross-site", mode="no-cors") == 403 and get(site="same-site", mode="cors") == 403


def test_tokens_of_forms_never_come_twice(local: Serving) -> None:
    client = local.client()
    assert csrf(client) != csrf(client)


def test_the_token_is_found_in_a_form_with_a_file(local: Serving) -> None:
    client = local.client()
    data, files = {"csrf": csrf(client), "theme": "dark", "language": "th"}, {"file": ("a.csv", b"x" * 100_000)}
    assert client.post("/settings/mine", data=data, files=files).status_code == 303
    assert state_of(local).settings.user().theme == "dark"
    assert client.post("/settings/mine", data={"theme": "dark"}, files=files).status_code == 403


# --- where it is asked from ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.5", "", "localhost@evil.example"])
def test_a_foreign_name_is_not_answered(site: Serving, local: Serving, host: str) -> None:
    for server in (site, local):
        for path in ("/", "/login", "/static/app.css", "/v1/figure"):
            done = server.client().get(path, headers={"host": host})
            assert done.status_code in (400, 421), (host, path)
            assert "MRR" not in done.text.replace("overview", "")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8765", "[::1]:8765", "127.0.0.1", "127.8.8.8:1"])
def test_this_machines_names_are_answered(local: Serving, host: str) -> None:
    assert local.client().get("/", headers={"host": host}).status_code == 200


def test_names_that_were_given_are_answered(tmp_path: Path) -> None:
    with serving(tmp_path / "store", "127.0.0.1", ("numbers.example",)) as site:
        assert site.client().get("/start", headers={"host": "Numbers.example"}).status_code == 200


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_proxy_opens_no_store_without_users(local: Serving, name: str) -> None:
    assert local.client().get("/", headers={name: "203.0.113.9"}).status_code == 403


def test_beyond_this_machine_nobody_is_let_in_without_a_login(tmp_path: Path) -> None:
    with serving(tmp_path / "store", "0.0.0.0") as site:  # as if the last user had been removed while it runs
        assert site.client().get("/").headers["location"] == "/login"
        assert site.client().get("/", headers={"host": "192.0.2.7"}).status_code == 303
        assert site.client().get("/", headers={"host": "evil.example"}).status_code == 421


# --- tokens --------------------------------------------------------------------------------------------------------


def test_tokens_open_the_api_and_nothing_else(site: Serving) -> None:
    state = state_of(site)
    made, text = state.tokens.add(BY, "nightly", "viewer")
    bearer = {"authorization": f"Bearer {text}"}
    client = site.client(headers=bearer)
    assert client.get("/v1/figure").json() == 12
    assert client.get("/").status_code == 401 and client.get("/settings").status_code == 401
    assert client.post("/v1/change").status_code == 403
    for wrong in ("Bearer rf_wrong", f"Basic {text}", text, "Bearer", f"Bearer {text}x"):
        done = site.client(headers={"authorization": wrong}).get("/v1/figure")
        assert done.status_code == 401 and done.headers["www-authenticate"] == "Bearer"
        assert done.json()["error"]["code"] == "not-logged-in"
    state.tokens.revoke(BY, made.token_id)
    assert client.get("/v1/figure").status_code == 401
    _, strong = state.tokens.add(BY, "import", "analyst")
    assert site.client(headers={"authorization": f"Bearer {strong}"}).post("/v1/change").json() == "changed"
    last = state.audit.rows(limit=1)[0]
    assert (last.who, last.action, last.target) == ("token import", "import", "/v1/change")


def test_a_session_in_the_api_needs_a_forms_token_to_change_something(browsers: dict[str, httpx.Client]) -> None:
    client = browsers["analyst"]
    assert client.get("/v1/figure").json() == 12
    assert client.post("/v1/change").status_code == 403
    assert client.post("/v1/change", headers={"x-csrf-token": csrf(client)}).status_code == 200


# --- answers -------------------------------------------------------------------------------------------------------


def test_every_answer_carries_its_headers(site: Serving, browsers: dict[str, httpx.Client]) -> None:
    answers = [
        *(browsers["viewer"].get(p) for p in ("/", "/static/app.css", "/nothing", "/broken", "/tables/mrr.csv")),
        browsers["viewer"].get("/data/audit"), browsers["viewer"].get("/?span=3"), browsers["viewer"].delete("/"),
        site.client().get("/"), site.client().get("/login"), site.client().get("/", headers={"host": "evil.example"}),
        site.client().get("/v1/figure"), browsers["viewer"].post("/settings/mine", content=b"x" * 300_000),
        browsers["viewer"].get("/static/nothing.js"), browsers["viewer"].get("/v1/broken"),
    ]  # fmt: skip
    assert [a.status_code for a in answers] == [
        200,
        200,
        404,
        500,
        200,
        403,
        400,
        405,
        303,
        200,
        421,
        401,
        413,
        404,
        500,
    ]
    for answer in answers:
        assert [n for n in HEADERS if n not in answer.headers] == [], answer.url
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "server" not in answer.headers or "uvicorn" in answer.headers["server"]
    assert answers[0].headers["cache-control"] == "no-store"


def test_faults_say_nothing_of_the_program(browsers: dict[str, httpx.Client]) -> None:
    page, program = browsers["viewer"].get("/broken"), browsers["viewer"].get("/v1/broken")
    for done in (page, program):
        assert done.status_code == 500 and done.headers["x-request-id"] in done.text
        assert not any(word in done.text for word in ("ZeroDivision", "secret", "Traceback", ".py"))


def test_programs_get_one_envelope(site: Serving, browsers: dict[str, httpx.Client]) -> None:
    client = browsers["viewer"]
    for done, status, code in (
        (client.get("/v1/nothing"), 404, "no-such-endpoint"),
        (client.get("/v1/figure?window=x"), 422, "bad-value"),
        (client.delete("/v1/figure"), 405, "wrong-method"),
        (client.post("/v1/change"), 403, "not-allowed"),
        (site.client().get("/v1/figure"), 401, "not-logged-in"),
        (client.get("/v1/broken"), 500, "internal"),
    ):
        error = done.json()["error"]
        assert (done.status_code, error["code"]) == (status, code)
        assert set(error) == {"code", "message", "remedy", "params", "request_id"} and error["message"]


def test_errors_are_pages_in_the_readers_language(browsers: dict[str, httpx.Client]) -> None:
    client = browsers["viewer"]
    assert "ไม่พบหน้านี้" in client.get("/nothing", headers={"accept-language": "th"}).text
    assert "There is no such page." in client.get("/nothing", headers={"accept-language": "en"}).text


def test_bodies_are_bounded(local: Serving) -> None:
    client = local.client()

    def parts() -> Iterator[bytes]:
        yield f"csrf={csrf(local.client())}&theme=".encode()
        for _ in range(300):
            yield b"x" * 1024

    header = {"content-type": "application/x-www-form-urlencoded", "x-csrf-token": csrf(client)}
    assert client.post("/settings/mine", content=b"x" * 300_000, headers=header).status_code == 413
    done = client.post("/settings/mine", content=parts(), headers=header)  # says not how long it is
    assert done.status_code == 413 and state_of(local).settings.user().theme in ("system", "dark")
