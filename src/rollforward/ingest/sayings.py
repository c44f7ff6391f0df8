"""Staged usage, events, contracts, rates and spend → rows of their fact tables.

Each row says something of a thing that its key names; the last saying of a thing counts. What is believed already is
not written again; rows of one moment that say two different things of one thing are refused (`conflict`). An event is
its own key: all of it.
"""

from __future__ import annotations

from rollforward import schema
from rollforward.ingest.batch import OPEN_END, Batch, run
from rollforward.ingest.catalogue import refuse_conflicts

KEYS = {
    "usage": ("account_key", "metric", "at", "feature"),
    "event": (),
    "contract": ("contract_id", "start_at"),
    "fx_rate": ("on_date", "currency", "to_currency"),
    "spend": ("month", "kind", "currency"),
}
"""Fact table → the columns that name what a row speaks of; () = all."""

# When a row with a trusted history became known; nothing is known before it happened.
_KNOWN_AT = {
    "usage": "r.at",
    "event": f"case when r.outcome_at < {OPEN_END} then r.outcome_at else r.at end",
    "contract": "r.start_at",
    "fx_rate": "cast(r.on_date as timestamp)",
    "spend": "cast(r.month as timestamp) + interval 1 month",
}
_HEAD = ("commit_id", "source_id", "line", "rank", "recorded_at")


def collect(batch: Batch) -> None:
    """Make a table `<fact>_told` of the rows to write, with pos, for each fact of the call."""
    for fact in KEYS:
        if batch.of(fact):
            _collect(batch, fact)


def drop_refused(batch: Batch) -> None:
    """A contract whose stretch as an item was refused is no contract either."""
    if batch.of("contract"):
        run(batch.con, "delete from contract_told where pos in (select pos from refused)")


def _collect(batch: Batch, fact: str) -> None:
    columns = [n for n in schema.FACT[fact].names if n not in _HEAD]
    keys = KEYS[fact] or tuple(columns)
    said = [n for n in columns if n not in keys]
    account = "account_key" in columns
    picks = ", ".join("a.key as account_key" if n == "account_key" else f'r."{n}"' for n in columns)
    moment, own = batch.moment, f"r.recorded_at is not null or {str(bool(batch.recorded_at)).lower()}"
    if batch.trusted and not batch.recorded_at:
        moment = f"least({_KNOWN_AT[fact]}, {batch.clock})"
        own += f" or {moment} < {batch.clock}"
    print_of = f"hash({', '.join(_q(n) for n in said)})" if said else "cast(0 as ubigint)"
    run(
        batch.con,
        f"""create or replace temp table {fact}_said as
        select r.pos, r.source_id, r.line, {batch.rank(fact)} as rank, coalesce(r.recorded_at, {moment}) as recorded_at,
          {own} as own, {picks}
        from staged_{fact} r {"join account_ids a on a.id = r.account_id" if account else ""}""",
    )
    same = ", ".join(_q(n) for n in keys)
    refuse_conflicts(batch, f"{fact}_said", f"{same}, recorded_at", print_of)
    mine = f"where account_key in (select account_key from {fact}_said)" if account else ""
    # an event that was known earlier already is the same event
    told = "m.recorded_at <= s.recorded_at" if not said else "m.recorded_at = s.recorded_at"
    run(
        batch.con,
        f"""create or replace temp table {fact}_told as
        with stored as (
          select {same}, rank, recorded_at, commit_id, {print_of} as print from {fact} {mine}),
        believed as (
          select {same}, arg_max(print, (rank, recorded_at, commit_id)) as print from stored group by {same}),
        fresh as (select *, {print_of} as print from {fact}_said),
        known as (
          select s.pos from fresh s join believed b using ({same}) where not s.own and b.print = s.print
          union all
          select s.pos from fresh s join stored m using ({same}) where s.own and m.print = s.print and {told})
        select * exclude (print) from fresh where pos not in (select pos from known)""",
    )


def _q(name: str) -> str:
    return f'"{name}"'
