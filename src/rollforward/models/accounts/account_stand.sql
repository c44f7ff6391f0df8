-- account_stand: what each account has of MRR now, had before, and what is recorded to take effect later.
-- grain: account_key, currency
-- reads: account_day, lookback
-- ties: accounts_tie
-- Of several changes the last one before a day is in force on it; an opening balance stands on the day before coverage.
with turned as (
  select
    d.account_key, d.currency, d.on_date, d.movement, d.after_minor, d.active_after,
    lead(d.on_date, 1, date '9999-12-31') over (partition by d.account_key, d.currency order by d.window_at) as next_on
  from account_day d
  where d.movement <> 'none'
)
select
  t.account_key, t.currency,
  cast(sum(case when t.on_date < k.known_to and t.next_on >= k.known_to then t.after_minor else 0 end) as bigint) as mrr, -- minor units
  cast(sum(case when t.on_date < k.month_ago and t.next_on >= k.month_ago then t.after_minor else 0 end) as bigint) as mrr_30, -- 30 days ago
  cast(sum(case when t.on_date < k.year_ago and t.next_on >= k.year_ago then t.after_minor else 0 end) as bigint) as mrr_12, -- 12 months ago
  max(case when t.on_date < k.known_to then t.after_minor else 0 end) as peak, -- the most MRR it ever had, minor units
  min(case when t.on_date >= k.known_to or t.after_minor <= 0 then date '9999-12-31'
    when t.movement = 'opening' then t.on_date + 1 else t.on_date end) as first_on,
  max(case when t.on_date < k.known_to then t.on_date else date '0001-01-01' end) as changed_on, -- day of the last change
  max(case when t.on_date < k.known_to and t.next_on >= k.known_to then t.movement else '' end) as movement,
  max(case when t.on_date < k.known_to and t.next_on >= k.known_to then t.active_after else 0 end) as is_active, -- 1: in any currency
  min(case when t.on_date >= k.known_to then t.on_date else date '9999-12-31' end) as next_on, -- day of the next change; 9999-12-31 = none is recorded
  min(case when t.on_date >= k.known_to and t.movement = 'churn' then t.on_date else date '9999-12-31' end) as ends_on -- 9999-12-31 = not
from turned t
cross join lookback k
group by t.account_key, t.currency
