-- involuntary_day: the part of each day's churn whose source says it was involuntary (payment failed).
-- grain: on_date, currency, segment, several
-- reads: involuntary
-- ties: -
select i.on_date, i.currency, '' as segment, i.several, cast(sum(i.amount) as bigint) as amount -- minor units, negative
from involuntary i
group by i.on_date, i.currency, i.several
