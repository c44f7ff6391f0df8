-- trend_month: the months of use that have a trend worth working out: whole ones, enough of them, and an end unlike the beginning.
-- grain: account_key, metric, months_ago
-- reads: usage_month, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- A difference of the first and the last third is a rough sieve: what passes it is judged by Theil and Sen.
with whole as (
  select
    u.account_key, u.metric, u.month, u.quantity,
    (extract(year from k.last_day) - extract(year from u.month)) * 12 + extract(month from k.last_day) - extract(month from u.month) as months_ago,
    case when cast(date_trunc('month', k.known_to) as date) = k.known_to then 0 else 1 end as whole_from
  from usage_month u
  join signal_account a on a.account_key = u.account_key
  cross join lookback k
),
placed as (
  select
    w.account_key, w.metric, w.quantity, w.months_ago, w.whole_from,
    row_number() over (partition by w.account_key, w.metric order by w.month) as nth,
    count(*) over (partition by w.account_key, w.metric) as months,
    min(w.months_ago) over (partition by w.account_key, w.metric) as last_ago
  from whole w
  where w.months_ago >= w.whole_from
),
sieved as (
  select
    p.account_key, p.metric,
    avg(case when p.nth <= p.months // 3 then p.quantity end) as began,
    avg(case when p.nth > p.months - p.months // 3 then p.quantity end) as ended,
    avg(p.quantity) as middle
  from placed p
  cross join signal_rule r
  where p.months >= r.trend_months and p.last_ago <= p.whole_from + 1
  group by p.account_key, p.metric
)
select p.account_key, p.metric, p.quantity,
  cast(p.months_ago as bigint) as months_ago -- 0 = the month of the last day known
from placed p
join sieved s on s.account_key = p.account_key and s.metric = p.metric
cross join signal_rule r
where abs(s.ended - s.began) >= 0.5 * r.trend_change * s.middle and s.middle > 0
