-- kept_from: accounts whose first paying spells came and went inside a month each, with the day on which the first other began.
-- grain: account_key
-- reads: priced, gap_end, handed, policy, side
-- ties: -
-- only: same_month_neither = 1
-- columns: account_key bigint, kept_from date
-- decisions: 0009, 0013
-- Empty unless same_month_new_and_churn = neither. A spell that runs, an opening balance, and all that goes
-- from one account to another, are kept.
with change as (
  select
    p.account_key, cast(case when s.side = 1 then p.from_at else coalesce(g.counts_to, p.to_at) end as date) as on_date,
    cast(sum(s.side * p.mrr) as bigint) as delta, max(p.opening) as opening
  from priced p
  left join gap_end g
    on g.account_key = p.account_key and g.item_key = p.item_key and g.from_at = p.from_at and g.source_id = p.source_id and g.line = p.line
  cross join side s
  cross join policy y
  where y.same_month_neither = 1 and p.mrr > 0 and (s.side = 1 or coalesce(g.counts_to, p.to_at) < timestamp '9999-12-31')
  group by p.account_key, cast(case when s.side = 1 then p.from_at else coalesce(g.counts_to, p.to_at) end as date)
),
balance as (
  select
    c.account_key, c.on_date, c.delta, c.opening,
    cast(sum(c.delta) over (partition by c.account_key order by c.on_date rows between unbounded preceding and current row) as bigint)
      as after_minor
  from change c
),
spell as (
  select
    b.account_key, b.on_date as began, b.after_minor, b.opening,
    lead(b.on_date, 1, date '9999-12-31') over (partition by b.account_key order by b.on_date) as ended
  from balance b
  where (b.after_minor > 0 and b.after_minor = b.delta) or (b.after_minor = 0 and b.delta < 0)
),
passed as (
  select case when d.side = 1 then h.to_key else h.from_key end as account_key, min(cast(h.at as date)) as on_date
  from handed h
  cross join side d
  where h.mrr > 0
  group by case when d.side = 1 then h.to_key else h.from_key end
),
judged as (
  select
    s.account_key, s.began, coalesce(p.on_date, date '9999-12-31') as passed_on,
    case when s.opening = 0 and s.ended < date '9999-12-31' and coalesce(p.on_date not between s.began and s.ended, true)
        and cast(date_trunc('month', s.began) as date) = cast(date_trunc('month', s.ended) as date)
      then 0 else 1 end as kept
  from spell s
  left join passed p on p.account_key = s.account_key
  where s.after_minor > 0
)
select
  b.account_key,
  coalesce(min(case when j.kept = 1 then j.began else j.passed_on end), min(p.on_date), date '9999-12-31') as kept_from -- 9999-12-31: none is kept
from (select c.account_key, min(c.on_date) as on_date from change c group by c.account_key) b -- a spell may lie within one day
left join judged j on j.account_key = b.account_key
left join passed p on p.account_key = b.account_key
group by b.account_key
having min(b.on_date) < coalesce(min(case when j.kept = 1 then j.began else j.passed_on end), min(p.on_date), date '9999-12-31')
