"""A header and a mapping → which kind of file this is and where each of our columns stands."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from rollforward.errors import Misuse
from rollforward.sources.kinds import ACCOUNTS, KINDS, MONTHLY, PLANS, SUBSCRIPTIONS, Kind
from rollforward.sources.mapping import Mapping, nearest

_DELIMITERS = (",", ";", "\t", "|")
_MONTHS = (
    "%Y-%m",
    "%Y-%m-%d",
    "%Y/%m",
    "%Y/%m/%d",
    "%Y%m",
    "%m/%Y",
    "%b %Y",
    "%B %Y",
    "%b-%Y",
    "%B-%Y",
    "%Y-%m-%d %H:%M:%S",
)
_LIMIT = "limit:"


@dataclass(frozen=True)
class Layout:
    """Where things stand in one file. Columns are numbered from 0; `months` are (first day, column) of a wide file;
    `extras` are (name, column): attributes of accounts, limits of plans; column -1 is a constant."""

    kind: Kind
    header: tuple[str, ...]
    places: dict[str, int]
    constants: dict[str, str]
    months: tuple[tuple[str, int], ...] = ()
    extras: tuple[tuple[str, int], ...] = ()
    notes: tuple[tuple[str, dict[str, str]], ...] = ()

    def has(self, name: str) -> bool:
        """Whether our column has a value of its own in this file."""
        return name in self.places or name in self.constants

    def shown(self, name: str) -> str:
        """The user's own header of our column; our name for a constant."""
        return self.header[self.places[name]] if name in self.places else name


def split_header(line: str, mapping: Mapping) -> tuple[list[str], str]:
    """(headers, delimiter) of the first line: the mapping's delimiter, else the one found most often outside quotes."""
    outside = re.sub(r'"[^"]*"', "", line)
    delimiter = mapping.delimiter or max(_DELIMITERS, key=outside.count)
    return next(csv.reader([line], delimiter=delimiter), []), delimiter


def month_of(header: str) -> str:
    """First day of the month that a header of a wide file names (2024-01, Jan 2024, …); '' if it names none."""
    for form in _MONTHS:
        try:
            return datetime.strptime(header.strip(), form).strftime("%Y-%m-01")
        except ValueError:
            continue
    return ""


def choose(
    header: list[str], mapping: Mapping, kind: str | None, file: str, snapshot: bool, among: tuple[Kind, ...] = KINDS
) -> Layout:
    """The layout of a file, as one of the kinds `among`.

    Misuse: `unknown-kind` (lists all kinds with their columns), `missing-columns`, `duplicate-header`,
    `unknown-mapping-column` (no such column of ours), `missing-mapped-column` (no such header in the file).
    """
    _check_mapped(header, mapping)
    asked = kind or mapping.kind
    kinds = [k for k in among if not asked or k.name == asked]
    if not kinds:
        raise Misuse("unknown-kind", file=file, kind=asked or "", header=", ".join(header), kinds=_kinds(among))
    bound = [_bind(k, header, mapping) for k in kinds]
    if len(bound) > 1:
        fitting = [b for b in bound if _fits(b)]
        if len(fitting) != 1 and asked:
            fitting = bound[:1]
        if len(fitting) != 1:
            names = ", ".join(b.kind.name for b in fitting)
            raise Misuse("unknown-kind", file=file, kind=names, header=", ".join(header), kinds=_kinds(among))
        bound = fitting
    layout = bound[0]
    _check_names(layout.kind, mapping)
    missing = [n for n in layout.kind.required if not layout.has(n)]
    if layout.kind is MONTHLY:
        missing = [n for n in missing if not (layout.months and n == "month")]
        missing += [] if layout.months or layout.has("mrr") else ["mrr"]
    if snapshot and layout.kind is SUBSCRIPTIONS:
        missing = [n for n in missing if n != "start_date"]
    if missing:
        raise Misuse(
            "missing-columns",
            file=file,
            kind=layout.kind.name,
            columns=", ".join(missing),
            header=", ".join(header),
            nearest="; ".join(f"{n}: {near}" for n in missing if (near := nearest(n, header))),
        )
    folded = Counter(_fold(h) for h in header)
    for name, place in layout.places.items():
        if folded[_fold(header[place])] > 1:
            raise Misuse("duplicate-header", file=file, header=header[place], column=name)
    used = {*layout.places.values(), *(p for _, p in layout.months), *(p for _, p in layout.extras)}
    unread = [h for i, h in enumerate(header) if i not in used and h.strip()]
    if unread:
        layout = replace(layout, notes=(*layout.notes, ("ignored-columns", {"columns": ", ".join(unread)})))
    return layout


def _fold(header: str) -> str:
    return re.sub(r"[^\w:]+", "_", header.strip().lower()).strip("_")


def _bind(kind: Kind, header: list[str], mapping: Mapping) -> Layout:
    exact = {h: i for i, h in reversed(list(enumerate(header)))}
    folded = {_fold(h): i for i, h in reversed(list(enumerate(header))) if _fold(h)}
    places: dict[str, int] = {}
    notes: list[tuple[str, dict[str, str]]] = []
    for name in [*kind.names, *(n for n in mapping.columns if n not in kind.names)]:
        theirs = mapping.columns.get(name)
        if theirs is not None:
            places[name] = exact.get(theirs, folded.get(_fold(theirs), -1))
        elif name not in mapping.constants and name in folded:
            places[name] = folded[name]
    taken = set(places.values())
    for name, words in kind.synonyms.items():
        found = [folded[w] for w in words if w in folded and folded[w] not in taken]
        if name == "amount" and (kind.name != "subscriptions" or "interval" in places):
            continue  # `mrr` is a month's amount: beside an interval column it would be ambiguous
        if name not in places and name not in mapping.constants and len(found) == 1:
            places[name] = found[0]
            taken.add(found[0])
            notes.append(("synonym-used", {"column": name, "header": header[found[0]]}))
    declared = set(kind.names)
    extras = [(n, p) for n, p in places.items() if n not in declared]
    places = {n: p for n, p in places.items() if n in declared}
    months: list[tuple[str, int]] = []
    for place, title in enumerate(header):
        if place in taken or not title.strip():
            continue
        if kind is MONTHLY and not {"month", "mrr"} & {*places, *mapping.constants} and (month := month_of(title)):
            months.append((month, place))
        elif kind is ACCOUNTS or (kind is PLANS and title.strip().lower().startswith(_LIMIT)):
            extras.append((title.strip(), place))
    if kind is ACCOUNTS:
        known = {"account_id", "valid_from", "recorded_at"}
        extras = [(n, p) for n, p in places.items() if n not in known] + extras
        extras += [(n, -1) for n in mapping.constants if n not in known]
        places = {n: p for n, p in places.items() if n in known}
    if kind is PLANS:
        extras = [(n[len(_LIMIT) :], p) for n, p in extras if n.startswith(_LIMIT)]
    return Layout(kind, tuple(header), places, dict(mapping.constants), tuple(months), tuple(extras), tuple(notes))


def _fits(layout: Layout) -> bool:
    kind = layout.kind
    names = {*layout.places, *layout.constants, *(n for n, _ in layout.extras)}
    headers = {_fold(h) for h in layout.header}
    if kind is MONTHLY and layout.months and layout.has("account_id"):
        return True
    if set(kind.excludes) & headers or (kind is ACCOUNTS and any(month_of(h) for h in layout.header)):
        return False
    if kind is PLANS and layout.has("plan_id") and layout.extras:
        return True
    return any(set(signature) <= names for signature in kind.signature)


def _check_mapped(header: list[str], mapping: Mapping) -> None:
    folded = {_fold(h) for h in header}
    for name, theirs in mapping.columns.items():
        if theirs not in header and _fold(theirs) not in folded:
            raise Misuse(
                "missing-mapped-column",
                mapping=mapping.file,
                line=mapping.line(name),
                column=name,
                header=theirs,
                nearest=nearest(theirs, header),
                known=", ".join(header),
            )


def _check_names(kind: Kind, mapping: Mapping) -> None:
    free = kind is ACCOUNTS
    for name in (*mapping.columns, *mapping.constants, *mapping.values):
        if name not in kind.names and not free and not (kind is PLANS and name.startswith(_LIMIT)):
            raise Misuse(
                "unknown-mapping-column",
                mapping=mapping.file,
                line=mapping.line(name),
                column=name,
                kind=kind.name,
                nearest=nearest(name, kind.names),
                known=", ".join(kind.names),
            )


def _kinds(among: tuple[Kind, ...]) -> str:
    return "; ".join(f"{k.name}: {', '.join(k.required)}" + (", mrr" if k is MONTHLY else "") for k in among)
