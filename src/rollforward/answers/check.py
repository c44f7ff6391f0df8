"""Runs the invariants: each is one SQL file in checks/ whose rows are violations.

Comes in: a Build. Goes out: the violations, and a small file beside the built tables that says how many there are:
every later answer of that build says so without running them again.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from rollforward.answers.table import Table
from rollforward.build import Build, Progress

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
    build.calendar("month")
    build.windows("month", 12)
    for number, (name, (doc, reads, text)) in enumerate(checks().items()):
        if progress:
            progress(f"check {name}", number / len(checks()))
        build.need(reads, progress)
        rows += [(name, doc, *row) for row in build.engine.run(f"select * from ({text}) limit 100")]
    _write(build, len(rows))
    return Table(COLUMNS, rows)


def violations(build: Build, progress: Progress | None = None) -> int:
    """How many violations this build has; runs the checks only if they have not run on it."""
    known = _path(build)
    if known.exists():
        return int(known.read_text())
    return len(check(build, progress).rows)


def known_violations(build: Build) -> int:
    """Violations found when the checks last ran on this build; 0 if they have not run yet."""
    known = _path(build)
    return int(known.read_text()) if known.exists() else 0


def _path(build: Build) -> Path:
    return build.folder / "violations"


def _write(build: Build, count: int) -> None:
    build.folder.mkdir(parents=True, exist_ok=True)
    half = _path(build).with_suffix(".tmp")
    half.write_text(str(count))
    half.replace(_path(build))
