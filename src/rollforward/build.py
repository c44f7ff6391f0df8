"""Makes the models' tables: each stored once for a store's version, an as-of moment, a policy and the models' own text.

Comes in: a FactStore, a Policy, an as-of moment. Goes out: an Engine on which the asked models can be queried. A stored
model is a Parquet file in `built/<key>/`, renamed into place when whole: a kill leaves nothing half done, the next run
goes on where this one stopped. Nothing is opened that the question does not need.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from rollforward import calendars, closings, conversion, coverage, linked, made, periods, rates, remembered, zones
from rollforward.calendars import Calendars
from rollforward.conversion import INPUTS, Conversion
from rollforward.cut import INPUTS as SEGMENTS
from rollforward.cut import NATIVE, WHOLE, Cut, Segments
from rollforward.engines import Engine
from rollforward.engines.duckdb import Engine as DuckDB
from rollforward.errors import StoreError
from rollforward.models.catalog import Model, ledger, models, overlaid
from rollforward.policy import Policy
from rollforward.schema import FACT
from rollforward.signals import INPUTS as SIGNALS
from rollforward.signals import Signals
from rollforward.stats import carried, trend
from rollforward.store import FactStore

MONTHS = (1, 3, 12)
"""Retention windows that every store answers."""

_DAY = timedelta(days=1)

Progress = Callable[[str, float], None]

SMALL = 4 * 2**20
"""Bytes of facts up to which rows of every step are few."""


class Build:
    """The tables of one (store version, as-of, policy); makes what is asked for and missing."""

    def __init__(
        self,
        store: FactStore,
        policy: Policy,
        as_of: datetime | None,
        today: date,
        scheduled: bool = False,
        basis: str = "reported",
        engine: Engine | None = None,
    ) -> None:
        self.is_beside = False
        """Whether another one reads what this one stores."""
        self.store, self.policy, self.as_of, self.scheduled = store, policy, as_of, scheduled
        self._policy_row = policy.row_sql(None if scheduled else as_of)
        self.version = store.version()
        self.engine: Engine = engine or DuckDB(store.path / "spill")
        self.today = zones.local(as_of, policy.time_zone).date() if as_of else today
        self.basis = basis
        told = closings.history(store, policy.name, as_of) if basis == "reported" else []
        self.closed = closings.spans(told)
        """Closed days, which are read as they were closed."""
        beside = engine.beside() if engine and self.closed else None
        self.known = Build(store, policy, as_of, today, scheduled, "restated", beside) if self.closed else None
        """The same store as known now, whatever is closed; None if nothing is."""
        if self.known:
            self.known.is_beside = True
        self.models = models(bool(self.closed))
        texts = "\n".join(m.sql for m in self.models.values())
        rules = f"{self._policy_row}|{policy.calendar}|{policy.bands}"
        rules += f"|{sorted(store.hidden)}" if store.hidden else ""
        key = f"{self.version}|{as_of}|{rules}|{texts}|{_calendar_text()}|{self.closed or ''}"
        self.folder = store.path / "built" / f"{self.version}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        self._is_small = store.size() <= SMALL
        self._ready: set[str] = set()
        self._holds: dict[str, bool] = {}  # by condition
        self._attached = False
        self._keys: dict[str, int] = {}
        self._calendars = Calendars(policy.calendar, self.range, self.complete_to)
        self.native, self._inputs = dict(NATIVE), dict[str, set[str]]()
        self.segments = Segments(self.engine, policy, lambda name: self._need(name, None), bool(self.closed))
        self.signals = Signals(self.engine, lambda name: self._need(name, None), self._forget)
        self.conversion = Conversion(
            self.engine, self.folder, policy, self.today, lambda name: self._need(name, None), self._closed_rates
        )

    def _closed_rates(self, currency: str) -> list[rates.Run]:
        """The rates to `currency` of closed days, as they were."""
        if not self.closed:
            return []
        columns = ("commit_id", "to_currency", "currency", "first_on", "last_on", "rate", "known")
        return closings.rates(self.store.rows("closed_rate", columns), self.closed, currency)

    def report(self, currency: str) -> None:
        """Answers are in `currency` from now on; '': each currency in rows of its own."""
        if currency != self.conversion.currency:
            known = self.range()
            self.conversion.into(currency, known.first - _DAY, max(known.known_to - _DAY, known.last))
            self._forget(*INPUTS)

    def cut(self, cut: Cut) -> None:
        """Answers are by the segments of `cut` from now on; WHOLE: all accounts together."""
        if cut != self.segments.cut:
            self._forget(*SEGMENTS, *self.native)
            self.segments.cut, self.native, self._inputs = cut, NATIVE | cut.meaning(), {}
            if self.known:
                self.known.cut(cut)
            self._forget(*SEGMENTS, *self.native, "series")

    def need(self, names: Iterable[str], progress: Progress | None = None) -> Engine:
        """The engine on which the models `names` can be queried."""
        for name in names:
            self._need(name, progress)
        return self.engine

    def mark(self, name: str) -> None:
        """Says that the caller made the view `name` itself."""
        self._ready.add(name)

    def finds(self, name: str) -> bool:
        """Whether the table `name` is stored for what is asked now; if so, the name means it, and nothing else is
        needed for it."""
        model = self.models[name]
        if name not in self._ready and self._stores(model) and self._is_readable(name, self._path(model)):
            self._ready.add(name)
        return name in self._ready

    def is_built(self, name: str) -> bool:
        """Whether a model lies on disk already, or all that a step reads does."""
        model = self.models[name]
        if model.stored and not self._lacks(model):
            return self._path(model).exists()
        return self._lacks(model) or all(self.is_built(read) for read in model.reads if read in self.models)

    def _path(self, model: Model) -> Path:
        if self.known and model.name in ledger() - overlaid():
            return self.known._path(self.known.models[model.name])
        inputs = self.inputs(model.name)
        variant = self._calendars.of_windows if "window_day" in inputs else ""
        variant += self._calendars.of_periods() if "period_day" in inputs else ""
        variant += f"@{self.range().known_to}" if "lookback" in inputs else ""
        variant += self.conversion.variant if inputs & set(INPUTS) else ""
        variant += self.segments.variant if inputs & set(SEGMENTS) else ""
        variant += self.signals.rules.variant if inputs & set(SIGNALS) else ""
        if model.is_answer:  # says which periods are complete
            variant += f"{remembered.DAILY}{self.range().known_to}-{self.complete_to()}"
        return self.folder / f"{model.name}{variant}.parquet"

    def file(self, name: str) -> Path | None:
        """The file of a stored model that was needed before; None for what is not stored."""
        return self._path(model) if (model := self.models.get(name)) and self._stores(model) else None

    def inputs(self, name: str) -> set[str]:
        """Everything that the model `name` reads, directly or through others."""
        if name not in self._inputs:
            reads = (
                (self.native[name],) if name in self.native else self.models[name].reads if name in self.models else ()
            )
            beside = self.known.inputs(made.AS_KNOWN[name]) if self.known and name in made.AS_KNOWN else ()
            self._inputs[name] = set(reads).union(beside, *map(self.inputs, reads))
        return self._inputs[name]

    def _forget(self, *anew: str) -> None:
        """Tables that are made `anew`, and those that follow from them, are no longer what their names mean."""
        follow = {name for name in (*self.models, *self.native, *made.AS_KNOWN) if self.inputs(name) & set(anew)}
        self._ready -= follow | set(anew)

    def _need(self, name: str, progress: Progress | None) -> None:
        if name in self.native:
            self._need(self.native[name], progress)  # what it stands for may have to be made again
        if name in self._ready:
            return
        model = self.models.get(name)
        if model is None:
            self._input(name, progress)
        elif self._lacks(model):
            self.engine.empty(name, model.columns)
        elif self._stores(model) and self._is_readable(name, self._path(model)):
            pass
        elif model.stored and self.known and name in ledger() - overlaid():
            self.known.need([name], progress)
            self.engine.view_file(name, self._path(model))
        else:
            for read in model.reads:
                self._need(read, progress)
            if self._stores(model):
                if progress:
                    order = list(self.models)
                    progress(name, order.index(name) / len(order))
                self._make_folder()
                self.engine.store(name, model.sql, self._path(model), model.sorted)
                if model.is_answer:
                    remembered.forget_days(self.folder)
            else:
                self._step(model)
        self._ready.add(name)

    def _step(self, model: Model) -> None:
        if sum(model.name in m.reads for m in self.models.values()) > 1:
            few = self._is_small or (model.is_by_period and self.segments.cut == WHOLE)
            self.engine.step(model.name, model.sql, few)
        else:
            self.engine.view(model.name, model.sql)

    def _stores(self, model: Model) -> bool:
        if model.is_answer:
            return self.segments.cut == WHOLE and not self._is_small
        # what serves one currency alone is empty in native answers
        wanted = bool(self.conversion.currency) or not self.inputs(model.name) & set(INPUTS)
        stored = model.stored or (self.is_beside and model.name in made.AS_KNOWN.values())
        return stored and wanted and not self._lacks(model)

    def _lacks(self, model: Model) -> bool:
        """Whether the model has no rows here: it serves other policies (its `only` is over the columns of the policy's
        row), linked accounts (`acquired = 1`) or closed days (`closed = 1`) where none are."""
        if model.only and model.only not in self._holds:
            linked = 0
            if "acquired" in model.only:
                linked = len(self.need(["acquired"]).run("select 1 from acquired limit 1"))
            row = f"select p.*, {linked} as acquired, {min(len(self.closed), 1)} as closed from ({self._policy_row}) p"
            self._holds[model.only] = bool(self.engine.run(f"select {model.only} from ({row})")[0][0])
        return bool(model.only) and not self._holds[model.only]

    def _is_readable(self, name: str, path: Path) -> bool:
        """Whether the stored table is there; a damaged one is made again: all of this follows from the facts."""
        if not path.exists():
            return False
        try:
            self.engine.view_file(name, path)
        except StoreError:
            path.unlink(missing_ok=True)
            return False
        return True

    def _make_folder(self) -> None:
        if self.folder.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        remembered.forget(self.folder.parent)

    def _input(self, name: str, progress: Progress | None = None) -> None:
        if name == "policy":
            self.engine.view(name, self._policy_row)
        elif name in made.CONSTANT:
            self.engine.view(name, made.CONSTANT[name])
        elif name in ("coverage", "coverage_gap"):
            self._coverage()
        elif name == "interval_code":
            self._interval_codes()
        elif name in self.native:
            self.engine.view(name, f'from "{self.native[name]}"')
        elif name in INPUTS:
            self.conversion.make(name)
        elif name == "currency_weight":
            self.conversion.weigh(self.range().known_to - _DAY)
        elif name == "zone_shift":
            self._table(name, zones.columns(self.policy.time_zone), "TIMESTAMP TIMESTAMP BIGINT TIMESTAMP")
        elif name in SEGMENTS:
            self.segments.make(name)
        elif name in SIGNALS:
            self.signals.make(name)
        elif name in FACT:
            if not self._attached:
                self.engine.attach(self.store, self.version, self.as_of)
                self._attached = True
        elif self.known and name in made.AS_KNOWN:
            self.known.need([made.AS_KNOWN[name]], progress)
            self.engine.view_file(name, self.known._path(self.known.models[made.AS_KNOWN[name]]))
        elif name in made.AS_KNOWN:  # where nothing is closed
            self._need(made.AS_KNOWN[name], progress)
            self.engine.view(name, f'from "{made.AS_KNOWN[name]}"')
        elif name in ("closed_span", "open_from", "boundary", "closed_period", "closed_period_day"):
            self._tables(made.closed(self.closed, self.known.range().first if self.known else date.min))
        elif name in ("owner_span", "acquired"):
            told = self.need(["account_link", "policy"]).run(linked.LINKS)
            self._tables(linked.owners(told, self.policy.time_zone))
        elif name == "merged_window":
            self._tables(linked.merged(self.need(["acquired"]).run(linked.ACQUIRED), self._calendars.ends))
        elif name == "calendar_month":
            self.need(["charge", "source_file"])
            self._tables(made.months(self.engine.run(coverage.CHARGED) if self.policy.usage != "exclude" else []))
        elif name == "known":
            self.engine.view("known", f"select date '{self.range().known_to}' as known_to")
        elif name == "lookback":
            self._tables(made.lookback(self.range().known_to))
        else:
            self._table(name, *self._calendars.tables[name])

    def account_key(self, account_id: str) -> int:
        """The key of an account, looked up once; 0 where nothing is told of such an id."""
        if account_id not in self._keys:
            told = self.need(["account"]).run("select account_key from account where account_id = ?", [account_id])
            if not told:
                return 0
            self._keys[account_id] = int(str(told[0][0]))
        return self._keys[account_id]

    # -- coverage (decision 0005) ------------------------------------------------------------------------------

    def islands(self) -> coverage.Islands:
        """Covered `[from, to)` of each kind of source, merged, in order."""
        self._need("source_file", None)
        return coverage.islands(
            self.engine.run(
                "select case when snapshot = 'sighting' then 'sighting' else kind end, covered_from, covered_to "
                "from source_file where kind in ('subscriptions', 'monthly', 'changes') or kind = 'contracts' "
                "and source_id in (select source_id from contract where counts = 'mrr') order by 1, 2, 3"
            )
        )

    def _coverage(self) -> None:
        for name, columns in coverage.tables(self.islands()).items():
            self._table(name, columns, "VARCHAR" + " TIMESTAMP" * (len(columns) - 1))

    def _interval_codes(self) -> None:
        self._need("item_state", None)
        self.engine.keep(
            "interval_code",
            "select distinct interval_count * 10 + "
            "case interval when 'day' then 1 when 'week' then 2 when 'month' then 3 else 4 end as per "
            "from item_state union select 13",
        )

    # -- calendars ---------------------------------------------------------------------------------------------

    def range(self) -> coverage.Range:
        """The days that answers are about.

        Read from a small file beside the built tables, so that an answered question opens no fact table again.
        Changes of the as-of day count, but a period is complete only when it is over: the as-of day itself never is.
        """
        told = remembered.found(
            self.folder / "range.json", self._told_range, lambda told: isinstance(told, list) and len(told) == 6
        )
        first, last, known_from, known_to, is_live, paid_in = told
        first_day = date.fromisoformat(first) if first else self.today
        last_day = date.fromisoformat(last) if last else self.today
        tomorrow = (max(self.today, last_day) if self.scheduled else self.today) + _DAY
        return coverage.Range(
            first=first_day,
            last=last_day,
            shown_from=max(first_day, date.fromisoformat(known_from) if known_from else first_day),
            known_from=date.fromisoformat(known_from) if known_from else first_day,
            known_to=min(tomorrow, date.fromisoformat(known_to) if known_to else tomorrow),
            is_live=is_live,
            paid_in=tuple(map(str, paid_in)),
        )

    def _told_range(self) -> list[object]:
        """First and last day of a change, first and first unknown day of coverage ('' = none), whether MRR is left, the
        currencies in which accounts pay."""
        self._need("movement_day", None)
        first, last, left = self.engine.run("select min(on_date), max(on_date), sum(amount) from movement_day")[0]
        known = self.islands().values()
        starts, ends = [k[0][0].date() for k in known], [k[-1][1].date() for k in known]
        self._make_folder()
        days = (first or "", last or "", min(starts, default=""), min(ends, default=""))
        paid_in = self.engine.run("select distinct currency from movement_day order by 1")
        return [*map(str, days), bool(left), [str(row[0]) for row in paid_in]]

    def complete_to(self) -> date:
        """First day of which not everything is known yet: the as-of day, or the end of coverage."""
        return min(self.range().known_to, self.today)

    def _tables(self, tables: made.Tables) -> None:
        for name, (columns, types) in tables.items():
            self._table(name, columns, types)

    def _table(self, name: str, columns: Mapping[str, Sequence[object]], types: str = "DATE") -> None:
        kinds = types.split() if " " in types else [types] * len(columns)
        self.engine.table(name, columns, kinds)
        self._ready.add(name)

    def calendar(self, grain: str) -> list[periods.Period]:
        """Asks about the periods of a grain, from the first change to what is known today."""
        spread = self._calendars.ask_periods(grain)
        self._forget("period", "period_day")
        return spread

    def windows(self, grid: str, months: int) -> None:
        """Asks about windows of `months` that end with each period of `grid`."""
        self._calendars.ask_windows(grid, months)
        self._forget("retention_window", "window_day", "span", "merged_window")

    def window_between(self, start: date, end: date) -> None:
        """Asks about the one window [start, end)."""
        self._calendars.ask_window(start, end)
        self._forget("retention_window", "window_day", "span", "merged_window")


def _calendar_text() -> str:
    """What besides SQL the built tables depend on: the code of the calendars and of the rates."""
    sources = (__file__, *(str(m.__file__) for m in (periods, calendars, made, conversion, rates, carried, trend)))
    return hashlib.sha256(b"".join([repr(NATIVE).encode(), *(Path(p).read_bytes() for p in sources)])).hexdigest()
