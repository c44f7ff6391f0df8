-- limit_state: use against each limit in the last thirteen months: since when it is near or over it, and how often it was.
-- grain: account_key, metric, kind
-- reads: usage_month, limit_now, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- Both states begin at one share and end only below a lower one, so that use that wavers about a limit crosses it once. A month counts
-- as soon as anything was used in it; the last one must be this month or the one before.
with told as (
  select
    u.account_key, u.metric, l.kind, l."limit", u.month, u.quantity, u.last_on,
    (extract(year from k.last_day) - extract(year from u.month)) * 12 + extract(month from k.last_day) - extract(month from u.month) as months_ago
  from usage_month u
  join signal_account a on a.account_key = u.account_key
  join limit_now l on l.account_key = u.account_key and l.metric = u.metric
  cross join lookback k
),
eased as (
  select
    t.account_key, t.metric, t.kind, min(t.months_ago) as months_ago,
    max(case when t.quantity < r.limit_near_off * t."limit" then t.month else date '0001-01-01' end) as near_off,
    max(case when t.quantity < r.limit_over_off * t."limit" then t.month else date '0001-01-01' end) as over_off
  from told t
  cross join signal_rule r
  group by t.account_key, t.metric, t.kind
)
select
  t.account_key, t.metric, t.kind, t."limit",
  max(case when t.months_ago = e.months_ago then t.quantity else 0 end) as quantity, -- use of the last month told
  max(t.last_on) as last_on, -- day of the last use told
  min(case when t.month > e.near_off and t.quantity >= r.limit_near * t."limit" then t.month else date '9999-12-31' end) as near_since, -- month; 9999-12-31 = not near
  min(case when t.month > e.over_off and t.quantity > t."limit" then t.month else date '9999-12-31' end) as over_since, -- month; 9999-12-31 = not over
  min(case when t.quantity >= r.limit_near * t."limit" and t.months_ago < e.months_ago + r.limit_months then t.month else date '9999-12-31' end) as near_first, -- first month near or over of those looked back at
  count(case when t.quantity >= r.limit_near * t."limit" and t.months_ago < e.months_ago + r.limit_months then 1 end) as times_near, -- of the months looked back at
  count(case when t.quantity > t."limit" and t.months_ago < e.months_ago + r.limit_months then 1 end) as times_over,
  count(case when t.months_ago < e.months_ago + r.limit_months then 1 end) as months_told -- of them, those with use
from told t
join eased e on e.account_key = t.account_key and e.metric = t.metric and e.kind = t.kind and e.months_ago <= 1
cross join signal_rule r
group by t.account_key, t.metric, t.kind, t."limit"
