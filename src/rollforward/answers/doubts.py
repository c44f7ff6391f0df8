"""Facts that contradict each other: no row is wrong for itself, so none is refused, and nothing is guessed.

Comes in: a Build. Goes out: a Note for each kind of contradiction, with how many rows there are and where one is.
"""

from __future__ import annotations

from rollforward.answers.table import Note
from rollforward.build import Build

DAYS = 31
"""How far from an event of kind `churn` a churn of its account may be and still be the one that it tells of."""

_CHURN = f"""
select e.source_id, e.line,
  case when coalesce(min(abs(cast(e.at as date) - d.on_date)), 10000) > {DAYS} then 1 else 0 end as doubtful
from event e
left join account_day d on d.account_key = e.account_key and d.movement = 'churn'
where e.kind = 'churn'
group by e.source_id, e.line"""

_BEFORE = """
select e.source_id, e.line,
  case when cast(e.at as date) < coalesce(f.first_on, date '0001-01-01') then 1 else 0 end as doubtful
from {told} e
left join (
  select b.account_key, min(cast(b.since as date)) as first_on
  from (
    select s.account_key, s.valid_from as since from item_state s
    union all
    select v.account_key, v.occurred_at as since from mrr_event v
    union all
    select c.account_key, c.service_from as since from charge c
  ) b
  group by b.account_key
) f on f.account_key = e.account_key"""
# A prospect may well be touched or offered something; tickets and use come from those who have something.


def doubts(build: Build) -> list[Note]:
    """What the facts of a build leave in doubt: `churn-not-booked`, and tickets or use `before-anything-billed`."""
    build.need(["event", "usage", "item_state", "mrr_event", "charge", "account_day", "source_file"])
    found = []
    rows, of, first = _counted(build, _CHURN)
    if rows:
        found.append(Note("churn-not-booked", {"rows": f"{rows}", "of": f"{of}", "first": first, "days": f"{DAYS}"}))
    for told, kind in (("(select * from event where kind = 'ticket')", "events (ticket)"), ("usage", "usage")):
        rows, of, first = _counted(build, _BEFORE.format(told=told))
        if rows:
            found.append(
                Note("before-anything-billed", {"rows": f"{rows}", "of": f"{of}", "first": first, "kind": kind})
            )
    return found


def _counted(build: Build, query: str) -> tuple[int, int, str]:
    """How many rows are in doubt, of how many, and the first by file:line."""
    ((rows, of, first),) = build.engine.run(
        f"with told as ({query}) select coalesce(sum(t.doubtful), 0), count(*), min(case when t.doubtful = 1 then "
        "coalesce(s.name, '') || ':' || cast(t.line as varchar) end) from told t "
        "left join source_file s on s.source_id = t.source_id"
    )
    return int(str(rows)), int(str(of)), str(first)
