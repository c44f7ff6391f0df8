-- currency_day: the windows of accounts that pay in several currencies or hold items at 0, with what they have in all currencies.
-- grain: account_key, currency, window_at
-- reads: account_change, apart, several_currencies
-- ties: balances_chain
-- decisions: 0007, 0009
with native as (
  select
    c.account_key, c.currency, c.window_at, c.delta, c.idle, c.opening,
    cast(sum(c.delta) over w as bigint) as after_minor,
    cast(sum(c.idle) over w as bigint) as after_idle
  from account_change c
  join apart p on p.account_key = c.account_key
  window w as (partition by c.account_key, c.currency order by c.window_at rows between unbounded preceding and current row)
),
total as (
  select
    n.account_key, n.window_at,
    cast(sum(n.delta) as bigint) as delta, cast(sum(n.idle) as bigint) as idle,
    cast(sum(case when n.delta < 0 and n.after_minor = 0 then 1 else 0 end) as bigint) as fell,
    cast(sum(case when n.delta > 0 and n.after_minor = n.delta then 1 else 0 end) as bigint) as rose,
    cast(sum(case when n.delta <> 0 or n.idle <> 0 then 1 else 0 end) as bigint) as touched
  from native n
  group by n.account_key, n.window_at
),
running as (
  select
    t.account_key, t.window_at, t.delta, t.idle, t.fell, t.rose,
    cast(sum(t.delta) over w as bigint) as after_all,
    cast(sum(t.idle) over w as bigint) as idle_all,
    cast(sum(t.touched) over w as bigint) - t.touched as touched_before
  from total t
  window w as (partition by t.account_key order by t.window_at rows between unbounded preceding and current row)
)
select
  n.account_key, n.currency, n.window_at, n.delta, n.opening,
  n.after_minor - n.delta as before_minor, n.after_minor,
  case when r.after_all - r.delta > 0 then 1 else 0 end as pays_before,
  case when r.after_all > 0 then 1 else 0 end as pays_after,
  case when r.after_all - r.delta + r.idle_all - r.idle > 0 then 1 else 0 end as active_before,
  case when r.after_all + r.idle_all > 0 then 1 else 0 end as active_after,
  case when n.after_minor + n.after_idle > 0 then 1 else 0 end
    - case when n.after_minor - n.delta + n.after_idle - n.idle > 0 then 1 else 0 end as entered, -- active in this currency: after less before
  case when r.touched_before > 0 then 1 else 0 end as seen, -- 1: it was active earlier
  case when r.fell > 0 and r.rose > 0 then 1 else 0 end as switched, -- 1: one currency fell to 0, another rose from it
  case when coalesce(m.account_key, 0) = 0 then 0 else 1 end as several
from native n
join running r on r.account_key = n.account_key and r.window_at = n.window_at
left join several_currencies m on m.account_key = n.account_key
