-- signal_payment_trouble: an item is past due or unpaid, or ended lately for want of payment, and the account still pays for others.
-- grain: account_key, subject
-- reads: item_state, item, owner_span, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- Of the rows that speak of an item at a moment the latest counts.
with hot as (
  select distinct s.item_key
  from item_state s
  where s.status in ('past_due', 'unpaid') or s.cancel_reason = 'involuntary'
),
said as (
  select
    s.item_key, coalesce(o.owner_key, s.account_key) as account_key, s.status, s.cancel_reason, s.valid_from, s.valid_to, k.known_to, r.payment_days,
    row_number() over (
      partition by s.item_key, case when s.valid_to >= cast(k.known_to as timestamp) then 1 else 0 end
      order by case when s.valid_to >= cast(k.known_to as timestamp) then timestamp '0001-01-01' else s.valid_to end desc,
        s.rank desc, s.recorded_at desc, s.commit_id desc, s.valid_from desc, s.source_id desc, s.line desc) as nth,
    count(case when s.valid_to >= cast(k.known_to as timestamp) and s.status not in ('canceled', 'void') then 1 end) over (partition by s.item_key) as goes_on
  from item_state s
  join hot h on h.item_key = s.item_key
  cross join lookback k
  cross join signal_rule r
  left join owner_span o
    on o.account_key = s.account_key and o.from_at < cast(k.known_to as timestamp) and o.to_at >= cast(k.known_to as timestamp)
  where s.replaces_from < cast(k.known_to as timestamp) and s.valid_from < cast(k.known_to as timestamp)
),
troubled as (
  select
    s.account_key, s.item_key,
    case when s.valid_to >= cast(s.known_to as timestamp) then s.status else 'involuntary' end as status,
    case when s.valid_to >= cast(s.known_to as timestamp) then cast(s.valid_from as date) else cast(s.valid_to as date) end as since
  from said s
  where s.nth = 1
    and ((s.valid_to >= cast(s.known_to as timestamp) and s.status in ('past_due', 'unpaid'))
      or (s.valid_to < cast(s.known_to as timestamp) and s.goes_on = 0 and s.cancel_reason = 'involuntary'
        and cast(s.valid_to as date) >= s.known_to - cast(s.payment_days as integer)))
)
select
  a.account_key, 'payment_trouble' as signal,
  t.status || ' ' || i.subscription_id as subject, min(t.since) as since, date '9999-12-31' as due_on,
  cast(max(a.mrr) as double) as value, cast(0 as double) as reference, cast(0 as double) as share, cast(0 as double) as low,
  cast(0 as double) as high, count(*) as times, cast(0 as bigint) as out_of
from troubled t
join signal_account a on a.account_key = t.account_key
join item i on i.item_key = t.item_key
group by a.account_key, t.status, i.subscription_id
