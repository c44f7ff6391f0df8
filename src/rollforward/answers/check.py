"""Runs the invariants: each is one SQL file in checks/ whose rows are violations.

Comes in: a Build. Goes out: the violations, and a small file beside the built tables that says how many there are:
every later answer of that build says so without running them again.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from rollforward import remembered
from rollforward.answers.table import Table
from rollforward.build import Build, Progress
from rollforward.cut import WHOLE

SHOWN = 100
"""Violating rows of one check that are listed."""

QUICK = ("balance_not_negative", "days_tie")
"""Checks of one pass over tables that answers make anyway: no answer of a store that does not tie is silent on it."""

CONVERTED = ("fx_ties",)
"""Checks of the store's reporting currency, where it has one; the others are about money as it was paid."""

COLUMNS = ("check", "what", "account_id", "currency", "on_date", "expected", "found")


@cache
def checks() -> dict[str, tuple[str, tuple[str, ...], str]]:
    """Each check's name → (what it proves, models it reads, text)."""
    found = {}
    texts = {f.name.removesuffix(".sql"): f for f in files("rollforward.checks").iterdir() if f.name.endswith(".sql")}
    for name in sorted(texts):
        text = texts[name].read_text(encoding="utf-8")
        lines = text.splitlines()
        doc = lines[0].removeprefix("-- ").split(": ", 1)[1]
        reads = next(line for line in lines if line.startswith("-- reads: ")).removeprefix("-- reads: ")
        found[name] = (doc, tuple(r.strip() for r in reads.split(",")), text)
    assert found, "no check was installed"
    return found


def check(build: Build, progress: Progress | None = None) -> Table:
    """The violating rows of every check: check, what it proves, where, what was expected and found (minor units)."""
    rows: list[tuple[object, ...]] = []
    counts: dict[str, int] = {}
    build.cut(WHOLE)
    build.report("")
    build.calendar("month")
    build.windows("month", 12)
    for number, (name, (doc, reads, text)) in enumerate(checks().items()):
        if progress:
            progress(f"check {name}", number / len(checks()))
        build.report(build.conversion.said() if name in CONVERTED else "")
        build.need(reads, progress)
        found = _run(build, text)
        counts[name] = len(found)
        rows += [(name, doc, *row) for row in found]
    build.report("")
    remembered.write(_path(build), counts)
    return Table(COLUMNS, rows)


def violations(build: Build, progress: Progress | None = None) -> int:
    """How many violations this build has; runs the checks only if they have not all run on it."""
    known = _read(build)
    if set(checks()) <= set(known):
        return sum(known.values())
    return len(check(build, progress).rows)


def known_violations(build: Build) -> int:
    """Violations as far as this build's tables go: checks of one pass over tables that an answer made run with it."""
    known = _read(build)
    due = [n for n in QUICK if n not in known and all(build.is_built(r) for r in checks()[n][1] if r != "account")]
    for name in due:
        _, reads, text = checks()[name]
        build.need(reads)
        known[name] = len(_run(build, text))
    if (key := _cut_check(build)) not in ("", *known):
        _, reads, text = checks()["segments_tie"]
        build.need(reads)
        known[key] = len(_run(build, text))
        due.append(key)
    if due:
        remembered.write(_path(build), known)
    return sum(known.values())


def _cut_check(build: Build) -> str:
    """Under what name the segments of the last answer are known to sum to the whole; '' where they need not."""
    cut = build.segments.cut
    key = f"segments_tie{build.segments.variant}{build.conversion.variant}"
    return key if cut.segment and not cut.where and cut.mode == "flow" else ""


def _run(build: Build, text: str) -> list[tuple[object, ...]]:
    return build.engine.run(f"select * from ({text}) limit {SHOWN}")


def _path(build: Build) -> Path:
    return build.folder / "violations.json"


def _read(build: Build) -> dict[str, int]:
    known = remembered.read(_path(build))
    return known if isinstance(known, dict) else {}
