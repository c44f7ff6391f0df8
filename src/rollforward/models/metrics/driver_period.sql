-- driver_period: what movements of each class are made of, by period (definitions.md section 3).
-- grain: period, currency, segment, movement
-- reads: driven, period_day, reporting
-- ties: drivers_sum
-- decisions: 0010
-- The rounding of a converted row goes to its largest driver, ties in column order.
with summed as (
  select
    p.period, d.currency, d.segment, d.movement, g.scale, max(case when d.missing <> 0 then 1 else 0 end) as unknown,
    cast(sum(d.amount) as decimal(38,0)) as amount,
    cast(sum(d.by_plan) as decimal(38,0)) as by_plan, cast(sum(d.by_product) as decimal(38,0)) as by_product,
    cast(sum(d.by_add_on) as decimal(38,0)) as by_add_on, cast(sum(d.by_seats) as decimal(38,0)) as by_seats,
    cast(sum(d.by_usage) as decimal(38,0)) as by_usage, cast(sum(d.by_price) as decimal(38,0)) as by_price,
    cast(sum(d.by_discount) as decimal(38,0)) as by_discount, cast(sum(d.by_other) as decimal(38,0)) as by_other
  from driven d
  join period_day p on p.on_date = d.on_date
  cross join reporting g
  group by p.period, d.currency, d.segment, d.movement, g.scale
),
whole as (
  select
    s.period, s.currency, s.segment, s.movement, s.scale, s.unknown,
    s.amount, s.by_plan, s.by_product, s.by_add_on,
    s.by_seats, s.by_usage, s.by_price, s.by_discount, s.by_other,
    greatest(abs(s.by_plan), abs(s.by_product), abs(s.by_add_on), abs(s.by_seats), abs(s.by_usage), abs(s.by_price), abs(s.by_discount), abs(s.by_other)) as largest
  from summed s
),
rounded as (
  select
    w.period, w.currency, w.segment, w.movement, w.unknown,
    cast(sign(w.amount) * ((2 * cast(abs(w.amount) as hugeint) + w.scale) // (2 * w.scale)) as bigint) as amount,
    cast(sign(w.by_plan) * ((2 * cast(abs(w.by_plan) as hugeint) + w.scale) // (2 * w.scale)) as bigint) as by_plan,
    cast(sign(w.by_product) * ((2 * cast(abs(w.by_product) as hugeint) + w.scale) // (2 * w.scale)) as bigint) as by_product,
    cast(sign(w.by_add_on) * ((2 * cast(abs(w.by_add_on) as hugeint) + w.scale) // (2 * w.scale)) as bigint) as by_add_on,
    cast(sign(w.by_seats) * ((2 * cast(abs(w.by_seats) as hugeint) + w.scale) // (2 * w.scale)) as bigint) as by_seats,
    cast(sign(w.by_usage) * ((2 * cast(abs(w.by_usage) as hugeint) + w.scale) // (2 * w.scale)) as bigint) as by_usage,
    cast(sign(w.by_price) * ((2 * cast(abs(w.by_price) as hugeint) + w.scale) // (2 * w.scale)) as bigint) as by_price,
    cast(sign(w.by_discount) * ((2 * cast(abs(w.by_discount) as hugeint) + w.scale) // (2 * w.scale)) as bigint) as by_discount,
    cast(sign(w.by_other) * ((2 * cast(abs(w.by_other) as hugeint) + w.scale) // (2 * w.scale)) as bigint) as by_other,
    case w.largest when abs(w.by_plan) then 1 when abs(w.by_product) then 2 when abs(w.by_add_on) then 3 when abs(w.by_seats) then 4 when abs(w.by_usage) then 5 when abs(w.by_price) then 6 when abs(w.by_discount) then 7 when abs(w.by_other) then 8 else 0 end as takes
  from whole w
),
rest as (
  select
    r.period, r.currency, r.segment, r.movement, r.unknown, r.amount, r.by_plan, r.by_product, r.by_add_on, r.by_seats, r.by_usage, r.by_price, r.by_discount, r.by_other, r.takes,
    r.amount - r.by_plan - r.by_product - r.by_add_on - r.by_seats - r.by_usage - r.by_price - r.by_discount - r.by_other as residue
  from rounded r
)
select
  t.period, t.currency, t.segment, t.movement,
  case when t.unknown = 0 then t.amount end as amount, -- minor units
  case when t.unknown = 0 then t.by_plan + case t.takes when 1 then t.residue else 0 end end as by_plan,
  case when t.unknown = 0 then t.by_product + case t.takes when 2 then t.residue else 0 end end as by_product,
  case when t.unknown = 0 then t.by_add_on + case t.takes when 3 then t.residue else 0 end end as by_add_on,
  case when t.unknown = 0 then t.by_seats + case t.takes when 4 then t.residue else 0 end end as by_seats,
  case when t.unknown = 0 then t.by_usage + case t.takes when 5 then t.residue else 0 end end as by_usage,
  case when t.unknown = 0 then t.by_price + case t.takes when 6 then t.residue else 0 end end as by_price,
  case when t.unknown = 0 then t.by_discount + case t.takes when 7 then t.residue else 0 end end as by_discount,
  case when t.unknown = 0 then t.by_other + case t.takes when 8 then t.residue else 0 end end as by_other
from rest t
