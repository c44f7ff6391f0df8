-- roll_forward_ties: opening plus movements is closing, accounts too; an opening is the closing before it and the balance a source began with.
-- reads: roll_forward, movement_day, period_day
with begun as (
  select p.period, m.currency, cast(sum(m.amount) as bigint) as amount
  from movement_day m
  join period_day p on p.on_date = m.on_date
  where m.movement = 'opening'
  group by p.period, m.currency
),
chained as (
  select
    r.currency, r.period, r.opening, r.closing, r.accounts_opening, r.accounts_closing,
    r.opening + r.restatement + r.new + r.reactivation + r.expansion + r.contraction + r.churn + r.fx + r.transfer + r.adjustment as sum_minor,
    r.accounts_opening + r.accounts_new + r.accounts_reactivated - r.accounts_churned + r.accounts_transfer as sum_accounts,
    lag(r.closing, 1, 0) over (partition by r.currency order by r.period) as last_closing,
    row_number() over (partition by r.currency order by r.period) as nth
  from roll_forward r
)
select '' as account_id, c.currency, c.period as on_date, c.sum_minor as expected, c.closing as found
from chained c
where c.sum_minor <> c.closing
union all
select '' as account_id, c.currency, c.period as on_date, c.sum_accounts as expected, c.accounts_closing as found
from chained c
where c.sum_accounts <> c.accounts_closing
union all
select '' as account_id, c.currency, c.period as on_date, c.last_closing + coalesce(b.amount, 0) as expected, c.opening as found
from chained c
left join begun b on b.period = c.period and b.currency = c.currency
where c.nth > 1 and c.last_closing + coalesce(b.amount, 0) <> c.opening
