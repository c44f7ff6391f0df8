-- dominant_value: the value of items in which an account has most MRR, from when (ties: the first by name).
-- grain: account_key, from_at
-- reads: item_day, currency_unit, asked_dimension, boundary
-- ties: segments_tie
-- decisions: 0011
with held as (
  select
    i.account_key, i.value, i.window_at,
    cast(sum(cast(sum(i.delta * u.ten_thousandths) as bigint)) over w as bigint) as balance,
    lead(i.window_at, 1, timestamp '9999-12-31') over n as next_at
  from item_day i
  join currency_unit u on u.currency = i.currency
  group by i.account_key, i.value, i.window_at
  window
    w as (partition by i.account_key, i.value order by i.window_at rows between unbounded preceding and current row),
    n as (partition by i.account_key, i.value order by i.window_at)
),
moment as (
  select distinct h.account_key, h.window_at from held h
),
ranked as (
  select
    m.account_key, m.window_at, h.value,
    row_number() over (partition by m.account_key, m.window_at order by h.balance desc, h.value) as nth
  from moment m
  join held h on h.account_key = m.account_key and h.window_at <= m.window_at and h.next_at > m.window_at and h.balance > 0
)
select distinct
  r.account_key, a.dimension, r.value,
  coalesce(cast(o.on_date as timestamp), r.window_at) + interval '1 microsecond' as from_at -- just after the window's first instant: what stands there is before it
from ranked r
cross join asked_dimension a
left join boundary o on o.restated_at = r.window_at
where r.nth = 1 and a.of_items = 2
