-- renewal_term: the terms that run on the day from which a renewal is looked at, of renewals that are of a part of what the account pays.
-- grain: account_key, due_on, contract_id
-- reads: renewal, term, item, mrr_change
-- ties: -
-- decisions: 0016
-- A contract has the items of the subscription of its id. Those without have what no running contract has, by their amounts a day, or alike.
with running as (
  select
    r.account_key, r.due_on, t.contract_id, max(case when cast(t.end_at as date) = r.due_on then 1 else 0 end) as is_due,
    min(cast(t.end_at as date)) as ends_on, max(t.currency) as currency,
    max(t.amount * 1000 // greatest(date_diff('day', cast(t.start_at as date), cast(t.end_at as date)), 1)) as rate
  from renewal r
  join term t on t.account_key = r.account_key
  where r.kind = 'contract'
    and (cast(t.end_at as date) = r.due_on or (cast(t.start_at as date) <= r.opens_on and cast(t.end_at as date) > r.opens_on))
  group by r.account_key, r.due_on, t.contract_id
),
named as (
  select distinct g.account_key, g.contract_id
  from running g
  join item i on i.subscription_id = g.contract_id
  join mrr_change m on m.item_key = i.item_key and m.account_key = g.account_key
),
marked as (
  select
    g.account_key, g.due_on, g.contract_id, g.is_due, g.ends_on, g.rate, g.currency,
    case when coalesce(n.account_key, 0) <> 0 then 1 else 0 end as is_named
  from running g
  left join named n on n.account_key = g.account_key and n.contract_id = g.contract_id
),
beside as (
  select
    d.account_key, d.due_on, d.contract_id, d.is_due, d.is_named, d.ends_on, d.rate,
    min(d.rate) over (partition by d.account_key, d.due_on, d.is_named) as least_rate,
    min(d.currency) over (partition by d.account_key, d.due_on, d.is_named) as first_currency,
    max(d.currency) over (partition by d.account_key, d.due_on, d.is_named) as last_currency,
    max(d.is_due * d.is_named) over (partition by d.account_key, d.due_on) as names_its_own,
    min(d.is_due) over (partition by d.account_key, d.due_on) as is_alone
  from marked d
)
select
  b.account_key, b.due_on, b.contract_id,
  b.is_due, -- 1: it ends on the day; 0: it runs beside what does
  b.is_named, -- 1: a subscription has its id
  b.ends_on, -- first day after the term
  cast(case when b.is_named = 1 then 0 when b.least_rate > 0 and b.first_currency = b.last_currency then b.rate else 1 end as bigint) as weight -- in what no running contract has
from beside b
where b.names_its_own = 1 or b.is_alone = 0
