-- cross_sell: what each account could add of what it lacks, with the trait of it that says most of who added that.
-- grain: account_key, offered
-- reads: headroom_option, offer_plan, trait, cross_rule, signal_rule
-- ties: -
-- decisions: 0016
-- Only what can be offered (headroom_option): nothing that it has, that is retired or that has no price in its currency and interval.
with ranked as (
  select
    o.account_key, o.currency, o.plan_key, o.product_key, o.kind, o.gain, p.offered, c.trait, c.accounts, c.added, c.added_90, c.share, c.base_share, c.lift, c.low, c.high,
    row_number() over (partition by o.account_key, p.offered order by c.low desc, c.accounts desc, c.trait) as nth
  from headroom_option o
  join offer_plan p on p.plan_key = o.plan_key
  join trait t on t.account_key = o.account_key and t.was = 0
  join cross_rule c on c.trait = t.trait and c.offered = p.offered
  cross join signal_rule r
  where o.kind <> 'upgrade' and c.accounts >= r.similar_support
)
select
  r.account_key, r.currency, r.offered, r.plan_key, r.product_key, r.kind, r.trait, r.accounts, r.added, r.added_90, r.share, r.base_share, r.lift, r.low, r.high, r.gain
from ranked r
where r.nth = 1
