-- signal_account: the accounts that signals can be about: those that pay, with the currency in which they pay most, and whom they are like.
-- grain: account_key
-- reads: account_now, base_item, currency_weight
-- ties: -
with ranked as (
  select
    n.account_key, n.currency, n.mrr, n.owner, n.first_on,
    row_number() over (partition by n.account_key order by cast(n.mrr as hugeint) * coalesce(u.weight, 1) desc, n.currency) as nth
  from account_now n
  left join currency_weight u on u.currency = n.currency
  where n.mrr > 0
)
select
  r.account_key, r.currency, r.mrr, r.owner, r.first_on,
  coalesce(b.family, '') as family, -- of its base item; '' = none
  coalesce(b.tier, 0) as tier -- of its base item
from ranked r
left join base_item b on b.account_key = r.account_key
where r.nth = 1
