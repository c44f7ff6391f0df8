-- uplifts_tie: what expansions of a day rose without usage is the day's expansion less what usage drove, and none loses more than it rose.
-- reads: driver_day, uplift_step, uplift_fate, account, known
with rose as (
  select s.currency, s.on_date, cast(sum(s.net) as bigint) as net
  from uplift_step s
  where s.movement = 'expansion'
  group by s.currency, s.on_date
),
driven as (
  select d.currency, d.on_date, cast(sum(d.amount - d.by_usage) as bigint) as net
  from driver_day d
  cross join known k
  where d.movement = 'expansion' and d.on_date < k.known_to
  group by d.currency, d.on_date
)
select '' as account_id, d.currency, d.on_date, d.net as expected, coalesce(r.net, 0) as found
from driven d
left join rose r on r.currency = d.currency and r.on_date = d.on_date
where d.net <> coalesce(r.net, 0)
union all
select a.account_id, f.currency, f.made_on as on_date, cast(0 as bigint) as expected, f.held as found
from uplift_fate f
join account a on a.account_key = f.account_key
where f.held < 0 or f.held > f.uplift
