"""How a store and each of its users want to see things: names and values, every one checked when it is set."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass, fields, replace

from rollforward import money
from rollforward.errors import Misuse
from rollforward.state.audit import Actor, Audit
from rollforward.state.database import Database

LANGUAGES = ("en", "th")
THEMES = ("system", "light", "dark")
NOBODY = 0
"""The user_id of what belongs to the one person at work where there are no users."""


@dataclass(frozen=True)
class StoreSettings:
    """What holds for everybody until they say otherwise; '' = as the store or the machine has it.

    currency: ISO 4217, or `native` · time_zone: of moments on pages, an IANA name · fiscal_year_start: month, 1…12 ·
    policy: under which pages count at first · buddhist_era: years of Thai pages · signals_off: signals told only where
    they are asked for, with blanks between · signal_rules: what signals need to be on, TOML ·
    signal_precision: how right each was when last looked at, JSON · acting_rules: contact budget and owners, TOML ·
    unit_values: what a unit of use is worth to a customer, TOML.
    """

    language: str = ""
    currency: str = ""
    time_zone: str = "UTC"
    fiscal_year_start: int = 1
    policy: str = "default"
    buddhist_era: bool = False
    signals_off: str = ""
    signal_rules: str = ""
    signal_precision: str = ""
    acting_rules: str = ""
    unit_values: str = ""


@dataclass(frozen=True)
class UserSettings:
    """What one user wants; language '' = the store's or the browser's. `seen_version`: of the store, last visit."""

    language: str = ""
    theme: str = "system"
    seen_version: int = 0


class Settings:
    """The settings of one store and its users."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def store(self) -> StoreSettings:
        """The store's; what was never set has its default."""
        told = self._told(NOBODY)
        return StoreSettings(**{f.name: _typed(f.type, told[f.name]) for f in fields(StoreSettings) if f.name in told})  # type: ignore[arg-type]

    def user(self, user_id: int = NOBODY) -> UserSettings:
        """One user's; NOBODY where there are no users."""
        told = self._told(user_id, "user:")
        return UserSettings(**{f.name: _typed(f.type, told[f.name]) for f in fields(UserSettings) if f.name in told})  # type: ignore[arg-type]

    def set_store(self, by: Actor, **values: object) -> StoreSettings:
        """Sets some of `StoreSettings`; the log says what they were. Misuse `unknown-option`, `bad-currency`."""
        before = self.store()
        after = replace(before, **values)  # type: ignore[arg-type]
        _check_store(after)
        changed = {n: v for n, v in values.items() if getattr(before, n) != v}
        with self._database.writing() as con:
            for name, value in changed.items():
                con.execute("insert or replace into setting values (?, ?, ?)", (NOBODY, name, _text(value)))
            if changed:
                detail = {n: {"from": getattr(before, n), "to": v} for n, v in changed.items()}
                self._audit.record(con, by, "settings", "store", detail)
        return after

    def set_user(self, user_id: int = NOBODY, **values: object) -> UserSettings:
        """Sets some of `UserSettings`; a matter of taste that no log is kept of. Misuse `unknown-option`."""
        after = replace(self.user(user_id), **values)  # type: ignore[arg-type]
        _one_of("language", after.language, ("", *LANGUAGES))
        _one_of("theme", after.theme, THEMES)
        with self._database.writing() as con:
            for name, value in values.items():
                con.execute("insert or replace into setting values (?, ?, ?)", (user_id, f"user:{name}", _text(value)))
        return after

    def _told(self, user_id: int, prefix: str = "") -> dict[str, str]:
        with self._database.reading() as con:
            rows = con.execute("select name, value from setting where user_id = ?", (user_id,)).fetchall()
        return {str(r["name"]).removeprefix(prefix): str(r["value"]) for r in rows if r["name"].startswith(prefix)}


def time_zones() -> tuple[str, ...]:
    """Names of time zones that can be set."""
    return tuple(sorted(zoneinfo.available_timezones()))


def _check_store(told: StoreSettings) -> None:
    _one_of("language", told.language, ("", *LANGUAGES))
    if told.currency not in ("", "native"):
        money.exponent(told.currency)
    if told.time_zone not in zoneinfo.available_timezones():
        raise Misuse("unknown-option", option="time_zone", value=told.time_zone, known="UTC, Asia/Bangkok, …")
    _one_of("fiscal_year_start", told.fiscal_year_start, range(1, 13))


def _one_of(name: str, value: object, known: object) -> None:
    if value not in known:  # type: ignore[operator]
        raise Misuse("unknown-option", option=name, value=str(value), known=", ".join(str(k) for k in known if k))  # type: ignore[attr-defined]


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _typed(kind: object, text: str) -> object:
    return bool(int(text)) if kind == "bool" else int(text) if kind == "int" else text
