"""Mapping files: how a user's headers, words, dates and numbers become ours.

kind = "subscriptions"
[columns]        account_id = "Customer"         # our name = their header
[constants]      currency = "USD"                # a value for all rows; their column need not exist
[values.status]  "Aktiv" = "active"              # theirs = ours
[format]         date, decimal, thousands, delimiter, encoding, round, symbol, unit
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from rollforward.errors import Misuse

_TOP = ("kind", "columns", "constants", "values", "format")
_FORMAT = ("date", "decimal", "thousands", "delimiter", "encoding", "round", "symbol", "unit")


@dataclass(frozen=True)
class Mapping:
    """A mapping file, checked. Absent settings are empty: nothing is assumed of the user's file.

    `symbol` stands beside amounts and is left out ("$"); `minor`: amounts are whole minor units (cents).
    """

    kind: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    date: str = ""
    decimal: str = "."
    thousands: str = ""
    delimiter: str = ""
    encoding: str = ""
    round: bool = False
    symbol: str = ""
    minor: bool = False
    text: str = ""
    file: str = ""

    def line(self, key: str) -> int:
        """Line of the mapping file on which `key` is set, 0 if it cannot be found."""
        pattern = re.compile(rf"""^\s*(\[.*)?["']?{re.escape(key)}["']?\s*[=\].]""")
        return next((n for n, row in enumerate(self.text.splitlines(), 1) if pattern.match(row)), 0)


def nearest(word: str, words: list[str]) -> str:
    """Up to three of `words` that look like `word`, joined by commas; '' if none does."""
    folded = {w.lower(): w for w in words}
    return ", ".join(folded[m] for m in get_close_matches(word.lower(), list(folded), n=3, cutoff=0.5))


def read_mapping(path: Path | None) -> Mapping:
    """Read and check a mapping file; without a path the empty mapping.

    Misuse: `no-such-mapping`, `bad-mapping` (not TOML), `unknown-mapping-key`, `bad-mapping-value`; with the line.
    """
    if path is None:
        return Mapping()
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        raise Misuse("no-such-mapping", mapping=str(path)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else len(path.read_bytes().splitlines())  # "at end of document"
        raise Misuse("bad-mapping", mapping=path.name, line=line, detail=str(error)) from error
    probe = Mapping(text=text, file=path.name)
    _known(probe, data, _TOP, "")
    layout = _table(probe, data, "format")
    _known(probe, layout, _FORMAT, "format.")
    values = {k: _texts(probe, v, f"values.{k}") for k, v in _table(probe, data, "values").items()}
    mapping = Mapping(
        kind=_text(probe, data, "kind", ""),
        columns=_texts(probe, _table(probe, data, "columns"), "columns"),
        constants=_texts(probe, _table(probe, data, "constants"), "constants"),
        values=values,
        date=_text(probe, layout, "date", ""),
        decimal=_text(probe, layout, "decimal", "."),
        thousands=_text(probe, layout, "thousands", ""),
        delimiter=_text(probe, layout, "delimiter", ""),
        encoding=_text(probe, layout, "encoding", ""),
        round=layout.get("round", False) is True,
        symbol=_text(probe, layout, "symbol", "").strip(),
        minor=layout.get("unit") == "minor",
        text=text,
        file=path.name,
    )
    for key, good in (
        ("decimal", mapping.decimal in (".", ",")),
        ("thousands", mapping.thousands in ("", ".", ",", "'", "’", " ", "\u00a0", "\u202f", "_")),
        ("thousands", mapping.thousands != mapping.decimal),
        ("delimiter", mapping.delimiter in ("", ",", ";", "\t", "|")),
        ("round", isinstance(layout.get("round", False), bool)),
        ("symbol", len(mapping.symbol) <= 5 and not any(c.isdigit() or c in ".,'+-" for c in mapping.symbol)),
        ("unit", layout.get("unit", "major") in ("major", "minor")),
        ("date", not mapping.date or ("%" in mapping.date and len(mapping.date) <= 60)),
    ):
        if not good:
            raise _bad(probe, key, layout.get(key))
    return mapping


def write_mapping(mapping: Mapping) -> str:
    """The TOML of a mapping; `read_mapping` reads the same from it. Settings as they are without one are left out."""
    lines = [f"kind = {_quoted(mapping.kind)}"] if mapping.kind else []
    tables: list[tuple[str, dict[str, str]]] = [("columns", mapping.columns), ("constants", mapping.constants)]
    tables += [(f"values.{_key(name)}", swaps) for name, swaps in mapping.values.items()]
    layout = {name: str(getattr(mapping, name)) for name in ("date", "thousands", "delimiter", "encoding", "symbol")}
    layout |= {"decimal": mapping.decimal if mapping.decimal != "." else "", "unit": "minor" if mapping.minor else ""}
    tables.append(("format", {name: value for name, value in layout.items() if value}))
    for name, table in tables:
        more = ["round = true"] if name == "format" and mapping.round else []
        if table or more:
            told = [f"{_key(key)} = {_quoted(value)}" for key, value in table.items()]
            lines += ["", f"[{name}]", *told, *more]
    return "\n".join(lines).strip() + "\n"


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _quoted(text)


def _quoted(text: str) -> str:
    """A TOML basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _known(mapping: Mapping, table: dict[str, object], names: tuple[str, ...], prefix: str) -> None:
    for key in table:
        if key not in names:
            raise Misuse(
                "unknown-mapping-key",
                mapping=mapping.file,
                line=mapping.line(key),
                key=prefix + key,
                nearest=nearest(key, list(names)),
                known=", ".join(names),
            )


def _bad(mapping: Mapping, key: str, value: object) -> Misuse:
    return Misuse(
        "bad-mapping-value", mapping=mapping.file, line=mapping.line(key.split(".")[-1]), key=key, value=str(value)
    )


def _table(mapping: Mapping, data: dict[str, object], key: str) -> dict[str, object]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise _bad(mapping, key, value)
    return value


def _text(mapping: Mapping, data: dict[str, object], key: str, default: str) -> str:
    value = data.get(key, default)
    if not isinstance(value, str):
        raise _bad(mapping, key, value)
    return value


def _texts(mapping: Mapping, table: object, prefix: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise _bad(mapping, prefix, table)
    for key, value in table.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise _bad(mapping, f"{prefix}.{key}", value)
    return {str(k): str(v) for k, v in table.items()}
