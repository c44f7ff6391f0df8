-- segment_judged: windows of accounts whose currencies are judged together, in the segment of accounts each belongs to.
-- grain: account_key, window_at, segment, part
-- reads: judged_window, judged_account, judged_crossing, segment_account_day
-- ties: segments_tie
-- decisions: 0010, 0011
-- Empty in native answers.
with place as (
  select s.account_key, s.window_at, min(s.segment) as segment
  from segment_account_day s
  join judged_account a on a.account_key = s.account_key
  where s.part = 'class'
  group by s.account_key, s.window_at
)
select
  j.account_key, j.window_at, j.on_date, p.segment, 'class' as part, -- class, split (items) or crossing
  j.movement, j.amount, j.missing, -- 10^-10 minor units; native minor units without a rate
  j.active_after - j.active_before as accounts_change
from judged_window j
join place p on p.account_key = j.account_key and p.window_at = j.window_at
union all
select
  c.account_key, c.window_at, c.on_date, c.segment, 'crossing' as part, c.movement, c.amount, c.missing,
  c.accounts_change
from judged_crossing c
