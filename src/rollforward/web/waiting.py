"""Answers and changes that may take their time: now if they are quick, else through the page of a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from fastapi import Response

from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.web.jobs import Job, Progress, Work, jobs_of
from rollforward.web.page import Page

T = TypeVar("T")


class Later(Exception):
    """The answer is not there yet; `response` leads to the page that waits for it."""

    def __init__(self, response: Response) -> None:
        self.response = response


def go(location: str) -> Response:
    """Leads to another page of ours after a form."""
    return Response(status_code=303, headers={"location": quote(location, safe="/?=&:,@%+#-._~")})


def follow(job: Job) -> Response:
    """Leads where a job leads, or to its page as long as it runs or where it failed."""
    return go(job.then if job.is_over and job.error is None else f"/data/jobs/{job.id}")


def change(page: Page, title: str, work: Work, then: str | Callable[[Any], str], back: str) -> Response:
    """Does `work`, which changes the store, and leads to `then`. How it ends is a row of the audit log of its own."""
    asks, audit = page.visitor, page.desk.state.audit
    target = asks.target or page.path

    def ended(job: Job) -> None:
        told: dict[str, object] = {"code": job.error.code} if job.error else {}
        if (commit := getattr(job.found, "commit_id", None)) is not None:
            told["commit"] = commit
        end = "done" if not job.error else "failed" if job.error.code == "job-failed" else "refused"
        audit.add(asks.actor, f"{asks.action}.{end}", target, told)

    audit.add(asks.actor, asks.action, target, asks.detail)  # now, so that the log says it before its end
    return follow(jobs_of(page.request).start(title, work, then, back, ended=ended))


def answer(page: Page, title: str, work: Callable[[Any, Progress], T], back: str) -> T:
    """What `work` comes to, if that is known or quick; `Later` where it has to be waited for. Raises what it raises."""
    jobs = jobs_of(page.request)
    key = (page.path, tuple(p for p in page.address.pairs() if p[0] != "job"), page.desk.version())
    job = jobs.known(key)
    if job is None:
        job = jobs.start(title, work, page.address.to(page.path), back, key)
    if not job.is_over:
        raise Later(go(f"/data/jobs/{job.id}"))
    if job.error is not None:
        jobs.forget(key)
        raise job.error
    found: T = job.found
    return found


def whole(value: str, least: int = 0) -> int:
    """A whole number from an address or a form. Misuse `unknown-option`."""
    if not is_whole(value, 15) or int(value) < least:
        raise Misuse("unknown-option", option="number", value=value, known=f"{least}, {least + 1}, …")
    return int(value)
