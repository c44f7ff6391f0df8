-- segment_pair: retention_pair by segment, frozen at the start of each window.
-- grain: months, account_key, currency, segment, seq
-- reads: base_pair, member, retention_window, boundary, known
-- ties: retention_ties
-- decisions: 0011
-- Few moments end a membership: each becomes the number of the first window that starts at it or later. A window that starts with
-- a day that was the first open one has opening balances as they were closed, in the segments of then.
with bound as (
  select m.from_at as at from member m
  union
  select m.to_at as at from member m
),
numbered as (
  select
    b.at, count(*) as windows,
    1 + cast(sum(case when cast(least(w.window_start, k.known_to) as timestamp) < b.at or w.window_start = coalesce(o.on_date, date '9999-12-31') then 1 else 0 end) as bigint) as seq
  from bound b
  cross join retention_window w
  cross join known k
  left join boundary o on o.restated_at = b.at
  group by b.at
),
span as (
  select
    m.account_key, m.value, f.seq as from_seq,
    case when t.seq > t.windows then 1000000 else t.seq end as to_seq
  from member m
  join numbered f on f.at = m.from_at
  join numbered t on t.at = m.to_at
)
select
  p.months, p.account_key, p.currency, case when p.segment = '' then s.value else p.segment end as segment, p.several,
  greatest(p.seq, s.from_seq) as seq, least(p.next_seq, s.to_seq) as next_seq, p.o, p.c,
  p.x -- above 0: something else of the account stays
from base_pair p
join span s on s.account_key = p.account_key and s.from_seq < p.next_seq and s.to_seq > p.seq
