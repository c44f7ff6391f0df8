"""The form of the mapping step: a preview as fields, and fields as a mapping file."""

from __future__ import annotations

from collections.abc import Mapping as Fields
from dataclasses import dataclass

from rollforward.api import Preview, Target
from rollforward.sources.mapping import Mapping, write_mapping
from rollforward.text.fields import FIELDS, HINTS

SHOWN_ROWS = 5

ENCODINGS = ("", "cp874", "cp1252", "utf-16", "latin-1")
DECIMALS = (".", ",")
THOUSANDS = ("", ",", ".", " ", "'")
_FORMAT = ("date", "decimal", "thousands", "symbol", "encoding", "delimiter")


@dataclass(frozen=True)
class Word:
    """A word of the user's in a column of ours that knows only some: `ours` is what it stands for, '' = not said."""

    index: int
    theirs: str
    ours: str


@dataclass(frozen=True)
class Line:
    """One column of ours in the form. `samples` are the user's own values."""

    target: Target
    label: str
    hint: str
    samples: tuple[str, ...]
    is_missing: bool
    words: tuple[Word, ...]


def lines(seen: Preview) -> tuple[list[Line], list[Line]]:
    """The columns of ours: those that are needed or read, and the others."""
    samples = {c.header: c.samples for c in seen.columns}
    found = [
        Line(
            t, FIELDS.get(t.name, t.name), HINTS.get(t.name, ""), samples.get(t.header, ()), t.name in seen.missing,
            _words(seen, t, samples.get(t.header, ())),
        )
        for t in seen.targets
    ]  # fmt: skip
    main = [line for line in found if line.target.required or line.target.how or line.is_missing]
    main.sort(key=lambda line: (not line.is_missing, not line.target.required))
    return main, [line for line in found if line not in main]


def _words(seen: Preview, target: Target, samples: tuple[str, ...]) -> tuple[Word, ...]:
    if target.holds != "word":
        return ()
    told = seen.settings.values.get(target.name, {})
    theirs = dict.fromkeys([*told, *(s for s in samples if s.lower() not in target.words)])
    return tuple(Word(n, word, told.get(word, "")) for n, word in enumerate(theirs))


def mapping_of(fields: Fields[str, str]) -> str:
    """The TOML of what was filled in. Fields: kind, col.NAME, const.NAME, theirs.NAME.N with ours.NAME.N, and those of
    `[format]` with `unit` and `round`."""
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        part, _dot, column = name.partition(".")
        if part == "col" and value:
            columns[column] = value
        elif part == "const" and value.strip() and not fields.get(f"col.{column}"):
            constants[column] = value.strip()
        elif part == "theirs" and (ours := fields.get(f"ours.{column}", "")):
            values.setdefault(column.rpartition(".")[0], {})[value] = ours
    told = {name: fields.get(name, "") for name in _FORMAT}
    return write_mapping(
        Mapping(
            kind=fields.get("kind", ""), columns=columns, constants=constants, values=values, date=told["date"],
            decimal=told["decimal"] or ".", thousands=told["thousands"], symbol=told["symbol"].strip(),
            encoding=told["encoding"], delimiter=told["delimiter"], minor=fields.get("unit") == "minor",
            round=fields.get("round") == "1",
        )
    )  # fmt: skip
