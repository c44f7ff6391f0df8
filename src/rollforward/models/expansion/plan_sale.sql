-- plan_sale: when each plan was last taken up: by a new item, or by one that had another plan before.
-- grain: plan_key
-- reads: item_step, terms, lookback
-- ties: -
select
  t.plan_key, t.product_key,
  max(cast(s.from_at as date)) as sold_on -- day of the last one
from item_step s
join terms t on t.terms_key = s.terms_key
left join terms b on b.terms_key = s.b_terms_key
cross join lookback k
where t.mrr > 0 and t.plan_key <> 0 and coalesce(b.plan_key, 0) <> t.plan_key and cast(s.from_at as date) < k.known_to
group by t.plan_key, t.product_key
