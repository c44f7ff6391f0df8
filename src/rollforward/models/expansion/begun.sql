-- begun: accounts whose beginning is known: when each first paid, first left, and reached each milestone.
-- grain: account_key, milestone
-- reads: first_mrr, account_day, event_now, lookback
-- ties: -
-- decisions: 0016
-- What happened before the first MRR (a milestone of a trial) counts as its day.
with gone as (
  select d.account_key, min(d.on_date) as left_on
  from account_day d
  where d.movement = 'churn'
  group by d.account_key
),
reached as (
  select e.account_key, e.tag, min(cast(e.at as date)) as reached_on
  from event_now e
  cross join lookback k
  where e.kind = 'milestone' and e.tag <> '' and cast(e.at as date) < k.known_to
  group by e.account_key, e.tag
),
named as (
  select distinct r.tag from reached r
)
select
  f.account_key, n.tag as milestone, -- tag of the event
  f.first_on,
  coalesce(g.left_on, date '9999-12-31') as left_on, -- 9999-12-31 = it did not
  greatest(coalesce(r.reached_on, date '9999-12-31'), f.first_on) as reached_on -- 9999-12-31 = not reached
from first_mrr f
cross join named n
cross join lookback k
left join gone g on g.account_key = f.account_key and g.left_on < k.known_to
left join reached r on r.account_key = f.account_key and r.tag = n.tag
where f.stood = 0 and f.first_on < k.known_to
