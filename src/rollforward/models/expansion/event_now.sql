-- event_now: what happened with accounts, as it is told now: one that has no outcome gives way to one that has, and is equal otherwise.
-- grain: source_id, line
-- reads: event, owner_span
-- ties: -
-- decisions: 0013
with said as (
  select
    e.account_key, e.at, e.kind, e.channel, e.person, e.tag, e.value, e.outcome, e.outcome_at, e.discount_ppm, e.owner, e.text, e.source_id, e.line,
    cast(sum(case when e.outcome <> '' then 1 else 0 end) over (
      partition by e.account_key, e.at, e.kind, e.channel, e.person, e.tag, e.value, e.discount_ppm, e.owner, e.text) as bigint) as closed
  from event e
)
select
  coalesce(o.owner_key, s.account_key) as account_key,
  s.at, -- when
  s.kind, -- touch, offer, milestone, ticket, …
  s.channel, s.person, s.tag, s.value, s.outcome, -- '' = not said
  s.outcome_at, -- 9999-12-31 = not said
  s.discount_ppm, s.owner, s.text, s.source_id, s.line
from said s
left join owner_span o on o.account_key = s.account_key and o.from_at <= s.at and o.to_at > s.at
where s.outcome <> '' or s.closed = 0
