-- fx_ties: converted movements and exchange rates' part add up to the balance at the rate of the day, per currency, account and in all.
-- reads: native_movement, fx_day, moved, carried, account_day, account, period_day, rate_day, reporting
-- Exact, before any rounding, in 10^-10 minor units. Nothing to compare in native answers.
with booked as (
  select n.currency, p.period, n.amount, cast(n.amount as decimal(38,0)) * r.rate as converted
  from native_movement n
  join period_day p on p.on_date = n.on_date
  join rate_day r on r.currency = n.currency and r.on_date = n.on_date
  cross join reporting g
  where g.carried = 0
  union all
  select f.currency, p.period, cast(0 as bigint) as amount, f.amount as converted
  from fx_day f
  join period_day p on p.on_date = f.on_date
),
held as (
  select
    b.currency, b.period, cast(sum(b.converted) as decimal(38,0)) as change,
    cast(sum(cast(sum(b.amount) as bigint)) over w as bigint) as balance,
    cast(sum(cast(sum(b.converted) as decimal(38,0))) over w as decimal(38,0)) as converted
  from booked b
  group by b.currency, b.period
  window w as (partition by b.currency order by b.period rows between unbounded preceding and current row)
),
ended as (
  select p.period, max(p.on_date) as last_day
  from period_day p
  group by p.period
),
total as (
  select p.period, cast(sum(m.amount) as decimal(38,0)) as change
  from moved m
  join period_day p on p.on_date = m.on_date
  cross join reporting g
  where m.movement <> 'involuntary' and g.currency <> '' and g.carried = 0
  group by p.period
)
select '' as account_id, h.currency, h.period as on_date, cast(h.balance as decimal(38,0)) * r.rate as expected, h.converted as found
from held h
join ended e on e.period = h.period
join rate_day r on r.currency = h.currency and r.on_date = e.last_day
where cast(h.balance as decimal(38,0)) * r.rate <> h.converted
union all
select '' as account_id, 'total' as currency, t.period as on_date, cast(sum(h.change) as decimal(38,0)) as expected, t.change as found
from total t
join held h on h.period = t.period
group by t.period, t.change
having cast(sum(h.change) as decimal(38,0)) <> t.change
union all
select a.account_id, k.currency, max(d.on_date) as on_date, cast(0 as decimal(38,0)) as expected, cast(sum(k.amount) as decimal(38,0)) as found
from carried k
join account_day d on d.account_key = k.account_key and d.currency = k.currency and d.window_at = k.window_at
join account a on a.account_key = k.account_key
group by a.account_id, k.currency
having cast(sum(d.amount) as bigint) = 0 and cast(sum(k.amount) as decimal(38,0)) <> 0
