"""The settings that change meaning (definitions.md section 6, decision 0009): read, checked, one row for models.

Comes in: a policy's name, or TOML whose keys are the settings' own names. Goes out: a Policy; its settings as TOML
again; the one-row table `policy` that models read. A new setting is a field here, its check in `CHECKS` and, where SQL
needs it, a column of `row_sql`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from rollforward import zones
from rollforward.errors import Misuse
from rollforward.periods import Calendar

KINDS = ("forever", "repeating", "once")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

ANY = 1_000_000
"""`reactivation_days = "any"` in the row."""

Thresholds = tuple[tuple[str, int], ...]
"""Named bands by their lowest value, the lowest first, which is 0."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Gap:
    """A rule of a peer that its profile does not reproduce: its name, who says so, what it does to the numbers."""

    rule: str
    source: str
    effect: str


@dataclass(frozen=True)
class Bands:
    """Thresholds of derived dimensions: MRR in major units, days since the first MRR, last month's use of `metric`."""

    size_band: Thresholds = (("small", 0), ("medium", 500), ("large", 5000))
    lifecycle_stage: Thresholds = (("onboarding", 0), ("adopting", 90), ("established", 365))
    metric: str = ""
    usage_level: Thresholds = ()


@dataclass(frozen=True)
class Policy:
    """One policy: each field is a setting under its own name, as TOML writes it (`discounts`: those subtracted)."""

    name: str = "default"
    version: int = 1
    title: str = ""
    past_due: str | int = "counts"
    discounts: tuple[str, ...] = ("forever", "repeating")
    churn_on: str = "ended"
    active_from: str = "period_start"
    paused: str = "not_active"
    free_account: str = "not_active"
    usage: str = "exclude"
    netting: str = "day"
    gap_days: int = 0
    reactivation_days: str | int = "any"
    reactivation_needs_month_end_at_zero: bool = False
    reactivation_as: str = "own"
    reactivation_in_expansion: bool = False
    same_month_new_and_churn: str = "both"
    minor_movement: int = 0
    week_factor: str = "52/12"
    day_factor: str = "365/12"
    fx: str = "month_end"
    fx_lag_days: int = 0
    logo_churn_base: str = "opening"
    time_zone: str = "UTC"
    week_start: str = "monday"
    fiscal_year_start: int = 1
    bands: Bands = field(default_factory=Bands)
    not_reproduced: tuple[Gap, ...] = ()

    @property
    def is_approximate(self) -> bool:
        """Whether it names rules of a peer that it does not reproduce."""
        return bool(self.not_reproduced)

    @property
    def calendar(self) -> Calendar:
        """Its weeks and years."""
        return Calendar(DAYS.index(self.week_start), self.fiscal_year_start)

    def settings(self) -> dict[str, str | int | bool]:
        """Every setting by its TOML key, tables with a dot (`discounts.once`); without name, version and gaps."""
        found: dict[str, str | int | bool] = {}
        for key in CHECKS:
            if key == "discounts":
                found |= {f"discounts.{kind}": kind in self.discounts for kind in KINDS}
            else:
                found[key] = getattr(self, key)
        for name in ("size_band", "lifecycle_stage", "usage_level"):
            if name == "usage_level" and self.bands.metric:
                found["bands.usage_level.metric"] = self.bands.metric
            found |= {f"bands.{name}.{band}": lowest for band, lowest in getattr(self.bands, name)}
        return found

    def row_sql(self, as_of: datetime | None = None) -> str:
        """The one-row `select` that is the table `policy`; what takes effect after `as_of` (UTC) is scheduled."""
        mode, _, minutes = self.netting.partition(":")
        rate, _, on = self.fx.partition(":")
        past_due = {"counts": -1, "does_not_count": 0}.get(str(self.past_due), self.past_due)
        week, day = self.week_factor.split("/"), self.day_factor.split("/")
        wall = zones.local(as_of, self.time_zone) if as_of else datetime(9999, 12, 31)
        row: dict[str, str | int | date] = {
            "name": self.name,
            "version": self.version,
            "past_due_days": past_due,
            "paused_counts": int(self.paused == "counts"),
            "paused_active": int(self.paused == "active"),
            "free_active": int(self.free_account == "active"),
            **{f"discount_{kind}": int(kind in self.discounts) for kind in KINDS},
            "churn_on": self.churn_on,
            "active_from": self.active_from,
            "usage": self.usage,
            "week_num": int(week[0]),
            "week_den": int(week[1]),
            "day_num": int(day[0]),
            "day_den": int(day[1]),
            "netting": mode,
            "netting_seconds": 60 * int(minutes or 0),
            "gap_days": self.gap_days,
            "reactivation_days": ANY if self.reactivation_days == "any" else int(self.reactivation_days),
            "reactivation_month_end": int(self.reactivation_needs_month_end_at_zero),
            "reactivation_as": self.reactivation_as,
            "reactivation_in_expansion": int(self.reactivation_in_expansion),
            "same_month_neither": int(self.same_month_new_and_churn == "neither"),
            "minor_movement": self.minor_movement,
            "fx": rate,
            "fx_on": date.fromisoformat(on) if on else date(1, 1, 1),
            "fx_lag_days": self.fx_lag_days,
            "logo_churn_base": self.logo_churn_base,
            "time_zone": self.time_zone,
            "as_of": wall,
        }
        return "select " + ", ".join(f"{_literal(value)} as {column}" for column, value in row.items())


def _literal(value: str | int | date) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, datetime):
        return f"timestamp '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    return f"cast({value} as bigint)"


DEFAULT = Policy(title="Our own default")


# -- what a setting may be -------------------------------------------------------------------------------------------

Check = tuple[str, Callable[[Any], bool]]
"""What is allowed, in words that need no language, and the test."""


def _one_of(*values: str) -> Check:
    return ", ".join(values), lambda value: isinstance(value, str) and value in values


def _whole(first: int, last: int, *words: str) -> Check:
    allowed = ", ".join((*words, f"{first} … {last}"))
    return (
        allowed,
        lambda value: (type(value) is int and first <= value <= last) or (isinstance(value, str) and value in words),
    )


def _is_factor(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _fraction(value: object) -> str:
    """`4` and `"4"` are 4/1."""
    return str(value) if "/" in str(value) else f"{value}/1"


def _is_fraction(value: object) -> bool:
    found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", _fraction(value)) if _is_factor(value) else None
    return found is not None and int(found[1]) > 0 and int(found[2]) > 0


def _is_netting(value: object) -> bool:
    if value in ("second", "day", "month"):
        return True
    found = re.fullmatch(r"minutes:([0-9]{1,4})", value) if isinstance(value, str) else None
    return found is not None and 1 <= int(found[1]) <= 1440


def _is_fx(value: object) -> bool:
    if not isinstance(value, str) or not value.startswith("constant:"):
        return value in ("month_end", "daily", "at_change")
    try:
        return date.fromisoformat(value.removeprefix("constant:")).isoformat() == value.removeprefix("constant:")
    except ValueError:
        return False


def _is_discounts(value: object) -> bool:
    return isinstance(value, dict) and set(value) <= set(KINDS) and all(type(v) is bool for v in value.values())


_SWITCH: Check = ("true, false", lambda value: type(value) is bool)
_TEXT: Check = ('"…"', lambda value: isinstance(value, str))

CHECKS: dict[str, Check] = {
    "past_due": _whole(0, 3650, "counts", "does_not_count"),
    "discounts": ("{ forever = true, repeating = true, once = false }", _is_discounts),
    "churn_on": _one_of("ended", "requested", "period_end"),
    "active_from": _one_of("period_start", "first_payment"),
    "paused": _one_of("not_active", "active", "counts"),
    "free_account": _one_of("not_active", "active"),
    "usage": _one_of("exclude", "billed_month", "service_month", "trailing_3_months"),
    "netting": ("day, second, month, minutes:1 … minutes:1440", _is_netting),
    "gap_days": _whole(0, 3650),
    "reactivation_days": _whole(0, 36500, "any"),
    "reactivation_needs_month_end_at_zero": _SWITCH,
    "reactivation_as": _one_of("own", "expansion", "new"),
    "reactivation_in_expansion": _SWITCH,
    "same_month_new_and_churn": _one_of("both", "neither"),
    "minor_movement": _whole(0, 10**12),
    "week_factor": ("52/12, 4, a/b", _is_fraction),
    "day_factor": ("365/12, 30, a/b", _is_fraction),
    "fx": ("month_end, daily, at_change, constant:2024-01-01", _is_fx),
    "fx_lag_days": _whole(0, 1),
    "logo_churn_base": _one_of("opening", "opening_plus_new", "excluding_joiners"),
    "time_zone": ("UTC, Europe/Berlin, Asia/Bangkok, …", lambda value: isinstance(value, str) and zones.is_zone(value)),
    "week_start": _one_of(*DAYS),
    "fiscal_year_start": _whole(1, 12),
}

_HEAD: dict[str, Check] = {
    "name": (
        "a-z, 0-9, _, - (1 … 40)",
        lambda value: isinstance(value, str) and _NAME.fullmatch(value) is not None,
    ),
    "version": _whole(1, 10**6),
    "title": _TEXT,
}


# -- reading ---------------------------------------------------------------------------------------------------------


def parse(text: str, where: str) -> Policy:
    """The policy that a TOML text says; `where` names it in errors. Settings it does not name have their defaults.

    Misuse: `bad-policy` (no TOML), `unknown-policy-key`, `bad-policy-value`, `missing-policy-key` (name, version).
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise Misuse("bad-policy", file=where, detail=str(err)) from None
    _known(where, "", told, (*_HEAD, *CHECKS, "bands", "not_reproduced"))
    for key in ("name", "version"):
        if key not in told:
            raise Misuse("missing-policy-key", file=where, key=key)
    for key, (allowed, is_allowed) in (_HEAD | CHECKS).items():
        if key in told and not is_allowed(told[key]):
            raise _bad(where, key, told[key], allowed)
    for key in ("week_factor", "day_factor"):
        if key in told:
            told[key] = _fraction(told[key])
    if "discounts" in told:
        given = {kind: kind in DEFAULT.discounts for kind in KINDS} | told["discounts"]
        told["discounts"] = tuple(kind for kind in KINDS if given[kind])
    told["bands"] = _bands(where, told.get("bands", {}))
    told["not_reproduced"] = _gaps(where, told.get("not_reproduced", []))
    return Policy(**told)


def _bands(where: str, told: object) -> Bands:
    names = [f.name for f in fields(Bands) if f.name != "metric"]
    if not isinstance(told, dict):
        raise _bad(where, "bands", told, "[bands.size_band]")
    _known(where, "bands.", told, names)
    found: dict[str, Any] = {}
    for name, table in told.items():
        key = f"bands.{name}"
        if not isinstance(table, dict):
            raise _bad(where, key, table, "small = 0, large = 5000")
        lows = dict(table)
        if name == "usage_level":
            metric = lows.pop("metric", "")
            if not isinstance(metric, str) or not metric:
                raise _bad(where, f"{key}.metric", metric, '"seats", "storage", …')
            found["metric"] = metric
        for band, low in lows.items():
            if type(low) is not int or not 0 <= low <= 10**12 or not band.strip():
                raise _bad(where, f"{key}.{band}", low, f"0 … {10**12}")
        if min(lows.values(), default=1) != 0 or len(set(lows.values())) < len(lows):
            raise _bad(where, key, ", ".join(f"{k} = {v}" for k, v in lows.items()), "small = 0, large = 5000")
        found[name] = tuple(sorted(lows.items(), key=lambda band: band[1]))
    return replace(Bands(), **found)


def _gaps(where: str, told: object) -> tuple[Gap, ...]:
    names = [f.name for f in fields(Gap)]
    example = 'rule = "…", source = "…", effect = "…"'
    if not isinstance(told, list):
        raise _bad(where, "not_reproduced", told, f"[[not_reproduced]] {example}")
    found = []
    for entry in told:
        if not isinstance(entry, dict):
            raise _bad(where, "not_reproduced", entry, example)
        _known(where, "not_reproduced.", entry, names)
        for name in names:
            if not isinstance(entry.get(name), str) or not entry[name].strip():
                raise _bad(where, f"not_reproduced.{name}", entry.get(name, ""), '"…"')
        found.append(Gap(**entry))
    return tuple(found)


def _bad(where: str, key: str, value: object, allowed: str) -> Misuse:
    shown = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return Misuse("bad-policy-value", file=where, key=key, value=shown, known=allowed)


def _known(where: str, prefix: str, told: Mapping[str, object], names: Iterable[str]) -> None:
    known = list(names)
    for key in told:
        if key not in known:
            nearest = next(iter(get_close_matches(key, known, 1)), "")
            raise Misuse(
                "unknown-policy-key", file=where, key=f"{prefix}{key}", nearest=nearest, known=", ".join(known)
            )


# -- finding ---------------------------------------------------------------------------------------------------------


@cache
def shipped() -> dict[str, Policy]:
    """The policies that come with the program, by name, `default` first."""
    names = sorted(e.name.removesuffix(".toml") for e in (files("rollforward") / "policies").iterdir())
    return {n: parse(shipped_text(n), f"{n}.toml") for n in sorted(names, key=lambda n: (n != DEFAULT.name, n))}


def shipped_text(name: str) -> str:
    """The TOML of a shipped policy."""
    return (files("rollforward") / "policies" / f"{name}.toml").read_text(encoding="utf-8")


def read(path: Path) -> Policy:
    """The policy in a TOML file. Misuse `no-such-file`, `not-readable`, and what `parse` raises."""
    return parse(read_text(path), str(path))


def read_text(path: Path) -> str:
    """The text of a policy's file. Misuse `no-such-file`, `not-readable`."""
    if not path.is_file():
        raise Misuse("no-such-file", file=str(path))
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise Misuse("not-readable", file=str(path), detail=str(err)) from None


def find(name: str, registered: Callable[[], Iterable[Policy]] = tuple) -> Policy:
    """The policy called `name`: shipped, one of `registered` (the latest version, or `NAME@2`), or a path to `….toml`.

    `registered` is asked only where no shipped one has the name. Misuse `unknown-policy` lists what there is.
    """
    if name == DEFAULT.name:
        return DEFAULT
    if name.endswith(".toml"):
        return read(Path(name))
    base, _, number = name.partition("@")
    there: Iterable[Policy] = [shipped()[base]] if base in shipped() else list(registered())
    wanted = [p for p in there if p.name == base and (not number or str(p.version) == number)]
    if not wanted:
        known = dict.fromkeys([*shipped(), *(f"{p.name}@{p.version}" if number else p.name for p in there)])
        raise Misuse("unknown-policy", policy=name, known=", ".join(known))
    return max(wanted, key=lambda p: p.version)
