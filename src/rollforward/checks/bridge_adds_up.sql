-- bridge_adds_up: rate and mix of all segments sum to the difference of the two NDRs.
-- reads: bridge
select
  '' as account_id, b.currency, date '0001-01-01' as on_date,
  cast(floor(1000000000 * max(b.whole_after - b.whole_before) + 0.5) as bigint) as expected,
  cast(floor(1000000000 * cast(sum(b.contribution) as double) + 0.5) as bigint) as found
from bridge b
group by b.currency
having abs(max(b.whole_after - b.whole_before) - cast(sum(b.contribution) as double)) > 0.000000001
