-- rerated: each account whose use is told: what it pays, and the cheapest plan, its own or one that is sold, that would have done in each of its last months.
-- grain: account_key
-- reads: rerate_plan, rerate_use, base_item, reporting, rate_day, lookback
-- ties: -
-- decisions: 0016
with ranked as (
  select
    p.account_key, p.plan_key, p.mrr, p.lacking,
    row_number() over (partition by p.account_key order by case when p.lacking = 0 then 0 else 1 end, p.mrr, p.plan_key) as nth,
    count(*) over (partition by p.account_key) as plans
  from rerate_plan p
),
used as (
  select
    u.account_key, max(u.months) as months, max(u.full_months) as full_months,
    max(case when u.own_limit > 0 and u.highest > u.own_limit then 1 else 0 end) as is_over,
    coalesce(avg(case when u.own_limit > 0 then 1 - u.used end), -1) as unused
  from rerate_use u
  group by u.account_key
),
joined as (
  select
    b.account_key, b.plan_key, b.currency as paid_in, b.mrr, u.months, u.full_months, u.unused, u.is_over, r.plans,
    case when u.is_over = 0 and (r.lacking > 0 or r.mrr >= b.mrr) then b.plan_key when r.lacking = 0 then r.plan_key else 0 end as cheapest_plan_key,
    case when u.is_over = 0 and (r.lacking > 0 or r.mrr >= b.mrr) then b.mrr when r.lacking = 0 then r.mrr else 0 end as cheapest_mrr
  from ranked r
  join base_item b on b.account_key = r.account_key
  join used u on u.account_key = r.account_key
  where r.nth = 1
)
select
  j.account_key, j.plan_key, j.paid_in, -- currency in which it pays
  case g.currency when '' then j.paid_in else g.currency end as currency,
  j.cheapest_plan_key, -- 0: none would have done
  case when coalesce(r.known, g.unsaid) = 1 then cast((2 * cast(j.mrr as hugeint) * coalesce(r.rate, g.unsaid) + g.scale) // (2 * g.scale) as bigint) end as mrr, -- of its base item, minor units; empty without a rate
  case when coalesce(r.known, g.unsaid) = 1 then cast((2 * cast(j.cheapest_mrr as hugeint) * coalesce(r.rate, g.unsaid) + g.scale) // (2 * g.scale) as bigint) end as cheapest_mrr, -- of the cheapest plan that would have done
  case when j.cheapest_plan_key = 0 then 'none would do' when j.cheapest_mrr < j.mrr then 'less would do'
    when j.is_over = 1 then 'needs more' else 'fits' end as rerating, -- fits, less would do, needs more, none would do
  j.months, -- whole months with use told, of the last twelve
  j.full_months, -- of them, those that used up 95 % of a limit or more
  j.unused, -- mean share of its limits that it did not use; -1 = its plan has none
  j.plans -- plans that it was rated on
from joined j
cross join reporting g
cross join lookback k
left join rate_day r on r.currency = j.paid_in and r.on_date = k.last_day
