-- plan_exposure: how many item-days there were on each plan in the last 60 days and in the year before: what moves away from it are held against.
-- grain: plan_key, currency
-- reads: item_step, terms, lookback, reporting
-- ties: -
-- decisions: 0016
with held as (
  select
    t.plan_key, case g.currency when '' then t.currency else g.currency end as currency,
    date_diff('day', greatest(cast(s.from_at as date), k.known_to - 60), least(cast(s.to_at as date), k.known_to)) as lately,
    date_diff('day', greatest(cast(s.from_at as date), k.known_to - 425), least(cast(s.to_at as date), k.known_to - 60)) as before
  from item_step s
  join terms t on t.terms_key = s.terms_key
  cross join lookback k
  cross join reporting g
  where t.plan_key > 0 and cast(s.to_at as date) > k.known_to - 425 and cast(s.from_at as date) < k.known_to
)
select
  h.plan_key, h.currency,
  cast(sum(greatest(h.lately, 0)) as bigint) as lately, -- item-days in the last 60 days
  cast(sum(greatest(h.before, 0)) as bigint) as before -- item-days in the 365 days before them
from held h
group by h.plan_key, h.currency
