-- counted_span: counting stretches of which the policy moves the start or the end; empty in the default policy.
-- grain: item_key, valid_from, source_id, line
-- reads: covered, past_due_end, paid_end, policy
-- ties: -
-- only: churn_on <> 'ended' or active_from <> 'period_start' or past_due_days > 0
-- columns: item_key bigint, valid_from timestamp, source_id bigint, line bigint, opening integer, from_at timestamp, to_at timestamp
-- decisions: 0009
with moved as (
  select
    c.item_key, c.valid_from, c.source_id, c.line, c.opening,
    case when y.active_from = 'first_payment' and c.first_paid_at > c.said_from and c.first_paid_at < timestamp '9999-12-31'
      then c.first_paid_at else c.valid_from end as from_at,
    least(
      coalesce(d.counts_to, timestamp '9999-12-31'),
      case when y.churn_on = 'requested' and c.cancel_requested_at <= y.as_of and c.cancel_requested_at < c.valid_to
          and c.cancel_requested_at < timestamp '9999-12-31'
        then c.cancel_requested_at else coalesce(p.counts_to, c.valid_to) end) as to_at,
    c.valid_to, y.as_of
  from covered c
  cross join policy y
  left join past_due_end d on d.item_key = c.item_key and d.valid_from = c.valid_from and d.source_id = c.source_id and d.line = c.line
  left join paid_end p on p.item_key = c.item_key and p.valid_from = c.valid_from and p.source_id = c.source_id and p.line = c.line
  where (c.counted = 1 or c.idle = 1)
    and (y.churn_on <> 'ended' or y.active_from <> 'period_start' or y.past_due_days > 0)
)
select
  m.item_key, m.valid_from, m.source_id, m.line,
  case when m.from_at = m.valid_from then m.opening else 0 end as opening,
  m.from_at, -- it counts in [from_at, to_at); not at all where that is empty, or begins after the as-of moment
  case when m.from_at > m.as_of then m.from_at else m.to_at end as to_at
from moved m
where m.from_at <> m.valid_from or m.to_at <> m.valid_to
