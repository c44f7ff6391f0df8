-- signal_silent: an account that used something or said something has done neither for some time.
-- grain: account_key, subject
-- reads: usage_month, event, owner_span, signal_metric, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- Touches and offers are ours and no sign of life.
with spoke as (
  select coalesce(o.owner_key, e.account_key) as account_key, cast(e.at as date) as on_date
  from event e
  cross join lookback k
  left join owner_span o on o.account_key = e.account_key and o.from_at <= e.at and o.to_at > e.at
  where e.at < cast(k.known_to as timestamp) and e.kind not in (select m.metric from signal_metric m where m.role = 'own')
  union all
  select u.account_key, u.last_on as on_date
  from usage_month u
  where u.quantity > 0
),
last_sign as (
  select s.account_key, max(s.on_date) as on_date
  from spoke s
  group by s.account_key
)
select
  a.account_key, 'silent' as signal, '' as subject, s.on_date as since, date '9999-12-31' as due_on,
  cast(a.mrr as double) as value, cast(0 as double) as reference, cast(0 as double) as share, cast(0 as double) as low,
  cast(0 as double) as high, cast(0 as bigint) as times, cast(0 as bigint) as out_of
from last_sign s
join signal_account a on a.account_key = s.account_key
cross join signal_rule r
cross join lookback k
where s.on_date < k.known_to - cast(r.silent_days as integer)
  and s.on_date >= k.known_to - cast(r.silent_days + r.silent_before as integer)
