-- restated: by how much what is known now of an account at the first open day differs from what was closed.
-- grain: account_key, currency
-- reads: closed_row, known_day, open_from
-- ties: balances_chain
-- decisions: 0012
with told as (
  select c.account_key, c.currency, c.window_at, 1 as closed, c.amount, c.entered, c.pays_after, c.active_after
  from closed_row c
  union all
  select k.account_key, k.currency, k.window_at, 0 as closed, k.amount, k.entered, k.pays_after, k.active_after
  from known_day k
  cross join open_from o
  where k.on_date < o.on_date
),
balance as (
  select
    t.account_key, t.currency,
    cast(sum(case when t.closed = 1 then t.amount else 0 end) as bigint) as before_minor,
    cast(sum(case when t.closed = 0 then t.amount else 0 end) as bigint) as after_minor,
    cast(sum(case when t.closed = 1 then -t.entered else t.entered end) as bigint) as entered
  from told t
  group by t.account_key, t.currency
),
differs as (
  select b.account_key, b.currency, b.before_minor, b.after_minor, b.entered
  from balance b
  where b.before_minor <> b.after_minor or b.entered <> 0
),
-- The account's last row says whether it pays and is active, in whatever currency.
last_row as (
  select
    t.account_key, t.closed, t.pays_after, t.active_after,
    row_number() over (partition by t.account_key, t.closed order by t.window_at desc, t.currency) as nth
  from told t
  join (select distinct d.account_key from differs d) a on a.account_key = t.account_key
),
state as (
  select
    l.account_key,
    max(case when l.closed = 1 then l.pays_after else 0 end) as pays_before, max(case when l.closed = 0 then l.pays_after else 0 end) as pays_after,
    max(case when l.closed = 1 then l.active_after else 0 end) as active_before,
    max(case when l.closed = 0 then l.active_after else 0 end) as active_after
  from last_row l
  where l.nth = 1
  group by l.account_key
)
select
  d.account_key, d.currency, o.restated_at as window_at, o.on_date, 'restatement' as movement,
  d.after_minor - d.before_minor as amount, -- minor units
  d.before_minor, d.after_minor, s.pays_before, s.pays_after, s.active_before, s.active_after, d.entered
from differs d
join state s on s.account_key = d.account_key
cross join open_from o
