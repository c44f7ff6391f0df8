-- account_known: accounts that anything is told of, but for those that another one is the same as; as whom they go on.
-- grain: account_key
-- reads: account, owner_span, account_stand, item_state, account_attribute, usage, event, contract, charge, account_link, lookback
-- ties: -
-- decisions: 0013
with told as (
  select s.account_key from account_stand s
  union
  select i.account_key from item_state i
  union
  select a.account_key from account_attribute a
  union
  select u.account_key from usage u
  union
  select e.account_key from event e
  union
  select c.account_key from contract c
  union
  select g.account_key from charge g
  union
  select l.to_key as account_key from account_link l
),
linked as (
  select o.owner_key, count(distinct o.account_key) as linked
  from owner_span o
  where o.owner_key <> o.account_key
  group by o.owner_key
)
select
  a.account_key, a.account_id,
  coalesce(l.linked, 0) as linked, -- number of accounts that go on as this one
  coalesce(n.owner_key, a.account_key) as owner_key -- as whom it goes on: itself, or who acquired it
from told t
join account a on a.account_key = t.account_key
cross join lookback k
left join owner_span b on b.account_key = a.account_key and b.from_at = timestamp '0001-01-01'
left join owner_span n
  on n.account_key = a.account_key and n.from_at < cast(k.known_to as timestamp) and n.to_at >= cast(k.known_to as timestamp)
left join linked l on l.owner_key = a.account_key
where coalesce(b.owner_key, a.account_key) = a.account_key
