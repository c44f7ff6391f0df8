-- extra_held: which add-ons each paying account has, beside its size among accounts of its currency.
-- grain: account_key, product_key
-- reads: signal_account, held_item, product_current, plan_current
-- ties: -
-- decisions: 0016
-- Large: in the quarter of accounts of its currency that pay most.
with sized as (
  select
    s.account_key, s.currency, s.mrr,
    case when 4 * row_number() over (partition by s.currency order by s.mrr desc, s.account_key) <= count(*) over (partition by s.currency) then 1 else 0 end as is_large
  from signal_account s
),
extra as (
  select distinct h.account_key, c.product_key
  from held_item h
  left join plan_current p on p.plan_key = h.plan_key
  join product_current c on c.product_key = coalesce(nullif(h.product_key, 0), p.product_key, 0)
  where c.role = 'add_on' and h.mrr > 0
)
select
  z.account_key, z.currency, z.mrr, z.is_large, -- is_large: 1 = among the quarter that pays most
  coalesce(e.product_key, 0) as product_key -- 0: it has no add-on
from sized z
left join extra e on e.account_key = z.account_key
