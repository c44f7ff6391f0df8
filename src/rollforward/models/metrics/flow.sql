-- flow: movements, counts and rates missing of every period of the asked grain, in the currency of the answer.
-- grain: period, currency, segment
-- reads: moved, period, period_day, series
-- ties: roll_forward_ties
-- decisions: 0010
-- Every period of every currency has a row: quiet periods carry their balance.
with summed as (
  select
    p.period, m.currency, m.segment,
    cast(sum(case when m.movement <> 'involuntary' then m.amount else 0 end) as decimal(38,0)) as net,
    cast(sum(case when m.movement = 'opening' then m.amount else 0 end) as decimal(38,0)) as begun,
    cast(sum(case when m.movement = 'fx' then m.amount else 0 end) as decimal(38,0)) as fx,
    cast(sum(case when m.movement = 'involuntary' then m.amount else 0 end) as decimal(38,0)) as churn_involuntary,
    cast(sum(case when m.movement = 'restatement' then m.amount else 0 end) as decimal(38,0)) as restatement,
    cast(sum(case when m.movement = 'new' then m.amount else 0 end) as decimal(38,0)) as new,
    cast(sum(case when m.movement = 'reactivation' then m.amount else 0 end) as decimal(38,0)) as reactivation,
    cast(sum(case when m.movement = 'expansion' then m.amount else 0 end) as decimal(38,0)) as expansion,
    cast(sum(case when m.movement = 'contraction' then m.amount else 0 end) as decimal(38,0)) as contraction,
    cast(sum(case when m.movement = 'churn' then m.amount else 0 end) as decimal(38,0)) as churn,
    cast(sum(case when m.movement = 'transfer' then m.amount else 0 end) as decimal(38,0)) as transfer,
    cast(sum(case when m.movement = 'adjustment' then m.amount else 0 end) as decimal(38,0)) as adjustment,
    cast(sum(case when m.movement <> 'involuntary' then m.missing else 0 end) as decimal(38,0)) as missing,
    cast(sum(case when m.movement = 'opening' then m.missing else 0 end) as decimal(38,0)) as missing_begun,
    max(case when m.movement = 'restatement' and m.missing <> 0 then 1 else 0 end) as no_restatement,
    max(case when m.movement = 'new' and m.missing <> 0 then 1 else 0 end) as no_new,
    max(case when m.movement = 'reactivation' and m.missing <> 0 then 1 else 0 end) as no_reactivation,
    max(case when m.movement = 'unsure' or (m.movement = 'expansion' and m.missing <> 0) then 1 else 0 end) as no_expansion,
    max(case when m.movement = 'unsure' or (m.movement = 'contraction' and m.missing <> 0) then 1 else 0 end) as no_contraction,
    max(case when m.movement = 'churn' and m.missing <> 0 then 1 else 0 end) as no_churn,
    max(case when m.movement = 'transfer' and m.missing <> 0 then 1 else 0 end) as no_transfer,
    max(case when m.movement = 'adjustment' and m.missing <> 0 then 1 else 0 end) as no_adjustment,
    cast(sum(case when m.movement = 'opening' then m.accounts_change else 0 end) as bigint) as accounts_begun,
    cast(sum(case when m.movement = 'new' then m.movements else 0 end) as bigint) as accounts_new,
    cast(sum(case when m.movement = 'reactivation' then m.movements else 0 end) as bigint) as accounts_reactivated,
    cast(sum(case when m.movement = 'churn' then m.movements else 0 end) as bigint) as accounts_churned,
    cast(sum(case when m.movement in ('expansion', 'contraction', 'transfer', 'adjustment', 'unsure', 'restatement') then m.accounts_change else 0 end) as bigint)
      as accounts_transfer
  from moved m
  join period_day p on p.on_date = m.on_date
  group by p.period, m.currency, m.segment
)
select
  p.period, p.period_end, p.is_complete, y.currency, y.segment,
  coalesce(s.net, 0) as net, coalesce(s.begun, 0) as begun, coalesce(s.fx, 0) as fx, coalesce(s.churn_involuntary, 0) as churn_involuntary,
  coalesce(s.restatement, 0) as restatement, coalesce(s.new, 0) as new, coalesce(s.reactivation, 0) as reactivation, coalesce(s.expansion, 0) as expansion, coalesce(s.contraction, 0) as contraction,
  coalesce(s.churn, 0) as churn, coalesce(s.transfer, 0) as transfer, coalesce(s.adjustment, 0) as adjustment,
  coalesce(s.missing, 0) as missing, coalesce(s.missing_begun, 0) as missing_begun,
  coalesce(s.no_restatement, 0) as no_restatement, coalesce(s.no_new, 0) as no_new, coalesce(s.no_reactivation, 0) as no_reactivation, coalesce(s.no_expansion, 0) as no_expansion, coalesce(s.no_contraction, 0) as no_contraction,
  coalesce(s.no_churn, 0) as no_churn, coalesce(s.no_transfer, 0) as no_transfer, coalesce(s.no_adjustment, 0) as no_adjustment,
  coalesce(s.accounts_begun, 0) as accounts_begun, coalesce(s.accounts_new, 0) as accounts_new, coalesce(s.accounts_reactivated, 0) as accounts_reactivated,
  coalesce(s.accounts_churned, 0) as accounts_churned, coalesce(s.accounts_transfer, 0) as accounts_transfer
from period p
cross join series y
left join summed s on s.period = p.period and s.currency = y.currency and s.segment = y.segment
