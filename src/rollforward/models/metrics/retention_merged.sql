-- retention_merged: what retention takes from an acquired account and gives to the other one, in windows that hold the day of it.
-- grain: months, account_key, currency, seq, kind, window_at, told_in
-- reads: retention_told, merged_window, side
-- ties: retention_ties
-- only: acquired = 1
-- columns: account_key bigint, currency varchar, months bigint, seq bigint, kind integer, window_at timestamp, told_in varchar, c bigint, o bigint, x bigint
-- decisions: 0013
-- The rows of retention_told, each taken out and put in at the first such window, and back after the last.
select
  case when a.side = 1 then m.into_key else t.account_key end as account_key, t.currency, t.months,
  case when b.side = 1 then greatest(t.seq, m.seq_from) else m.seq_to end as seq,
  t.kind, -- 1 MRR at the end, 2 at the start, 3 activity at the end
  t.window_at,
  t.told_in, -- currency of the row, '' of activity
  a.side * b.side * t.c as c, a.side * b.side * t.o as o, -- minor units
  a.side * b.side * t.x as x -- change of activity
from retention_told t
join merged_window m on m.account_key = t.account_key and m.seq_to > t.seq
cross join side a
cross join side b
