-- involuntary_day: the part of each day's churn whose source says it was involuntary (payment failed).
-- grain: on_date, currency, segment, several
-- reads: involuntary, placed_day, account_day
-- ties: -
-- Split as the churn itself is.
select
  i.on_date, i.currency, p.segment, i.several,
  cast(sum(cast(i.amount as hugeint) * p.amount // d.amount) as bigint) as amount -- minor units, negative
from involuntary i
join account_day d on d.account_key = i.account_key and d.currency = i.currency and d.window_at = i.window_at and d.amount <> 0
join placed_day p
  on p.account_key = i.account_key and p.currency = i.currency and p.window_at = i.window_at and p.movement = 'churn'
group by i.on_date, i.currency, p.segment, i.several
