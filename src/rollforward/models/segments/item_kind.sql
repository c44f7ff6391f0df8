-- item_kind: every kind of item: product and its family, plan, interval and currency; as known now, and as closed.
-- grain: product_key, plan_key, per, currency, family
-- reads: terms, product_current, closed_change, closed_shift, closed_span, restated_shift
-- ties: segments_tie
-- decisions: 0011, 0012
-- What a closed period or a restatement does not say of an item is kind 0.
select t.product_key, t.plan_key, t.per, t.currency, coalesce(p.family, '') as family
from terms t
left join product_current p on p.product_key = t.product_key
union
select c.product_key, c.plan_key, coalesce(c.per, 0) as per, c.currency, coalesce(c.family, '') as family
from closed_change c
join closed_span s on s.commit_id = c.commit_id
union
select c.product_key, c.plan_key, c.per, c.currency, c.family
from closed_shift c
join closed_span s on s.commit_id = c.commit_id
union
select r.product_key, r.plan_key, r.per, r.currency, r.family
from restated_shift r
