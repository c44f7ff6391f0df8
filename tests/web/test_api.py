"""The JSON API over real HTTP: answers, pages of them, marks, errors of every kind, roles, changes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from rollforward import api
from rollforward.state import State
from rollforward.web.foreseen import FORESEEN
from rollforward.web.growing import GROWTH
from rollforward.web.questions import QUESTIONS
from rollforward.web.quoting import QUOTING
from rollforward.web.renewing import RENEWALS

from .programs import NEEDED, Programs, programs


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with programs(tmp_path_factory.mktemp("api")) as found:
        yield found


@pytest.fixture(scope="module")
def viewer(served: Programs) -> httpx.Client:
    return served.client()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Programs]:
    """One whose store a test may change."""
    with programs(tmp_path) as found:
        yield found


def fault(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The error of an answer, whose form is always the same."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    (error,) = answer.json().values()
    assert set(error) == {"code", "message", "remedy", "params", "request_id"}
    assert error["message"] and error["request_id"] == answer.headers["x-request-id"]
    return dict(error)


# --- answers -------------------------------------------------------------------------------------------------------


EMPTY, THIN = {"restatements", "retention", *GROWTH, *FORESEEN, *RENEWALS, *QUOTING}, {"risks", "score-report", "quote"}
"""Questions to which so small a store has no answer, and those that refuse it."""


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_of_the_pages_has_an_address(viewer: httpx.Client, name: str) -> None:
    answer = viewer.get(f"/v1/{name}{NEEDED.get(name, '')}")
    if name in THIN and fault(answer, 400)["code"] in ("score-thin", "no-price-plans"):
        return
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert set(told) == {"data", "columns", "notes", "next", "store_version"} and told["store_version"] == 3
    assert told["data"] or name in EMPTY
    for row in told["data"]:
        assert list(row) == [c["name"] for c in told["columns"]]


def test_values_say_what_they_are(viewer: httpx.Client) -> None:
    told = viewer.get("/v1/mrr?from=2026-03&to=2026-03&currency=native").json()
    usd = next(row for row in told["data"] if row["currency"] == "USD")
    # March: 100 + 20 of acme, 50 of bolt; 30 of elsa are new
    assert (usd["period"], usd["opening"], usd["new"], usd["closing"]) == ("2026-03-01", "170.00", "30.00", "200.00")
    types = {c["name"]: c["type"] for c in told["columns"]}
    assert (types["period"], types["closing"], types["accounts_closing"]) == ("date", "decimal", "integer")
    assert (types["is_complete"], types["currency"]) == ("boolean", "string")
    minor = viewer.get("/v1/mrr?from=2026-03&to=2026-03&currency=native&minor=true").json()
    assert next(row for row in minor["data"] if row["currency"] == "USD")["closing"] == 20000


def test_csv_is_the_same_table_and_safe_in_a_spreadsheet(viewer: httpx.Client) -> None:
    asked = "/v1/explain?metric=new&period=2026-03&currency=native"
    told = viewer.get(asked).json()
    for answer in (viewer.get(asked + "&format=csv"), viewer.get(asked, headers={"accept": "text/csv"})):
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert rows[0] == [c["name"] for c in told["columns"]]
        assert rows[1][rows[0].index("account_id")] == "'=elsa" and told["data"][0]["account_id"] == "=elsa"
    assert viewer.get(asked, headers={"accept": "text/html, */*"}).headers["content-type"] == "application/json"


def test_remarks_are_in_the_language_asked_for(served: Programs) -> None:
    said = {
        lang: served.client(language=lang).get("/v1/mrr?to=2026-09&currency=EUR&policy=chartmogul").json()["notes"]
        for lang in ("en", "th")
    }
    codes = {lang: [n["code"] for n in notes] for lang, notes in said.items()}
    assert codes["en"] == codes["th"] and codes["en"]
    assert [n["message"] for n in said["en"]] != [n["message"] for n in said["th"]]


def test_the_store_says_how_fresh_it_is(viewer: httpx.Client) -> None:
    told = viewer.get("/v1/store").json()
    assert (told["version"], told["is_empty"], told["ties"], told["violations"]) == (3, False, True, 0)
    assert (told["first_day"], told["complete_to"]) == ("2026-01-01", "2026-07-01")
    assert told["reporting_currency"] == "USD" and told["currencies"] == ["USD", "native", "EUR"]


def test_a_select_is_answered_and_bounded(viewer: httpx.Client) -> None:
    told = viewer.post("/v1/sql", json={"query": "select account_id from account order by 1", "limit": 2}).json()
    assert [row["account_id"] for row in told["data"]] == ["=elsa", "acme"]
    assert [n["code"] for n in told["notes"]] == ["rows-left-out"]
    for query, code in (
        ("drop table account", "sql-not-select"),
        ("select * from read_csv('/etc/passwd')", "sql-error"),
        ("select * from '/etc/passwd'", "sql-unknown-table"),
    ):
        assert fault(viewer.post("/v1/sql", json={"query": query}), 400)["code"] == code


# --- pages and marks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    ["/v1/mrr?currency=native", "/v1/explain?metric=closing&period=2026-06&level=accounts&currency=native",
     "/v1/accounts?sort=name"],
)  # fmt: skip
def test_cursors_lead_through_all_rows_once(viewer: httpx.Client, asked: str) -> None:
    everything = viewer.get(asked).json()["data"]
    address, found = f"{asked}&limit=2", []
    while True:
        answer = viewer.get(address)
        told = answer.json()
        assert len(told["data"]) <= 2
        found += told["data"]
        if told["next"] is None:
            assert "link" not in answer.headers
            break
        address = f"{asked}&limit=2&cursor={told['next']}"
        linked = answer.links["next"]["url"]
        assert viewer.get(linked).json()["data"] == viewer.get(address).json()["data"]
    times = ("as_of",)
    assert [{k: v for k, v in r.items() if k not in times} for r in found] == [
        {k: v for k, v in r.items() if k not in times} for r in everything
    ]
    assert len(found) > 2


def test_a_cursor_belongs_to_its_question_and_version(fresh: Programs) -> None:
    client = fresh.client()
    cursor = client.get("/v1/mrr?limit=1").json()["next"]
    assert client.get(f"/v1/mrr?limit=3&cursor={cursor}").status_code == 200
    assert fault(client.get(f"/v1/mrr?currency=native&cursor={cursor}"), 400)["code"] == "cursor-of-another"
    assert fault(client.get(f"/v1/metrics?cursor={cursor}"), 400)["code"] == "cursor-of-another"
    for broken in ("x", "AAAA", cursor[:-3], "W10"):
        assert fault(client.get(f"/v1/mrr?cursor={broken}"), 400)["code"] == "cursor-unreadable"
    api.open(fresh.store).unlink("bolt", "acme")
    told = fault(client.get(f"/v1/mrr?limit=3&cursor={cursor}"), 409)
    assert told["code"] == "cursor-outdated" and told["params"] == {"then": "3", "now": "4"}


def test_an_answer_that_is_known_is_not_sent_again(fresh: Programs) -> None:
    client = fresh.client()
    first = client.get("/v1/metrics")
    mark = {"if-none-match": f'"other", {first.headers["etag"]}'}
    assert "private" in first.headers["cache-control"]
    again = client.get("/v1/metrics", headers=mark)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    for other in ("?by=quarter", "?limit=1", "?minor=true", "?format=csv"):
        assert client.get(f"/v1/metrics{other}", headers=mark).status_code == 200
    assert fresh.client(language="th").get("/v1/metrics", headers=mark).status_code == 200
    assert fresh.client("restricted").get("/v1/metrics", headers=mark).status_code == 200
    api.open(fresh.store).unlink("bolt", "acme")
    assert client.get("/v1/metrics", headers=mark).status_code == 200


# --- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("/v1/mrr?frm=2026-01", 422, "unknown-parameter"),
        ("/v1/mrr?span=12", 422, "unknown-parameter"),
        ("/v1/imports?by=month", 422, "unknown-parameter"),
        ("/v1/store?x=1", 422, "unknown-parameter"),
        ("/v1/mrr?by=month&by=year", 422, "repeated-parameter"),
        ("/v1/mrr?by=decade", 422, "bad-value"),
        ("/v1/mrr?limit=0", 422, "bad-value"),
        ("/v1/mrr?limit=10001", 422, "bad-value"),
        ("/v1/mrr?minor=yes", 422, "bad-value"),
        ("/v1/mrr?from=March", 422, "bad-value"),
        ("/v1/explain?metric=new", 422, "missing-parameter"),
        ("/v1/mrr?from=2026-02-30", 400, "bad-period"),
        ("/v1/mrr?from=2026-06&to=2026-01", 400, "bad-range"),
        ("/v1/mrr?segment=nothing", 400, "unknown-dimension"),
        ("/v1/mrr?policy=nothing", 400, "unknown-policy"),
        ("/v1/mrr?policy=other.toml", 400, "unknown-option"),
        ("/v1/mrr?currency=XXX", 400, "unknown-currency"),
        ("/v1/bridge", 400, "bridge-needs-segment"),
        ("/v1/accounts/nobody", 404, "unknown-account"),
        ("/v1/nothing", 404, "no-such-endpoint"),
    ],
)
def test_what_cannot_be_answered_says_why(viewer: httpx.Client, asked: str, status: int, code: str) -> None:
    assert fault(viewer.get(asked), status)["code"] == code


def test_a_misspelt_filter_is_told_the_right_one(viewer: httpx.Client) -> None:
    told = fault(viewer.get("/v1/retention?segmet=country"), 422)
    assert told["params"]["nearest"] == "segment" and "Did you mean segment?" in told["remedy"]


def test_methods_bodies_and_types_are_refused_in_the_same_form(served: Programs) -> None:
    admin = served.client("admin")
    answer = admin.put("/v1/mrr")
    assert fault(answer, 405)["code"] == "wrong-method" and answer.headers["allow"] == "GET"
    text = {"content-type": "text/plain"}
    assert fault(admin.post("/v1/sql", content="select 1", headers=text), 415)["code"] == "other-media-type"
    json = {"content-type": "application/json"}
    for broken in ("{", "[]", "7", ""):
        assert fault(admin.post("/v1/sql", content=broken, headers=json), 422)["code"] in ("bad-body", "bad-value")
    assert fault(admin.post("/v1/sql", json={"query": "select 1", "x": 1}), 422)["code"] == "unknown-parameter"
    assert fault(admin.post("/v1/sql", json={"query": "x" * 300_000}), 413)["code"] == "too-large"


def test_errors_speak_the_language_of_the_asker(served: Programs) -> None:
    said = {lang: fault(served.client(language=lang).get("/v1/mrr?by=x"), 422) for lang in ("en", "th")}
    assert said["en"]["message"] == "by cannot be x." and said["th"]["message"] == "by เป็น x ไม่ได้"


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    from .serving import serving

    with serving(tmp_path / "empty") as site:
        client = site.client()
        assert fault(client.get("/v1/mrr"), 409)["code"] == "empty-store"
        told = client.get("/v1/store").json()
        assert told["is_empty"] and told["version"] == 0 and told["first_day"] is None


# --- roles ---------------------------------------------------------------------------------------------------------


def test_without_a_token_nothing_is_told(served: Programs) -> None:
    nobody = served.client("")
    for path in ("/v1/mrr", "/v1/store", "/v1/accounts", "/v1/problems", "/v1/nothing"):
        answer = nobody.get(path)
        assert fault(answer, 401)["code"] == "not-logged-in" and answer.headers["www-authenticate"] == "Bearer"
    wrong = {"authorization": "Bearer rf_wrong"}
    assert fault(nobody.get("/v1/mrr", headers=wrong), 401)["code"] == "not-logged-in"
    assert nobody.get("/v1/openapi.json").status_code == 200


def test_each_role_may_what_it_may(served: Programs) -> None:
    link = {"from": "nobody", "to": "acme"}
    for role, sql, write, retract in (
        ("restricted", 403, 403, 403),
        ("viewer", 200, 403, 403),
        ("analyst", 200, 404, 403),
        ("admin", 200, 404, 404),
    ):
        client = served.client(role)
        assert client.get("/v1/mrr").status_code == 200
        assert client.post("/v1/sql", json={"query": "select 1 as one"}).status_code == sql
        assert client.post("/v1/links", json=link).status_code == write
        assert client.delete("/v1/imports/99").status_code == retract


def test_the_restricted_role_sees_no_names(served: Programs) -> None:
    client = served.client("restricted")
    paths = (
        "/v1/accounts", "/v1/accounts/acme", "/v1/problems", "/v1/imports", "/v1/dimensions", "/v1/accounts?format=csv",
        "/v1/explain?metric=closing&period=2026-06&level=sources",
    )  # fmt: skip
    seen, all_ = ("".join(c.get(path).text for path in paths) for c in (client, served.client()))
    for hidden in ("Acme Inc", "ann@acme", "Kim", "oops"):
        assert hidden not in seen and hidden in all_, hidden
    for path in ("/v1/mrr?segment=owner", "/v1/mrr?where=name=Cato", "/v1/accounts?owner=Kim",
                 "/v1/accounts?sort=-owner"):  # fmt: skip
        assert fault(client.get(path), 403)["code"] == "hidden-from-you"
    assert client.get("/v1/mrr?segment=country").status_code == 200
    found = [
        len(served.client(role).get("/v1/accounts?search=ann").json()["data"]) for role in ("viewer", "restricted")
    ]
    assert found == [1, 0]


def test_exports_and_changes_are_in_the_log(fresh: Programs) -> None:
    admin = fresh.client("admin")
    admin.get("/v1/mrr")
    admin.get("/v1/mrr?by=quarter&format=csv")
    admin.post("/v1/sql", json={"query": "select 1 as one"})
    admin.delete("/v1/links?from=bolt&to=acme")
    admin.delete("/v1/links?from=bolt&to=acme")  # refused: not done
    state = State(fresh.store)
    log = [(a.who, a.action, a.target) for a in state.audit.rows() if a.action != "token.add"][:3]
    state.close()
    assert log == [
        ("token admin", "unlink", "bolt"), ("token admin", "export", "/v1/sql"), ("token admin", "export", "/v1/mrr"),
    ]  # fmt: skip


# --- changes -------------------------------------------------------------------------------------------------------

MORE = b"""\
subscription_id,account_id,item_id,product,plan,quantity,amount,currency,interval,start_date,end_date
s9,gull,i1,core,pro,1,10.00,USD,month,2026-05-01,
s10,gull,i1,core,pro,1,bad,USD,month,2026-05-01,
"""


def test_an_import_is_tried_made_and_taken_back(fresh: Programs) -> None:
    analyst, admin = fresh.client("analyst"), fresh.client("admin")
    file = {"files": ("../../more.csv", MORE)}
    tried = analyst.post("/v1/imports", files=file, data={"dry_run": "true"})
    assert tried.status_code == 200 and tried.json()["commit_id"] == 0
    made = analyst.post("/v1/imports", files=file, data={"trust_valid_time": "true", "coverage": "..2026-07-01"})
    told = made.json()
    assert made.status_code == 201 and told["commit_id"] == 4
    assert [(f["name"], f["accepted"], f["refused"]) for f in told["files"]] == [("more.csv", 1, 1)]
    assert told["problems"][0]["line"] == 3 and told["problems"][0]["message"]
    cell = "/v1/mrr?from=2026-05&to=2026-05&currency=native"
    new = {r["currency"]: Decimal(r["new"]) for r in analyst.get(cell).json()["data"]}
    assert new["USD"] == 10
    assert fault(analyst.delete("/v1/imports/4"), 403)["code"] == "not-allowed"
    assert admin.delete("/v1/imports/4?dry_run=true").status_code == 200
    assert admin.delete("/v1/imports/4").status_code == 201
    assert {r["currency"]: Decimal(r["new"]) for r in analyst.get(cell).json()["data"]}["USD"] == 0
    assert fault(admin.delete("/v1/imports/4"), 409)["code"] == "already-retracted"
    assert fault(admin.delete("/v1/imports/77"), 404)["code"] == "no-such-import"


def test_a_form_with_an_unknown_field_or_without_a_file_imports_nothing(served: Programs) -> None:
    analyst = served.client("analyst")
    file = {"files": ("more.csv", MORE)}
    for data, code in (
        ({"dryrun": "true"}, "unknown-parameter"), ({"snapshot": "maybe"}, "bad-value"),
        ({"kind": "things"}, "bad-value"), ({"coverage": "2026"}, "bad-value"),
    ):  # fmt: skip
        assert fault(analyst.post("/v1/imports", files=file, data=data), 422)["code"] == code
    nothing = analyst.post("/v1/imports", files={"dry_run": (None, "true")})
    assert fault(nothing, 422)["code"] == "missing-parameter"
    assert fault(analyst.post("/v1/imports", json={}), 415)["code"] == "other-media-type"
    assert fault(analyst.post("/v1/imports", files={"files": ("x.csv", b"")}), 400)["code"] == "empty-file"
    assert analyst.get("/v1/store").json()["version"] == 3


def test_links_closings_and_policies_are_made_and_taken_back(fresh: Programs) -> None:
    admin = fresh.client("admin")
    link = {"from": "dune", "to": "cato"}
    assert [admin.post("/v1/links", json=link).status_code for _ in range(2)] == [201, 200]
    assert fault(admin.post("/v1/links", json={"from": "cato", "to": "dune"}), 409)["code"] in (
        "link-ring", "already-linked",
    )  # fmt: skip
    assert admin.delete("/v1/links", params=link).status_code == 201
    assert fault(admin.delete("/v1/links", params=link), 404)["code"] == "no-such-link"
    done = [admin.post("/v1/closings", json={"period": "2026-03"}) for _ in range(2)]
    assert [d.status_code for d in done] == [201, 200] and done[0].json()["to_on"] == "2026-04-01"
    assert fault(admin.post("/v1/closings", json={"period": "2030-03"}), 409)["code"] == "period-not-over"
    assert admin.delete("/v1/closings/2026-03").status_code == 201
    assert fault(admin.delete("/v1/closings/2026-03"), 409)["code"] == "not-closed"
    rules = {"toml": 'name = "ours"\nversion = 1\nnetting = "month"\n'}
    assert [admin.post("/v1/policies", json=rules).status_code for _ in range(2)] == [201, 200]
    assert admin.get("/v1/mrr?policy=default,ours").status_code == 200
    assert fault(admin.post("/v1/policies", json={"toml": "name ="}), 400)["code"] == "bad-policy"


# --- the description -----------------------------------------------------------------------------------------------


def test_the_description_has_every_address_and_its_filters(viewer: httpx.Client) -> None:
    told = viewer.get("/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1") and told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    named = {p["name"]: p for p in told["paths"]["/v1/mrr"]["get"]["parameters"]}
    assert set(named) == {"by", "from", "to", "currency", "segment", "where", "policy", "basis", "as-of", "minor",
                          "limit", "cursor", "format"}  # fmt: skip
    assert named["by"]["schema"]["enum"] == ["day", "week", "month", "quarter", "year"]
    assert {f"/v1/{name}" for name in QUESTIONS} <= set(told["paths"])
    for path, methods in told["paths"].items():
        for operation in methods.values():
            assert operation["summary"] and operation["responses"].keys() >= {"401", "403", "422", "500"}, path
            assert all(p.get("description") for p in operation.get("parameters", ()) if p["in"] == "query"), path


def test_the_page_for_developers_lists_all_in_both_languages(served: Programs) -> None:
    admin = served.site.logged_in("root")
    english = admin.get("/developers", headers={"accept-language": "en"}).text
    thai = admin.get("/developers", headers={"accept-language": "th"}).text
    for name in QUESTIONS:
        assert f"/v1/{name}" in english and f"/v1/{name}" in thai
    assert "The roll-forward, one row" in english and "The roll-forward, one row" not in thai
    assert admin.get("/v1").headers["location"] == "/developers"
