-- trend_month: the months of use that have a trend worth working out: whole ones, enough of them, and an end unlike the beginning.
-- grain: account_key, metric, months_ago
-- reads: usage_month, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- A straight line of least squares that makes half the change asked for is a rough sieve: what passes it is judged by Theil and Sen.
with whole as (
  select
    u.account_key, u.metric, u.month, u.quantity,
    (extract(year from k.last_day) - extract(year from u.month)) * 12 + extract(month from k.last_day) - extract(month from u.month) as months_ago,
    case when cast(date_trunc('month', k.known_to) as date) = k.known_to then 0 else 1 end as whole_from
  from usage_month u
  join signal_account a on a.account_key = u.account_key
  cross join lookback k
),
fitted as (
  select
    w.account_key, w.metric, count(*) as months, min(w.months_ago) as last_ago, min(w.whole_from) as whole_from,
    cast(sum(w.quantity) as double) as used, cast(sum(w.months_ago) as double) as ago,
    cast(sum(w.months_ago * w.quantity) as double) as ago_used, cast(sum(w.months_ago * w.months_ago) as double) as ago_ago
  from whole w
  where w.months_ago >= w.whole_from
  group by w.account_key, w.metric
),
sieved as (
  select f.account_key, f.metric
  from fitted f
  cross join signal_rule r
  where f.months >= r.trend_months and f.last_ago <= f.whole_from + 1 and f.used > 0
    and abs(f.months * f.ago_used - f.ago * f.used) * (f.months - 1) * f.months
      >= 0.5 * r.trend_change * f.used * (f.months * f.ago_ago - f.ago * f.ago)
)
select w.account_key, w.metric, w.quantity,
  cast(w.months_ago as bigint) as months_ago -- 0 = the month of the last day known
from whole w
join sieved s on s.account_key = w.account_key and s.metric = w.metric
where w.months_ago >= w.whole_from
