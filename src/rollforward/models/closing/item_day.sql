-- item_day: what an account's items of one value changed by in a netting window: as closed, then the restatement, then as known now.
-- grain: account_key, currency, value, window_at
-- reads: valued_change, item_value
-- ties: segments_tie
-- decisions: 0011, 0012
with kept as (
  select distinct v.value, v.shown, v.kept from item_value v
),
summed as (
  select c.account_key, c.currency, c.value, c.window_at, cast(sum(c.delta) as bigint) as delta
  from valued_change c
  where c.value <> ''
  group by c.account_key, c.currency, c.value, c.window_at
)
select
  s.account_key, s.currency, s.value, k.shown, k.kept, s.window_at, s.delta, -- minor units
  cast(sum(s.delta) over (
    partition by s.account_key, s.currency, s.value order by s.window_at rows between unbounded preceding and current row)
    as bigint) as after_minor
from summed s
join kept k on k.value = s.value
where s.delta <> 0
