-- engaged: accounts that paid 180 days ago: whether they took part in the community in the 180 days before, and what became of them since.
-- grain: account_key
-- reads: account_balance, first_mrr, event_now, item_step, terms, plan_current, product_current, plan, lookback
-- ties: -
-- decisions: 0016
-- Told apart by what happened before a fixed day to which all have lived; in the currency in which each paid most on it.
with lived as (
  select
    s.account_key, s.currency,
    cast(sum(case when s.from_on < k.known_to - 360 and s.to_on >= k.known_to - 360 then s.balance else 0 end) as bigint) as before,
    cast(sum(case when s.from_on < k.known_to - 180 and s.to_on >= k.known_to - 180 then s.balance else 0 end) as bigint) as mrr,
    cast(sum(case when s.from_on < k.known_to and s.to_on >= k.known_to then s.balance else 0 end) as bigint) as mrr_then
  from account_balance s
  cross join lookback k
  group by s.account_key, s.currency
),
ranked as (
  select
    v.account_key, v.currency, v.before, v.mrr, v.mrr_then,
    max(case when v.mrr_then > 0 then 1 else 0 end) over (partition by v.account_key) as stayed,
    row_number() over (partition by v.account_key order by v.mrr desc, v.currency) as nth
  from lived v
),
spoken as (
  select
    e.account_key, count(case when e.kind = 'community' then 1 end) as community, count(case when e.kind = 'touch' then 1 end) as touches
  from event_now e
  cross join lookback k
  where cast(e.at as date) >= k.known_to - 360 and cast(e.at as date) < k.known_to - 180
  group by e.account_key
),
held as (
  select
    s.account_key, case when coalesce(m.tier, 0) > 0 then coalesce(c.family, '') || ' ' || cast(coalesce(m.tier, 0) as varchar) else coalesce(p.plan_id, '') end as peers,
    row_number() over (partition by s.account_key order by t.mrr desc, t.plan_key, s.item_key) as nth
  from item_step s
  join terms t on t.terms_key = s.terms_key
  cross join lookback k
  left join plan p on p.plan_key = t.plan_key
  left join plan_current m on m.plan_key = t.plan_key
  left join product_current c on c.product_key = coalesce(nullif(t.product_key, 0), m.product_key, 0)
  where t.mrr > 0 and cast(s.from_at as date) < k.known_to - 180 and cast(s.to_at as date) >= k.known_to - 180
)
select
  r.account_key, r.currency,
  coalesce(h.peers, '') as peers, -- family and tier of the plan that it paid most for on that day, else the plan
  date_diff('day', f.first_on, k.known_to - 180) as tenure, -- days since the first MRR, on that day
  r.before, -- MRR 180 days before that day, minor units
  r.mrr, -- on that day
  r.mrr_then, -- on the last day known
  r.stayed, -- 1: it still pays on the last day known
  coalesce(s.community, 0) as community, -- events of kind community in the 180 days before that day
  coalesce(s.touches, 0) as touches -- events of kind touch in them
from ranked r
join first_mrr f on f.account_key = r.account_key
cross join lookback k
left join spoken s on s.account_key = r.account_key
left join held h on h.account_key = r.account_key and h.nth = 1
where r.nth = 1 and r.mrr > 0
