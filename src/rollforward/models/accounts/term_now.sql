-- term_now: the next end of a contract of each account.
-- grain: account_key
-- reads: contract, owner_span, lookback
-- ties: -
with ranked as (
  select
    coalesce(o.owner_key, c.account_key) as account_key, c.end_at,
    row_number() over (
      partition by c.account_key, c.contract_id, c.start_at
      order by c.rank desc, c.recorded_at desc, c.commit_id desc, c.source_id desc, c.line desc) as nth
  from contract c
  cross join lookback k
  left join owner_span o
    on o.account_key = c.account_key and o.from_at < cast(k.known_to as timestamp) and o.to_at >= cast(k.known_to as timestamp)
)
select r.account_key, min(cast(r.end_at as date)) as contract_ends -- first day after the term
from ranked r
cross join lookback k
where r.nth = 1 and cast(r.end_at as date) >= k.known_to and r.end_at < timestamp '9999-12-31'
group by r.account_key
