-- uplift_step: the MRR of each account after each movement, without what usage brought, in stretches from a start to a churn.
-- grain: account_key, currency, window_at
-- reads: movement
-- ties: uplifts_tie
-- decisions: 0016
with moved as (
  select
    m.account_key, m.currency, m.window_at, m.on_date, m.movement, m.amount, m.before_minor, m.after_minor,
    case when m.movement in ('opening', 'new', 'reactivation') then 1 else 0 end as starts,
    m.amount - m.by_usage as net,
    greatest(m.by_plan, m.by_product, m.by_add_on, m.by_seats, m.by_price, m.by_discount, m.by_other) as most,
    m.by_plan, m.by_product, m.by_add_on, m.by_seats, m.by_price, m.by_discount
  from movement m
),
counted as (
  select
    v.account_key, v.currency, v.window_at, v.on_date, v.movement, v.amount, v.before_minor, v.after_minor, v.starts, v.net, v.most,
    v.by_plan, v.by_product, v.by_add_on, v.by_seats, v.by_price, v.by_discount,
    cast(sum(v.starts) over (partition by v.account_key, v.currency order by v.window_at rows between unbounded preceding and current row) as bigint) as spell
  from moved v
)
select
  c.account_key, c.currency, c.window_at, c.on_date, c.movement, c.amount, c.before_minor, c.after_minor,
  c.spell, -- number of the stretch: starts so far
  c.net, -- change without usage, minor units
  case when c.movement = 'churn' then 0 else cast(sum(case when c.starts = 1 then c.after_minor else c.net end) over (
    partition by c.account_key, c.currency, c.spell order by c.window_at rows between unbounded preceding and current row) as bigint) end
    as level, -- MRR after it, without what usage brought since the start, minor units
  case when c.most <= 0 then 'other' when c.by_plan = c.most then 'plan' when c.by_product = c.most then 'product' when c.by_add_on = c.most then 'add_on'
    when c.by_seats = c.most then 'seats' when c.by_price = c.most then 'price' when c.by_discount = c.most then 'discount' else 'other' end
    as driver -- the largest, ties in column order
from counted c
