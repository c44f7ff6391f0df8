"""Keeping the past: closing periods, opening them again, and what has changed in closed ones since (decision 0012).

Comes in: a FactStore and how to make a Build of it. Goes out: a commit of the period's rows as they are, or a Table of
differences with their causes. What is closed is read back from those rows, never computed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import duckdb

from rollforward import closings, made, periods
from rollforward.answers import check, close_converted, currency
from rollforward.answers.figures import Asked, finish
from rollforward.answers.segments import attributes
from rollforward.answers.table import Note, Table
from rollforward.build import Build, Progress
from rollforward.cut import DERIVED, WHOLE, Cut
from rollforward.engines.duckdb import Engine as DuckDB
from rollforward.errors import DoesNotTie, Misuse
from rollforward.models.catalog import models
from rollforward.schema import FACT
from rollforward.store import FactStore, marker
from rollforward.store.writing import Writing

RESTATEMENTS = (
    "period", "account_id", "currency", "measure", "as_closed", "as_known_now", "difference", "cause", "source_ref",
    "recorded_at",
)  # fmt: skip

UNKNOWN = "unknown"
"""What stands before the first value of a dimension."""


@dataclass(frozen=True)
class Closed:
    """What a close or a reopen did: the days [from_on, to_on), and how many rows it wrote; 0 = they were so already."""

    commit_id: int
    kind: str
    policy: str
    from_on: date
    to_on: date
    accounts: int
    rows: int


def model_hash() -> str:
    """Tells releases of the models apart."""
    return hashlib.sha256("\n".join(m.sql for m in models().values()).encode()).hexdigest()[:16]


def close(store: FactStore, build_now: Callable[[], Build], end: date, note: str, progress: Progress | None) -> Closed:
    """Close every open day before `end`; done already is no error.

    Misuse `period-not-over`; DoesNotTie `close-unsound`: figures that do not tie are never closed. The lock is held
    from the first look to the commit, so nothing can come between what is shown and what is closed.
    """
    with store.writing() as commit:
        build = build_now()
        first = closings.open_from(build.closed)
        if end <= first:
            return Closed(0, "close", build.policy.name, first, first, 0, 0)
        if end > build.complete_to():
            raise Misuse("period-not-over", end=f"{end}", known=f"{build.complete_to()}")
        if found := check.violations(build, progress):
            raise DoesNotTie("close-unsound", violations=str(found))
        build.need(["account_day", "mrr_change", "involuntary"], progress)
        con, inside = _con(build), f"on_date >= date '{first}' and d.on_date < date '{end}'"
        accounts = build.engine.run(f"select count(distinct d.account_key) from account_day d where d.{inside}")[0][0]
        rows = commit.append(
            "closed_day",
            con,
            "select d.account_key, d.currency, d.window_at, d.on_date, d.movement, d.amount, d.before_minor, "
            "d.after_minor, d.pays_before, d.pays_after, d.active_before, d.active_after, d.entered, "
            "coalesce(i.amount, 0) as involuntary from account_day d "
            "left join involuntary i on i.account_key = d.account_key and i.currency = d.currency "
            f"and i.window_at = d.window_at and d.movement = 'churn' where d.{inside}",
        )
        build.need(["kind_change", "item_shift"], progress)
        rows += commit.append("closed_change", con, f"select * from kind_change d where d.{inside}")
        rows += commit.append("closed_shift", con, f"select * from item_shift d where d.{inside}")
        rows += _rates(commit, build, first, end)
        rows += _values(commit, build, first, end)
        _write(commit, build, "close", first, end)
        number = commit.finish("close", rows_accepted=rows, note=note)
    return Closed(number, "close", build.policy.name, first, end, int(str(accounts)), rows)


def _rates(commit: Writing, build: Build, first: date, end: date) -> int:
    began = build.range().first - timedelta(days=1) if first == date.min else first
    found = build.conversion.to_close(began, end - timedelta(days=1))
    runs = [(to, r.currency, r.first, r.last, r.rate, int(r.known)) for to, mine in found.items() for r in mine]
    if not runs:
        return 0
    kinds = {"to_currency": "varchar", "currency": "varchar", "first_on": "date", "last_on": "date", "rate": "bigint",
             "known": "integer"}  # fmt: skip
    columns = {name: [run[i] for run in runs] for i, name in enumerate(kinds)}
    build.engine.table("closing_rate", columns, list(kinds.values()))
    return commit.append("closed_rate", _con(build), "select * from closing_rate")


def _values(commit: Writing, build: Build, first: date, end: date) -> int:
    """Writes what changes, on the days [first, end), in the values of the accounts that ever had MRR till then."""
    con = _con(build)
    con.execute("create or replace temp table closing_value (account_key bigint, dimension varchar, value varchar, "
                "from_at timestamp)").fetchall()  # fmt: skip
    for dimension in sorted({*attributes(build), *DERIVED}):
        build.cut(Cut(dimension))
        build.need(["member_span", "account_day"])
        con.execute(
            "insert into closing_value select s.account_key, $dimension, s.value, s.from_at from member_span s "
            "where s.from_at >= $first and s.from_at < $end "
            f"and (s.from_at > timestamp '0001-01-01' or s.value <> '{UNKNOWN}') "
            f"and s.account_key in (select d.account_key from account_day d where d.on_date < date '{end}')",
            {"dimension": dimension, "first": made.before(first), "end": made.before(end)},
        ).fetchall()
    build.cut(WHOLE)
    return commit.append("closed_value", con, "select * from closing_value")


def reopen(store: FactStore, build_now: Callable[[], Build], start: date, note: str) -> Closed:
    """Make the days from `start` on open again. Misuse `not-closed`."""
    with store.writing() as commit:
        build = build_now()
        first = closings.open_from(build.closed)
        if start >= first:
            raise Misuse("not-closed", period=note, open_from=f"{first}" if build.closed else "-")
        _write(commit, build, "reopen", start, closings.FOREVER)
        number = commit.finish("reopen", note=note)
    return Closed(number, "reopen", build.policy.name, start, first, 0, 1)


def _write(commit: Writing, build: Build, kind: str, start: date, end: date) -> None:
    row = {
        "kind": kind, "policy": build.policy.name, "policy_version": build.policy.version,
        "policy_row": build.policy.row_sql(), "from_on": start, "to_on": end, "facts_version": build.version,
        "model": model_hash(), "release": marker.release(), "closed_at": commit.now,
    }  # fmt: skip
    kinds = {c.name: c.type for c in FACT["closing"].columns}
    build.engine.table("closing_row", {name: [value] for name, value in row.items()}, [kinds[name] for name in row])
    commit.append("closing", _con(build), "select * from closing_row")


def _con(build: Build) -> duckdb.DuckDBPyConnection:
    assert isinstance(build.engine, DuckDB)  # what is written as facts is answered by it
    return build.engine.con


def closed_periods(store: FactStore) -> Table:
    """Every close and reopen, oldest first."""
    columns = ("commit_id", "closed_at", "kind", "policy", "policy_version", "from_on", "to_on", "facts_version",
               "release")  # fmt: skip
    return Table(columns, [tuple(getattr(c, n) for n in columns) for c in closings.history(store)])


def restatements(build: Build, asked: Asked, since: datetime | None) -> Table:
    """What closed periods say beside what is known now, one row a difference; `since`: causes recorded from then on."""
    if not build.closed:
        return finish(build, asked, RESTATEMENTS, [], [Note("nothing-closed")])
    code = currency.choose(build, asked.currency, asked.progress)[0]
    build.need(["restatement", "restatement_driver", "account"], asked.progress)
    native = build.engine.run(
        "select r.period, a.account_id, r.currency, r.measure, r.as_closed, r.as_known_now, r.account_key "
        "from (select * from restatement union all select * from restatement_driver) r "
        "join account a on a.account_key = r.account_key order by r.period, a.account_id, r.currency, r.measure"
    )
    found = native
    if build.conversion.currency:
        found = _converted(build, code, {int(str(row[6])) for row in native})
    causes = _causes(build, sorted({int(str(row[6])) for row in found}))
    of_facts, late = {(row[0], row[6]) for row in native}, _LateRates(build, code)
    rows = []
    for row in found:
        key, period = int(str(row[6])), row[0]
        assert isinstance(period, date)
        # A balance goes on into later periods: what changed it may be older than their own closing.
        carried = row[3] in ("opening", "closing", "restatement")
        of_rates = None if (period, key) in of_facts else late.of(key, period)
        cause, ref, at = of_rates or _cause(build, causes, key, period, carried)
        known = row[4] is not None and row[5] is not None
        difference = int(str(row[5])) - int(str(row[4])) if known else None
        if since is None or (at is not None and at >= since):
            rows.append((*row[:6], difference, cause, ref, at))
    return finish(build, asked, RESTATEMENTS, rows)


def _converted(build: Build, code: str, accounts: set[int]) -> list[tuple[object, ...]]:
    told = close_converted.differences(build, accounts)
    ids = {row[0]: row[1] for row in build.engine.run("select account_key, account_id from account")}
    rows = [(d.period, ids[d.account_key], code, d.measure, d.as_closed, d.as_known_now, d.account_key) for d in told]
    return sorted(rows, key=str)


class _LateRates:
    """Rates that were recorded after a period was closed, as causes."""

    def __init__(self, build: Build, code: str) -> None:
        self._build = build
        self._told: dict[str, list[Said]] = {}
        self._paid: dict[int, list[str]] = {}
        if not build.conversion.currency:
            return
        oldest = min(s.closing.facts_version for s in build.closed)
        build.need(["fx_rate", "source_file", "account_day"])
        rows = build.engine.run(
            "select f.currency, f.commit_id, coalesce(s.name, '') || ':' || f.line, f.recorded_at, f.on_date "
            "from fx_rate f left join source_file s on s.source_id = f.source_id "
            f"where f.commit_id > {oldest} and f.to_currency in ('', '{code}') "
            "order by f.on_date desc, f.commit_id desc, f.source_id, f.line"
        )
        for currency_of, commit, ref, at, day in rows:
            assert isinstance(at, datetime) and isinstance(day, date)
            said = (int(str(commit)), "rate", str(ref), at, datetime.combine(day, time.min))
            self._told.setdefault(str(currency_of), []).append(said)
        listed = ", ".join(f"'{c}'" for c in self._told) or "''"
        for key, paid in build.engine.run(
            f"select distinct account_key, currency from account_day where currency in ({listed}) order by 1, 2"
        ):
            self._paid.setdefault(int(str(key)), []).append(str(paid))

    def of(self, key: int, period: date) -> tuple[str, str, datetime | None] | None:
        """The last rate up to the end of the period for a currency that the account pays in; None if there is none."""
        span = next((s for s in self._build.closed if s.from_on <= period < s.to_on), self._build.closed[0])
        told = [s for c in self._paid.get(key, []) for s in self._told[c] if s[0] > span.closing.facts_version]
        return _latest(told, period)


Said = tuple[int, str, str, datetime, datetime]
"""A commit, the cause it is, where it is written, when it was recorded, since when it holds."""


def _causes(build: Build, keys: list[int]) -> dict[int, list[Said]]:
    """Everything said of these accounts after the oldest closing, latest first; key 0: said of all accounts."""
    oldest = min(s.closing.facts_version for s in build.closed)
    build.need(["source_file", "commit", "item_state", "mrr_event", "charge", "account_link"])
    build.need(["plan_entry", "product_entry"])
    listed = ", ".join(map(str, keys)) or "0"
    told = [
        f"select f.account_key, f.commit_id, 'fact', f.source_id, f.line, f.recorded_at, f.{since} from {table} f "
        f"where f.account_key in ({listed}) and f.commit_id > {oldest}"
        for table, since in (("item_state", "valid_from"), ("mrr_event", "occurred_at"), ("charge", "service_from"))
    ]
    told += [
        f"select f.{key}, f.commit_id, 'link', f.source_id, f.line, f.recorded_at, f.valid_from from account_link f "
        f"where f.{key} in ({listed}) and f.commit_id > {oldest}"
        for key in ("from_key", "to_key")
    ]
    told += [
        f"select 0, f.commit_id, 'tier', f.source_id, f.line, f.recorded_at, timestamp '0001-01-01' from {table} f "
        f"where f.commit_id > {oldest}"
        for table in ("plan_entry", "product_entry")
    ]
    rows = build.engine.run(
        f"with told (account_key, commit_id, cause, source_id, line, recorded_at, since) as "
        f"({' union all '.join(told)}) "
        "select t.account_key, t.commit_id, t.cause, coalesce(s.name, '') || ':' || t.line, t.recorded_at, t.since "
        "from told t left join source_file s on s.source_id = t.source_id "
        "order by t.since desc, t.commit_id desc, t.source_id, t.line"
    )
    found: dict[int, list[Said]] = {}
    for key, commit, cause, ref, at, since in rows:
        assert isinstance(at, datetime) and isinstance(since, datetime)
        found.setdefault(int(str(key)), []).append((int(str(commit)), str(cause), str(ref), at, since))
    retracted = build.engine.run(
        f'select commit_id, retracts, committed_at from "commit" where retracts > 0 and commit_id > {oldest} '
        "order by commit_id desc"
    )
    for number, taken, at in retracted:
        assert isinstance(at, datetime)
        found.setdefault(-1, []).append((int(str(number)), "fact", f"retract {taken}", at, datetime.min))
    return found


def _cause(
    build: Build, causes: dict[int, list[Said]], key: int, period: object, carried: bool
) -> tuple[str, str, datetime | None]:
    assert isinstance(period, date)
    own = next((s for s in build.closed if s.from_on <= period < s.to_on), build.closed[0])
    span = build.closed[0] if carried else own
    if said := _latest(list(_after(causes, (key, 0, -1), span.closing.facts_version)), period):
        return said
    if span.closing.policy_row != build.policy.row_sql():
        return "policy", f"{build.policy.name} {span.closing.policy_version} → {build.policy.version}", None
    return "model", f"{span.closing.release}", None


def _latest(told: list[Said], period: date) -> tuple[str, str, datetime | None] | None:
    """The latest that holds in the period; else what takes effect later was all that changed; None of nothing."""
    after = datetime.combine(periods.end_of("month", period), time.min)
    for said in [s for s in told if s[4] < after] or told:
        return said[1], said[2], said[3]
    return None


def _after(causes: dict[int, list[Said]], keys: Iterable[int], version: int) -> Iterable[Said]:
    for key in keys:
        yield from (said for said in causes.get(key, []) if said[0] > version)
