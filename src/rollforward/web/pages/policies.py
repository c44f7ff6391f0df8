"""Policies: see each setting beside the default with what it does, compare two, copy, edit, see the effect, save."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from rollforward.api import Store
from rollforward.errors import RollforwardError
from rollforward.numerals import is_whole
from rollforward.text import _, sentences
from rollforward.text.settings import SETTINGS
from rollforward.web.jobs import jobs_of
from rollforward.web.page import Any_, Page
from rollforward.web.permission import allow
from rollforward.web.waiting import follow, go

router = APIRouter()


@router.get("/data/policies")
@allow("viewer")
def policies(page: Any_) -> Response:
    """Every policy that has a name; two of them compared."""
    one, other = page.address.get("one"), page.address.get("other")
    found = None
    if one and other:
        with page.store() as store:
            found = store.policy_diff(one, other)
    return page.show(
        "data_policies.html", rows=page.ask("policies").to_dicts(), first=one, second=other, settings=SETTINGS,
        differences=found.rows if found else None,
    )  # fmt: skip


@router.get("/data/policies/{name}")
@allow("viewer")
def policy(page: Any_, name: str) -> Response:
    """One policy: settings, defaults and what each does."""
    with page.store() as store:
        table, toml = store.policy(name), store.policy_text(name)
    return page.show(
        "data_policy.html", name=name, rows=table.rows, toml=toml, settings=SETTINGS, saved=page.address.get("saved")
    )


@router.get("/data/policies/{name}/edit")
@allow("viewer")
def edit(page: Any_, name: str) -> Response:
    """The settings of a policy as a form: a copy of a shipped one, the next version of one's own."""
    with page.store() as store:
        rows = {str(r[0]): str(r[1]) for r in store.policy(name).rows if not str(r[0]).startswith("not_reproduced.")}
        listed = {str(r["policy"]): r for r in store.policies().to_dicts()}
        own = listed.get(name.partition("@")[0], {}).get("source") == "registered"
        new = name.partition("@")[0] if own else f"{name}-copy"
        title = str(listed.get(name.partition("@")[0], {}).get("title", ""))
        version = store.next_version(new)
    return _form(page, name, new, version, title, rows)


def _form(
    page: Page, base: str, name: str, version: int, title: str, rows: dict[str, str], **more: Any
) -> Response:  # fmt: skip
    with page.store() as store:
        choices = store.policy_choices()
        defaults = {str(r[0]): str(r[2]) for r in store.policy("default").rows}
    context = {"effect": None, "what": "", "remedy": "", "months": None, "accounts": None} | more
    return page.show(
        "data_policy_edit.html", base=base, name=name, version=version, title=title, rows=rows, choices=choices,
        defaults=defaults, settings=SETTINGS, **context,
    )  # fmt: skip


@router.post("/data/policies/{name}/edit")
@allow("analyst", "policy")
async def save(request: Request, name: str) -> Response:
    """Shows what a policy would do (`do` = preview), or registers it (`do` = save)."""
    from starlette.concurrency import run_in_threadpool

    page = Page(request)
    form = {k: str(v) for k, v in (await request.form(max_files=0)).items()}
    done: Response = await run_in_threadpool(_saved, page, name, form)
    return done


def _saved(page: Page, base: str, form: dict[str, str]) -> Response:
    rows = {k.removeprefix("set."): v for k, v in form.items() if k.startswith("set.") and v.strip()}
    name, title = form.get("name", "").strip(), form.get("title", "").strip()
    version = int(form.get("version") or 1) if is_whole(form.get("version") or "1") else 1
    with page.store() as store:
        toml = store.policy_written(base, name, version, title, rows)
    jobs = jobs_of(page.request)
    if form.get("do") == "save":
        try:
            with page.store() as store:
                rules, _new = store.register_policy(toml)
            page.visitor.did(f"{rules.name}@{rules.version}")
        except RollforwardError as error:
            what, remedy = sentences(error.code, error.params)
            return _form(page, base, name, version, title, rows, what=what, remedy=remedy)
        return go(f"/data/policies/{rules.name}?saved=1")
    under = form.get("under") or "default"

    def work(store: Store, progress: Any) -> Any:
        return store.effect_of_policy(toml, policy=under, progress=progress)

    key = ("policy-effect", toml, under, page.desk.version())
    job = jobs.known(key)
    if job is None or (job.is_over and job.error):
        job = jobs.start(_("What the policy {policy} would change").format(policy=name), work, "", "", key)
        job.found_in = (base, name, version, title, rows)
        job.then = job.back = f"/data/policies/{base}/effect/{job.id}"
    return follow(job) if not job.error else go(f"/data/policies/{base}/effect/{job.id}")


@router.get("/data/policies/{name}/effect/{id}")
@allow("viewer")
def effect(page: Any_, name: str, id: str) -> Response:
    """The form again, with what the policy would do."""
    job = jobs_of(page.request).get(id)
    if not job.is_over:
        return go(f"/data/jobs/{id}")
    base, new, version, title, rows = job.found_in
    if job.error:
        what, remedy = sentences(job.error.code, job.error.params)
        return _form(page, base, new, version, title, rows, what=what, remedy=remedy)
    found = job.found
    return _form(
        page, base, new, version, title, rows, effect=found, months=page.grid(found.months, opens=lambda r, c: ""),
        accounts=page.grid(found.accounts, opens=lambda r, c: ""),
    )  # fmt: skip
