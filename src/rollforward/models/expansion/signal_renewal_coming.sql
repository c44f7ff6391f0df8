-- signal_renewal_coming: a contract ends soon, or the paid year of an item does; reference is its MRR, or the contract's amount.
-- grain: account_key, subject
-- reads: contract, owner_span, held_item, item_state, item, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- A year is paid through the day that is said, else it begins anew on the day on which the item's yearly terms did. A contract that the
-- next one follows on its last day is renewed; a year that ends with a contract is told once, as the contract.
with told as (
  select
    coalesce(o.owner_key, c.account_key) as account_key, c.contract_id, c.start_at, c.end_at, c.amount,
    lead(c.start_at, 1, timestamp '9999-12-31') over (
      partition by c.account_key
      order by c.start_at, c.contract_id, c.rank, c.recorded_at, c.commit_id, c.source_id, c.line) as next_at,
    row_number() over (
      partition by c.account_key, c.contract_id, c.start_at
      order by c.rank desc, c.recorded_at desc, c.commit_id desc, c.source_id desc, c.line desc) as nth
  from contract c
  cross join lookback k
  left join owner_span o
    on o.account_key = c.account_key and o.from_at < cast(k.known_to as timestamp) and o.to_at >= cast(k.known_to as timestamp)
),
yearly as (
  select
    h.account_key, h.item_key, h.currency, h.mrr, h.per // 10 as years,
    min(cast(s.valid_from as date)) as began_on,
    max(case when s.source_id = h.source_id and s.line = h.line and s.paid_through < timestamp '9999-12-31' then cast(s.paid_through as date) else date '0001-01-01' end) as paid_to
  from held_item h
  join item_state s on s.item_key = h.item_key and s.interval = 'year' and s.valid_from <= h.from_at
  where h.per % 10 = 4 and h.mrr > 0
  group by h.account_key, h.item_key, h.currency, h.mrr, h.per
),
due as (
  select y.account_key, y.item_key, y.currency, y.mrr, y.began_on,
    case when y.paid_to >= k.known_to then y.paid_to
      else cast(y.began_on + (12 * y.years * ((extract(year from k.last_day) - extract(year from y.began_on)) // y.years
        + case when cast(y.began_on + (12 * y.years * ((extract(year from k.last_day) - extract(year from y.began_on)) // y.years)) * interval '1' month as date) >= k.known_to
          then 0 else 1 end)) * interval '1' month as date) end as due_on
  from yearly y
  cross join lookback k
),
coming as (
  select t.account_key, t.contract_id as subject, cast(t.start_at as date) as since, cast(t.end_at as date) as due_on, t.amount as value,
    1 as is_contract
  from told t
  where t.nth = 1 and t.next_at <> t.end_at
  union all
  select d.account_key, i.subscription_id as subject, min(d.began_on) as since, min(d.due_on) as due_on, cast(sum(d.mrr) as bigint) as value, 0 as is_contract
  from due d
  join item i on i.item_key = d.item_key
  group by d.account_key, i.subscription_id
)
select
  a.account_key, 'renewal_coming' as signal, c.subject, max(c.since) as since, c.due_on,
  cast(max(a.mrr) as double) as value, cast(max(c.value) as double) as reference, cast(0 as double) as share, cast(0 as double) as low,
  cast(0 as double) as high, cast(0 as bigint) as times, cast(0 as bigint) as out_of
from (
  select g.account_key, g.subject, g.since, g.due_on, g.value, g.is_contract, max(g.is_contract) over (partition by g.account_key, g.due_on) as is_told
  from coming g
) c
join signal_account a on a.account_key = c.account_key
cross join signal_rule r
cross join lookback k
where c.due_on >= k.known_to and c.due_on <= k.known_to + cast(r.renewal_days as integer) and c.is_contract = c.is_told
group by a.account_key, c.subject, c.due_on
