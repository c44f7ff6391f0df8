"""Accounts as a list: searched, filtered, sorted and read page by page.

Comes in: a Build and what is looked for. Goes out: a Listing. What is searched is one small database file beside the
built tables, made once for a day and a currency: every process and thread reads the same one, and keeps little of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.answers.table import Table
from rollforward.build import Build, Progress
from rollforward.cut import DERIVED, ITEMS, Cut
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse, StoreError
from rollforward.money import to_major

STATES = ("active", "ending", "churned", "acquired", "never paid")
"""What an account is now. `active` as a filter has those that it is recorded of when they end, too."""

COLUMNS = (
    "account_id", "name", "email", "owner", "country", "industry", "currency", "mrr", "change_30", "change_12", "peak",
    "state", "movement", "changed_on", "first_on", "next_on", "plan_id", "product_id", "items", "contract_ends",
    "linked", "goes_on_as",
)  # fmt: skip

_NEVER, _NONE_YET = "date '9999-12-31'", "date '0001-01-01'"
_LAST_FIRST = {c: f"case when {c} = {_NEVER} then {_NONE_YET} else {c} end" for c in ("first_on", "contract_ends")}

SORTS = ("mrr", "change_30", "change_12", "peak", "name", "account_id", "owner", "first_on", "changed_on",
         "contract_ends", "items")  # fmt: skip
"""Columns by which accounts can stand in order; a `-` before the name turns it round."""

_PLACES = {"label": "label_place", "account_id": "account_id_place"}
"""Texts of which nearly every account has its own, and the number of each in their order: sorting reads these."""

_FOLD = "replace(replace(nfc_normalize(lower({})), chr(8203), ''), chr(3661) || chr(3634), chr(3635))"
"""One spelling of what is written and of what is looked for: small letters, one SARA AM of two, no empty spaces."""

PAGE = 50
"""Rows of a page, unless more are asked for."""

_STALE = 3600
_FEW = 200
_MAKING = threading.Lock()
_MADE_FOR_A_DAY = ("accounts@*.duckdb", "account_now@*.parquet", "held_item@*.parquet", "attribute_now@*.parquet")


@dataclass(frozen=True)
class Listing:
    """One page of accounts. `table` has a row an account and currency; `next` is the cursor of the page after, '' none.

    total: rows of the whole list. states: how many rows have each state of STATES, whatever state was asked for.
    mrr: what they pay in sum, by currency, in major units.
    """

    table: Table
    total: int
    states: dict[str, int]
    mrr: dict[str, Decimal]
    next: str


@dataclass(frozen=True)
class Wanted:
    """Words that must all be in id, name, e-mail or domain; a state, plan id, owner; limit 0 = all."""

    search: str = ""
    state: str | None = None
    sort: str = "-mrr"
    limit: int = PAGE
    after: str | None = None
    plan: str | None = None
    owner: str | None = None
    is_blind: bool = False
    """For somebody who may see no names: they are neither searched nor an order."""


def listing(build: Build, asked: Asked, wanted: Wanted) -> Listing:
    """The page. Misuse `unknown-option` for a state, sort or limit that is none, `bad-cursor`."""
    order, down = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    if order not in SORTS:
        raise Misuse("unknown-option", option="--sort", value=wanted.sort, known=", ".join(SORTS))
    if wanted.is_blind and (order in ("name", "owner") or wanted.owner):
        raise Misuse("hidden-from-you", what=order if order in ("name", "owner") else "owner")
    if wanted.state and wanted.state not in STATES:
        raise Misuse("unknown-option", option="--state", value=wanted.state, known=", ".join(STATES))
    if wanted.limit < 0:
        raise Misuse("unknown-option", option="--limit", value=str(wanted.limit), known="0, 1, 2, …")
    after = _told(wanted.after, wanted.sort) if wanted.after else None
    codes = figures.currencies(build, asked)
    source = source_of(build, asked.progress)
    met, values = conditions(build, asked.cut, wanted, codes)
    counted = build.engine.run(
        f"select state, currency, count(*), sum(mrr), {_places(wanted)} from {source} where {met} "
        "group by state, currency",
        values,
    )
    if wanted.search and all(int(str(row[2])) <= _FEW for row in counted):  # the words are read through once only
        found = [str(place) for row in counted for place in row[4]]  # type: ignore[attr-defined]
        met, values = f"rowid in ({', '.join(found)})" if found else "false", []
    by_state, owed = dict.fromkeys(STATES, 0), dict[str, int]()
    in_state = _states(wanted.state)
    for state, code, rows, minor, _at in counted:
        by_state[str(state)] += int(str(rows))
        if minor and state in in_state:
            owed[str(code)] = owed.get(str(code), 0) + int(str(minor))
    by_state["active"] += by_state["ending"]
    total = by_state[wanted.state] if wanted.state else sum(by_state.values()) - by_state["ending"]
    rows = _page(build, source, met, values, in_state, _order(order, down), down, after, wanted.limit)
    more = 0 < wanted.limit < len(rows)
    rows = rows[: wanted.limit or None]
    following = _cursor(wanted.sort, rows[-1][-3:]) if more else ""
    table = figures.finish(build, asked, COLUMNS, [row[:-3] for row in rows])
    return Listing(table, total, by_state, {c: to_major(m, c) for c, m in owed.items()}, following)


def _places(wanted: Wanted) -> str:
    """Where the first rows of a group lie, for a search that may find few."""
    return f"arg_min(rowid, rowid, {_FEW})" if wanted.search else "null"


def _page(
    build: Build, source: str, met: str, values: list[object], states: Sequence[str], order: str, down: bool,
    after: tuple[object, int, str] | None, limit: int,
) -> list[tuple[object, ...]]:  # fmt: skip
    if after is not None:
        at, past = _literal(after[0]), f"(account_key, currency) > ({after[1]}, {quote(after[2])})"
        met += f" and ({order} {'<' if down else '>'} {at} or ({order} = {at} and {past}))"
    if len(states) < len(STATES):
        met += f" and state in ({', '.join(map(quote, states))})"
    ordered = f"order by {_PLACES.get(order, order)} {'desc' if down else 'asc'}, account_key, currency"
    if limit:  # which rows they are is found without reading what else they say
        met = f"rowid in (select rowid from {source} where {met} {ordered} limit {limit + 1})"
    return build.engine.run(
        f"select {picked()}, {order}, account_key, currency from {source} where {met} {ordered}", values
    )


def picked() -> str:
    """COLUMNS as they are read: what is never or not known is empty."""
    return ", ".join(
        f"nullif({c}, {_NEVER})" if c in ("first_on", "next_on", "contract_ends")
        else f"nullif({c}, {_NONE_YET})" if c == "changed_on"
        else f"case when unrated = 0 then {c} end" if c in ("mrr", "change_30", "change_12", "peak")
        else c
        for c in COLUMNS
    )  # fmt: skip


def _states(state: str | None) -> tuple[str, ...]:
    return STATES if state is None else ("active", "ending") if state == "active" else (state,)


def _order(order: str, down: bool) -> str:
    if order == "name":
        return "label"
    return _LAST_FIRST.get(order, order) if down else order


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else f"date '{value}'" if isinstance(value, date) else quote(str(value))


def _cursor(sort: str, at: Sequence[object]) -> str:
    """Where a page ends, as a text that can stand in an address."""
    value = at[0] if isinstance(at[0], int) else str(at[0])
    told = json.dumps([sort, value, at[1], at[2]], ensure_ascii=False)
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _told(cursor: str, sort: str) -> tuple[object, int, str]:
    """What `_cursor` said. Misuse `bad-cursor`, also for that of another order."""
    try:
        told = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        made_for, value, key, code = told
        name = sort.removeprefix("-")
        kind = date if name.endswith(("_on", "_ends")) else str if name in ("name", "account_id", "owner") else int
        at = date.fromisoformat(value) if kind is date else value
        if made_for != sort or not isinstance(at, kind) or type(key) is not int or not isinstance(code, str):
            raise ValueError
    except (ValueError, TypeError):
        raise Misuse("bad-cursor", value=cursor[:40]) from None
    return at, key, code


def conditions(build: Build, cut: Cut, wanted: Wanted, codes: Sequence[str]) -> tuple[str, list[object]]:
    """What rows must meet but for the state, and the values of its placeholders."""
    met, values = [f"currency in ({', '.join(map(quote, ('', *codes)))})"], list[object]()
    for word in build.engine.run(f"select {_FOLD.format('?')}", [wanted.search])[0][0].split():  # type: ignore[attr-defined]
        met.append("contains(found_by, ?)" if not wanted.is_blind else f"contains({_FOLD.format('account_id')}, ?)")
        values.append(word)
    if wanted.owner is not None:
        met.append("owner = ?")
        values.append(wanted.owner)
    for dimension, value in [*cut.where, *([("plan", wanted.plan)] if wanted.plan else [])]:
        if dimension in ITEMS:
            met.append(f"account_key in (select account_key from held_item where {_held(build, dimension, value)})")
        elif dimension in ("name", "email", "owner", "country", "industry"):
            met.append(f"{dimension} = ?")
            values.append("" if value == UNKNOWN else value)
        elif dimension not in DERIVED:
            build.need(["attribute_now"])
            of_it = "select 1 from attribute_now v where v.account_key = listed.account_key and v.dimension = ?"
            met.append(f"not exists ({of_it})" if value == UNKNOWN else f"exists ({of_it} and v.value = ?)")
            values += [dimension] if value == UNKNOWN else [dimension, value]
    derived = tuple((d, v) for d, v in cut.where if d in DERIVED)
    if derived:
        build.cut(Cut("", derived))
        build.need(["member", "lookback"])
        met.append(
            "account_key in (select m.account_key from member m cross join lookback k where "
            "m.from_at < cast(k.known_to as timestamp) and m.to_at >= cast(k.known_to as timestamp))"
        )
    return " and ".join(met), values


def _held(build: Build, dimension: str, value: str) -> str:
    """What items of a value of a dimension of items meet in held_item: keys are few, so they are looked up first."""
    build.need(["held_item", "plan", "product_current", "terms"])
    if dimension == "currency":
        return f"currency = {quote(value)}"
    column, sql = _ITEM[dimension]
    keys = [str(row[0]) for row in build.engine.run(sql, [value])]
    keys += ["0"] if value == UNKNOWN else []
    return f"{column} in ({', '.join(keys)})" if keys else "false"


UNKNOWN = "unknown"
"""What is not said, as a value of any dimension."""

_ITEM = {
    "plan": ("plan_key", "select plan_key from plan where plan_id = ?"),
    "product": ("product_key", "select product_key from product_current where product_id = ?"),
    "family": ("product_key", "select product_key from product_current where family = ?"),
    "interval": (
        "per",
        "with one as (select distinct per, per // 10 as n, case per % 10 when 1 then 'day' when 2 then 'week' "
        "when 3 then 'month' else 'year' end as unit from terms) "
        "select per from one where case when n = 1 then unit else n || ' ' || unit || 's' end = ?",
    ),
}


# -- what is searched ----------------------------------------------------------------------------------------------


def source_of(build: Build, progress: Progress | None = None) -> str:
    """The table of all accounts in the currency that `build` reports in, as the engine knows it; made if missing."""
    path = build.folder / f"accounts@{build.range().known_to}{build.conversion.variant}.duckdb"
    name = f"accounts_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if build.engine.run(f"select 1 from duckdb_databases() where database_name = '{name}'"):
        return f"{name}.listed"
    with _MAKING:
        if not _is_sound(build, path):
            path.unlink(missing_ok=True)
            _make(build, path, progress)
    build.engine.run(f"attach {quote(str(path))} as {name} (read_only)")
    return f"{name}.listed"


def _is_sound(build: Build, path: Path) -> bool:
    """Whether the file can be read; asked of a database of its own, as one that fails to attach a file never can."""
    if not path.exists():
        return False
    try:
        return bool(
            build.engine.beside().run(f"attach {quote(str(path))} as it (read_only); from it.listed limit 0") == []
        )
    except StoreError:
        return False


def _make(build: Build, path: Path, progress: Progress | None) -> None:
    build.need(["account_now", "account_worth", "attribute_now", "owner_span", "account", "plan", "product"], progress)
    half = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    half.unlink(missing_ok=True)
    making = f"making_{threading.get_ident()}"
    try:
        build.engine.run(f"attach {quote(str(half))} as {making}")
        kinds = dict(build.engine.columns(_described(build)))
        # what every search reads from end to end is not packed
        columns = ", ".join(f"{c} {t}{' using compression uncompressed' * (c == 'found_by')}" for c, t in kinds.items())
        build.engine.run(f"create table {making}.listed ({columns})")
        build.engine.run(
            f"insert into {making}.listed select * from listed_account order by mrr desc, account_key, currency"
        )
        build.engine.run(f"detach {making}")
        half.replace(path)
    finally:
        build.engine.run(f"detach database if exists {making}")
        half.unlink(missing_ok=True)
    for pattern in _MADE_FOR_A_DAY:
        for old in build.folder.glob(pattern):
            if f"@{build.range().known_to}" not in old.name and old.stat().st_mtime < time.time() - _STALE:
                old.unlink(missing_ok=True)


def _described(build: Build) -> str:
    """Names the rows of the list: accounts as they stand, with words for their keys and what they are found by."""
    found_by = (
        "n.account_id || ' ' || n.name || ' ' || n.email || ' ' || coalesce(s.said, '') || ' ' || coalesce(o.said, '')"
    )
    label = "case when n.name <> '' then n.name else n.account_id end"
    build.engine.view(
        "listed_account",
        "with site as (select account_key, string_agg(value, ' ') as said from attribute_now "
        "where dimension in ('domain', 'website') group by account_key), "
        "same as (select o.owner_key, string_agg(a.account_id || ' ' || coalesce(v.said, ''), ' ') as said "
        "from owner_span o join account a on a.account_key = o.account_key left join ("
        "select account_key, string_agg(value, ' ') as said from account_attribute "
        "where dimension in ('name', 'email', 'domain', 'website') group by account_key) v "
        "on v.account_key = o.account_key where o.owner_key <> o.account_key group by o.owner_key) "
        "select n.account_key, w.currency, n.account_id, n.name, n.email, n.owner, n.country, n.industry, "
        "w.mrr, w.mrr - w.mrr_30 as change_30, w.mrr - w.mrr_12 as change_12, w.peak, n.state, n.movement, "
        "n.changed_on, w.first_on, n.next_on, coalesce(p.plan_id, '') as plan_id, "
        "coalesce(d.product_id, '') as product_id, w.items, n.contract_ends, n.linked, "
        "case when n.owner_key = n.account_key then '' else coalesce(g.account_id, '') end as goes_on_as, w.unrated, "
        f"{_FOLD.format(label)} as label, "
        f"{_FOLD.format(found_by)} as found_by, dense_rank() over (order by {_FOLD.format(label)}) as label_place, "
        "dense_rank() over (order by n.account_id) as account_id_place "
        "from account_worth w join account_now n on n.account_key = w.account_key and n.currency = w.paid_in "
        "left join plan p on p.plan_key = n.plan_key left join product d on d.product_key = n.product_key "
        "left join account g on g.account_key = n.owner_key "
        "left join site s on s.account_key = n.account_key left join same o on o.owner_key = n.account_key",
    )  # fmt: skip
    return "listed_account"
