"""Another tool's figures, read from its file: monthly MRR, change rows or a roll-forward.

Comes in: a file that sources/ can read. Goes out: a Peer, its figures as a book beside ours. What cannot be read is a
problem with its line, and no account that such a row names counts as missing from the file.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rollforward.answers.books import month_of
from rollforward.engines.duckdb import Engine
from rollforward.errors import Misuse
from rollforward.sources import Request, stage
from rollforward.sources.header import month_of as month_in

LOSSES = ("contraction", "churn")


@dataclass
class Peer:
    """A file read: `first` and `last` month, `there`: months of each account, `unread`: rows with their places."""

    name: str
    kind: str
    first: date
    last: date
    there: dict[str, set[date]] = field(default_factory=dict)
    unread: list[tuple[int, str, str]] = field(default_factory=list)
    once: dict[tuple[str, str, date], int] = field(default_factory=dict)
    """Account, currency and month of which the file has equal rows → what it says if each counts once."""
    _named: dict[str, set[date] | None] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether it tells of all accounts together."""
        return self.kind == "roll_forward"

    def lists(self, account: str, month: date) -> bool:
        """Whether some row speaks of this account in this month."""
        months = self.there.get(account, set())
        return month in months or (self.kind == "changes" and any(m <= month for m in months))

    def is_unread(self, account: str, month: date) -> bool:
        """Whether a row that could not be read may speak of it."""
        if not self.unread:
            return False
        months = self._named.get(account, set()) if account else self._named.get("", set())
        return months is None or month in months

    def note_unread(self, line: int, code: str, row: str) -> None:
        """Keep a row that was refused: the accounts and months that its cells name are unread."""
        self.unread.append((line, code, row))
        cells = _cells(row)
        months = {date.fromisoformat(m) for cell in cells if (m := month_in(cell[:10]) or month_in(cell))}
        for cell in {*cells, ""}:
            known = self._named.get(cell, set())
            self._named[cell] = None if known is None or not months else known | months


def _cells(row: str) -> list[str]:
    try:
        told = json.loads(row)
    except ValueError:
        told = None
    if isinstance(told, dict):
        return [str(v) for v in told.values()]
    delimiter = max(",;\t|", key=row.count)
    return [cell.strip() for line in csv.reader([row], delimiter=delimiter) for cell in line]


def read(engine: Engine, path: Path, mapping: Path | None, measure: str) -> Peer:
    """The file at `path`; its figures of `measure` are the table `peer` of `engine`, as changes where it is a balance.

    Misuse: what reading a file raises (`unknown-kind` lists what can be compared), `several-rows-a-month` for a
    roll-forward of weeks or segments, `nothing-to-compare` where no row can be read.
    """
    staged = stage(engine.con, Request(path, mapping=mapping, compared=True))
    kind, rows = staged.kind, staged.table
    if kind == "roll_forward":
        column = {"mrr": "closing"}.get(measure, measure)
        told = f"-abs({column})" if measure in LOSSES else column
        sql = (
            f"select '' as account_id, currency, month, cast({told} as hugeint) as amount from {rows} "
            f"where {column} is not null"
        )
    elif kind == "changes":
        sql = (
            "select account_id, currency, cast(occurred_at as date) as month, cast(sum(delta) as hugeint) as amount "
            f"from {rows} group by all"
        )
    else:
        sql = (
            "select account_id, currency, cast(valid_from as date) as month, cast(sum(amount) as hugeint) as amount "
            f"from {rows} group by all"
        )
    engine.run(f"create temp table told as {sql}")
    if kind == "roll_forward" and engine.run("select 1 from told group by currency, month having count(*) > 1 limit 1"):
        raise Misuse("several-rows-a-month", file=path.name)
    ends = engine.run("select min(month), max(month) from told")[0]
    if not isinstance(ends[0], date) or not isinstance(ends[1], date):
        raise Misuse("nothing-to-compare", file=path.name, measure=measure)
    peer = Peer(path.name, kind, month_of(ends[0]), month_of(ends[1]))
    for account, month in engine.run("select distinct account_id, date_trunc('month', month) from told"):
        if isinstance(month, date):
            peer.there.setdefault(str(account), set()).add(month_of(month))
    if kind == "monthly":
        repeated = engine.run(
            "select account_id, currency, cast(valid_from as date), sum(amount) from (select account_id, currency, "
            f"valid_from, item_id, amount, count(*) as times from {rows} group by all) group by all "
            "having max(times) > 1"
        )
        peer.once = {(str(a), str(c), m): int(str(n)) for a, c, m, n in repeated if isinstance(m, date)}
    refused = engine.run("select line, code, row from stage_problem where severity = 'refused' order by line")
    for line, code, row in refused:
        peer.note_unread(int(str(line)), str(code), str(row))
    _as_measured(engine, peer, measure)
    return peer


def _as_measured(engine: Engine, peer: Peer, measure: str) -> None:
    """Makes `peer` (account_id, currency, month, amount) of `told`."""
    steps = "told"
    if peer.kind != "changes" and (measure == "mrr" or not peer.is_whole):
        steps = (
            "(select account_id, currency, month, sum(amount) as amount from ("
            "select account_id, currency, month, amount from told union all "
            "select account_id, currency, cast(month + interval 1 month as date), -amount from told "
            f"where month < date '{peer.last}') group by all)"
        )
    of_month = "cast(date_trunc('month', month) as date) as month"
    if measure == "mrr" or peer.is_whole:
        engine.run(f"create temp table peer as select account_id, currency, {of_month}, amount from {steps}")
        return
    # What stood in the first month of balances is their opening.
    begins = "true" if peer.kind == "changes" else f"s.month > date '{peer.first}'"
    engine.run(
        "create temp table peer as with step as (select * from " + steps + "), "
        "summed as (select account_id, month, sum(amount) as delta from step group by all), "
        "held as (select account_id, month, delta, sum(delta) over (partition by account_id order by month) as after "
        "from summed), "
        "ever as (select account_id, month, delta, after, coalesce(max(after) over (partition by account_id order by "
        "month rows between unbounded preceding and 1 preceding), 0) as most from held), "
        "classed as (select account_id, month, case when after - delta <= 0 and after > 0 then "
        "case when most > 0 then 'reactivation' else 'new' end when after - delta > 0 and after <= 0 then 'churn' "
        "when delta > 0 then 'expansion' when delta < 0 then 'contraction' else 'none' end as movement from ever) "
        f"select s.account_id, s.currency, cast(date_trunc('month', s.month) as date) as month, "
        "sum(s.amount) as amount from step s join classed c on c.account_id = s.account_id and c.month = s.month "
        f"where c.movement = '{measure}' and {begins} group by all"
    )
