-- fallback: the MRR that a policy dates by a start or an end because no row says what it asks for.
-- grain: setting, currency
-- reads: item_mrr, covered, policy
-- ties: -
-- only: churn_on <> 'ended' or active_from <> 'period_start'
-- columns: setting varchar, currency varchar, mrr bigint
-- decisions: 0009
with said as (
  select
    m.currency, m.mrr, m.to_at, y.churn_on, y.active_from, r.first_paid_at,
    case when y.churn_on = 'requested' then r.cancel_requested_at else r.paid_through end as churn_at,
    coalesce(t.item_key, 0) as next_item_key
  from item_mrr m
  cross join policy y
  join covered r
    on r.item_key = m.item_key and r.source_id = m.source_id and r.line = m.line and r.valid_from <= m.from_at and r.valid_to > m.from_at
  left join covered t on t.item_key = m.item_key and t.valid_from = m.to_at and t.held = 1
  where m.mrr > 0
)
select
  'churn_on' as setting, -- churn_on: MRR of the items that ended; active_from: MRR of the items open now
  s.currency, cast(sum(s.mrr) as bigint) as mrr -- minor units
from said s
where s.churn_on <> 'ended' and s.churn_at = timestamp '9999-12-31' and s.to_at < timestamp '9999-12-31' and s.next_item_key = 0
group by s.currency
union all
select 'active_from' as setting, s.currency, cast(sum(s.mrr) as bigint) as mrr
from said s
where s.active_from = 'first_payment' and s.first_paid_at = timestamp '9999-12-31' and s.to_at = timestamp '9999-12-31'
group by s.currency
