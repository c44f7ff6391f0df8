-- headroom_total: how much MRR could still be added in all, and how much of it has nowhere to go.
-- grain: currency
-- reads: headroom
-- ties: -
-- decisions: 0016
select
  h.currency, count(*) as accounts,
  case when max(h.unrated) = 0 then cast(sum(h.mrr) as bigint) end as mrr, -- minor units; empty without a rate, as in all that follow
  count(case when h.options = 0 then 1 end) as accounts_at_ceiling, -- without any step left
  case when max(case when h.options = 0 then h.unrated else 0 end) = 0
    then cast(sum(case when h.options = 0 then h.mrr else 0 end) as bigint) end as mrr_at_ceiling, -- what they pay
  case when max(h.unrated) = 0
    then cast(sum(case when h.options = 0 then h.mrr else 0 end) as double) / nullif(cast(sum(h.mrr) as double), 0) end as ceiling_share, -- of MRR
  case when count(h.next_tier) = count(*) then cast(sum(h.next_tier) as bigint) end as next_tier, -- by the tiers next to their own
  case when count(h.add_ons) = count(*) then cast(sum(h.add_ons) as bigint) end as add_ons, -- by add-ons that they lack
  case when count(h.products) = count(*) then cast(sum(h.products) as bigint) end as products, -- by other products
  case when count(h.headroom) = count(*) then cast(sum(h.headroom) as bigint) end as headroom -- all of it
from headroom h
group by h.currency
