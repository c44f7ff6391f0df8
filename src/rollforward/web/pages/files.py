"""From a file to the first chart: the start of an empty store, uploads, and the step in which columns are matched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from rollforward import api, text
from rollforward.api import Preview, Store
from rollforward.errors import Misuse, RollforwardError
from rollforward.text import _
from rollforward.text.fields import KINDS
from rollforward.web import mapping_form
from rollforward.web.page import Any_, Page
from rollforward.web.pages.data import grouped, uploads_of
from rollforward.web.permission import UPLOAD, allow
from rollforward.web.uploads import Upload
from rollforward.web.waiting import Later, answer, change, go, whole

router = APIRouter()

UNPACKED = 16 * 1024**3
"""Bytes that a packed file may unpack to."""

AT_ONCE = 4 << 20
"""Bytes of a file that is tried as soon as its page is opened; larger ones are tried on demand."""

WARM = ("mrr", "metrics")


@router.get("/start")
@allow("viewer")
def start(page: Any_) -> Response:
    """The two ways into an empty store: the demo company, or one's own file."""
    return page.show("start.html", waiting=uploads_of(page).all())


@router.post("/start/demo")
@allow("analyst", "import")
def demo(page: Any_) -> Response:
    """Fills an empty store with the demo company. Misuse `not-empty` where there is something already."""
    if not page.is_empty:
        raise Misuse("not-empty", path=str(page.desk.path))

    def work(store: Store, progress: Any) -> Any:
        api.demo(store.path, progress)

    return change(page, _("Making the demo company"), work, "/", "/start")


@router.post("/data/upload")
@allow("analyst", "upload", body=UPLOAD)
async def upload(request: Request) -> Response:
    """Takes files in; a single one leads to its own page, several to the list."""
    page = Page(request)
    wanted = int(request.headers.get("content-length") or 0)
    if wanted > UPLOAD:
        raise Misuse("upload-too-large", most=UPLOAD >> 20)
    found = await uploads_of(page).receive(request.headers.get("content-type", ""), request.stream(), UPLOAD)
    page.visitor.did(", ".join(u.name for u in found))
    if page.address.get("for") == "reconcile":
        return go(f"/data/reconcile?file={found[0].id}")
    return go(f"/data/files/{found[0].id}" if len(found) == 1 else "/data#waiting")


@router.get("/data/files/{id}")
@allow("viewer")
def mapping_step(page: Any_, id: str) -> Response:
    """What a file was recognised as, how its columns are read, and what importing it would do."""
    file = uploads_of(page).get(id)
    kind = page.address.get("kind") or None
    try:
        seen = _look(page, file, kind)
    except Later as later:
        return later.response
    except RollforwardError as error:
        what, remedy = text.sentences(error.code, error.params)
        return page.show("data_file.html", 200, file=file, seen=None, what=what, remedy=remedy, groups=[])
    main, more = mapping_form.lines(seen)
    what, remedy = text.sentences(seen.error.code, seen.error.params) if seen.error else ("", "")
    return page.show(
        "data_file.html", file=file, seen=seen, main=main, more=more, kinds=_kinds(seen), what=what, remedy=remedy,
        groups=grouped(seen.outcome.groups) if seen.outcome else [], form=mapping_form,
    )  # fmt: skip


def _look(page: Page, file: Upload, kind: str | None) -> Preview:
    """A preview with a trial import: at once for small files, by a job for others (asked for with `try`)."""
    mapping = None if kind else file.mapping

    def work(store: Store, progress: Any) -> Preview:
        store.unpacked_size(file.path, UNPACKED)
        seen = store.preview(file.path, kind, mapping, dry_run=is_tried and not file.replaces, progress=progress)
        if not file.replaces or not is_tried or seen.missing:
            return seen
        try:
            return replace(seen, outcome=store.import_again(file.replaces, mapping, dry_run=True, progress=progress))
        except RollforwardError as error:
            return replace(seen, error=error)

    is_tried = file.bytes <= AT_ONCE or bool(page.address.get("try"))
    if not is_tried:
        with page.store() as store:
            return work(store, None)
    said = (file.mapping.read_text(encoding="utf-8") if file.mapping else "", kind)
    stamp = page.address.but(said=f"{hash(said):x}")
    page.address = stamp
    return answer(page, _("Trying {file}").format(file=file.name), work, "/data")


def _kinds(seen: Preview) -> list[tuple[str, str]]:
    order = dict.fromkeys([seen.kind, *seen.kinds, *KINDS])
    return [(name, _(KINDS[name])) for name in order if name in KINDS]


@router.post("/data/files/{id}")
@allow("analyst", "mapping")
async def say_mapping(request: Request, id: str) -> Response:
    """Keeps how a file is to be read, under a name too if one is given, and shows the step again; or imports it."""
    page = Page(request)
    form = {k: str(v) for k, v in (await request.form(max_files=0, max_fields=5000)).items()}
    return await _in_thread(_said, page, id, form)


async def _in_thread(work: Any, *args: Any) -> Response:
    from starlette.concurrency import run_in_threadpool

    done: Response = await run_in_threadpool(work, *args)
    return done


def _said(page: Page, id: str, form: dict[str, str]) -> Response:
    files = uploads_of(page)
    file = files.get(id)
    here = f"/data/files/{id}"
    if form.get("do") == "kind":
        return go(f"{here}?kind={form.get('kind', '')}" if form.get("kind") in KINDS else here)
    told = form["toml"] if form.get("toml", "").strip() else mapping_form.mapping_of(form)
    page.visitor.did(file.name)
    files.say(id, told)
    if name := form.get("save", "").strip():
        with page.store() as store:
            store.save_mapping(name, told)
    if form.get("do") == "try":
        return go(f"{here}?try=1")
    if form.get("do") != "import":
        return go(here)
    return _import(page, file, form)


@router.post("/data/files/{id}/import")
@allow("analyst", "import")
async def import_now(request: Request, id: str) -> Response:
    """Imports a file that needs no mapping, or with the one that was kept for it."""
    page = Page(request)
    form = {k: str(v) for k, v in (await request.form(max_files=0)).items()}
    return await _in_thread(_import, page, uploads_of(page).get(id), form)


def _import(page: Page, file: Upload, form: dict[str, str]) -> Response:
    files = uploads_of(page)

    def work(store: Store, progress: Any) -> Any:
        store.unpacked_size(file.path, UNPACKED)
        covers = f"{form.get('covered_from', '').strip()}..{form.get('covered_to', '').strip()}"
        if file.replaces:
            done = store.import_again(file.replaces, file.mapping, progress=progress)
        else:
            done = store.import_(
                file.path, mapping=file.mapping, snapshot=form.get("snapshot") == "1",
                trust_valid_time=form.get("trust") == "1", coverage=covers if covers != ".." else None,
                progress=progress,
            )  # fmt: skip
        files.drop(file.id)
        if done.commit_id:
            store.mrr(progress=progress)
            store.metrics(progress=progress)
        return done

    def then(done: Any) -> str:
        return f"/data/imports/{done.commit_id}?new=1" if done.commit_id else "/data?same=1"

    page.visitor.action = "import"  # also where the mapping step asks for it
    page.visitor.did(file.name, replaces=file.replaces) if file.replaces else page.visitor.did(file.name)
    return change(page, _("Importing {file}").format(file=file.name), work, then, f"/data/files/{file.id}")


@router.post("/data/files/{id}/drop")
@allow("analyst", "upload-drop")
def drop(page: Any_, id: str) -> Response:
    """Takes a file away that was not imported."""
    files = uploads_of(page)
    page.visitor.did(next((u.name for u in files.all() if u.id == id), id))
    files.drop(id)
    return go("/start" if page.is_empty else "/data")


@router.post("/data/imports/{number}/fix")
@allow("analyst", "mapping")
def fix(page: Any_, number: str) -> Response:
    """Opens the kept file of an import in the mapping step, to be imported in its place."""
    n = whole(number, 1)
    with page.store() as store:
        kept = store.import_files_of(n)[0]
    return go(f"/data/files/{uploads_of(page).take(kept.path, kept.name, kept.mapping, n).id}")
