-- joint_placed: joint_retention by segment, frozen at the start of each window.
-- grain: months, seq, account_key, segment
-- reads: joint_retention, retention_window, member
-- ties: retention_ties
-- decisions: 0010, 0011
select
  j.months, j.seq, j.account_key, case when j.segment = '' then m.value else j.segment end as segment,
  j.opening, j.closing, j.fx, j.opens, j.lost, j.missing, j.missing_close -- as in joint_retention
from joint_retention j
join retention_window w on w.months = j.months and w.seq = j.seq
join member m
  on m.account_key = j.account_key and m.from_at <= cast(w.window_start as timestamp) and m.to_at > cast(w.window_start as timestamp)
