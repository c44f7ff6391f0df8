"""The question in the address: every view can be shared, bookmarked and reopened from its address alone.

Comes in: the parameters of an address, named as the options of the command line. Goes out: `Address`, the same question
for every page, and addresses of the same view with something changed. A parameter at its default is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from rollforward.api import Question
from rollforward.errors import Misuse

BY = ("day", "week", "month", "quarter", "year")
SPANS = ("6", "12", "24", "36", "all")
"""How many of the last periods are shown where no first and last one is named."""

_NAMES = {"from": "start", "to": "end", "as-of": "as_of"}
"""Parameter → field, where they differ."""

_POLICIES = re.compile(r"[\w.-]+(@\d+)?(,[\w.-]+(@\d+)?)*")


@dataclass(frozen=True)
class Address:
    """What is asked on every page, and `own`: the parameters that only this page knows, in order."""

    by: str = "month"
    span: str = "12"
    start: str = ""
    end: str = ""
    currency: str = ""
    segment: str = ""
    where: tuple[str, ...] = ()
    policy: str = "default"
    basis: str = "reported"
    as_of: str = ""
    own: tuple[tuple[str, str], ...] = ()
    usual: tuple[tuple[str, str], ...] = ()
    """What the store's settings say where an address says nothing: currency, policy."""

    @classmethod
    def of(cls, params: Iterable[tuple[str, str]], usual: Mapping[str, str] | None = None) -> Address:
        """From the parameters of an address; those that are no filters are the page's own. `usual`: see the field.

        Misuse `unknown-option` for a span or policy that none can be; the rest is judged by the store.
        """
        told: dict[str, Any] = dict(usual or {})
        where: list[str] = []
        mine: list[tuple[str, str]] = []
        for name, value in params:
            field = _NAMES.get(name, name)
            if name == "where" and value:
                where.append(value)
            elif field not in _FIELDS and name not in _OTHERS:
                mine.append((name, value))
            elif field in _FIELDS and value.strip():
                told[field] = value.strip()
        address = cls(**told, where=tuple(dict.fromkeys(where)), own=tuple(mine), usual=tuple((usual or {}).items()))
        if address.span not in SPANS:
            raise Misuse("unknown-option", option="span", value=address.span, known=", ".join(SPANS))
        if not _POLICIES.fullmatch(address.policy) or address.policy.endswith(".toml"):
            # on the command line a policy may be a file; an address must not open files
            raise Misuse("unknown-option", option="policy", value=address.policy, known="default")
        return address

    def get(self, name: str, default: str = "") -> str:
        """The last value of a parameter that only this page knows."""
        return next((v for n, v in reversed(self.own) if n == name and v), default)

    def question(self) -> Question:
        """What `api.Store` is asked; first and last period only as far as they are named."""
        return Question(
            by=self.by,
            start=self.start or None,
            end=self.end or None,
            currency=self.currency or None,
            segment=self.segment or None,
            where=list(self.where) or None,
            policy=self.policy,
            basis=self.basis,
            as_of=self.as_of or None,
        )

    def but(self, **changes: Any) -> Address:
        """The same with other values; a name that is no field of its own is one of the page's own parameters."""
        fields = {n: v for n, v in changes.items() if n in _FIELDS or n in ("where", "own", "usual")}
        named = {n: v for n, v in changes.items() if n not in fields}
        own = tuple((n, v) for n, v in self.own if n not in named)
        own += tuple((n, str(v)) for n, v in named.items() if v not in (None, ""))
        return replace(self, **({"own": own} | fields))

    def pairs(self) -> list[tuple[str, str]]:
        """Its parameters, those at their defaults left out."""
        shown = {f: n for n, f in _NAMES.items()}
        usual = {f: getattr(_DEFAULT, f) for f in _FIELDS} | dict(self.usual)
        told = [(shown.get(f, f), getattr(self, f)) for f in _FIELDS if getattr(self, f) != usual[f]]
        return [*told, *(("where", w) for w in self.where), *self.own]

    def to(self, path: str, **changes: Any) -> str:
        """The address of `path` with this question; other pages' own parameters go along only if named here."""
        mine = self.but(**changes) if changes else self
        query = urlencode(mine.pairs(), quote_via=quote, safe=",=:@")
        return f"{path}?{query}" if query else path

    def call(self, path: str, filters: Iterable[str], own: Iterable[str] = ()) -> str:
        """The address of the JSON API that asks the same, of the `filters` and `own` parameters that it takes.

        It names what pages take from the store's settings: programs are told the same whatever is set there.
        """
        told = [(n, v) for n, v in replace(self, usual=(), own=()).pairs() if n in set(filters)]
        told += [(n, value) for n in own if (value := self.get(n))]
        return f"{path}?{urlencode(told, quote_via=quote, safe=',=:@')}" if told else path

    def page(self, path: str, **changes: Any) -> str:
        """The address of another page with the same filters."""
        return replace(self, own=()).to(path, **changes)


_FIELDS = ("by", "span", "start", "end", "currency", "segment", "policy", "basis", "as_of")
_OTHERS = ("where", "lang")
_DEFAULT = Address()
