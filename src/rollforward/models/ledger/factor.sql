-- factor: how many months an interval is worth, as the fraction num/den, under the policy (definitions.md section 2).
-- grain: per
-- reads: interval_code, policy
-- ties: -
-- per: count * 10 + 1 day, 2 week, 3 month, 4 year.
select
  i.per,
  case i.per % 10 when 1 then y.day_num when 2 then y.week_num else 1 end as num,
  case i.per % 10 when 1 then y.day_den when 2 then y.week_den when 3 then 1 else 12 end * (i.per // 10) as den
from interval_code i
cross join policy y
