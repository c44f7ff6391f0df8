-- segment_ledger: the rows of the ledger by segment, and a row of rule `transfer` for what changes its segment; nothing scheduled.
-- grain: account_id, item_id, subscription_id, currency, occurred_at, side, segment, movement
-- reads: valued_change, segment_account_day, native_cause, side, known, account, item, product, plan, source_file
-- ties: segments_tie
-- decisions: 0011
-- An item that changes its value leaves the old one and enters the new; what is transfer of a window's part is taken off its class.
with place as (
  select s.account_key, s.currency, s.window_at, s.value, s.segment, min(s.part) as part
  from segment_account_day s
  where s.part in ('class', 'split')
  group by s.account_key, s.currency, s.window_at, s.value, s.segment
),
crossed as (
  select
    b.account_key, b.currency, b.window_at, b.on_date, b.value, b.segment, b.part, b.movement, cast(sum(b.amount) as bigint) as amount,
    cast(sum(b.by_plan) as bigint) as by_plan, cast(sum(b.by_product) as bigint) as by_product, cast(sum(b.by_add_on) as bigint) as by_add_on,
    cast(sum(b.by_seats) as bigint) as by_seats, cast(sum(b.by_usage) as bigint) as by_usage, cast(sum(b.by_price) as bigint) as by_price,
    cast(sum(b.by_discount) as bigint) as by_discount, cast(sum(b.by_other) as bigint) as by_other
  from native_cause b
  where b.part in ('split', 'crossing')
  group by b.account_key, b.currency, b.window_at, b.on_date, b.value, b.segment, b.part, b.movement
),
placed as (
  select
    t.account_key, t.currency, t.item_key, t.product_key, t.plan_key, t.occurred_at, t.on_date, t.side, s.segment, s.movement, t.delta,
    t.by_plan, t.by_product, t.by_add_on, t.by_seats, t.by_usage, t.by_price, t.by_discount, t.by_other, t.rule, t.source_id, t.line
  from valued_change t
  join place p on p.account_key = t.account_key and p.currency = t.currency and p.window_at = t.window_at and p.value = t.value
  join segment_account_day s
    on s.account_key = p.account_key and s.currency = p.currency and s.window_at = p.window_at and s.value = p.value and s.part = p.part
  union all
  select
    b.account_key, b.currency, cast(0 as bigint) as item_key, cast(0 as bigint) as product_key, cast(0 as bigint) as plan_key, b.window_at as occurred_at,
    b.on_date, d.side, b.segment, case when d.side = 1 then b.movement else s.movement end as movement, d.side * b.amount as delta,
    d.side * b.by_plan as by_plan, d.side * b.by_product as by_product, d.side * b.by_add_on as by_add_on, d.side * b.by_seats as by_seats,
    d.side * b.by_usage as by_usage, d.side * b.by_price as by_price, d.side * b.by_discount as by_discount, d.side * b.by_other as by_other,
    case when b.movement = 'restatement' then 'restatement' else 'transfer' end as rule, cast(0 as bigint) as source_id, cast(0 as bigint) as line
  from crossed b
  cross join side d
  join segment_account_day s
    on s.account_key = b.account_key and s.currency = b.currency and s.window_at = b.window_at and s.value = b.value
    and s.part = case when b.part = 'split' then 'class' else 'crossing' end and s.segment = b.segment
  where b.part = 'split' or d.side = 1
)
select
  c.occurred_at, c.on_date, a.account_id, c.account_key, coalesce(i.subscription_id, '') as subscription_id, coalesce(i.item_id, '') as item_id,
  coalesce(p.product_id, '') as product_id, coalesce(n.plan_id, '') as plan_id, c.currency, c.side, c.segment, c.delta, -- minor units
  c.by_plan, c.by_product, c.by_add_on, c.by_seats, c.by_usage, c.by_price, c.by_discount, c.by_other,
  c.rule, c.movement, c.source_id, c.line,
  case when c.source_id = 0 then '' else coalesce(f.name, '') || ':' || cast(c.line as varchar) end as source_ref -- file:line; '' = none
from placed c
join known k on c.on_date < k.known_to join account a on a.account_key = c.account_key
left join item i on i.item_key = c.item_key
left join product p on p.product_key = c.product_key left join plan n on n.plan_key = c.plan_key
left join source_file f on f.source_id = c.source_id
