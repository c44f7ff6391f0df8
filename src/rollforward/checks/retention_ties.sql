-- retention_ties: the parts of NDR sum to its closing, and its opening is the roll-forward's balance of that moment.
-- reads: retention_total, roll_forward
select '' as account_id, t.currency, t.window_end as on_date, t.opening + t.expansion + t.contraction + t.churn as expected, t.closing as found
from retention_total t
where t.opening + t.expansion + t.contraction + t.churn <> t.closing
union all
select '' as account_id, t.currency, t.window_start as on_date, r.closing as expected, t.opening as found
from retention_total t
join roll_forward r on r.currency = t.currency and r.period_end = t.window_start
where r.closing <> t.opening
