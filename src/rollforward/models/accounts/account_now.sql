-- account_now: every account as it stands now, a row for each currency in which it pays, one without MRR where it pays in none.
-- grain: account_key, currency
-- reads: account_known, account_stand, account_item, term_now, attribute_now
-- ties: accounts_tie
with stood as (
  select
    s.account_key, s.currency, s.mrr, s.mrr_30, s.mrr_12, s.peak, s.first_on, s.changed_on, s.movement, s.is_active, s.next_on, s.ends_on,
    row_number() over (
      partition by s.account_key order by case when s.mrr > 0 then 0 else 1 end, s.changed_on desc, s.currency) as nth
  from account_stand s
),
said as (
  select
    v.account_key,
    max(case when v.dimension = 'name' then v.value else '' end) as name,
    max(case when v.dimension = 'email' then v.value else '' end) as email,
    max(case when v.dimension = 'owner' then v.value else '' end) as owner,
    max(case when v.dimension = 'country' then v.value else '' end) as country,
    max(case when v.dimension = 'industry' then v.value else '' end) as industry
  from attribute_now v
  where v.dimension in ('name', 'email', 'owner', 'country', 'industry')
  group by v.account_key
)
select
  a.account_key, coalesce(s.currency, '') as currency, -- '' = it never paid
  a.account_id, coalesce(d.name, '') as name, -- '' = not said, as in all that follow
  coalesce(d.email, '') as email, -- where it is written to
  coalesce(d.owner, '') as owner, -- whose it is
  coalesce(d.country, '') as country, -- attribute of that name
  coalesce(d.industry, '') as industry, -- attribute of that name
  case when coalesce(s.is_active, 0) = 1 and coalesce(s.ends_on, date '9999-12-31') < date '9999-12-31' then 'ending'
    when coalesce(s.is_active, 0) = 1 then 'active'
    when a.owner_key <> a.account_key then 'acquired'
    when coalesce(s.first_on, date '9999-12-31') < date '9999-12-31' then 'churned'
    else 'never paid' end as state, -- active, ending (it is recorded when), churned, acquired or never paid
  coalesce(s.mrr, 0) as mrr, -- minor units
  coalesce(s.mrr_30, 0) as mrr_30, -- 30 days ago
  coalesce(s.mrr_12, 0) as mrr_12, -- 12 months ago
  coalesce(s.peak, 0) as peak, -- the most MRR it ever had, minor units
  coalesce(s.first_on, date '9999-12-31') as first_on, -- 9999-12-31 = never
  coalesce(s.changed_on, date '0001-01-01') as changed_on, -- day of the last change; 0001-01-01 = none
  coalesce(s.movement, '') as movement, -- class of the last change
  coalesce(s.next_on, date '9999-12-31') as next_on, -- day of the next change recorded; 9999-12-31 = none
  coalesce(i.items, 0) as items, coalesce(i.product_key, 0) as product_key, coalesce(i.plan_key, 0) as plan_key,
  coalesce(t.contract_ends, date '9999-12-31') as contract_ends, -- first day after the next term to end; 9999-12-31 = none
  a.linked, a.owner_key
from account_known a
left join stood s on s.account_key = a.account_key and (s.nth = 1 or s.mrr > 0)
left join account_item i on i.account_key = a.account_key and i.currency = coalesce(s.currency, '')
left join term_now t on t.account_key = a.account_key
left join said d on d.account_key = a.account_key
