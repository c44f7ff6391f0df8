"""The slow exact pass: files that DuckDB's strict reader does not take line for line, and JSON lines.

Each record goes to a clean CSV file with its physical line in front; records of a wrong shape go to `faults`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rollforward.errors import Misuse

MAX_FAULTS = 1_000_000


@dataclass
class Clean:
    """What the pass found. `header` are the columns; `faults` are (line, code, params)."""

    path: Path
    header: list[str]
    rows: int = 0
    faults: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)

    def fault(self, line: int, code: str, **params: object) -> None:
        """Note a record that cannot be read; the first million are kept."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append((line, code, {k: str(v) for k, v in params.items()}))


def clean_csv(path: Path, name: str, header: list[str], delimiter: str, target: Path) -> Clean:
    """Rewrite a CSV file as (line, fields…); blank lines are skipped, empty columns after the last one are no fault.

    Misuse `unclosed-quote` names the line where a quote opens that never closes: nothing after it can be read.
    """
    clean, width = Clean(target, header), len(header)
    with path.open(encoding="utf-8-sig", newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        reader = csv.reader(source, delimiter=delimiter, strict=True)
        first = True
        while True:
            line = reader.line_num + 1
            try:
                record = next(reader)
            except StopIteration:
                return clean
            except csv.Error as error:
                if "unexpected end" in str(error) or "field limit" in str(error):
                    raise Misuse("unclosed-quote", file=name, line=line) from error
                clean.rows += 1
                clean.fault(line, "bad-quoting", detail=error)
                continue
            if not record:
                continue
            if first:
                first = False
                continue
            clean.rows += 1
            if len(record) > width and not any(record[width:]):
                del record[width:]
            if len(record) != width:
                code = "too-many-columns" if len(record) > width else "too-few-columns"
                clean.fault(line, code, expected=width, found=len(record))
                continue
            writer.writerow([line, *record])


def clean_jsonl(path: Path, target: Path) -> Clean:
    """Rewrite JSON lines as (line, fields…). Numbers keep their own text, null is empty, nested values stay JSON."""
    clean = Clean(target, [])
    places: dict[str, int] = {}
    with path.open(encoding="utf-8-sig", newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for line, text in enumerate(source, 1):
            if not text.strip():
                continue
            clean.rows += 1
            try:
                record = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
            except (ValueError, RecursionError) as error:
                clean.fault(line, "bad-json", detail=error)
                continue
            if not isinstance(record, dict):
                clean.fault(line, "bad-json", detail="not an object")
                continue
            fields = [""] * len(places)
            for key, value in record.items():
                if key not in places:
                    places[key] = len(places)
                    fields.append("")
                fields[places[key]] = _plain(value)
            writer.writerow([line, *fields])
    clean.header = list(places)
    return clean


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def rows_at(path: Path, lines: list[int], csv_format: bool) -> Iterator[tuple[int, str]]:
    """The user's own text at these sorted lines; a CSV record goes on while a quote is open. Texts are cut at 4,000."""
    wanted = iter(lines)
    line = next(wanted, 0)
    with path.open(encoding="utf-8-sig", newline="") as source:
        numbered = enumerate(source, 1)
        for number, text in numbered:
            if number != line:
                continue
            row = text
            while csv_format and row.count('"') % 2 and len(row) < 4000:
                if (more := next(numbered, None)) is None:
                    break
                row += more[1]
            yield line, row.rstrip("\r\n")[:4000]
            line = next(wanted, 0)
            if not line:
                return
