-- account_window: every netting window in which an account was touched, with its balances and its class before the policy adjusts it.
-- grain: account_key, currency, window_at
-- reads: account_change, apart, currency_day, handed_window
-- ties: balances_chain
-- decisions: 0007, 0009, 0013
-- Balances of several currencies may be added here because only "0 or not" is asked of the sum.
-- An account with one currency and nothing held at 0: its own running sum is all there is to know.
with one as (
  select
    c.account_key, c.currency, c.window_at, c.delta, c.opening, coalesce(p.account_key, 0) as apart_key,
    cast(sum(c.delta) over w as bigint) as after_minor,
    cast(sum(case when c.delta <> 0 then 1 else 0 end) over w as bigint) as step
  from account_change c
  left join apart p on p.account_key = c.account_key
  window w as (partition by c.account_key order by c.window_at, c.currency rows between unbounded preceding and current row)
),
single as (
  select
    o.account_key, o.currency, o.window_at, o.delta, o.opening,
    o.after_minor - o.delta as before_minor, o.after_minor,
    case when o.after_minor - o.delta > 0 then 1 else 0 end as pays_before,
    case when o.after_minor > 0 then 1 else 0 end as pays_after,
    case when o.step > 1 then 1 else 0 end as seen
  from one o
  where o.apart_key = 0
),
every as (
  select
    s.account_key, s.currency, s.window_at, s.delta, s.opening, s.before_minor, s.after_minor, s.pays_before, s.pays_after,
    s.pays_before as active_before, s.pays_after as active_after, s.pays_after - s.pays_before as entered, s.seen,
    0 as switched, 0 as several
  from single s
  union all
  select
    d.account_key, d.currency, d.window_at, d.delta, d.opening, d.before_minor, d.after_minor, d.pays_before, d.pays_after,
    d.active_before, d.active_after, d.entered, d.seen, d.switched, d.several
  from currency_day d
)
select
  e.account_key, e.currency, e.window_at,
  cast(e.window_at + interval '2 microsecond' as date) as on_date, -- day on which the window begins
  case
    when e.delta = 0 and e.entered = 0 then 'none'
    when coalesce(h.account_key, 0) <> 0 then 'transfer'
    when e.opening = 1 and e.active_before = 0 and e.seen = 0 then 'opening'
    when e.active_before = 0 and e.active_after = 1 and e.seen = 0 then 'new'
    when e.active_before = 0 and e.active_after = 1 then 'reactivation'
    when e.active_before = 1 and e.active_after = 0 then 'churn'
    when e.delta = 0 or (e.switched = 1 and (e.before_minor = 0 or e.after_minor = 0)) then 'transfer'
    when e.delta > 0 then 'expansion'
    else 'contraction'
  end as movement, -- none, opening, new, reactivation, expansion, contraction, churn or transfer
  e.delta as amount, -- minor units
  e.before_minor, e.after_minor, -- balances in this currency
  e.pays_before, e.pays_after, -- 1: MRR in any currency
  e.active_before, e.active_after, -- 1: MRR in any currency, or an item that the policy makes active at 0
  e.entered, -- 1: the account became active in this currency, -1: it ceased to be
  e.several
from every e
left join handed_window h on h.account_key = e.account_key and h.currency = e.currency and h.window_at = e.window_at
