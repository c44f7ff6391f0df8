"""All that a store knows of one account: what it pays and why, what it has, uses, signed and was told, and from where.

Comes in: a Build and an account's id. Goes out: an Account. Figures come from the models; facts are listed as they were
told, those of linked accounts for the time in which they are this account's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from rollforward import periods
from rollforward.answers import held
from rollforward.answers.explain import explain
from rollforward.answers.figures import MONEY, Asked, currencies
from rollforward.answers.listing import COLUMNS, picked, source_of
from rollforward.answers.table import Table
from rollforward.build import Build
from rollforward.cut import WHOLE
from rollforward.errors import Misuse
from rollforward.store import FactStore

EVENTS = 50
"""Events on a page."""

OPEN_END = datetime(9999, 12, 31)
_BEGINNING = datetime(1, 1, 1)

Span = tuple[int, datetime, datetime]
"""An account key and [from, to) in which what is told of it is this account's."""


@dataclass(frozen=True)
class Account:
    """One account. Money in major units; days are of the policy's time zone.

    account_id: its id; where another one was asked for that goes on as it, `asked_for` is that one. day: the last day
    known. stand: a row for each currency, as `Store.accounts` has it. steps: each change of MRR, oldest first, with
    drivers and the places it comes from; they sum to what it has now. items: what it has now, the largest first, those
    that count for nothing too. usage: by month and metric, limit of the plans held now and share of it. contracts: last
    to end first, days to go (negative: over). events: newest first, `events_total` of them. attributes: every value
    told, newest first. links: accounts that it was linked with. scheduled: changes recorded to take effect later.
    kept: by currency, MRR at the end of its first month and what is left of it (ndr, grr).
    """

    account_id: str
    asked_for: str
    day: date
    stand: Table
    steps: Table
    items: Table
    usage: Table
    contracts: Table
    events: Table
    events_total: int
    attributes: Table
    links: Table
    scheduled: Table
    kept: Table


def account(
    build: Build, later: Build, facts: FactStore, asked: Asked, account_id: str, limit: int = EVENTS, skip: int = 0
) -> Account:
    """Everything of one account; `later` is the Build that knows what is scheduled. Misuse `unknown-account`."""
    key, owner_id = found(build, account_id)
    day = build.range().known_to - timedelta(days=1)
    codes = {"", *currencies(build, asked)}
    asked = replace(asked, cut=WHOLE, limit=0, skip=0)
    source = source_of(build, asked.progress)
    stand = build.engine.run(f"select {picked()} from {source} where account_key = {key} order by currency")
    if not stand:  # an id of which nothing is told, or nothing any more
        raise Misuse("unknown-account", account=account_id)
    stand = [row for row in stand if row[COLUMNS.index("currency")] in codes]
    steps = _steps(build, facts, asked, key, owner_id, day)
    spans = spans_of(build, key)
    events, total = _events(build, spans, limit, skip)

    def table(told: tuple[tuple[str, ...], list[tuple[object, ...]]]) -> Table:
        return Table.of_money(*told, MONEY, asked.minor)

    return Account(
        account_id=owner_id,
        asked_for=account_id if account_id != owner_id else "",
        day=day,
        stand=table((COLUMNS, stand)),
        steps=steps,
        items=table(held.items(build, key, spans, day)),
        usage=table(held.usage(build, key, spans, day)),
        contracts=table(_contracts(build, spans, day)),
        events=table(events),
        events_total=total,
        attributes=table(_attributes(build, spans)),
        links=table(_links(build, key)),
        scheduled=table(_scheduled(later, key, day)),
        kept=_kept(steps),
    )


def found(build: Build, account_id: str) -> tuple[int, str]:
    """Key and id of the account that `account_id` goes on as, if it is the same as another, else its own."""
    build.need(["account", "owner_span"])
    key = build.account_key(account_id)
    if not key:
        raise Misuse("unknown-account", account=account_id)
    rows = build.engine.run(
        "select b.account_key, b.account_id from owner_span o join account b on b.account_key = o.owner_key "
        f"where o.account_key = {key} and o.from_at = timestamp '0001-01-01'"
    )
    return (int(str(rows[0][0])), str(rows[0][1])) if rows else (key, account_id)


def spans_of(build: Build, key: int) -> list[Span]:
    """The accounts whose facts are this account's, and from when to when."""
    rows = build.engine.run(f"select account_key, from_at, to_at from owner_span where owner_key = {key} order by 2, 1")
    spans = [(int(str(k)), a, b) for k, a, b in rows if isinstance(a, datetime) and isinstance(b, datetime)]
    if any(k == key for k, _, _ in spans) or build.engine.run(f"select 1 from owner_span where account_key = {key}"):
        return spans
    return [(key, _BEGINNING, OPEN_END), *spans]


def of_spans(spans: list[Span], begins: str = "", ends: str = "") -> str:
    """What facts of these accounts meet; `begins`, `ends`: the columns between which they hold, '' = at any time."""
    parts = []
    for key, since, until in spans:
        part = f"t.account_key = {key}"
        if begins and since > _BEGINNING:
            part += f" and t.{ends or begins} >= timestamp '{since}'"
        if begins and until < OPEN_END:
            part += f" and t.{begins} < timestamp '{until}'"
        parts.append(f"({part})")
    return f"({' or '.join(parts)})" if parts else "false"


NEWEST = "t.rank desc, t.recorded_at desc, t.commit_id desc, t.source_id desc, t.line desc"
REF = "coalesce(f.name, '') || ':' || t.line"
"""Where a fact `t` was told, with its file `f`."""


def _steps(build: Build, facts: FactStore, asked: Asked, key: int, account_id: str, day: date) -> Table:
    """The account's movements as `explain` has them, and the places that each comes from."""
    table = explain(build, facts, asked, "mrr", day, day + timedelta(days=1), account_id, "movements")
    build.need(["mrr_change", "source_file", "lookback"])
    rows = build.engine.run(
        "select cast(t.window_at + interval '2 microsecond' as date), t.currency, t.movement, "
        f"string_agg(distinct {REF}, ', ' order by {REF}) from mrr_change t "
        f"join source_file f on f.source_id = t.source_id where t.account_key = {key} group by 1, 2, 3"
    )
    places = {row[:3]: str(row[3]) for row in rows}
    names = list(table.columns)
    at = names.index("after") + 1
    paid = names.index("paid_in") if "paid_in" in names else names.index("currency")
    cells = [
        (*r[:at], places.get((r[names.index("on_date")], r[paid], r[names.index("movement")]), ""), *r[at:])
        for r in table.rows
    ]
    return Table((*names[:at], "source_ref", *names[at:]), cells, table.notes)


def _kept(steps: Table) -> Table:
    """By currency: MRR at the end of the first month, and how much of it is left."""
    rows: list[tuple[object, ...]] = []
    records = steps.to_dicts()
    for code in sorted({str(r["currency"]) for r in records}):
        mine = [r for r in records if r["currency"] == code]
        first = mine[0]["on_date"]
        assert isinstance(first, date)
        if mine[0]["movement"] == "opening":
            first += timedelta(days=1)
        month = first.replace(day=1)
        end = periods.add_months(month, 1)
        began = sum((Decimal(str(r["amount"])) for r in mine if _on(r) < end), Decimal(0))
        now = sum((Decimal(str(r["amount"])) for r in mine), Decimal(0))
        ndr, grr = (float(now / began), float(min(now, began) / began)) if began else (None, None)
        rows.append((month, code, began, now, ndr, grr))
    return Table(("cohort", "currency", "opening", "mrr", "ndr", "grr"), rows)


def _on(record: dict[str, object]) -> date:
    on = record["on_date"]
    assert isinstance(on, date)
    return on


Told = tuple[tuple[str, ...], list[tuple[object, ...]]]


def _scheduled(later: Build, key: int, day: date) -> Told:
    later.need(["account_day"])
    columns = ("on_date", "currency", "movement", "amount", "before", "after")
    return columns, later.engine.run(
        "select t.on_date, t.currency, t.movement, t.amount, t.before_minor, t.after_minor from account_day t "
        f"where t.account_key = {key} and t.on_date > date '{day}' and t.movement <> 'none' "
        "order by t.window_at, t.currency"
    )


def _contracts(build: Build, spans: list[Span], day: date) -> Told:
    build.need(["contract", "source_file"])
    columns = ("contract_id", "starts", "ends", "days_to_end", "notice_on", "days_to_notice", "auto_renew", "amount",
               "currency", "owner", "counts", "source_ref")  # fmt: skip
    return columns, build.engine.run(
        "with told as (select t.*, row_number() over (partition by t.account_key, t.contract_id, t.start_at "
        f"order by {NEWEST}) as nth from contract t where {of_spans(spans, 'start_at', 'end_at')}), "
        "dated as (select t.*, nullif(cast(t.end_at as date), date '9999-12-31') as ends, "
        "nullif(cast(t.notice_at as date), date '9999-12-31') as notice from told t where t.nth = 1) "
        f"select t.contract_id, cast(t.start_at as date), t.ends, t.ends - date '{day}', t.notice, "
        f"t.notice - date '{day}', t.auto_renew, t.amount, t.currency, t.owner, t.counts = 'mrr', {REF} from dated t "
        "left join source_file f on f.source_id = t.source_id order by t.end_at desc, t.contract_id"
    )


def _events(build: Build, spans: list[Span], limit: int, skip: int) -> tuple[Told, int]:
    build.need(["event", "source_file"])
    columns = ("at", "kind", "channel", "person", "tag", "value", "outcome", "outcome_at", "discount_share", "owner",
               "text", "source_ref")  # fmt: skip
    # one without an outcome gives way to one that has it and is equal otherwise
    told = (
        "with told as (select t.*, count(case when t.outcome <> '' then 1 end) over (partition by t.account_key, t.at, "
        "t.kind, t.channel, t.person, t.tag, t.value, t.discount_ppm, t.owner, t.text) as closed "
        f"from event t where {of_spans(spans, 'at')}), shown as (select * from told where outcome <> '' or closed = 0) "
    )
    total = int(str(build.engine.run(f"{told} select count(*) from shown")[0][0]))
    rows = build.engine.run(
        f"{told} select t.at, t.kind, t.channel, t.person, t.tag, t.value, t.outcome, "
        "nullif(t.outcome_at, timestamp '9999-12-31'), nullif(cast(t.discount_ppm as double) / 1000000, 0), t.owner, "
        f"t.text, {REF} from shown t left join source_file f on f.source_id = t.source_id "
        f"order by t.at desc, t.source_id, t.line limit {max(0, limit)} offset {max(0, skip)}"
    )
    return (columns, rows), total


def _attributes(build: Build, spans: list[Span]) -> Told:
    build.need(["account_attribute", "account", "source_file"])
    columns = ("dimension", "value", "valid_from", "recorded_at", "account_id", "source_ref")
    return columns, build.engine.run(
        "select t.dimension, t.value, nullif(cast(t.valid_from as date), date '0001-01-01'), t.recorded_at, "
        f"a.account_id, {REF} from account_attribute t join account a on a.account_key = t.account_key "
        f"left join source_file f on f.source_id = t.source_id where {of_spans(spans)} order by t.dimension, {NEWEST}"
    )


def _links(build: Build, key: int) -> Told:
    """Links that stand, of this account and of all that lead to it."""
    build.need(["account_link", "account", "source_file"])
    columns = ("from_id", "to_id", "kind", "valid_from", "recorded_at", "source_ref")
    return columns, build.engine.run(
        f"with told as (select t.*, row_number() over (partition by t.from_key order by {NEWEST}) as nth "
        "from account_link t) select a.account_id, b.account_id, t.kind, "
        f"nullif(cast(t.valid_from as date), date '0001-01-01'), t.recorded_at, {REF} from told t "
        "join account a on a.account_key = t.from_key join account b on b.account_key = t.to_key "
        "left join source_file f on f.source_id = t.source_id where t.nth = 1 and not t.removed and "
        f"(t.from_key = {key} or t.to_key = {key} or t.from_key in "
        f"(select account_key from owner_span where owner_key = {key})) order by t.recorded_at, a.account_id"
    )


SOURCES = ("source", "ref", "kind", "recorded_at", "row")


def sources(
    build: Build, facts: FactStore, account_id: str, limit: int, skip: int, places: Sequence[str] = ()
) -> tuple[Table, int]:
    """Every row of the user's files that says something of the account, as it was given; how many there are.

    Rows of linked accounts are among them, whatever the time. `limit` 0 = all; `places`: only these, if any.
    """
    key, _ = found(build, account_id)
    spans = spans_of(build, key)
    tables = ("item_state", "mrr_event", "charge", "account_attribute", "usage", "event", "contract")
    build.need([*tables, "account_link", "source_file"])
    told = " union ".join(
        f"select t.source_id, t.line, t.recorded_at from {name} t where {of_spans(spans)}" for name in tables
    )
    keys = ", ".join(str(k) for k in {key, *(k for k, _, _ in spans)})
    told += (
        " union select t.source_id, t.line, t.recorded_at from account_link t "
        f"where t.from_key in ({keys}) or t.to_key in ({keys})"
    )
    rows = build.engine.run(
        "with told as (select source_id, line, max(recorded_at) as recorded_at from "
        f"({told}) group by source_id, line) select f.name, {REF}, f.kind, t.recorded_at, t.source_id, t.line "
        "from told t join source_file f on f.source_id = t.source_id order by t.source_id, t.line"
    )
    rows = [row for row in rows if not places or row[1] in places]
    shown = rows[skip : skip + limit if limit else None]
    refs = [(int(str(r[4])), int(str(r[5]))) for r in shown]
    texts = facts.source_rows(refs)
    given = [
        (*r[:4], t if isinstance(t := texts.get(ref), str) else str(t)) for r, ref in zip(shown, refs, strict=True)
    ]
    return Table(SOURCES, given), len(rows)
