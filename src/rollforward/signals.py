"""What the signals need to be on: read, checked, and handed to models as rows.

Comes in: TOML whose keys are those of `signals.toml`. Goes out: Rules; the tables `signal_rule` (one row),
`signal_metric`, `usage_trend` and `look_row`, which models/expansion read.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from rollforward.engines import Engine
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse
from rollforward.stats import trend

INPUTS = ("signal_rule", "signal_metric", "usage_trend", "look_row")
"""Tables that are made here."""

_NO_LOOK = (
    "select date '0001-01-01' as look_on, date '0001-01-01' as ends_on, cast(0 as bigint) as account_key, "
    "'' as currency, '' as signal, '' as peers where false"
)

Value = float | int | tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """Every setting by its key in the file, tables with a dot: `limit.near`."""

    values: tuple[tuple[str, Value], ...]

    @property
    def row_sql(self) -> str:
        """The one-row select `signal_rule`: each number as `limit_near`; shares are doubles, the rest whole."""
        cells = [
            f"cast({v} as {'double' if isinstance(v, float) else 'bigint'}) as {k.replace('.', '_')}"
            for k, v in self.values
            if not isinstance(v, tuple)
        ]
        return "select " + ", ".join(cells)

    @property
    def metric_sql(self) -> str:
        """The select `signal_metric`: metric (or kind of event), role: state, seats, unit or own."""
        roles = (
            ("metrics.states", "state"),
            ("metrics.seats", "seats"),
            ("metrics.per_unit", "unit"),
            ("silent.own", "own"),
        )
        told = dict(self.values)
        rows = [f"select {quote(m)} as metric, '{role}' as role" for key, role in roles for m in _words(told[key])]
        return " union all ".join(rows or ["select '' as metric, '' as role where false"])

    @property
    def variant(self) -> str:
        """What stored tables have in their name where these are not the shipped rules."""
        return "" if self == shipped() else f"@{hashlib.sha256(repr(self.values).encode()).hexdigest()[:10]}"


def _words(value: Value) -> tuple[str, ...]:
    assert isinstance(value, tuple)
    return value


@cache
def shipped() -> Rules:
    """The rules in `signals.toml`."""
    return Rules(_flat(tomllib.loads((files("rollforward") / "signals.toml").read_text(encoding="utf-8"))))


def read(path: Path) -> Rules:
    """The shipped rules with what a file says otherwise. Misuse `bad-rules`, also where the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse("bad-rules", path=str(path), detail=str(error)) from error
    return parsed(text, str(path))


def parsed(text: str, path: str) -> Rules:
    """The shipped rules with what `text` says otherwise. Misuse `bad-rules`."""
    try:
        told = dict(_flat(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise Misuse("bad-rules", path=path, detail=str(error)) from error
    usual = dict(shipped().values)
    for key, value in told.items():
        if key not in usual:
            raise Misuse("bad-rules", path=path, detail=f"{key} ({', '.join(usual)})")
        told[key] = _like(usual[key], key, value, path)
    found = usual | told
    for low, high in (
        ("limit.near_off", "limit.near"),
        ("breadth.bottom", "breadth.top"),
        ("limit.times", "limit.months"),
    ):
        if found[low] > found[high]:  # type: ignore[operator]
            raise Misuse("bad-rules", path=path, detail=f"{low} > {high}")
    return Rules(tuple(found.items()))


def _like(usual: Value, key: str, value: object, path: str) -> Value:
    """`value` as a setting of the kind of `usual`."""
    if isinstance(usual, tuple) and isinstance(value, tuple):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and isinstance(usual, float) and 0 <= float(str(value)) <= 10:
        return float(str(value))
    least = 4 if key == "trend.months" else 1
    if is_number and isinstance(usual, int) and isinstance(value, int) and least <= value <= 10**9:
        return value
    raise Misuse("bad-rules", path=path, detail=f"{key} = {value}")


def _flat(told: Mapping[str, Any]) -> tuple[tuple[str, Value], ...]:
    found: list[tuple[str, Value]] = []
    for section, settings in told.items():
        if not isinstance(settings, dict):
            settings = {"": settings}
        for name, value in settings.items():
            kept = tuple(map(str, value)) if isinstance(value, list) else value
            found.append((f"{section}.{name}", kept))
    return tuple(found)


class Signals:
    """The rules in force and the tables by which models/expansion know them."""

    def __init__(self, engine: Engine, need: Callable[[str], None], forget: Callable[..., None]) -> None:
        self._engine, self._need, self._forget, self.rules = engine, need, forget, shipped()
        self.looks = ""

    def by(self, rules: Rules) -> None:
        """Signals stand by `rules` from now on."""
        if rules != self.rules:
            self.rules = rules
            self._forget(*INPUTS)

    def look(self, looks: Sequence[tuple[date, date, Path]]) -> None:
        """Past looks to hold against what became of the accounts: days, the last days of their outcomes, files."""
        picks = (
            f"select date '{on}' as look_on, date '{end}' as ends_on, account_key, currency, signal, "
            f"peers from read_parquet({quote(str(path))})"
            for on, end, path in looks
        )
        self.looks = " union all ".join(picks)
        self._forget("look_row")

    def watch(
        self, keys: Sequence[int], currencies: Sequence[str], starts: Sequence[date], ends: Sequence[date]
    ) -> None:
        """Accounts to follow from the end of one day to that of another, in place of past looks: equally long."""
        columns = {"look_on": starts, "ends_on": ends, "account_key": keys, "currency": currencies}
        self._engine.table("watched", columns, ["DATE", "DATE", "BIGINT", "VARCHAR"])
        self.looks = "select w.look_on, w.ends_on, w.account_key, w.currency, '' as signal, '' as peers from watched w"
        self._forget("look_row")

    def make(self, name: str) -> None:
        """Makes one of INPUTS."""
        if name == "signal_rule":
            self._engine.view(name, self.rules.row_sql)
        elif name == "signal_metric":
            self._engine.view(name, self.rules.metric_sql)
        elif name == "look_row":
            self._engine.view(name, self.looks or _NO_LOOK)
        else:
            self._trends(name)

    def _trends(self, name: str) -> None:
        """A metric at a time: there are few, and series of all of them at once would fill the memory."""
        self._need("trend_month")
        made: dict[str, list[object]] = {column: [] for column in trend.NAMES}
        for (metric,) in self._engine.run("select distinct metric from usage_month order by metric"):
            found = self._engine.arrays(
                f"select account_key, months_ago, quantity from trend_month where metric = {quote(str(metric))} "
                "order by account_key, months_ago desc"
            )
            for column, cells in trend.of_series(str(metric), found).items():
                made[column] += cells
        self._engine.table(name, made, trend.TYPES)
