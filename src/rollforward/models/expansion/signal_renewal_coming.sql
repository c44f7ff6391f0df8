-- signal_renewal_coming: a contract ends soon, or the paid year of an item does; reference is its MRR, or the contract's amount.
-- grain: account_key, subject
-- reads: term, paid_year, item, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- A contract that the next one follows on its last day is renewed; a year that ends with a contract is told once, as the contract.
with coming as (
  select t.account_key, t.contract_id as subject, cast(t.start_at as date) as since, cast(t.end_at as date) as due_on, t.amount as value,
    1 as is_contract
  from term t
  where t.next_at <> t.end_at
  union all
  select d.account_key, i.subscription_id as subject, min(d.began_on) as since, min(d.due_on) as due_on, cast(sum(d.mrr) as bigint) as value, 0 as is_contract
  from paid_year d
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
