-- renewal: every day on which an account's contract ends, or a year that it has paid for: what is told of it, past and ahead.
-- grain: account_key, due_on
-- reads: term, paid_year, item, lookback
-- ties: -
-- decisions: 0016
-- Several that end on one day are one renewal. A year that ends with a contract is told as the contract. Years are told ahead only.
with ends as (
  select
    t.account_key, cast(t.end_at as date) as due_on, 1 as is_contract, t.contract_id as subject, cast(t.start_at as date) as began_on,
    cast(t.notice_at as date) as notice_on, case when t.auto_renew then 1 else 0 end as auto_renew, t.amount, t.currency as amount_in, t.owner,
    case when t.next_at = t.end_at then 1 else 0 end as is_followed
  from term t
  where t.end_at < timestamp '9999-12-31'
  union all
  select
    y.account_key, y.due_on, 0 as is_contract, i.subscription_id as subject, y.began_on, date '9999-12-31' as notice_on, 1 as auto_renew,
    y.paid as amount, y.currency as amount_in, '' as owner, 0 as is_followed
  from paid_year y
  join item i on i.item_key = y.item_key
),
told as (
  select
    e.account_key, e.due_on, e.is_contract, e.subject, e.began_on, e.notice_on, e.auto_renew, e.amount, e.amount_in, e.owner, e.is_followed,
    max(e.is_contract) over (partition by e.account_key, e.due_on) as as_contract
  from ends e
)
select
  t.account_key, t.due_on, -- first day after the term
  case when t.as_contract = 1 then 'contract' else 'paid_year' end as kind, -- contract, or paid_year: paid by the year without one
  min(t.subject) as subject, -- contract or subscription, of several the first
  count(*) as terms, -- number of terms or items that end on the day
  min(t.began_on) as began_on, -- first day of the term
  min(t.notice_on) as notice_on, -- last day of notice; 9999-12-31 = not said
  min(t.auto_renew) as auto_renew, -- 1: all of it renews by itself
  case when min(t.amount_in) = max(t.amount_in) then cast(sum(t.amount) as bigint) else 0 end as amount, -- of the terms, minor units; 0 = not said
  min(t.amount_in) as amount_in, -- currency of the amount
  max(t.owner) as owner, -- '' = not said
  max(t.is_followed) as is_followed, -- 1: the next term follows already
  least(greatest(min(t.began_on), t.due_on - 90), k.known_to - 1) as opens_on -- day whose MRR is up for renewal: 90 days before, at most today
from told t
cross join lookback k
where t.is_contract = t.as_contract
group by t.account_key, t.due_on, t.as_contract, k.known_to
