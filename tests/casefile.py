"""Reads `tests/cases/**/*.case`: input files in, expected table out, as text that a finance person can check.

    -- 0004.1 more seats at the same price are seats           the rule, one or more comment lines
    [subscriptions recorded_at=2026-01-01]                     an input file; each is a commit of its own, in order
    account_id, subscription_id, plan, start_date, ...         contract columns; spaces around values do not count
    a,          s,               pro,  2026-01-05, ...
    [expect ledger]                                            what the answer must be
    on_date,    account_id, delta, by_seats, rule
    2026-01-05, a,          ...

    [policy]                                                   settings that differ from the default, as TOML
    past_due = 5

Input sections: the kinds of file that `import` knows (INPUTS). Options: `recorded_at=` (default 2020-01-01),
`coverage=A..B`, `as=correction`. The keys of `[policy]`, one a line, are those of a policy's file. A plan's `tiers`
are written short, `volume 10:10.00 *:8.00+5.00` (up to 10 units at 10.00, above at 8.00 each and 5.00 once), and
become the contract's `tiers` and `tiers_mode`. Expected: ledger, movements, mrr, expansion, retention, metrics;
options `as_of=`; `currency=` (default: native rows); `by=day|week|month|quarter|year` for mrr, expansion and metrics.
Only the columns shown are compared, but a `by_…` column that is not shown must be 0. All rows of the answer must be
there; mrr, expansion and metrics are asked for from the first to the last period shown, retention for the windows
shown. Money is in major units, ratios have four decimals, - is an empty ratio. Also cohorts, and
`segment=DIM`, `where=DIM=VALUE,…`, `product=yes` for mrr and retention (tests/segmentcase.py). Several [expect …]
sections may follow.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reference import File, moment

INPUTS = (
    *("subscriptions", "monthly", "changes", "products", "plans", "charges", "links"),
    *("accounts", "usage", "fx", "contracts", "events", "spend"),
)
EXPECTED = ("ledger", "movements", "mrr", "expansion", "retention", "metrics", "cohorts")
FORESEEN = ("signals", "headroom", "cross_sell")
"""Tables that only tests/test_foreseen_cases.py asks for; their cases lie in FORESEEN_CASES."""
CASES = Path(__file__).parent / "cases"
FORESEEN_CASES = CASES / "foreseen"


@dataclass(frozen=True)
class Expected:
    """One expected table: its name, options and rows as text."""

    table: str
    options: dict[str, str]
    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Case:
    """One case: `rule` says in words what it pins; `policy` has the settings that are not the default's."""

    name: str
    rule: str
    files: tuple[File, ...]
    expected: tuple[Expected, ...]
    policy: dict[str, Any]


def load_all() -> list[Case]:
    """Every case under tests/cases that the reference answers too, by name."""
    return [load(path) for path in sorted(CASES.rglob("*.case")) if FORESEEN_CASES not in path.parents]


def load(path: Path) -> Case:
    """One case; a ValueError says which line is not understood."""
    rule: list[str] = []
    sections: list[tuple[int, list[str], list[tuple[int, str]]]] = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if line.startswith("--"):
            rule.append(line[2:].strip())
        elif line.startswith("["):
            if not line.endswith("]"):
                raise ValueError(f"{path}:{number}: a section must end with ]")
            sections.append((number, line[1:-1].split(), []))
        elif line and not sections:
            raise ValueError(f"{path}:{number}: rows must follow a [section]")
        elif line:
            sections[-1][2].append((number, line))
    if not rule:
        raise ValueError(f"{path}: the first line must say the rule, after --")
    files, expected = [], []
    policy: dict[str, Any] = {}
    for number, words, lines in sections:
        if words == ["policy"]:
            policy |= _settings(path, number, lines)
            continue
        rows, columns = _table(path, lines)
        if words[0] == "expect" and words[1] in (*EXPECTED, *FORESEEN):
            expected.append(Expected(words[1], _options(words[2:]), columns, rows))
        elif words[0] in INPUTS:
            files.append(_file(words[0], _options(words[1:]), rows))
        else:
            raise ValueError(f"{path}:{number}: no such section: {' '.join(words)}")
    if not files or not expected:
        raise ValueError(f"{path}: a case needs an input and an [expect ...]")
    name = str(path.relative_to(CASES).with_suffix("")) if path.is_relative_to(CASES) else path.stem
    return Case(name, " ".join(rule), tuple(files), tuple(expected), policy)


def _settings(path: Path, number: int, lines: list[tuple[int, str]]) -> dict[str, Any]:
    try:
        return tomllib.loads("\n".join(text for _, text in lines))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}:{number}: {error}") from error


def _options(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words)


def _table(path: Path, lines: list[tuple[int, str]]) -> tuple[tuple[dict[str, str], ...], tuple[str, ...]]:
    if not lines:
        raise ValueError(f"{path}: a section needs a header")
    cells = [[cell.strip() for cell in row] for row in csv.reader(text for _, text in lines)]
    header = tuple(cells[0])
    for (number, _), row in zip(lines, cells, strict=True):
        if len(row) != len(header):
            raise ValueError(f"{path}:{number}: {len(row)} values for {len(header)} columns")
    return tuple(dict(zip(header, row, strict=True)) for row in cells[1:]), header


def _file(kind: str, options: dict[str, str], rows: tuple[dict[str, str], ...]) -> File:
    coverage: tuple[datetime, datetime] | None = None
    if "coverage" in options:
        start, end = options["coverage"].split("..")
        coverage = (moment(start), moment(end))
    if kind == "plans":
        rows = tuple(_with_tiers(row) for row in rows)
    recorded_at = moment(options.get("recorded_at", "2020-01-01"))
    return File(kind, rows, recorded_at, coverage, options.get("as") == "correction")


def _with_tiers(row: dict[str, str]) -> dict[str, str]:
    mode, *texts = row.get("tiers", "").split() or [""]
    steps: list[dict[str, object]] = []
    for text in texts:
        last, price = text.split(":")
        unit, _, flat = price.partition("+")
        steps.append({"up_to": None if last == "*" else int(last), "unit_amount": unit, "flat_amount": flat or "0"})
    return {**row, "tiers_mode": mode, "tiers": json.dumps(steps) if steps else ""}


def written(files: Iterable[File]) -> str:
    """The input sections that `load` reads as these files; columns without a value are left out."""
    lines = []
    for file in files:
        options = [file.kind, f"recorded_at={file.recorded_at.isoformat()}"]
        options += [f"coverage={file.coverage[0].date()}..{file.coverage[1].date()}"] if file.coverage else []
        options += ["as=correction"] if file.correction else []
        rows = [_without_tiers(row) for row in file.rows]
        columns = [c for c in dict.fromkeys(c for row in rows for c in row) if any(row.get(c) for row in rows)]
        cells = [columns, *([row.get(c, "") for c in columns] for row in rows)]
        widths = [max(len(row[n]) for row in cells) for n in range(len(columns))]
        lines.append(f"[{' '.join(options)}]")
        lines += [
            ", ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).strip() for row in cells
        ]
    return "\n".join(lines)


def _without_tiers(row: dict[str, str]) -> dict[str, str]:
    steps = [
        f"{step['up_to'] or '*'}:{step['unit_amount']}" + (f"+{step['flat_amount']}" if step.get("flat_amount") else "")
        for step in json.loads(row.get("tiers") or "[]")
    ]
    return {**row, "tiers": " ".join([row["tiers_mode"], *steps]), "tiers_mode": ""} if steps else row
