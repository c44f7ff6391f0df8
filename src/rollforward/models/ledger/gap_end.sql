-- gap_end: stretches that ended without a request and left their account without MRR, with how long they count on.
-- grain: account_key, item_key, from_at, source_id, line
-- reads: priced, covered, pause, policy, side
-- ties: -
-- only: gap_days > 0
-- decisions: 0009
-- Empty where gap_days is 0. An item that goes on (in another account, free) has not ended; a pause is no gap.
with change as (
  select p.account_key, case when s.side = 1 then p.from_at else p.to_at end as at, cast(sum(s.side * p.mrr) as bigint) as delta
  from priced p
  cross join side s
  cross join policy y
  where y.gap_days > 0 and p.mrr > 0 and (s.side = 1 or p.to_at < timestamp '9999-12-31')
  group by p.account_key, case when s.side = 1 then p.from_at else p.to_at end
),
balance as (
  select
    c.account_key, c.at, c.delta,
    cast(sum(c.delta) over (partition by c.account_key order by c.at rows between unbounded preceding and current row) as bigint)
      as after_minor
  from change c
),
ended as (
  select distinct p.account_key, p.item_key, p.from_at, p.to_at, p.source_id, p.line
  from balance b
  join priced p on p.account_key = b.account_key and p.to_at <= b.at and cast(p.to_at as date) = cast(b.at as date) and p.mrr > 0
  left join priced n on n.item_key = p.item_key and n.from_at = p.to_at
  left join pause h on h.item_key = p.item_key and h.from_at = p.to_at
  left join covered r
    on r.item_key = p.item_key and r.source_id = p.source_id and r.line = p.line and r.valid_from < p.to_at and r.valid_to >= p.to_at
    and r.cancel_requested_at <= r.as_of and r.cancel_requested_at < timestamp '9999-12-31'
  where b.after_minor = 0 and b.delta < 0 and coalesce(n.item_key, h.item_key, r.item_key, 0) = 0
),
following as (
  select e.account_key, e.item_key, e.from_at, e.to_at, e.source_id, e.line, min(coalesce(n.from_at, timestamp '9999-12-31')) as next_from
  from ended e
  left join priced n on n.account_key = e.account_key and n.from_at >= e.to_at and n.counted = 1
  group by e.account_key, e.item_key, e.from_at, e.to_at, e.source_id, e.line
)
select
  f.account_key, f.item_key, f.from_at, f.source_id, f.line,
  case when least(f.to_at + y.gap_days * interval '1' day, f.next_from) > y.as_of then timestamp '9999-12-31'
    else least(f.to_at + y.gap_days * interval '1' day, f.next_from) end as counts_to -- after the as-of moment: scheduled
from following f
cross join policy y
