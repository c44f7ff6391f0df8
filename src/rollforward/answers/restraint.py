"""The rules by which people are spoken to: the contact budget, who owns an opportunity, and when it goes to sales.

Comes in: TOML as people write it. Goes out: Rules. Without any, the defaults below hold.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from rollforward.errors import Misuse
from rollforward.state import Limits
from rollforward.state.opportunities import KINDS

MOST_HELD = 0.5
"""Largest share that may be held out: more than half costs more than it tells."""


@dataclass(frozen=True)
class OwnerRule:
    """Whose an opportunity is: the first rule that fits. '' fits all; above: expected MRR, major units."""

    owner: str
    kind: str = ""
    country: str = ""
    industry: str = ""
    above: float = 0.0


@dataclass(frozen=True)
class Timing:
    """due: days until an opportunity expires; again: days for which one that closed is not opened again; seats: the
    share of an account's MRR that more seats are taken to bring."""

    due: int = 30
    again: int = 90
    seats: float = 0.1


@dataclass(frozen=True)
class HandOver:
    """To whom an opportunity goes that is expected to bring more MRR than `above` (major units); '' = to nobody."""

    above: float = 0.0
    to: str = ""


@dataclass(frozen=True)
class HoldOut:
    """The share of accounts drawn not to be offered what is sold, and not to be saved; 0 = nobody is drawn."""

    share: float = 0.1
    saves: float = 0.1

    def by_kind(self) -> dict[str, float]:
        """The share by kind of opportunity."""
        return {kind: self.saves if kind == "save" else self.share for kind in KINDS}


@dataclass(frozen=True)
class Quoting:
    """approve_above: the discount, a share, above which a quote needs an admin's approval; valid_days: for how long one
    can be accepted; matched_days: days after its acceptance in which the ledger is looked at for what came."""

    approve_above: float = 0.2
    valid_days: int = 30
    matched_days: int = 30


@dataclass(frozen=True)
class Rules:
    """All of them."""

    budget: Limits = field(default_factory=Limits)
    timing: Timing = Timing()
    hand_over: HandOver = HandOver()
    hold_out: HoldOut = HoldOut()
    owners: tuple[OwnerRule, ...] = ()
    quote: Quoting = Quoting()

    def owner_of(self, kind: str, country: str, industry: str, gain: float, own: str) -> str:
        """Whose an opportunity is: by the first rule that fits, else whoever owns the account; '' = nobody's."""
        for rule in self.owners:
            fits = rule.kind in ("", kind) and rule.country in ("", country) and rule.industry in ("", industry)
            if fits and gain >= rule.above:
                return rule.owner
        return own


def parsed(text: str) -> Rules:
    """The rules that a TOML text says, tables `budget`, `timing`, `hand_over`, `hold_out`, `quote` and `[[owner]]`.

    Misuse `bad-acting`.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misuse("bad-acting", detail=str(error)) from error
    if unknown := set(told) - {*_PARTS, "owner"}:
        raise Misuse("bad-acting", detail=", ".join(sorted(unknown)))
    owners = told.get("owner", [])
    if not isinstance(owners, list):
        raise Misuse("bad-acting", detail="owner")
    made = tuple(_made(OwnerRule, "owner", one) for one in owners)
    if wrong := next((r for r in made if r.kind not in ("", *KINDS) or not r.owner), None):
        raise Misuse("bad-acting", detail=f"owner: {wrong.kind or 'owner'}")
    parts = {name: _made(kind, name, told.get(name, {})) for name, kind in _PARTS.items()}
    if max(parts["hold_out"].share, parts["hold_out"].saves) > MOST_HELD:
        raise Misuse("bad-acting", detail=f"hold_out > {MOST_HELD}")
    return Rules(owners=made, **parts)


_PARTS: dict[str, type[Any]] = {
    "budget": Limits,
    "timing": Timing,
    "hand_over": HandOver,
    "hold_out": HoldOut,
    "quote": Quoting,
}


def _made(kind: type[Any], name: str, told: object) -> Any:
    if not isinstance(told, Mapping):
        raise Misuse("bad-acting", detail=name)
    known = {f.name: type(f.default) if isinstance(f.default, str | int | float) else str for f in fields(kind)}
    values: dict[str, object] = {}
    for key, value in told.items():
        wanted = known.get(key)
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if wanted is None or type(value) is not wanted or (isinstance(value, int | float) and not 0 <= value <= 10**9):
            raise Misuse("bad-acting", detail=f"{name}.{key} = {value!r}")
        values[key] = value
    try:
        return kind(**values)
    except TypeError as error:
        raise Misuse("bad-acting", detail=name) from error
