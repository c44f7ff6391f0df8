-- roll_forward: opening, movements and closing of every period of the asked grain (definitions.md section 4).
-- grain: period, currency, segment
-- reads: flow, counted, reporting
-- ties: roll_forward_ties
-- decisions: 0010
-- Sums are exact; only what is shown is rounded, and the rounding of a row goes to its fx (native amounts have none).
with chained as (
  select
    f.period, f.period_end, f.is_complete, f.currency, f.segment, g.scale,
    cast(sum(f.net) over w as decimal(38,0)) as closing, f.net - f.begun as net,
    f.restatement, f.new, f.reactivation, f.expansion,
    f.contraction, f.churn, f.transfer,
    f.adjustment, f.churn_involuntary,
    cast(sum(f.missing) over w as decimal(38,0)) as no_closing, cast(sum(f.missing) over w as decimal(38,0)) - f.missing + f.missing_begun as no_opening,
    f.no_restatement, f.no_new, f.no_reactivation, f.no_expansion, f.no_contraction, f.no_churn, f.no_transfer, f.no_adjustment,
    f.accounts_new, f.accounts_reactivated, f.accounts_churned, f.accounts_transfer,
    f.accounts_new + f.accounts_reactivated - f.accounts_churned + f.accounts_transfer as accounts_net,
    cast(sum(f.accounts_begun + f.accounts_new + f.accounts_reactivated - f.accounts_churned + f.accounts_transfer) over w as bigint)
      as accounts_closing
  from flow f
  cross join reporting g
  window w as (partition by f.currency, f.segment order by f.period rows between unbounded preceding and current row)
),
rounded as (
  select
    c.period, c.period_end, c.is_complete, c.currency, c.segment,
    case when c.no_opening = 0 then cast(sign((c.closing - c.net)) * ((2 * cast(abs((c.closing - c.net)) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as opening,
    case when c.no_closing = 0 then cast(sign(c.closing) * ((2 * cast(abs(c.closing) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as closing,
    case when c.no_restatement = 0 then cast(sign(c.restatement) * ((2 * cast(abs(c.restatement) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as restatement,
    case when c.no_new = 0 then cast(sign(c.new) * ((2 * cast(abs(c.new) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as new,
    case when c.no_reactivation = 0 then cast(sign(c.reactivation) * ((2 * cast(abs(c.reactivation) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as reactivation,
    case when c.no_expansion = 0 then cast(sign(c.expansion) * ((2 * cast(abs(c.expansion) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as expansion,
    case when c.no_contraction = 0 then cast(sign(c.contraction) * ((2 * cast(abs(c.contraction) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as contraction,
    case when c.no_churn = 0 then cast(sign(c.churn) * ((2 * cast(abs(c.churn) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as churn,
    case when c.no_transfer = 0 then cast(sign(c.transfer) * ((2 * cast(abs(c.transfer) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as transfer,
    case when c.no_adjustment = 0 then cast(sign(c.adjustment) * ((2 * cast(abs(c.adjustment) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as adjustment,
    case when c.no_churn = 0 then cast(sign(c.churn_involuntary) * ((2 * cast(abs(c.churn_involuntary) as hugeint) + c.scale) // (2 * c.scale)) as bigint) end as churn_involuntary,
    c.accounts_closing - c.accounts_net as accounts_opening, c.accounts_new, c.accounts_reactivated, c.accounts_churned, c.accounts_transfer,
    c.accounts_closing
  from chained c
)
select
  r.period, r.period_end, r.currency, r.segment, r.opening, r.restatement,
  r.new, r.reactivation, r.expansion, r.contraction, r.churn,
  r.closing - r.opening - r.restatement - r.new - r.reactivation - r.expansion - r.contraction - r.churn - r.transfer - r.adjustment as fx,
  r.transfer, r.adjustment, r.closing, r.churn_involuntary, r.accounts_opening, r.accounts_new, r.accounts_reactivated,
  coalesce(e.accounts, 0) as accounts_expanded, coalesce(k.accounts, 0) as accounts_contracted,
  r.accounts_churned, r.accounts_transfer, r.accounts_closing, r.is_complete
from rounded r
left join counted e on e.period = r.period and e.currency = r.currency and e.segment = r.segment and e.movement = 'expansion'
left join counted k on k.period = r.period and k.currency = r.currency and k.segment = r.segment and k.movement = 'contraction'
