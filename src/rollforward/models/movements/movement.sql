-- movement: what happened to each account in each netting window that is known, with its drivers (definitions.md section 4).
-- grain: account_id, currency, window_at
-- reads: account_day, mrr_change, account, known
-- ties: ledger_ties
with driven as (
  select
    c.account_key, c.currency, c.window_at,
    cast(sum(c.by_plan) as bigint) as by_plan, cast(sum(c.by_product) as bigint) as by_product,
    cast(sum(c.by_add_on) as bigint) as by_add_on, cast(sum(c.by_seats) as bigint) as by_seats,
    cast(sum(c.by_usage) as bigint) as by_usage, cast(sum(c.by_price) as bigint) as by_price,
    cast(sum(c.by_discount) as bigint) as by_discount, cast(sum(c.by_other) as bigint) as by_other
  from mrr_change c
  group by c.account_key, c.currency, c.window_at
)
select
  d.on_date, a.account_id, d.account_key, d.currency, d.movement, d.amount, -- minor units
  coalesce(r.by_plan, 0) as by_plan, coalesce(r.by_product, 0) as by_product, coalesce(r.by_add_on, 0) as by_add_on,
  coalesce(r.by_seats, 0) as by_seats, coalesce(r.by_usage, 0) as by_usage, coalesce(r.by_price, 0) as by_price,
  coalesce(r.by_discount, 0) as by_discount, coalesce(r.by_other, 0) as by_other,
  d.before_minor, d.after_minor, d.window_at
from account_day d
join account a on a.account_key = d.account_key
cross join known k
left join driven r on r.account_key = d.account_key and r.currency = d.currency and r.window_at = d.window_at
where d.movement <> 'none' and d.on_date < k.known_to
