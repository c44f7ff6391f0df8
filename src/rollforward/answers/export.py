"""Everything in a store as open files: each fact table and each built table as Parquet and CSV.

Comes in: a Build and a folder. Goes out: the files. Text cells that a spreadsheet would run as a formula get a leading
apostrophe in CSV; Parquet holds them as they are.
"""

from __future__ import annotations

from pathlib import Path

from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.build import Build, Progress
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse
from rollforward.models.catalog import models, of_cuts
from rollforward.schema import FACT

ANSWERS = ("roll_forward", "expansion", "retention_total", "metrics", "movement", "ledger")
"""Views worth a file besides what is stored."""

_INTERNAL = frozenset(
    {"item_step", "edge", "candidate", "swap", "leftover", "tier_price", "change_driver", "ended_by", "account_change"}
)


def export(build: Build, directory: Path, progress: Progress | None = None) -> list[Path]:
    """Writes NAME.parquet and NAME.csv for every table; returns the files.

    Raises Misuse `not-a-folder`, `folder-not-empty`.
    """
    if directory.exists() and not directory.is_dir():
        raise Misuse("not-a-folder", path=str(directory))
    if directory.is_dir() and any(directory.iterdir()):
        raise Misuse("folder-not-empty", path=str(directory))
    directory.mkdir(parents=True, exist_ok=True)
    figures.metrics(build, Asked(progress=progress))
    stored = [
        m.name
        for m in models().values()
        if m.stored and m.name not in _INTERNAL and m.name not in of_cuts() and not m.name.startswith("retention_")
    ]
    names = [*FACT, *stored, *ANSWERS]
    written = []
    for number, name in enumerate(names):
        if progress:
            progress(name, number / len(names))
        build.need([name], progress)
        columns = build.engine.columns(name)
        plain = ", ".join(f'"{c}"' for c, _ in columns)
        safe = ", ".join(_safe(c) if t == "VARCHAR" else f'"{c}"' for c, t in columns)
        for picks, ending, options in ((plain, "parquet", "format parquet"), (safe, "csv", "format csv, header")):
            path = directory / f"{name}.{ending}"
            build.engine.run(f'copy (select {picks} from "{name}") to {quote(str(path))} ({options})')
            written.append(path)
    return written


def _safe(column: str) -> str:
    """The column as CSV gets it: what a spreadsheet would run as a formula begins with an apostrophe."""
    runs = f"\"{column}\"[1:1] in ('=', '+', '-', '@', chr(9), chr(13))"
    return f'case when {runs} then \'\'\'\' || "{column}" else "{column}" end as "{column}"'
