-- term: every term of a contract as it is told now, and when the account's next one begins.
-- grain: account_key, contract_id, start_at
-- reads: contract, owner_span, lookback
-- ties: -
-- decisions: 0016
with told as (
  select
    coalesce(o.owner_key, c.account_key) as account_key, c.contract_id, c.start_at, c.end_at, c.notice_at, c.auto_renew, c.amount, c.currency, c.owner,
    row_number() over (
      partition by coalesce(o.owner_key, c.account_key), c.contract_id, c.start_at
      order by c.rank desc, c.recorded_at desc, c.commit_id desc, c.source_id desc, c.line desc) as nth
  from contract c
  cross join lookback k
  left join owner_span o
    on o.account_key = c.account_key and o.from_at < cast(k.known_to as timestamp) and o.to_at >= cast(k.known_to as timestamp)
)
select
  t.account_key, t.contract_id, t.start_at, t.end_at, t.notice_at, t.auto_renew, t.amount, t.currency, t.owner,
  lead(t.start_at, 1, timestamp '9999-12-31') over (partition by t.account_key order by t.start_at, t.contract_id) as next_at -- first moment of the next term; 9999-12-31 = none
from told t
where t.nth = 1
