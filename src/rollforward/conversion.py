"""The tables by which answers are in one currency (docs/decisions/0010): rates, and the accounts judged one by one.

Comes in: an Engine on which facts and stored models can be asked for, a policy. Goes out: the inputs that the models of
models/currency read; in native answers they are empty, and money keeps scale 1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from rollforward import rates, remembered
from rollforward.engines import Engine
from rollforward.engines.duckdb import quote
from rollforward.policy import Policy
from rollforward.schema import DRIVERS
from rollforward.stats import carried

INPUTS = (
    "reporting", "rate_day", "rate_step", "judged_account", "joint_account", "carried", "carried_driver", "series",
)  # fmt: skip
"""What `Conversion.make` makes."""

_EMPTY = {
    "rate_day": "currency varchar, on_date date, rate bigint, known bigint",
    "rate_step": "currency varchar, on_date date, step bigint, lost bigint",
    "judged_account": "account_key bigint",
    "joint_account": "account_key bigint",
    "carried": "account_key bigint, currency varchar, window_at timestamp, amount decimal(38,0), missing decimal(38,0)",
    "carried_driver": "account_key bigint, currency varchar, window_at timestamp, "
    + ", ".join(f"by_{d} decimal(38,0)" for d in DRIVERS),
}
_HALF = 1 << 62
_ROWS = 1 << 20


class Conversion:
    """In which currency a build answers: `currency` is '' where each currency has rows of its own."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        policy: Policy,
        today: date,
        need: Callable[[str], None],
        closed: Callable[[str], list[rates.Run]],
    ) -> None:
        self._engine, self._folder, self._need, self._today, self._closed = engine, folder, need, today, closed
        self._mode, _, on = policy.fx.partition(":")
        self._rule = rates.Rule(self._mode, date.fromisoformat(on) if on else today, policy.fx_lag_days, today)
        self.currency, self._first, self._last = "", today, today
        self._runs: list[rates.Run] = []
        self._rates: dict[str, dict[str, list[tuple[date, int]]]] = {}  # published, by what they are to
        self._called = ""

    @property
    def variant(self) -> str:
        """What stored tables of this currency and these rates have in their name."""
        if not self.currency or self._called:
            return self._called
        text = json.dumps([[r.currency, str(r.first), str(r.last), r.rate, r.known] for r in self._runs])
        self._called = f"@{self.currency}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        return self._called

    def said(self) -> str:
        """The store's reporting currency: that of the last rates imported for a named one; '' if there are none."""
        return str(remembered.found(self._folder / "reporting.json", self._said, lambda told: isinstance(told, str)))

    def _said(self) -> str:
        self._need("fx_rate")
        found = self._engine.run(
            "select to_currency from fx_rate where to_currency <> '' "
            "order by commit_id desc, source_id desc, line desc limit 1"
        )
        return str(found[0][0]) if found else ""

    def serves(self, currency: str) -> bool:
        """Whether there are rates of any other currency in `currency`."""
        return bool(self._published(currency))

    def into(self, currency: str, first: date, last: date) -> None:
        """Answers are in `currency` from now on ('': each in its own), with rates of the days `first` to `last`."""
        self.currency, self._first, self._last, self._runs, self._called = currency, first, last, [], ""
        if not currency:
            return
        self._need("movement_day")
        codes = [str(r[0]) for r in self._engine.run("select distinct currency from movement_day order by 1")]
        published = self._published(currency)
        kept: dict[str, list[rates.Run]] = {}
        for run in self._closed(currency):
            kept.setdefault(run.currency, []).append(run)
        for code in codes:
            if code == currency:
                self._runs.append(rates.Run(code, first, last, rates.SCALE, True))
            else:
                self._runs += rates.after(kept.get(code, []), self._days(code, published, first, last))

    def _days(
        self, code: str, published: dict[str, list[tuple[date, int]]], first: date, last: date
    ) -> list[rates.Run]:
        return list(rates.runs(code, published.get(code, []), self._rule, first, last))

    def to_close(self, first: date, last: date) -> dict[str, list[rates.Run]]:
        """The rates of the days `first` to `last`, by reporting currency: of every one that has any."""
        self._need("movement_day")
        self._need("fx_rate")
        paid = "select distinct currency from movement_day"
        told = self._engine.run(f"{paid} union select to_currency from fx_rate where to_currency <> '' order by 1")
        found: dict[str, list[rates.Run]] = {}
        codes = [str(r[0]) for r in self._engine.run(f"{paid} order by 1")]
        for (to,) in told:
            published = self._published(str(to))
            fresh = [r for c in codes if c != to for r in self._days(c, published, first, last)] if published else []
            if fresh:
                found[str(to)] = fresh
        return found

    def make(self, name: str) -> None:
        """Makes one of INPUTS."""
        run, reporting = self._engine.run, quote(self.currency)
        at_change = self._mode == "at_change"
        if name == "reporting":
            scale, unsaid = (rates.SCALE, 0) if self.currency else (1, 1)
            self._engine.view(
                name,
                f"select {reporting} as currency, cast({scale} as bigint) as scale, "
                f"cast({unsaid} as bigint) as unsaid, {int(at_change and bool(self.currency))} as carried",
            )
        elif name == "series":
            self._need("native_line")
            code = reporting if self.currency else "currency"
            self._engine.view(name, f"select distinct {code} as currency, segment from native_line")
        elif not self.currency or (name.startswith("carried") and not at_change):
            self._none(name)
        elif name == "rate_day":
            self._rate_days()
        elif name == "rate_step":
            self._none(name) if at_change else self._rate_steps()
        elif name == "joint_account":
            self._need("several_currencies")
            self._engine.view(name, "select account_key from several_currencies")
        elif name == "judged_account":
            self._need("several_currencies")
            self._need("account_day")
            paid = f" union select account_key from account_day where currency <> {reporting}" if at_change else ""
            run(f"create or replace temp table made_{name} as select account_key from several_currencies{paid}")
            self._engine.view(name, f"from made_{name}")
        elif name == "carried":
            self._carry()
        else:
            self._carry_drivers()

    def weigh(self, last: date) -> None:
        """Makes `currency_weight`, by which amounts are ordered whatever currency is asked for: 10^-10 minor units of
        the store's reporting currency, at the last rate up to `last`; without one a unit counts as a unit."""
        self._need("account_change")
        codes = [str(r[0]) for r in self._engine.run("select distinct currency from account_change order by 1")]
        to = self.said() or next((c for c in codes if len(codes) > 1 and self.serves(c)), "")
        published = self._published(to) if to and len(codes) > 1 else {}
        weights = []
        for code in codes:
            told = [rate for day, rate in published.get(code, []) if day <= last]
            weights.append(told[-1] if told else rates.in_minor(Decimal(1), code, to or "USD"))
        cells: dict[str, list[object]] = {"currency": [*codes], "weight": [*weights]}
        self._engine.table("currency_weight", cells, ["varchar", "bigint"])

    def _none(self, name: str) -> None:
        picks = ", ".join(f"cast(null as {c.split(' ')[1]}) as {c.split(' ')[0]}" for c in _EMPTY[name].split(", "))
        self._engine.view(name, f"select {picks} where false")

    # -- rates -------------------------------------------------------------------------------------------------

    def _published(self, currency: str) -> dict[str, list[tuple[date, int]]]:
        """Rates that serve `currency`, by currency and day; of two of one day the later said.

        Remembered beside the built tables, so that an answered question opens no fact table again.
        """
        if currency in self._rates:
            return self._rates[currency]
        path = self._folder / f"rates-{currency}.json"
        told = remembered.found(
            path,
            lambda: {"to": currency, "rates": self._told_rates(currency)},
            lambda told: isinstance(told, dict) and told.get("to") == currency and isinstance(told.get("rates"), dict),
        )
        self._rates[currency] = {
            code: [(date.fromisoformat(day), rate) for day, rate in days] for code, days in told["rates"].items()
        }
        return self._rates[currency]

    def _told_rates(self, currency: str) -> dict[str, list[tuple[str, int]]]:
        self._need("fx_rate")
        to, unsaid = quote(currency), " or f.to_currency = ''" if self._may_be(currency) else ""
        found = self._engine.run(
            "select currency, on_date, rate from (select f.currency, f.on_date, f.rate, row_number() over ("
            "partition by f.currency, f.on_date order by f.rank desc, f.recorded_at desc, f.commit_id desc, "
            f"f.source_id desc, f.line desc) as nth from fx_rate f where f.currency <> {to} and (f.to_currency = {to}"
            f"{unsaid})) where nth = 1 order by 1, 2"
        )
        told: dict[str, list[tuple[str, int]]] = {}
        for code, day, rate in found:
            assert isinstance(code, str) and isinstance(day, date) and isinstance(rate, Decimal)
            told.setdefault(code, []).append((str(day), rates.in_minor(rate, code, currency)))
        return told

    def _may_be(self, currency: str) -> bool:
        """Whether rates that do not say to what may be rates to `currency`: nobody rates it, and of the currencies
        that are paid without a rate, if there are any, it is one."""
        self._need("movement_day")
        rated = "select currency from fx_rate where to_currency = '' and rate <> 1"
        found = self._engine.run(
            f"select {quote(currency)} in ({rated}), count(*), "
            f"count(*) filter (currency = {quote(currency)}) from (select distinct currency from movement_day "
            f"where currency not in ({rated}))"
        )
        is_rated, unrated, is_unrated = found[0]
        return not is_rated and (not unrated or bool(is_unrated))

    def _rate_days(self) -> None:
        columns: list[list[object]] = [
            [r.currency for r in self._runs], [r.first for r in self._runs], [r.last for r in self._runs],
            [r.rate for r in self._runs], [int(r.known) for r in self._runs],
        ]  # fmt: skip
        self._engine.run(
            "create or replace temp table made_rate_day as select currency, "
            "cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as on_date, rate, known from ("
            "select unnest(cast(? as varchar[])) as currency, unnest(cast(? as date[])) as first_day, "
            "unnest(cast(? as date[])) as last_day, unnest(cast(? as bigint[])) as rate, "
            "unnest(cast(? as bigint[])) as known)",
            columns,
        )
        self._engine.view("rate_day", "from made_rate_day")

    def _rate_steps(self) -> None:
        steps = [(b.currency, b.first, b.rate - a.rate, int(a.known) - int(b.known))
                 for a, b in pairwise(self._runs) if a.currency == b.currency]  # fmt: skip
        if not steps:
            return self._none("rate_step")
        self._engine.run(
            "create or replace temp table made_rate_step as select unnest(cast(? as varchar[])) as currency, "
            "unnest(cast(? as date[])) as on_date, unnest(cast(? as bigint[])) as step, "
            "unnest(cast(? as bigint[])) as lost",
            [list(column) for column in zip(*steps, strict=True)],
        )
        return self._engine.view("rate_step", "from made_rate_step")

    # -- carried values ----------------------------------------------------------------------------------------

    def _carry(self) -> None:
        """What each change of an account's foreign money is worth in the mode at_change."""
        path = self._folder / f"carried{self.variant}.parquet"
        if not path.exists():
            for name in ("account_day", "rate_day"):
                self._need(name)
            told = self._engine.run(
                "select d.account_key, d.currency, d.window_at, d.before_minor, d.amount, r.rate, 1 - r.known "
                "from account_day d join rate_day r on r.currency = d.currency and r.on_date = d.on_date "
                f"where d.currency <> {quote(self.currency)} order by 1, 2, 3"
            )
            moves = [((r[0], r[1]), _int(r[3]), _int(r[4]), _int(r[5]), _int(r[6])) for r in told]
            worth = carried.carry((m[0], m[1], m[2], m[3]) for m in moves)
            lost = carried.unknown((m[0], m[1], m[2], m[4]) for m in moves)
            rows = ((r[0], r[1], r[2], w, u) for r, w, u in zip(told, worth, lost, strict=True))
            self._write("carried", rows, path)
        self._engine.view_file("carried", path)

    def _carry_drivers(self) -> None:
        """The drivers of those changes in the same measure."""
        path = self._folder / f"carried_driver{self.variant}.parquet"
        if not path.exists():
            for name in ("carried", "mrr_change"):
                self._need(name)
            sums = ", ".join(f"cast(sum(c.by_{d}) as bigint)" for d in DRIVERS)
            told = self._engine.run(
                f"select k.account_key, k.currency, k.window_at, any_value(k.amount), cast(sum(c.delta) as bigint), "
                f"{sums} from carried k join mrr_change c on c.account_key = k.account_key and c.currency = k.currency "
                "and c.window_at = k.window_at group by k.account_key, k.currency, k.window_at"
            )
            rows = ((*r[:3], *carried.scale(_int(r[3]), _int(r[4]), [_int(d) for d in r[5:]])) for r in told)
            self._write("carried_driver", rows, path)
        self._engine.view_file("carried_driver", path)

    def _write(self, name: str, rows: Iterator[tuple[object, ...]], path: Path) -> None:
        """Stores `rows`; integers that may not fit into 64 bits go as two halves."""
        columns = [c.split(" ") for c in _EMPTY[name].split(", ")]
        self._engine.run(f"create or replace temp table told_{name} ({_EMPTY[name]})")
        picks = ", ".join(
            f"unnest(cast(? as hugeint[])) * {_HALF} + unnest(cast(? as hugeint[]))" if kind.startswith("decimal")
            else f"unnest(cast(? as {kind}[]))" for _, kind in columns
        )  # fmt: skip
        batch: list[tuple[object, ...]] = []

        def flush() -> None:
            values: list[list[object]] = []
            for (_, kind), cells in zip(columns, zip(*batch, strict=True), strict=True):
                if kind.startswith("decimal"):
                    values += [[_int(c) // _HALF for c in cells], [_int(c) % _HALF for c in cells]]
                else:
                    values.append(list(cells))
            self._engine.run(f"insert into told_{name} select {picks}", values)
            batch.clear()

        for row in rows:
            batch.append(row)
            if len(batch) == _ROWS:
                flush()
        if batch:
            flush()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._engine.store(f"made_{name}", f"from told_{name}", path)


def _int(value: object) -> int:
    assert isinstance(value, int | Decimal)
    return int(value)
