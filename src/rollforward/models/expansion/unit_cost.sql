-- unit_cost: what 1 of new and of expansion MRR cost in each period: the spend of the period over the MRR won in it.
-- grain: period, currency
-- reads: roll_forward, spend_period
-- ties: -
-- decisions: 0016
-- Empty where nothing is said of that spend, or nothing was won.
with said as (
  select
    s.period, s.currency,
    max(case when s.kind = 'new' then s.amount end) as spend_new,
    max(case when s.kind = 'expansion' then s.amount end) as spend_expansion,
    max(case when s.kind = 'retention' then s.amount end) as spend_retention
  from spend_period s
  group by s.period, s.currency
)
select
  r.period, r.currency,
  s.spend_new, -- minor units; empty = not said
  s.spend_expansion, -- minor units; empty = not said
  s.spend_retention, -- minor units; empty = not said
  r.new as new_mrr, -- minor units
  r.expansion as expansion_mrr, -- minor units
  cast(s.spend_new as double) / nullif(r.new, 0) as cost_new, -- spent for 1 of new MRR
  cast(s.spend_expansion as double) / nullif(r.expansion, 0) as cost_expansion, -- spent for 1 of expansion MRR
  cast(s.spend_new + s.spend_expansion as double) / nullif(r.new + r.expansion, 0) as cost_blended, -- spent for 1 of both
  cast(s.spend_new as double) / nullif(r.accounts_new, 0) as cost_account, -- minor units spent for a new account
  r.accounts_new, r.is_complete
from roll_forward r
join said s on s.period = r.period and s.currency = r.currency
where r.segment = ''
