-- plan_move: every change of an item from one plan to another, up or down, and what it moved.
-- grain: account_key, item_key, at, from_plan_key, to_plan_key
-- reads: item_step, swap, terms, plan_current, lookback, reporting, rate_day
-- ties: -
-- decisions: 0016
-- Tiers say the direction where both plans have one; else the price of a unit, which nothing can be said of over two currencies: level.
-- What was paid before and after is converted each from its own currency, at rates of the day.
with turned as (
  select s.account_key, s.item_key, s.from_at as at, s.b_terms_key, s.terms_key
  from item_step s
  where s.b_terms_key > 0 and s.b_to_at = s.from_at
  union all
  select w.account_key, w.started_item_key as item_key, w.started_at as at, w.b_terms_key, w.terms_key
  from swap w
),
paired as (
  select
    u.account_key, u.item_key, u.at, b.currency as left_in, t.currency, b.plan_key as from_plan_key, t.plan_key as to_plan_key, b.quantity as quantity_before,
    t.quantity as quantity_after, b.mrr as before_minor, t.mrr as after_minor, coalesce(p.tier, 0) as tier_before, coalesce(q.tier, 0) as tier_after
  from turned u
  join terms b on b.terms_key = u.b_terms_key
  join terms t on t.terms_key = u.terms_key
  cross join lookback k
  left join plan_current p on p.plan_key = b.plan_key
  left join plan_current q on q.plan_key = t.plan_key
  where b.plan_key <> t.plan_key and b.plan_key > 0 and t.plan_key > 0 and cast(u.at as date) < k.known_to
),
rated as (
  select
    p.account_key, p.item_key, p.at, p.left_in, p.currency, p.from_plan_key, p.to_plan_key, p.quantity_before, p.quantity_after, p.before_minor,
    p.after_minor, p.tier_before, p.tier_after, g.scale, case g.currency when '' then p.currency else g.currency end as told_in,
    case g.currency when '' then p.left_in else g.currency end as left_told_in,
    case when g.currency = '' and p.left_in <> p.currency then 0 else least(coalesce(b.known, g.unsaid), coalesce(r.known, g.unsaid)) end as known,
    cast(p.after_minor as hugeint) * coalesce(r.rate, g.unsaid) - cast(p.before_minor as hugeint) * coalesce(b.rate, g.unsaid) as moved
  from paired p
  cross join reporting g
  left join rate_day b on b.currency = p.left_in and b.on_date = cast(p.at as date)
  left join rate_day r on r.currency = p.currency and r.on_date = cast(p.at as date)
)
select
  p.account_key, p.item_key, p.at, cast(p.at as date) as on_date, p.currency as paid_in, -- currency in which it is paid
  p.told_in as currency,
  p.left_told_in as left_in, -- currency of what was left, as of answers: that of the plan it left, or the one asked for
  p.from_plan_key, -- plan it left
  p.to_plan_key, -- plan it went to
  p.quantity_before, -- 0 counts as 1
  case
    when p.tier_before > 0 and p.tier_after > 0 then case when p.tier_after > p.tier_before then 'up' when p.tier_after < p.tier_before then 'down' else 'level' end
    when p.left_in <> p.currency then 'level'
    when p.after_minor * p.quantity_before > p.before_minor * p.quantity_after then 'up'
    when p.after_minor * p.quantity_before < p.before_minor * p.quantity_after then 'down'
    else 'level' end as direction, -- up, down or level
  case when p.known = 1 and p.moved < 0 then -1 * cast((2 * (-1 * p.moved) + p.scale) // (2 * p.scale) as bigint)
    when p.known = 1 then cast((2 * p.moved + p.scale) // (2 * p.scale) as bigint) end as amount -- change of the item's MRR, minor units; empty without a rate, or native over two currencies
from rated p
