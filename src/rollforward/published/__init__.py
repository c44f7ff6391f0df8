"""Published benchmarks: facts, each with publisher, report, year, population and how far it was confirmed.

Trust A: the publisher's page, a filing's sentence, or two transcriptions that agree; B: one careful transcription that
names the primary. Others are not shipped. A user's own file has the same columns.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rollforward.errors import Misuse

COLUMNS = ("metric", "value", "unit", "statistic", "data_year", "publisher", "report", "segment_type", "segment", "n",
           "population", "source_address", "trust", "note", "sample")  # fmt: skip
SAMPLES = ("survey", "billing", "portfolio", "aims", "filing")
"""Where a row comes from: answers of companies, their billing data, an investor's own companies, what somebody calls
good, one company's filing (in its own definition)."""

_NEEDED = ("metric", "value", "unit", "statistic", "data_year", "publisher", "segment_type", "segment")
_AMOUNT = re.compile(r"\$?\s*([\d,.]+)\s*(k|m|b)?", re.IGNORECASE)
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9}


@dataclass(frozen=True)
class Benchmark:
    """One published number: `value` is a fraction for percent, else as published; `year` the data's."""

    metric: str
    value: float
    unit: str
    statistic: str
    year: int
    publisher: str
    report: str
    segment_type: str
    segment: str
    n: str
    population: str
    source: str
    trust: str
    note: str
    sample: str

    def holds(self, amount: float) -> bool:
        """Whether `amount` (USD; a year's, for ARPA a month's) is in the band that the segment names."""
        band = bounds(self.segment)
        return band is not None and band[0] <= amount < band[1]


def shipped() -> list[Benchmark]:
    """The rows that come with the program."""
    return _read(
        files("rollforward.published").joinpath("benchmarks.csv").read_text(encoding="utf-8"), "benchmarks.csv"
    )


def told(path: Path) -> list[Benchmark]:
    """The rows of a user's own file. Misuse `cannot-read-benchmarks`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        raise Misuse("cannot-read-benchmarks", file=str(path), line="1", detail=str(err)) from err
    return _read(text, str(path))


def bounds(segment: str) -> tuple[float, float] | None:
    """The amounts that a segment like `<$1M`, `$5-20M` or `mid-market $12-50k` names; None where it names none."""
    found = [(m[1], (m[2] or "").lower()) for m in _AMOUNT.finditer(segment) if re.search(r"\d", m[1])]
    if not found or "$" not in segment:
        return None
    unit = found[-1][1]
    amounts = [float(n.replace(",", "")) * _UNITS[u or unit] for n, u in found[:2]]
    if len(amounts) == 2:
        return amounts[0], amounts[1]
    return (0.0, amounts[0]) if "<" in segment else (amounts[0], float("inf"))


def _read(text: str, name: str) -> list[Benchmark]:
    rows = csv.DictReader(io.StringIO(text))
    if missing := [c for c in _NEEDED if c not in (rows.fieldnames or ())]:
        raise Misuse("cannot-read-benchmarks", file=name, line="1", detail=f"no column {missing[0]}")
    found = []
    for row in rows:
        said = {c: (row.get(c) or "").strip() for c in COLUMNS}
        year = re.match(r"\d{4}", said["data_year"])
        try:
            value = float(said["value"])
        except ValueError:
            value = float("nan")
        if year is None or value != value:
            detail = f"value {said['value']!r}, data_year {said['data_year']!r}"
            raise Misuse("cannot-read-benchmarks", file=name, line=str(rows.line_num), detail=detail)
        found.append(
            Benchmark(
                said["metric"], round(value / 100, 6) if said["unit"] == "percent" else value, said["unit"],
                said["statistic"], int(year[0]), said["publisher"], said["report"], said["segment_type"],
                said["segment"], said["n"], said["population"], said["source_address"], said["trust"], said["note"],
                said["sample"] or "survey",
            )
        )  # fmt: skip
    return found
