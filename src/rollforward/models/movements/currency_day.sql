-- currency_day: the windows of accounts that pay in several currencies, with what the account has in all of them.
-- grain: account_key, currency, window_at
-- reads: account_change, several_currencies
-- ties: balances_chain
-- decisions: 0007
with native as (
  select
    c.account_key, c.currency, c.window_at, c.delta, c.opening,
    cast(sum(c.delta) over w as bigint) as after_minor
  from account_change c
  join several_currencies m on m.account_key = c.account_key
  window w as (partition by c.account_key, c.currency order by c.window_at rows between unbounded preceding and current row)
),
total as (
  select
    n.account_key, n.window_at,
    cast(sum(n.delta) as bigint) as delta,
    cast(sum(case when n.delta < 0 and n.after_minor = 0 then 1 else 0 end) as bigint) as fell,
    cast(sum(case when n.delta > 0 and n.after_minor = n.delta then 1 else 0 end) as bigint) as rose,
    cast(sum(case when n.delta <> 0 then 1 else 0 end) as bigint) as touched
  from native n
  group by n.account_key, n.window_at
),
running as (
  select
    t.account_key, t.window_at, t.delta, t.fell, t.rose,
    cast(sum(t.delta) over w as bigint) as after_all,
    cast(sum(t.touched) over w as bigint) - t.touched as touched_before
  from total t
  window w as (partition by t.account_key order by t.window_at rows between unbounded preceding and current row)
)
select
  n.account_key, n.currency, n.window_at, n.delta, n.opening,
  n.after_minor - n.delta as before_minor, n.after_minor,
  case when r.after_all - r.delta > 0 then 1 else 0 end as active_before,
  case when r.after_all > 0 then 1 else 0 end as active_after,
  case when r.touched_before > 0 then 1 else 0 end as seen, -- 1: it had MRR earlier
  case when r.fell > 0 and r.rose > 0 then 1 else 0 end as switched -- 1: one currency fell to 0, another rose from it
from native n
join running r on r.account_key = n.account_key and r.window_at = n.window_at
