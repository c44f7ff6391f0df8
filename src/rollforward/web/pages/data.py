"""The data behind the figures: imports with what each did, undo and redo, problems with their remedy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request, Response

from rollforward import text
from rollforward.api import Store
from rollforward.ingest import ProblemGroup
from rollforward.money import to_major
from rollforward.text import _, figures
from rollforward.web.page import Any_, Page
from rollforward.web.pages.accounts import address_of
from rollforward.web.permission import allow
from rollforward.web.uploads import Uploads
from rollforward.web.waiting import Later, answer, change, whole

router = APIRouter()

LARGE = 300_000
"""Rows of a store beyond which a page does not read its whole ledger."""


@dataclass(frozen=True)
class Group:
    """Problems of one code and column as a person reads them; `examples` are (place, the user's row)."""

    said: str
    remedy: str
    severity: str
    rows: int
    at_stake: str
    examples: tuple[tuple[str, str], ...]
    commit: int
    column: str


def uploads_of(page: Page) -> Uploads:
    """The files that wait to be imported."""
    state = page.request.app.state
    if not hasattr(state, "uploads"):
        state.uploads = Uploads(page.desk.path)
    found: Uploads = state.uploads
    return found


def grouped(groups: list[ProblemGroup]) -> list[Group]:
    """Counted problems in words."""
    found = []
    for g in groups:
        said, remedy = text.problem(g.samples[0])
        money = ", ".join(figures.money(to_major(v, c), c) for c, v in g.at_stake.items() if c)
        if g.rows > 1:  # the first one's value says nothing of the others
            said, remedy = text.problem(replace(p := g.samples[0], params={**p.params, "value": "…"}))
        examples = tuple((f"{p.file}:{p.line}", p.row) for p in g.samples)
        found.append(Group(said, remedy, g.severity, g.rows, money, examples, g.commit_id, g.column))
    return found


@router.get("/data")
@allow("viewer")
def imports(page: Any_) -> Response:
    """Every import, the latest first; files that wait; where data can come from."""
    rows = page.ask("imports").to_dicts()
    gone = {r["retracts"]: r["commit_id"] for r in rows if r["retracts"]}
    worth = _worth(page, rows)
    return page.show(
        "data_imports.html", rows=list(reversed(rows)), gone=gone, waiting=uploads_of(page).all(), worth=worth,
        standing=sum(r["kind"] == "import" and r["commit_id"] not in gone for r in rows),
    )  # fmt: skip


def _worth(page: Page, rows: list[dict[str, Any]]) -> dict[int, list[tuple[str, Decimal]]]:
    """The MRR that stands on each import; of large stores none is said, as the ledger of all rows has to be read."""
    if not rows or sum(int(r["rows_accepted"]) for r in rows) > LARGE:
        return {}
    return page.know("import-mrr", lambda store: store.import_mrr())


@router.get("/data/imports/{number}")
@allow("viewer")
def one_import(page: Any_, number: str) -> Response:
    """One import: its files, what was refused and why, and what can be done with it."""
    n = whole(number, 1)
    rows = page.ask("imports").to_dicts()
    row = next((r for r in rows if r["commit_id"] == n), None)
    is_import = row is None or row["kind"] == "import"
    files = page.know(("files", n), lambda store: store.import_files_of(n)) if is_import else []
    groups = page.know(("problems", n), lambda store: store.problem_groups(n))
    by = next((r["commit_id"] for r in rows if r["retracts"] == n), None)
    worth = _worth(page, rows)
    return page.show(
        "data_import.html", row=row, files=files, groups=grouped(groups), by=by, fresh=page.address.get("new"),
        worth=worth.get(n, ()),
    )  # fmt: skip


@router.get("/data/imports/{number}/undo")
@allow("viewer")
def undo_shown(page: Any_, number: str) -> Response:
    """What taking an import back would change, before it is done."""
    n, back = whole(number, 1), f"/data/imports/{number}"

    def work(store: Store, progress: Any) -> Any:
        return store.effect_of_retract(n, progress=progress)

    try:
        found = answer(page, _("What taking import {number} back would change").format(number=n), work, back)
    except Later as later:
        return later.response
    return page.show(
        "data_effect.html", effect=found, months=page.grid(found.months, opens=_shut),
        accounts=page.grid(found.accounts, opens=_of_account(page)), number=n, back=back,
    )  # fmt: skip


@router.post("/data/imports/{number}/undo")
@allow("admin", "retract")
def undo(page: Any_, number: str) -> Response:
    """Takes an import back."""
    n = whole(number, 1)
    page.visitor.did(f"import {n}")
    title = _("Taking import {number} back").format(number=n)
    return change(page, title, lambda store, progress: store.retract(n), f"/data/imports/{n}", f"/data/imports/{n}")


@router.post("/data/imports/{number}/again")
@allow("analyst", "import")
def again(page: Any_, number: str) -> Response:
    """Brings an import back that was taken back, in place of the one that replaced it if one did."""
    n = whole(number, 1)
    page.visitor.did(f"import {n}", again=True)
    title = _("Importing again what import {number} said").format(number=n)

    def work(store: Store, progress: Any) -> Any:
        rows = store.imports().to_dicts()
        by = next((r for r in rows if r["retracts"] == n), {})
        stands = all(r["retracts"] != by.get("commit_id") for r in rows)
        replaces = int(str(by["commit_id"])) if by.get("kind") == "import" and stands else 0
        return store.import_again(n, replaces=replaces, progress=progress)

    def then(done: Any) -> str:
        return f"/data/imports/{done.commit_id}?new=1" if done.commit_id else f"/data/imports/{n}"

    return change(page, title, work, then, f"/data/imports/{n}")


@router.get("/data/problems")
@allow("viewer")
def problems(page: Any_) -> Response:
    """What was refused or remarked on, counted by its reason, the most money first."""
    groups = page.know(("problems", 0), lambda store: store.problem_groups())
    files = {r["commit_id"]: r["note"] for r in page.ask("imports").to_dicts()}
    found = grouped(groups)
    return page.show(
        "data_problems.html", refused=[g for g in found if g.severity == "refused"],
        noted=[g for g in found if g.severity != "refused"], files=files,
    )  # fmt: skip


@router.get("/data/jobs/{id}")
@allow("viewer")
def job(page: Any_, request: Request, id: str) -> Response:
    """How far a piece of work is; leads on once it is done."""
    from rollforward.web.jobs import jobs_of
    from rollforward.web.waiting import go

    found = jobs_of(request).get(id)
    if found.is_over and found.error is None:
        if "hx-request" in request.headers and "hx-boosted" not in request.headers:
            return Response(headers={"hx-redirect": found.then})
        return go(found.then)
    what, remedy = text.sentences(found.error.code, found.error.params) if found.error else ("", "")
    return page.show("data_job.html", job=found, what=what, remedy=remedy, stage=STAGES.get(found.stage, ""))


def _shut(record: Any, column: str) -> str:
    return ""


def _of_account(page: Page) -> Any:
    def opens(record: Any, column: str) -> str:
        return address_of(page, str(record["account_id"])) if column == "account_id" else ""

    return opens


STAGES = {
    "wait": text.N_("Waiting for another import to finish"),
    "read": text.N_("Reading the file"),
    "keys": text.N_("Matching customers and subscriptions"),
    "compare": text.N_("Comparing with what is known"),
    "write": text.N_("Writing"),
}
"""What a stage of an import is called; those of a build have names of tables."""
