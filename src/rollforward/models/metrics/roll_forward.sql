-- roll_forward: opening, movements and closing of every period of the asked grain (definitions.md section 4).
-- grain: period, currency
-- reads: movement_day, involuntary_day, account_count, period, period_day, currency
-- ties: roll_forward_ties
-- Every period of every currency has a row: quiet periods carry their balance.
with summed as (
  select
    p.period, m.currency,
    cast(sum(case when m.movement = 'opening' then m.amount else 0 end) as bigint) as begun,
    cast(sum(case when m.movement = 'opening' then m.accounts_change else 0 end) as bigint) as accounts_begun,
    cast(sum(case when m.movement = 'new' then m.amount else 0 end) as bigint) as new,
    cast(sum(case when m.movement = 'reactivation' then m.amount else 0 end) as bigint) as reactivation,
    cast(sum(case when m.movement = 'expansion' then m.amount else 0 end) as bigint) as expansion,
    cast(sum(case when m.movement = 'contraction' then m.amount else 0 end) as bigint) as contraction,
    cast(sum(case when m.movement = 'churn' then m.amount else 0 end) as bigint) as churn,
    cast(sum(case when m.movement = 'transfer' then m.amount else 0 end) as bigint) as transfer,
    cast(sum(case when m.movement = 'new' then m.movements else 0 end) as bigint) as accounts_new,
    cast(sum(case when m.movement = 'reactivation' then m.movements else 0 end) as bigint) as accounts_reactivated,
    cast(sum(case when m.movement = 'churn' then m.movements else 0 end) as bigint) as accounts_churned,
    cast(sum(case when m.movement in ('expansion', 'contraction', 'transfer') then m.accounts_change else 0 end) as bigint) as accounts_transfer
  from movement_day m
  join period_day p on p.on_date = m.on_date
  group by p.period, m.currency
),
lost as (
  select p.period, i.currency, cast(sum(i.amount) as bigint) as churn_involuntary
  from involuntary_day i
  join period_day p on p.on_date = i.on_date
  group by p.period, i.currency
),
filled as (
  select
    p.period, p.period_end, p.is_complete, y.currency,
    coalesce(s.begun, 0) as begun, coalesce(s.accounts_begun, 0) as accounts_begun,
    coalesce(s.new, 0) as new, coalesce(s.reactivation, 0) as reactivation, coalesce(s.expansion, 0) as expansion,
    coalesce(s.contraction, 0) as contraction, coalesce(s.churn, 0) as churn, coalesce(s.transfer, 0) as transfer,
    coalesce(l.churn_involuntary, 0) as churn_involuntary,
    coalesce(s.accounts_new, 0) as accounts_new, coalesce(s.accounts_reactivated, 0) as accounts_reactivated,
    coalesce(s.accounts_churned, 0) as accounts_churned, coalesce(s.accounts_transfer, 0) as accounts_transfer
  from period p
  cross join currency y
  left join summed s on s.period = p.period and s.currency = y.currency
  left join lost l on l.period = p.period and l.currency = y.currency
),
chained as (
  select
    f.period, f.period_end, f.is_complete, f.currency, f.new, f.reactivation, f.expansion, f.contraction, f.churn, f.transfer,
    f.churn_involuntary, f.accounts_new, f.accounts_reactivated, f.accounts_churned, f.accounts_transfer,
    f.new + f.reactivation + f.expansion + f.contraction + f.churn + f.transfer as net,
    f.accounts_new + f.accounts_reactivated - f.accounts_churned + f.accounts_transfer as accounts_net,
    cast(sum(f.begun + f.new + f.reactivation + f.expansion + f.contraction + f.churn + f.transfer) over w as bigint) as closing,
    cast(sum(f.accounts_begun + f.accounts_new + f.accounts_reactivated - f.accounts_churned + f.accounts_transfer) over w as bigint)
      as accounts_closing
  from filled f
  window w as (partition by f.currency order by f.period rows between unbounded preceding and current row)
)
select
  c.period, c.period_end, c.currency, c.closing - c.net as opening, cast(0 as bigint) as restatement,
  c.new, c.reactivation, c.expansion, c.contraction, c.churn, cast(0 as bigint) as fx, c.transfer, cast(0 as bigint) as adjustment, c.closing,
  c.churn_involuntary, c.accounts_closing - c.accounts_net as accounts_opening, c.accounts_new, c.accounts_reactivated,
  coalesce(e.accounts, 0) as accounts_expanded, coalesce(k.accounts, 0) as accounts_contracted,
  c.accounts_churned, c.accounts_transfer, c.accounts_closing, c.is_complete
from chained c
left join account_count e on e.period = c.period and e.currency = c.currency and e.movement = 'expansion'
left join account_count k on k.period = c.period and k.currency = c.currency and k.movement = 'contraction'
