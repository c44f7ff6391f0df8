-- swap: base items that end and start in one account, currency and window, paired as one item changing.
-- grain: account_key, ended_item_key, ended_at, started_item_key, started_at
-- reads: candidate
-- ties: drivers_sum
-- decisions: 0004
-- First inside a subscription; largest first, equal ranks pair.
with base as (
  select
    c.account_key, c.currency, c.window_at, c.item_key, c.terms_key, c.at, c.side, c.mrr, c.subscription_id, c.item_id, c.product_key, c.family,
    row_number() over (
      partition by c.account_key, c.currency, c.window_at, c.side, c.subscription_id order by c.mrr desc, c.item_id, c.item_key, c.at
    ) as nth
  from candidate c
  where c.role = 'base'
),
first_pair as (
  select
    e.account_key, e.window_at, e.item_key as ended_item_key, e.at as ended_at, e.terms_key as b_terms_key,
    s.item_key as started_item_key, s.at as started_at, s.terms_key
  from base e
  join base s
    on s.account_key = e.account_key and s.currency = e.currency and s.window_at = e.window_at and s.subscription_id = e.subscription_id
    and s.nth = e.nth and s.side = 1
  where e.side = -1
),
-- Then inside a product, of those still alone.
by_product as (
  select
    b.account_key, b.currency, b.window_at, b.item_key, b.terms_key, b.at, b.side, b.mrr, b.subscription_id, b.item_id, b.product_key, b.family,
    row_number() over (
      partition by b.account_key, b.currency, b.window_at, b.side, b.product_key
      order by b.mrr desc, b.subscription_id, b.item_id, b.item_key, b.at
    ) as nth
  from base b
  left join first_pair e on e.ended_item_key = b.item_key and e.ended_at = b.at and b.side = -1 and e.account_key = b.account_key
  left join first_pair s on s.started_item_key = b.item_key and s.started_at = b.at and b.side = 1 and s.account_key = b.account_key
  where coalesce(e.account_key, s.account_key, 0) = 0
),
second_pair as (
  select
    e.account_key, e.window_at, e.item_key as ended_item_key, e.at as ended_at, e.terms_key as b_terms_key,
    s.item_key as started_item_key, s.at as started_at, s.terms_key
  from by_product e
  join by_product s
    on s.account_key = e.account_key and s.currency = e.currency and s.window_at = e.window_at and s.product_key = e.product_key
    and s.nth = e.nth and s.side = 1
  where e.side = -1
),
-- Then inside a family.
by_family as (
  select
    b.account_key, b.currency, b.window_at, b.item_key, b.terms_key, b.at, b.side, b.family,
    row_number() over (
      partition by b.account_key, b.currency, b.window_at, b.side, b.family
      order by b.mrr desc, b.subscription_id, b.item_id, b.item_key, b.at
    ) as nth
  from by_product b
  left join second_pair e on e.ended_item_key = b.item_key and e.ended_at = b.at and b.side = -1 and e.account_key = b.account_key
  left join second_pair s on s.started_item_key = b.item_key and s.started_at = b.at and b.side = 1 and s.account_key = b.account_key
  where coalesce(e.account_key, s.account_key, 0) = 0
)
select p.account_key, p.window_at, p.ended_item_key, p.ended_at, p.b_terms_key, p.started_item_key, p.started_at, p.terms_key from first_pair p
union all
select p.account_key, p.window_at, p.ended_item_key, p.ended_at, p.b_terms_key, p.started_item_key, p.started_at, p.terms_key from second_pair p
union all
select
    e.account_key, e.window_at, e.item_key as ended_item_key, e.at as ended_at, e.terms_key as b_terms_key,
    s.item_key as started_item_key, s.at as started_at, s.terms_key
from by_family e
join by_family s
  on s.account_key = e.account_key and s.currency = e.currency and s.window_at = e.window_at and s.family = e.family and s.nth = e.nth and s.side = 1
where e.side = -1 and e.family <> ''
