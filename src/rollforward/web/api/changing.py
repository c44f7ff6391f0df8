"""What programs change: imports, links, closed periods, policies. Each change is a commit and a row of the log."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from rollforward import text
from rollforward.errors import Misuse
from rollforward.sources.kinds import KINDS
from rollforward.text import N_
from rollforward.web.address import Address
from rollforward.web.api.answering import HEADERS
from rollforward.web.api.call import Called
from rollforward.web.api.faults import repeated
from rollforward.web.api.figures import ASKED, faults
from rollforward.web.api.parameters import DAY, PERIOD, TIME, Flag
from rollforward.web.api.store import Only, no_parameters
from rollforward.web.permission import UPLOAD, allow

if TYPE_CHECKING:
    from rollforward.api import ImportReport

router = APIRouter(prefix="/v1", tags=["changes"])

FILES = 50
"""Files of one import."""

UNPACKED = 8 * 1024**3
"""Bytes that a packed file may have once unpacked."""

_COMMIT = 2**53 - 1

JSON = [Depends(no_parameters), Depends(Only("application/json"))]
MULTIPART = [Depends(no_parameters), Depends(Only("multipart/form-data"))]

KIND = "|".join(dict.fromkeys(k.name for k in KINDS))
Number = Annotated[int, InPath(ge=1, le=_COMMIT, description=N_("Number of the import, as GET /v1/imports tells it."))]
POLICY = r"^[\w.\-]+(@[0-9]+)?$"


class FileRead(BaseModel):
    """Rows of one file: `rows` = accepted + known (said nothing new) + refused; `noted` are accepted with a remark."""

    name: str
    kind: str
    rows: int
    accepted: int
    known: int
    refused: int
    noted: int


class Fault(BaseModel):
    """A row that was refused, or accepted with a remark. `amount_minor`: what it says a month, in minor units."""

    code: str
    message: str
    remedy: str
    file: str
    line: int
    row: str
    severity: str
    params: dict[str, str]
    amount_minor: int
    currency: str


class Ended(BaseModel):
    """An item that a snapshot ends because it is missing; `mrr_minor` a month, in minor units."""

    account_id: str
    subscription_id: str
    item_id: str
    mrr_minor: int
    currency: str


class Imported(BaseModel):
    """What a commit did, or would do; `commit_id` 0: nothing was written. Of `problem_count` the first `problems`."""

    commit_id: int
    version: int
    dry_run: bool
    files: list[FileRead]
    problems: list[Fault]
    problem_count: int
    ends: list[Ended]
    splits: list[str]
    repeated: int


class Unlink(BaseModel):
    """The link to take back."""

    model_config = ConfigDict(extra="forbid")
    source: str = Field(
        alias="from", min_length=1, max_length=300, examples=["acme"], description=N_("The account that goes on.")
    )
    target: str = Field(
        alias="to",
        min_length=1,
        max_length=300,
        examples=["acme-inc"],
        description=N_("The account that it goes on as."),
    )


class Link(Unlink):
    """Two accounts that are one: always (`same`), or from the day `on` (`acquired`)."""

    kind: Literal["same", "acquired"] = "same"
    on: str = Field("", pattern=rf"^({DAY})?$", examples=[""])


class DryRunOnly(BaseModel):
    """How an import is taken back."""

    model_config = ConfigDict(extra="forbid")
    dry_run: Flag = Field(False, description=N_("Say what would happen; write nothing."))


class UnderPolicy(BaseModel):
    """Under which policy a period is opened."""

    model_config = ConfigDict(extra="forbid")
    policy: str = Field(
        "default", max_length=200, pattern=POLICY, description=N_("Rules for which the period is closed.")
    )


class Close(BaseModel):
    """A period that is over, and the policy under which it is closed."""

    model_config = ConfigDict(extra="forbid")
    period: str = Field(pattern=rf"^{PERIOD}$", examples=["2026-03"])
    policy: str = Field("default", max_length=200, pattern=POLICY)


class Closed(BaseModel):
    """The days [from_on, to_on) that were closed or opened; `commit_id` 0: they were so already."""

    commit_id: int
    kind: str
    policy: str
    from_on: date
    to_on: date
    accounts: int
    rows: int


class Rules(BaseModel):
    """A policy as TOML."""

    model_config = ConfigDict(extra="forbid")
    toml: str = Field(min_length=1, max_length=100_000, examples=['name = "ours"\nversion = 1\n'])


class Registered(BaseModel):
    """A policy's name, and whether it is new."""

    policy: str
    version: int
    is_new: bool


_MADE: dict[int | str, dict[str, Any]] = {
    200: {"model": Imported, "description": N_("Nothing was written: it was there already, or it was tried only.")},
    201: {"model": Imported, "description": N_("It was done.")},
}


@router.post(
    "/imports", operation_id="import", summary=N_("Import files: one commit, whole or not at all."),
    description=N_("Faults of rows do not stop it: they are listed, and everything else is taken."),
    responses=_MADE | faults(*ASKED, 413, 415), dependencies=MULTIPART, response_model=None,
)  # fmt: skip
@allow("analyst", "import", body=UPLOAD)
def import_(
    call: Called,
    request: Request,
    files: Annotated[list[UploadFile], File(min_length=1, description=N_("CSV, CSV.gz, Parquet or JSON lines files."))],
    kind: Annotated[
        str, Form(pattern=rf"^({KIND})?$", description=N_("What the rows are, where the header does not tell."))
    ] = "",
    mapping: Annotated[
        str, Form(max_length=100_000, description=N_("A mapping file's text (TOML): which column is which."))
    ] = "",
    snapshot: Annotated[
        Flag, Form(description=N_("The files are the whole truth: items missing from them have ended."))
    ] = False,
    recorded_at: Annotated[
        str, Form(pattern=rf"^({TIME})?$", description=N_("When you were told, for rows that do not say (UTC)."))
    ] = "",
    trust_valid_time: Annotated[
        Flag, Form(description=N_("Assume that everything was known on the day it took effect."))
    ] = False,
    coverage: Annotated[
        str,
        Form(
            pattern=rf"^(({DAY})?\.\.({DAY})?)?$",
            description=N_("The time that the files cover, B excluded; either may be empty."),
        ),
    ] = "",
    correction: Annotated[
        Flag, Form(description=N_("The rows are corrections: believed over every other source."))
    ] = False,
    currency: Annotated[
        str,
        Form(
            pattern=r"^([A-Za-z]{3})?$",
            description=N_("The reporting currency, in which exchange rates are told."),
        ),
    ] = "",
    dry_run: Annotated[Flag, Form(description=N_("Say what would happen; write nothing."))] = False,
) -> Response:
    """Faults of rows do not stop it: they are listed, and everything else is taken."""
    _check_form(request)
    with TemporaryDirectory(prefix="rollforward-") as folder, call.store() as store:
        paths = kept(files, Path(folder))
        for path in paths:
            store.unpacked_size(path, UNPACKED)
        place = Path(folder) / "mapping.toml"
        if mapping:
            place.write_text(mapping, encoding="utf-8")
        done = store.import_(
            *paths, kind=kind or None, mapping=place if mapping else None, snapshot=snapshot,
            recorded_at=recorded_at or None, trust_valid_time=trust_valid_time, coverage=coverage or None,
            correction=correction, currency=currency or None, dry_run=dry_run,
        )  # fmt: skip
    call.did(f"import {done.commit_id}", files=[p.name for p in paths], dry_run=dry_run)
    return _report(done)


@router.delete(
    "/imports/{commit_id}", operation_id="retract", summary=N_("Take an import back, as if it never was."),
    description=N_("As-of questions before now still see it."),
    responses=_MADE | faults(*ASKED), response_model=None,
)  # fmt: skip
@allow("admin", "retract")
def retract(call: Called, commit_id: Number, told: Annotated[DryRunOnly, Query()]) -> Response:
    """As-of questions before now still see it."""
    with call.store() as store:
        done = store.retract(commit_id, dry_run=told.dry_run)
    call.did(f"import {commit_id}", dry_run=told.dry_run)
    return _report(done)


@router.post(
    "/links", operation_id="link", summary=N_("Let one account go on as another."),
    description=N_("As-of questions before now do not see it."),
    responses=_MADE | faults(*ASKED, 413, 415), dependencies=JSON, response_model=None,
)  # fmt: skip
@allow("analyst", "link")
def link(call: Called, told: Link) -> Response:
    """As-of questions before now do not see it."""
    with call.store() as store:
        done = store.link(told.source, told.target, told.kind, told.on or None)
    call.did(told.source, to=told.target, kind=told.kind, on=told.on)
    return _report(done)


@router.delete(
    "/links", operation_id="unlink", summary=N_("Take a link back, as if it never was."),
    description=N_("As-of questions before now still see it."),
    responses=_MADE | faults(*ASKED), response_model=None,
)  # fmt: skip
@allow("analyst", "unlink")
def unlink(call: Called, told: Annotated[Unlink, Query()]) -> Response:
    """As-of questions before now still see it."""
    with call.store() as store:
        done = store.unlink(told.source, told.target)
    call.did(told.source, to=told.target)
    return _report(done)


def _closed(status_200: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"model": Closed, "description": status_200},
        201: {"model": Closed, "description": N_("It was done.")},
    }


@router.post(
    "/closings", operation_id="close", summary=N_("Close a period that is over, and the open ones before it."),
    description=N_("From then on it is read back as it is now."),
    responses=_closed(N_("It was closed already.")) | faults(*ASKED, 413, 415), dependencies=JSON,
    response_model=None,
)  # fmt: skip
@allow("analyst", "close")
def close(call: Called, told: Close) -> Response:
    """From then on it is read back as it is now."""
    _policy(told.policy)
    with call.store() as store:
        done = store.close(told.period, told.policy)
    call.did(told.period, policy=told.policy)
    return _told(asdict(done), 201 if done.commit_id else 200)


@router.delete(
    "/closings/{period}", operation_id="reopen", summary=N_("Open a closed period, and all after it, again."),
    description=N_("What was closed stays listed."),
    responses=_closed(N_("It was open already.")) | faults(*ASKED), response_model=None,
)  # fmt: skip
@allow("admin", "reopen")
def reopen(
    call: Called, period: Annotated[str, InPath(pattern=rf"^{PERIOD}$")], told: Annotated[UnderPolicy, Query()]
) -> Response:
    """What was closed stays listed."""
    _policy(told.policy)
    with call.store() as store:
        done = store.reopen(period, told.policy)
    call.did(period, policy=told.policy)
    return _told(asdict(done), 201 if done.commit_id else 200)


@router.post(
    "/policies", operation_id="add_policy", summary=N_("Register a policy under its name and version."),
    description=N_("A registered policy never changes; another version gets another number."),
    responses={200: {"model": Registered, "description": N_("It was there already.")},
               201: {"model": Registered, "description": N_("It was done.")}, **faults(*ASKED, 413, 415)},
    dependencies=JSON, response_model=None,
)  # fmt: skip
@allow("analyst", "policy")
def add_policy(call: Called, told: Rules) -> Response:
    """A registered policy never changes; another version gets another number."""
    with call.store() as store:
        rules, is_new = store.register_policy(told.toml)
    call.did(rules.name, version=rules.version)
    return _told({"policy": rules.name, "version": rules.version, "is_new": is_new}, 201 if is_new else 200)


def kept(files: Sequence[UploadFile], folder: Path) -> list[Path]:
    """The files of a form in `folder`, under their own names as far as these are names. Misuse `no-files`."""
    if not files or len(files) > FILES:
        raise Misuse("no-files")
    paths = []
    for number, file in enumerate(files):
        last = (file.filename or "").replace("\\", "/").rpartition("/")[2]
        name = "".join(c for c in last if c.isprintable()).strip(" .")[-100:] or f"file-{number + 1}"
        place = folder / str(number) / name
        place.parent.mkdir()
        with place.open("wb") as out:
            shutil.copyfileobj(file.file, out, 1024 * 1024)
        paths.append(place)
    return paths


def _check_form(request: Request) -> None:
    form: Any = getattr(request, "_form", None)
    names = [name for name, _value in form.multi_items()] if form else []
    known = [n for n in import_.__annotations__ if n not in ("call", "request", "return")]
    for name in names:
        if name not in known:
            raise Misuse("unknown-parameter", name=name[:100], nearest="", known=", ".join(known))
    repeated(names, ("files",))


def _policy(name: str) -> None:
    Address.of([("policy", name)])  # no file of the server


def _report(done: ImportReport) -> Response:
    told = asdict(done)
    del told["groups"]
    for fault, problem in zip(told["problems"], done.problems, strict=True):
        fault["message"], fault["remedy"] = text.problem(problem)
    return _told(told, 201 if done.commit_id else 200)


def _told(value: object, status: int) -> Response:
    body = json.dumps(value, default=_iso, ensure_ascii=False)
    return Response(body, status, media_type="application/json", headers=HEADERS)


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
