"""Makes every stored table of a build, whatever engine it has, and runs all checks."""

from __future__ import annotations

from dataclasses import dataclass

from rollforward import periods
from rollforward.answers import check, figures
from rollforward.answers.figures import Asked
from rollforward.build import Build, Progress
from rollforward.models.catalog import models, of_cuts


@dataclass(frozen=True)
class BuildReport:
    """What a build made: stored models now on disk, those made by this call, violations found."""

    version: int
    models: int
    made: int
    violations: int


def make(build: Build, progress: Progress | None = None) -> BuildReport:
    """Tables that are there already are not made again."""
    stored = [m.name for m in models().values() if m.stored and m.name not in of_cuts()]
    before = sum(1 for _ in build.folder.glob("*.parquet")) if build.folder.exists() else 0
    question = Asked(progress=progress)
    figures.metrics(build, question)
    for grain in periods.GRAINS:
        build.calendar(grain)
        build.need(["account_count", "newcomer"], progress)
    build.need([n for n in stored if not n.startswith("retention_")], progress)

    found = check.violations(build, progress)
    after = sum(1 for _ in build.folder.glob("*.parquet"))
    return BuildReport(build.version, after, after - before, found)
