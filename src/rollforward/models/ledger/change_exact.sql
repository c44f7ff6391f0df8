-- change_exact: each pair's monthly list amounts as exact fractions: before, at the new price for the old quantity, after.
-- grain: b_terms_key, terms_key
-- reads: change, plan_current, tier_price, factor
-- ties: drivers_sum
-- decisions: 0004
-- as_price: 1 if a plan-or-price part belongs to price. A tiered plan's list counts where it gives the state's own amount.
with told as (
  select
    c.b_terms_key, c.terms_key, c.mrr, c.b_mrr, c.kept, c.b_kept, c.cut, c.b_cut, c.quantity, c.b_quantity, c.amount, c.b_amount,
    f.num, f.den, g.num as b_num, g.den as b_den,
    case when c.plan_key = c.b_plan_key and c.product_key = c.b_product_key then 1 else 0 end as same_plan,
    case
      when c.plan_key = c.b_plan_key and c.product_key = c.b_product_key then 1
      when coalesce(p.tier, 0) <> 0 and coalesce(p.tier, 0) = coalesce(b.tier, 0) and coalesce(p.product_key, 0) <> 0
        and coalesce(p.product_key, 0) = coalesce(b.product_key, 0) then 1
      else 0
    end as as_price,
    case when cast(coalesce(ta.amount, -1) as hugeint) * coalesce(h.num, 0) * f.den = cast(c.amount as hugeint) * f.num * coalesce(h.den, 0)
      and coalesce(ta.currency, '') = c.currency then 1 else 0 end as on_list,
    case when cast(coalesce(tb.amount, -1) as hugeint) * coalesce(k.num, 0) * g.den = cast(c.b_amount as hugeint) * g.num * coalesce(k.den, 0)
      and coalesce(tb.currency, '') = c.currency then 1 else 0 end as b_on_list,
    cast(coalesce(tx.amount, 0) as hugeint) * coalesce(h.num, 0) as list_n, cast(coalesce(h.den, 1) as hugeint) as list_d
  from change c
  join factor f on f.per = c.per
  join factor g on g.per = c.b_per
  left join plan_current p on p.plan_key = c.plan_key
  left join plan_current b on b.plan_key = c.b_plan_key
  left join tier_price ta on ta.plan_key = c.plan_key and ta.quantity = c.quantity
  left join tier_price tx on tx.plan_key = c.plan_key and tx.quantity = c.b_quantity
  left join tier_price tb on tb.plan_key = c.b_plan_key and tb.quantity = c.b_quantity
  left join factor h on h.per = coalesce(ta.per, 0)
  left join factor k on k.per = coalesce(tb.per, 0)
),
-- same_list: the list price did not change, so all of the change is seats.
judged as (
  select
    t.b_terms_key, t.terms_key, t.mrr, t.b_mrr, t.kept, t.b_kept, t.cut, t.b_cut, t.b_quantity, t.quantity, t.num, t.b_num, t.as_price,
    t.on_list, t.list_n, t.list_d,
    cast(t.b_amount as hugeint) * t.b_num as before_n, cast(t.b_den as hugeint) as before_d,
    cast(t.amount as hugeint) * t.num as after_n, cast(t.den as hugeint) as after_d,
    case when t.same_plan = 1 and ((t.on_list = 1 and t.b_on_list = 1)
      or cast(t.amount as hugeint) * t.num * t.b_den * t.b_quantity = cast(t.b_amount as hugeint) * t.b_num * t.den * t.quantity
      or cast(t.amount as hugeint) * t.num * t.b_den = cast(t.b_amount as hugeint) * t.b_num * t.den) then 1 else 0 end as same_list
  from told t
)
select
  j.b_terms_key, j.terms_key, j.mrr, j.b_mrr, j.kept, j.b_kept, j.cut, j.b_cut, j.num, j.b_num, j.as_price,
  j.before_n, j.before_d, -- monthly list amount before, as a fraction
  j.after_n, j.after_d, -- and after
  case when j.same_list = 1 then j.before_n when j.on_list = 1 then j.list_n else j.after_n * j.b_quantity end as cross_n, -- new price, old quantity
  case when j.same_list = 1 then j.before_d when j.on_list = 1 then j.list_d else j.after_d * j.quantity end as cross_d
from judged j
