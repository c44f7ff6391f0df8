-- headroom_total: how much MRR could still be added in all, and how much of it has nowhere to go.
-- grain: currency
-- reads: headroom
-- ties: -
-- decisions: 0016
select
  h.currency, count(*) as accounts, cast(sum(h.mrr) as bigint) as mrr, -- minor units, as in all that follow
  count(case when h.options = 0 then 1 end) as accounts_at_ceiling, -- without any step left
  cast(sum(case when h.options = 0 then h.mrr else 0 end) as bigint) as mrr_at_ceiling, -- what they pay
  cast(sum(case when h.options = 0 then h.mrr else 0 end) as double) / nullif(cast(sum(h.mrr) as double), 0) as ceiling_share, -- of MRR
  cast(sum(h.next_tier) as bigint) as next_tier, -- by the tiers next to their own
  cast(sum(h.add_ons) as bigint) as add_ons, -- by add-ons that they lack
  cast(sum(h.products) as bigint) as products, -- by other products
  cast(sum(h.headroom) as bigint) as headroom -- all of it
from headroom h
group by h.currency
