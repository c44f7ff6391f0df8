-- metrics: one row a period: balances, growth, retention of 1, 3 and 12 months, churn, ratios (definitions.md section 5).
-- grain: period, currency, segment
-- reads: roll_forward, expansion, retention_total, period, logo_lost, policy
-- ties: roll_forward_ties
-- decisions: 0009
-- own_ndr: NDR of the window that is as long as the period (1 month for days and weeks); net negative churn where it is above 1.
with retained as (
  select
    t.window_end, t.currency, t.segment,
    max(case when t.months = 1 then t.ndr end) as ndr_1, max(case when t.months = 1 then t.grr end) as grr_1,
    max(case when t.months = 3 then t.ndr end) as ndr_3, max(case when t.months = 3 then t.grr end) as grr_3,
    max(case when t.months = 12 then t.ndr end) as ndr_12, max(case when t.months = 12 then t.grr end) as grr_12
  from retention_total t
  group by t.window_end, t.currency, t.segment
),
joined as (
  select
    r.period, r.currency, r.segment, r.opening, r.closing, r.new, r.reactivation, r.expansion, r.contraction, r.churn, r.is_complete,
    r.accounts_closing,
    case when y.logo_churn_base = 'excluding_joiners' then coalesce(l.accounts, 0) else r.accounts_churned end as logos_lost,
    r.accounts_opening + case when y.logo_churn_base = 'opening_plus_new' then r.accounts_new + r.accounts_reactivated else 0 end as logos_base,
    t.ndr_1 as ndr_1, t.grr_1 as grr_1, t.ndr_3 as ndr_3, t.grr_3 as grr_3,
    t.ndr_12 as ndr_12, t.grr_12 as grr_12,
    case p.grain when 'quarter' then t.ndr_3 when 'year' then t.ndr_12 else t.ndr_1 end as own_ndr,
    e.expansion_rate as expansion_rate, e.expansion_growth as expansion_growth,
    e.expansion_share as expansion_share, e.expansion_share_of_net_new as expansion_share_of_net_new
  from roll_forward r
  cross join policy y
  join period p on p.period = r.period
  join retained t on t.window_end = r.period_end and t.currency = r.currency and t.segment = r.segment
  join expansion e on e.period = r.period and e.currency = r.currency and e.segment = r.segment
  left join logo_lost l on l.period = r.period and l.currency = r.currency and l.segment = r.segment
),
numbered as (
  select
    j.period, j.currency, j.segment, j.opening, j.closing, j.new, j.reactivation, j.expansion, j.contraction, j.churn, j.is_complete, j.logos_base,
    j.logos_lost, j.accounts_closing, j.ndr_1, j.grr_1, j.ndr_3, j.grr_3, j.ndr_12, j.grr_12, j.own_ndr,
    j.expansion_rate, j.expansion_growth, j.expansion_share, j.expansion_share_of_net_new,
    row_number() over (partition by j.currency, j.segment order by j.period) as nth
  from joined j
),
counted as (
  select
    n.period, n.currency, n.segment, n.opening, n.closing, n.new, n.reactivation, n.expansion, n.contraction, n.churn, n.is_complete, n.logos_base,
    n.logos_lost, n.accounts_closing, n.ndr_1, n.grr_1, n.ndr_3, n.grr_3, n.ndr_12, n.grr_12, n.own_ndr,
    n.expansion_rate, n.expansion_growth, n.expansion_share, n.expansion_share_of_net_new, n.nth,
    max(case when coalesce(n.own_ndr, 0) > 1 and n.is_complete then 0 else n.nth end)
      over (partition by n.currency, n.segment order by n.period rows between unbounded preceding and current row) as last_miss
  from numbered n
)
select
  c.period, c.currency, c.segment, c.closing as mrr, 12 * c.closing as arr, c.accounts_closing as accounts,
  cast(c.closing as double) / nullif(c.accounts_closing, 0) as arpa, -- minor units
  c.closing - c.opening as net_new, cast(c.closing - c.opening as double) / nullif(c.opening, 0) as mrr_growth,
  c.ndr_1, c.grr_1, c.ndr_3, c.grr_3, c.ndr_12, c.grr_12,
  cast(c.logos_lost as double) / nullif(c.logos_base, 0) as logo_churn,
  cast(c.new + c.reactivation + c.expansion as double) / nullif(-(c.contraction + c.churn), 0) as quick_ratio,
  c.expansion_rate, c.expansion_growth, c.expansion_share, c.expansion_share_of_net_new,
  coalesce(c.own_ndr, 0) > 1 as is_net_negative,
  c.nth - c.last_miss as net_negative_streak, -- complete periods in a row
  cast(c.closing as double) / nullif(c.accounts_closing, 0) * (cast(c.logos_base as double) / nullif(c.logos_lost, 0)) as ltv, -- minor units
  c.is_complete
from counted c
