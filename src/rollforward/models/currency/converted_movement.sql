-- converted_movement: the native movements of each account, each worth what it is in the currency of the answer.
-- grain: account_id, paid_in, window_at
-- reads: movement, judged_window, carried, carried_driver, rate_day, reporting
-- ties: fx_ties
-- decisions: 0010
select
  m.on_date, m.account_id, m.account_key, m.window_at, g.currency, m.currency as paid_in, -- currency in which it is paid
  coalesce(j.movement, m.movement) as movement, -- class of the account's window, all its currencies together
  m.amount as paid_amount, -- native minor units
  case when g.carried = 1 and m.currency <> g.currency then coalesce(k.amount, 0)
    else cast(m.amount as decimal(38,0)) * coalesce(r.rate, 0) end as amount, -- 10^-10 minor units
  case when g.carried = 1 and m.currency <> g.currency then coalesce(v.by_plan, 0) else cast(m.by_plan as decimal(38,0)) * coalesce(r.rate, 0) end as by_plan,
  case when g.carried = 1 and m.currency <> g.currency then coalesce(v.by_product, 0) else cast(m.by_product as decimal(38,0)) * coalesce(r.rate, 0) end as by_product,
  case when g.carried = 1 and m.currency <> g.currency then coalesce(v.by_add_on, 0) else cast(m.by_add_on as decimal(38,0)) * coalesce(r.rate, 0) end as by_add_on,
  case when g.carried = 1 and m.currency <> g.currency then coalesce(v.by_seats, 0) else cast(m.by_seats as decimal(38,0)) * coalesce(r.rate, 0) end as by_seats,
  case when g.carried = 1 and m.currency <> g.currency then coalesce(v.by_usage, 0) else cast(m.by_usage as decimal(38,0)) * coalesce(r.rate, 0) end as by_usage,
  case when g.carried = 1 and m.currency <> g.currency then coalesce(v.by_price, 0) else cast(m.by_price as decimal(38,0)) * coalesce(r.rate, 0) end as by_price,
  case when g.carried = 1 and m.currency <> g.currency then coalesce(v.by_discount, 0) else cast(m.by_discount as decimal(38,0)) * coalesce(r.rate, 0) end as by_discount,
  case when g.carried = 1 and m.currency <> g.currency then coalesce(v.by_other, 0) else cast(m.by_other as decimal(38,0)) * coalesce(r.rate, 0) end as by_other,
  cast(m.before_minor as decimal(38,0)) * coalesce(r.rate, 0) as before, -- at the day's rate
  cast(m.after_minor as decimal(38,0)) * coalesce(r.rate, 0) as after
from movement m
cross join reporting g
left join judged_window j on j.account_key = m.account_key and j.window_at = m.window_at
left join carried k on k.account_key = m.account_key and k.currency = m.currency and k.window_at = m.window_at
left join carried_driver v on v.account_key = m.account_key and v.currency = m.currency and v.window_at = m.window_at
left join rate_day r on r.currency = m.currency and r.on_date = m.on_date
