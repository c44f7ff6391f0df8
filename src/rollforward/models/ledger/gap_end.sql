-- gap_end: stretches that ended without a request and left their account without MRR, with how long they count on.
-- grain: account_key, item_key, from_at, source_id, line
-- reads: priced, covered, pause, policy, side
-- ties: -
-- only: gap_days > 0
-- columns: account_key bigint, item_key bigint, from_at timestamp, source_id bigint, line bigint, counts_to timestamp
-- decisions: 0009
-- An item that goes on (in another account, free) has not ended; a pause is no gap, change rows have ends of their own.
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
  select p.account_key, p.item_key, p.from_at, p.to_at, p.source_id, p.line, max(b.at) as zero_at
  from balance b
  join priced p on p.account_key = b.account_key and p.to_at <= b.at and cast(p.to_at as date) = cast(b.at as date) and p.mrr > 0
  join covered r
    on r.item_key = p.item_key and r.source_id = p.source_id and r.line = p.line and r.valid_from <= p.from_at and r.valid_to > p.from_at
  cross join policy y
  left join covered t
    on t.item_key = p.item_key and t.valid_from = p.to_at and t.held = 1
    and (y.active_from <> 'first_payment' or t.counted + t.idle = 0 or t.first_paid_at <= t.said_from or t.first_paid_at = timestamp '9999-12-31')
  left join pause h on h.item_key = p.item_key and h.from_at = p.to_at
  where b.after_minor = 0 and b.delta < 0 and coalesce(t.item_key, h.item_key, 0) = 0
    and (r.cancel_requested_at > r.as_of or r.cancel_requested_at = timestamp '9999-12-31')
  group by p.account_key, p.item_key, p.from_at, p.to_at, p.source_id, p.line
),
-- What counts from its first payment goes on then; what was requested to end before it began never does.
going as (
  select
    c.item_key, c.valid_from,
    case when y.active_from = 'first_payment' and c.counted + c.idle > 0 and c.first_paid_at > c.said_from
        and c.first_paid_at < timestamp '9999-12-31'
      then case when c.first_paid_at < c.valid_to then c.first_paid_at else timestamp '9999-12-31' end
      else c.valid_from end as goes_on
  from covered c
  cross join policy y
  where c.held = 1 and y.gap_days > 0
    and (y.churn_on <> 'requested' or c.cancel_requested_at > c.valid_from or c.cancel_requested_at > y.as_of)
),
-- Something counted starts in the account, be it free, or the item itself goes on.
following as (
  select
    e.account_key, e.item_key, e.from_at, e.to_at, e.source_id, e.line, e.zero_at,
    min(coalesce(n.from_at, timestamp '9999-12-31')) as pays_from, min(coalesce(o.goes_on, timestamp '9999-12-31')) as goes_on
  from ended e
  left join priced n on n.account_key = e.account_key and n.from_at >= e.zero_at and n.counted = 1
  left join going o on o.item_key = e.item_key and o.valid_from >= e.to_at
  group by e.account_key, e.item_key, e.from_at, e.to_at, e.source_id, e.line, e.zero_at
)
select
  f.account_key, f.item_key, f.from_at, f.source_id, f.line,
  case when least(f.to_at + y.gap_days * interval '1' day, f.pays_from, f.goes_on) > y.as_of then timestamp '9999-12-31'
    else least(f.to_at + y.gap_days * interval '1' day, f.pays_from, f.goes_on) end as counts_to -- after the as-of moment: scheduled
from following f
cross join policy y
where f.goes_on > f.zero_at or f.zero_at = f.to_at
