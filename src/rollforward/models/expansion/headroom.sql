-- headroom: how much MRR each account that pays could still add: the next tier of its plan, and all add-ons and products that it lacks.
-- grain: account_key, currency
-- reads: headroom_option, account_worth, signal_account, reporting, rate_day, lookback
-- ties: -
-- decisions: 0016
-- In the currency of the answer, as account_worth has it; native: that of the options, which is that of its base item. Without a rate of the
-- options' currency what they would add is not known.
with summed as (
  select
    o.account_key, o.currency, count(*) as options,
    cast(sum(case when o.kind = 'upgrade' and o.is_next = 1 then o.gain else 0 end) as decimal(38,0)) as next_tier,
    cast(max(case when o.kind = 'upgrade' then o.gain else 0 end) as decimal(38,0)) as top_tier,
    cast(sum(case when o.kind = 'add_on' then o.gain else 0 end) as decimal(38,0)) as add_ons,
    cast(sum(case when o.kind = 'product' then o.gain else 0 end) as decimal(38,0)) as products
  from headroom_option o
  group by o.account_key, o.currency
),
rated as (
  select
    a.account_key, w.currency, w.mrr, w.unrated, g.scale, coalesce(s.options, 0) as options,
    case when coalesce(s.options, 0) = 0 then 1 else coalesce(r.known, g.unsaid) end as known,
    coalesce(s.next_tier, 0) * coalesce(r.rate, g.unsaid) as next_tier, coalesce(s.top_tier, 0) * coalesce(r.rate, g.unsaid) as top_tier,
    coalesce(s.add_ons, 0) * coalesce(r.rate, g.unsaid) as add_ons, coalesce(s.products, 0) * coalesce(r.rate, g.unsaid) as products
  from signal_account a
  cross join reporting g
  cross join lookback k
  left join summed s on s.account_key = a.account_key
  join account_worth w on w.account_key = a.account_key and (g.currency <> '' or w.currency = coalesce(s.currency, a.currency))
  left join rate_day r on r.currency = coalesce(s.currency, a.currency) and r.on_date = k.last_day
)
select
  d.account_key, d.currency, d.mrr, d.unrated, d.options, -- number of steps
  case when d.known = 1 then cast((2 * cast(d.next_tier as hugeint) + d.scale) // (2 * d.scale) as bigint) end as next_tier, -- by the tier next to its own, minor units; empty without a rate, as all that follow
  case when d.known = 1 then cast((2 * cast(d.top_tier as hugeint) + d.scale) // (2 * d.scale) as bigint) end as top_tier, -- by the highest tier instead
  case when d.known = 1 then cast((2 * cast(d.add_ons as hugeint) + d.scale) // (2 * d.scale) as bigint) end as add_ons, -- by all add-ons that it lacks
  case when d.known = 1 then cast((2 * cast(d.products as hugeint) + d.scale) // (2 * d.scale) as bigint) end as products, -- by all other products
  case when d.known = 1 then cast((2 * cast(d.next_tier + d.add_ons + d.products as hugeint) + d.scale) // (2 * d.scale) as bigint) end as headroom -- all of it, the tier next to its own
from rated d
