-- charge_known: the end of the last whole month whose use is known: over as of the asked moment, and covered.
-- grain: known_to
-- reads: charge_month, calendar_month, source_file, policy
-- ties: -
-- only: usage <> 'exclude'
-- columns: known_to date
-- decisions: 0009
-- Covered as an import told, else to the end of the latest month to which any charge is booked.
with booked as (
  select coalesce(max(c.month_to), date '0001-01-01') as booked_to from charge_month c
),
told as (
  select coalesce(max(f.covered_to), timestamp '0001-01-01') as told_to
  from source_file f
  where f.kind = 'charges' and f.covered_to < timestamp '9999-12-31'
)
select coalesce(max(m.month_to), date '0001-01-01') as known_to -- first day that is not known; 0001-01-01: nothing is
from policy y
cross join booked b
cross join told t
left join calendar_month m on cast(m.month_to as timestamp) <= y.as_of
  and cast(m.month_to as timestamp) <= case when t.told_to > timestamp '0001-01-01' then t.told_to else cast(b.booked_to as timestamp) end
where y.usage <> 'exclude'
group by y.usage
