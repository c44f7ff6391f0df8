-- line_added: what each account that paid then has added since, and had not had when the days began.
-- grain: account_key, offered
-- reads: line_span, trait, signal_rule, lookback
-- ties: -
-- decisions: 0016
with had as (
  select distinct t.account_key, t.offered from trait t where t.was = 1 and t.offered <> ''
),
began as (
  select s.account_key, s.offered, min(cast(s.from_at as date)) as added_on
  from line_span s
  cross join lookback k
  cross join signal_rule r
  where s.from_at >= cast(k.known_to - cast(r.similar_days as integer) as timestamp) and s.from_at < cast(k.known_to as timestamp) and s.offered <> ''
  group by s.account_key, s.offered
)
select
  b.account_key, b.offered, b.added_on, -- day of the first item of it
  case when b.added_on < k.known_to - cast(r.similar_days as integer) + 90 then 1 else 0 end as in_90 -- 1: within 90 days
from began b
cross join lookback k
cross join signal_rule r
left join had h on h.account_key = b.account_key and h.offered = b.offered
where coalesce(h.offered, '') = '' and b.account_key in (select a.account_key from had a)
