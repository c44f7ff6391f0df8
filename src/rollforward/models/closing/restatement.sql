-- restatement: what closed periods say of an account beside what is known of it now, where the two differ.
-- grain: period, account_key, currency, measure
-- reads: closed_row, known_day, closed_period, closed_period_day
-- ties: -
-- decisions: 0012
with told as (
  select p.period, c.account_key, c.currency, c.movement, c.amount as closed, cast(0 as bigint) as known
  from closed_row c
  join closed_period_day p on p.on_date = c.on_date
  union all
  select p.period, k.account_key, k.currency, k.movement, cast(0 as bigint) as closed, k.amount as known
  from known_day k
  join closed_period_day p on p.on_date = k.on_date
),
by_measure as (
  select
    t.period, t.account_key, t.currency, t.movement, cast(sum(t.closed) as bigint) as closed, cast(sum(t.known) as bigint) as known
  from told t
  group by t.period, t.account_key, t.currency, t.movement
  having cast(sum(t.closed) as bigint) <> cast(sum(t.known) as bigint)
),
-- Balances of the accounts concerned, at the end of every closed period.
ended as (
  select a.account_key, a.currency, p.period, t.closed, t.known
  from (select distinct m.account_key, m.currency from by_measure m) a
  cross join closed_period p
  join told t on t.account_key = a.account_key and t.currency = a.currency and t.period <= p.period
),
balance as (
  select e.period, e.account_key, e.currency, cast(sum(e.closed) as bigint) as closed, cast(sum(e.known) as bigint) as known
  from ended e
  group by e.period, e.account_key, e.currency
)
select
  m.period, m.account_key, m.currency, m.movement as measure, m.closed as as_closed, m.known as as_known_now -- minor units
from by_measure m
where m.movement not in ('none', 'opening')
union all
select b.period, b.account_key, b.currency, 'closing' as measure, b.closed as as_closed, b.known as as_known_now
from balance b
where b.closed <> b.known
union all
select p.following as period, b.account_key, b.currency, 'opening' as measure, b.closed as as_closed, b.known as as_known_now
from balance b
join closed_period p on p.period = b.period and p.following < p.open_from
where b.closed <> b.known
