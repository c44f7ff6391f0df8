-- account_day: every netting window in which an account's MRR was touched, with its balances and the class of what happened.
-- grain: account_key, currency, window_at
-- reads: account_change, several_currencies, currency_day
-- ties: balances_chain
-- decisions: 0007
-- Balances of several currencies may be added here because only "0 or not" is asked of the sum.
-- An account with one currency: its own running sum is all there is to know.
with one as (
  select
    c.account_key, c.currency, c.window_at, c.delta, c.opening, coalesce(m.account_key, 0) as many_key,
    cast(sum(c.delta) over w as bigint) as after_minor,
    cast(sum(case when c.delta <> 0 then 1 else 0 end) over w as bigint) as step
  from account_change c
  left join several_currencies m on m.account_key = c.account_key
  window w as (partition by c.account_key order by c.window_at, c.currency rows between unbounded preceding and current row)
),
every as (
  select
    o.account_key, o.currency, o.window_at, o.delta, o.opening,
    o.after_minor - o.delta as before_minor, o.after_minor,
    case when o.after_minor - o.delta > 0 then 1 else 0 end as active_before,
    case when o.after_minor > 0 then 1 else 0 end as active_after,
    case when o.step > 1 then 1 else 0 end as seen, 0 as switched, 0 as several
  from one o
  where o.many_key = 0
  union all
  select
    d.account_key, d.currency, d.window_at, d.delta, d.opening, d.before_minor, d.after_minor,
    d.active_before, d.active_after, d.seen, d.switched, 1 as several
  from currency_day d
)
select
  e.account_key, e.currency, e.window_at, cast(e.window_at as date) as on_date,
  case
    when e.delta = 0 then 'none'
    when e.opening = 1 and e.active_before = 0 and e.seen = 0 then 'opening'
    when e.active_before = 0 and e.active_after = 1 and e.seen = 0 then 'new'
    when e.active_before = 0 and e.active_after = 1 then 'reactivation'
    when e.active_before = 1 and e.active_after = 0 then 'churn'
    when e.switched = 1 and (e.before_minor = 0 or e.after_minor = 0) then 'transfer'
    when e.delta > 0 then 'expansion'
    else 'contraction'
  end as movement, -- none, opening, new, reactivation, expansion, contraction, churn or transfer
  e.delta as amount, -- minor units
  e.before_minor, e.after_minor, -- balances in this currency
  e.active_before, e.active_after, -- 1: MRR in any currency
  e.several
from every e
