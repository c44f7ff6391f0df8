-- item_day: what an account's items of one value of the asked dimension changed by in a netting window.
-- grain: account_key, currency, value, window_at
-- reads: item_step, terms, item_value, netting_window, side, handed
-- ties: segments_tie
-- decisions: 0011, 0013
with edge as (
  select
    s.account_key, t.currency, v.value, v.shown, v.kept, d.side * t.mrr as delta,
    case when d.side = 1 then s.from_at else s.to_at end as at
  from item_step s
  join terms t on t.terms_key = s.terms_key
  join item_value v
    on v.product_key = t.product_key and v.plan_key = t.plan_key and v.per = t.per and v.currency = t.currency
  cross join side d
  where t.mrr <> 0 and (d.side = 1 or s.to_at < timestamp '9999-12-31')
),
-- What links move stands in windows of its own (handed_window).
moved as (
  select
    case when d.side = 1 then h.to_key else h.from_key end as account_key, h.currency, v.value, v.shown, v.kept, h.at,
    d.side, d.side * h.mrr as delta
  from handed h
  join item_value v
    on v.product_key = h.product_key and v.plan_key = h.plan_key and v.per = h.per and v.currency = h.currency
  cross join side d
  where h.mrr <> 0
),
placed as (
  select
    e.account_key, e.currency, e.value, e.shown, e.kept,
    coalesce(n.window_at, cast(cast(e.at as date) as timestamp)) as window_at, e.delta
  from edge e
  left join netting_window n on n.account_key = e.account_key and n.at = e.at
  union all
  select
    m.account_key, m.currency, m.value, m.shown, m.kept,
    case when d.side = -1 then coalesce(n.window_at, cast(cast(m.at as date) as timestamp))
      when m.side = 1 then coalesce(n.window_at, cast(cast(m.at as date) as timestamp)) - interval '2 microsecond'
      else coalesce(n.window_at, cast(cast(m.at as date) as timestamp)) + interval '1 microsecond' end as window_at,
    d.side * m.delta as delta
  from moved m
  cross join side d
  left join netting_window n on n.account_key = m.account_key and n.at = m.at
),
summed as (
  select p.account_key, p.currency, p.value, p.shown, p.kept, p.window_at, cast(sum(p.delta) as bigint) as delta
  from placed p
  group by p.account_key, p.currency, p.value, p.shown, p.kept, p.window_at
)
select
  s.account_key, s.currency, s.value, s.shown, s.kept, s.window_at, s.delta, -- minor units
  cast(sum(s.delta) over (
    partition by s.account_key, s.currency, s.value order by s.window_at rows between unbounded preceding and current row)
    as bigint) as after_minor
from summed s
where s.delta <> 0
