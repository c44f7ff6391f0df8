-- item_judged: windows of accounts whose currencies are judged together, split by value of items.
-- grain: account_key, window_at, value, segment, part
-- reads: item_judged_split, judged_window, judged_account, judged_crossing, segment_account_day, reporting, boundary
-- ties: segments_tie
-- decisions: 0010, 0011, 0012
-- Empty in native answers. Under at_change such accounts stand under the segment ''.
with place as (
  select s.account_key, s.window_at, s.value, min(s.segment) as segment
  from segment_account_day s
  join judged_account a on a.account_key = s.account_key
  where s.part in ('class', 'split')
  group by s.account_key, s.window_at, s.value
)
select
  i.account_key, i.window_at, i.on_date, i.value, p.segment, 'class' as part, -- class, split or crossing
  i.movement, i.moved as amount, i.missing, -- 10^-10 minor units; native minor units without a rate
  i.entered as accounts_change
from item_judged_split i
join place p on p.account_key = i.account_key and p.window_at = i.window_at and p.value = i.value
where i.moved <> 0 or i.missing <> 0
union all
select
  i.account_key, i.window_at, i.on_date, i.value, p.segment, 'split' as part,
  case when coalesce(o.on_date, date '0001-01-01') > date '0001-01-01' then 'restatement' else 'transfer' end as movement, i.crossed as amount,
  cast(0 as decimal(38,0)) as missing, case when i.moved = 0 and i.missing = 0 then i.entered else 0 end as accounts_change
from item_judged_split i
join place p on p.account_key = i.account_key and p.window_at = i.window_at and p.value = i.value
left join boundary o on o.restated_at = i.window_at
where i.crossed <> 0
union all
select
  c.account_key, c.window_at, c.on_date, '' as value, c.segment, 'crossing' as part, c.movement, c.amount, c.missing,
  c.accounts_change
from judged_crossing c
cross join reporting g
where g.carried = 0
union all
select
  j.account_key, j.window_at, j.on_date, '' as value, '' as segment, 'class' as part, j.movement, j.amount, j.missing,
  j.active_after - j.active_before as accounts_change
from judged_window j
cross join reporting g
where g.carried = 1
