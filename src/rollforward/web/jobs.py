"""Work that takes longer than a request: one at a time, with progress that a page can ask for.

A job is only in memory. What it writes is a commit of the store, whole or not at all, so a killed server leaves nothing
half done; the file that was to be imported still waits.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import Request

from rollforward import api
from rollforward.errors import Misuse, RollforwardError

log = logging.getLogger("rollforward.web")

Progress = Callable[[str, float], None]
Work = Callable[[api.Store, Progress], Any]

Ended = Callable[["Job"], None]

KEPT = 40
"""Jobs that are remembered after they are done."""

PATIENCE = 1.5
"""Seconds in which a job may be done before a page of its own shows it."""


@dataclass
class Job:
    """One piece of work. `then`: where its page leads once it is done; `found`: what it came to, `found_in`: the
    form that asked."""

    id: str
    title: str
    then: str
    back: str
    stage: str = ""
    done: float = 0.0
    found: Any = None
    found_in: Any = None
    error: RollforwardError | None = None
    future: Future[None] = field(default_factory=Future, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether it has come to an end, good or bad."""
        return self.future.done()

    def tell(self, stage: str, done: float) -> None:
        """How far it is."""
        self.stage, self.done = stage, min(max(done, 0.0), 1.0)


class Jobs:
    """The jobs of a server over the store at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(1, "job")
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._known: dict[Hashable, str] = {}
        self._lock = threading.Lock()

    def start(
        self, title: str, work: Work, then: str | Callable[[Any], str], back: str, key: Hashable = None,
        ended: Ended | None = None,
    ) -> Job:  # fmt: skip
        """Starts `work` with a Store of its own, and waits a moment for it. `then` may be made of what it came to.

        With a `key` what it came to is known under it. `ended` is told how it ended, before anybody else can know.
        """
        job = Job(secrets.token_hex(8), title, then if isinstance(then, str) else back, back)
        with self._lock:
            self._jobs[job.id] = job
            if key is not None:
                self._known[key] = job.id
            while len(self._jobs) > KEPT:
                self._jobs.popitem(last=False)
        context = copy_context()  # the language of who asked
        job.future = self._pool.submit(context.run, self._run, job, work, then, ended)
        wait([job.future], PATIENCE)
        return job

    def known(self, key: Hashable) -> Job | None:
        """The job that was started under a key, if it is remembered."""
        return self._jobs.get(self._known.get(key, ""))

    def forget(self, key: Hashable) -> None:
        """Lets the next one who asks start anew."""
        with self._lock:
            self._known.pop(key, None)

    def get(self, id: str) -> Job:
        """Misuse `no-such-job`."""
        found = self._jobs.get(id)
        if found is None:
            raise Misuse("no-such-job", job=id)
        return found

    def _run(self, job: Job, work: Work, then: str | Callable[[Any], str], ended: Ended | None) -> None:
        try:
            job.found = work(api.open(self._path), job.tell)
            if not isinstance(then, str):
                job.then = then(job.found)
            job.tell("", 1.0)
        except RollforwardError as error:
            job.error = error
        except Exception:
            log.exception("job %s failed", job.id)
            job.error = RollforwardError("job-failed", job=job.id)
        if ended is not None:
            try:
                ended(job)
            except RollforwardError:  # what is done is done; the log of the server says what the audit log cannot
                log.exception("the end of job %s is not in the audit log", job.id)


def jobs_of(request: Request) -> Jobs:
    """The jobs of the server that answers this request."""
    state = request.app.state
    if not hasattr(state, "jobs"):
        state.jobs = Jobs(state.desk.path)
    found: Jobs = state.jobs
    return found
