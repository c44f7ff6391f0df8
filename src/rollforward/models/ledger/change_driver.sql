-- change_driver: each change split into plan or price, seats and discount, rounded; the rest goes to the largest.
-- grain: b_terms_key, terms_key
-- reads: change_exact
-- ties: drivers_sum
-- decisions: 0004
-- Exact parts as fractions of 10^12: d_n/d_d is the monthly amount discount, never more than what it is taken from.
with taken as (
  select
    e.b_terms_key, e.terms_key,
    e.mrr, e.b_mrr, e.as_price, e.kept, e.b_kept, e.before_n, e.before_d, e.after_n, e.after_d, e.cross_n, e.cross_d,
    least(cast(e.b_cut as hugeint) * e.b_num * 1000000000000, e.before_n * e.b_kept) as b_off_n,
    least(cast(e.cut as hugeint) * e.num * 1000000000000, e.after_n * e.kept) as off_n
  from change_exact e
),
parts as (
  select
    t.b_terms_key, t.terms_key,
    t.mrr, t.b_mrr, t.as_price,
    (t.cross_n * t.before_d - t.before_n * t.cross_d) * t.b_kept as price_n, t.cross_d * t.before_d * 1000000000000 as price_d,
    (t.after_n * t.cross_d - t.cross_n * t.after_d) * t.b_kept as seats_n, t.after_d * t.cross_d * 1000000000000 as seats_d,
    t.after_n * (t.kept - t.b_kept) * t.before_d + t.b_off_n * t.after_d - t.off_n * t.before_d as discount_n,
    t.after_d * t.before_d * 1000000000000 as discount_d
  from taken t
),
rounded as (
  select
    p.b_terms_key, p.terms_key,
    p.mrr, p.b_mrr, p.as_price,
    case when p.price_n = 0 then 0 else cast(sign(p.price_n) * ((2 * abs(p.price_n) + p.price_d) // (2 * p.price_d)) as bigint) end as price,
    case when p.seats_n = 0 then 0 else cast(sign(p.seats_n) * ((2 * abs(p.seats_n) + p.seats_d) // (2 * p.seats_d)) as bigint) end as seats,
    case when p.discount_n = 0 then 0
      else cast(sign(p.discount_n) * ((2 * abs(p.discount_n) + p.discount_d) // (2 * p.discount_d)) as bigint) end as discount,
    floor(abs(cast(p.price_n as double) / nullif(p.price_d, 0)) * 1000000 + 0.414213562) as size_price,
    floor(abs(cast(p.seats_n as double) / nullif(p.seats_d, 0)) * 1000000 + 0.414213562) as size_seats,
    floor(abs(cast(p.discount_n as double) / nullif(p.discount_d, 0)) * 1000000 + 0.414213562) as size_discount
  from parts p
),
-- A size is cut in millionths where no fraction that occurs has its edge: parts that are equal stay so as doubles.
-- The largest exact part takes the rest; column order decides a tie: plan, seats, price, discount.
largest as (
  select
    r.b_terms_key, r.terms_key, r.mrr, r.b_mrr, r.as_price, r.price, r.seats, r.discount,
    r.mrr - r.b_mrr - r.price - r.seats - r.discount as residue,
    case
      when r.size_seats >= r.size_discount and (r.size_seats > r.size_price or (r.size_seats = r.size_price and r.as_price = 1)) then 'seats'
      when r.size_price >= r.size_discount then 'price'
      else 'discount'
    end as takes
  from rounded r
)
select
  l.b_terms_key, l.terms_key, l.mrr, l.b_mrr,
  l.as_price, -- 1: a plan-or-price part is price
  case when l.as_price = 0 then l.price + case when l.takes = 'price' then l.residue else 0 end else 0 end as by_plan,
  l.seats + case when l.takes = 'seats' then l.residue else 0 end as by_seats,
  case when l.as_price = 1 then l.price + case when l.takes = 'price' then l.residue else 0 end else 0 end as by_price,
  l.discount + case when l.takes = 'discount' then l.residue else 0 end as by_discount
from largest l
