-- charge_month: each charge's amount by calendar month, as the policy books it.
-- grain: commit_id, source_id, line, month_from
-- reads: charge_local, calendar_month, owner_span, policy
-- ties: -
-- only: usage <> 'exclude'
-- columns: commit_id bigint, source_id bigint, line bigint, item_key bigint, account_key bigint, currency varchar, month_from date, month_to date, amount bigint
-- decisions: 0009
-- A month has what the days of service by its end come to, rounded, less what the days before it come to: parts add up.
with served as (
  select
    c.commit_id, c.source_id, c.line, c.item_key, coalesce(o.owner_key, c.account_key) as account_key, c.currency, c.amount,
    case
      when y.usage <> 'billed_month' then c.service_from
      when c.invoiced_at < timestamp '9999-12-31' then c.invoiced_at
      else c.service_to - interval '1 microsecond'
    end as first_at,
    case when y.usage = 'billed_month' and c.invoiced_at < timestamp '9999-12-31' then c.invoiced_at
      else c.service_to - interval '1 microsecond' end as last_at
  from charge_local c
  cross join policy y
  left join owner_span o on o.account_key = c.account_key and o.from_at = timestamp '0001-01-01'
),
parted as (
  select
    s.commit_id, s.source_id, s.line, s.item_key, s.account_key, s.currency, m.month_from, m.month_to,
    cast(s.amount as hugeint) as amount,
    date_diff('day', cast(s.first_at as date), cast(s.last_at as date)) + 1 as days,
    date_diff('day', cast(s.first_at as date), least(m.month_to, cast(s.last_at + interval '1 day' as date))) as days_by,
    date_diff('day', cast(s.first_at as date), greatest(m.month_from, cast(s.first_at as date))) as days_before
  from served s
  join calendar_month m on m.month_to > cast(s.first_at as date) and m.month_from <= cast(s.last_at as date)
),
-- Half up is the floor of (2 x amount x share + 1) / 2, for credits too.
doubled as (
  select
    p.commit_id, p.source_id, p.line, p.item_key, p.account_key, p.currency, p.month_from, p.month_to, 2 * p.days as width,
    2 * p.amount * p.days_by + p.days as by_end, 2 * p.amount * p.days_before + p.days as by_start
  from parted p
)
select
  d.commit_id, d.source_id, d.line, d.item_key, d.account_key, d.currency,
  d.month_from, -- first day of the month
  d.month_to, -- first day after it
  cast(case when d.by_end >= 0 then d.by_end // d.width else -((d.width - 1 - d.by_end) // d.width) end
    - case when d.by_start >= 0 then d.by_start // d.width else -((d.width - 1 - d.by_start) // d.width) end as bigint)
    as amount -- minor units
from doubled d
