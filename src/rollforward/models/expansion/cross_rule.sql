-- cross_rule: of the accounts that had something and lacked something else, how many added it in the days watched; against all that lacked it.
-- grain: trait, offered
-- reads: trait, line_added
-- ties: -
-- decisions: 0016
-- Order is in it: the trait was there before, the addition came after. Limits are normal for the logarithm of the lift,
-- to a millionth: engines differ in the last digits of exp and sqrt.
with had as (
  select t.account_key, t.trait, t.offered from trait t where t.was = 1
),
sized as (
  select h.trait, a.offered, count(distinct h.account_key) as accounts
  from had h
  cross join (select distinct l.offered from line_added l) a
  left join had o on o.account_key = h.account_key and o.offered = a.offered
  where coalesce(o.offered, '') = ''
  group by h.trait, a.offered
),
grown as (
  select h.trait, l.offered, count(*) as added, cast(sum(l.in_90) as bigint) as added_90
  from line_added l
  join had h on h.account_key = l.account_key
  group by h.trait, l.offered
),
whole as (
  select l.offered, max(p.accounts) - max(coalesce(b.accounts, 0)) as accounts, count(distinct l.account_key) as added
  from line_added l
  cross join (select count(distinct h.account_key) as accounts from had h) p
  left join (select h.offered, count(distinct h.account_key) as accounts from had h where h.offered <> '' group by h.offered) b
    on b.offered = l.offered
  group by l.offered
)
select
  s.trait, s.offered,
  s.accounts, -- that had the trait and lacked what is offered
  g.added, -- of them, those that added it
  g.added_90, -- of them, within 90 days
  cast(g.added as double) / nullif(s.accounts, 0) as share, -- added / accounts
  cast(w.added as double) / nullif(w.accounts, 0) as base_share, -- the same of all that lacked it
  cast(g.added * w.accounts as double) / nullif(cast(s.accounts * w.added as double), 0) as lift, -- share / base_share
  cast(floor(cast(1000000 * g.added * w.accounts as double) / nullif(cast(s.accounts * w.added as double), 0)
    * exp(-1.959963984540054 * sqrt(greatest(cast(1 as double) / nullif(g.added, 0) - cast(1 as double) / nullif(s.accounts, 0)
      + cast(1 as double) / nullif(w.added, 0) - cast(1 as double) / nullif(w.accounts, 0), 0))) + 0.5) as double) / nullif(1000000, 0) as low,
  cast(floor(cast(1000000 * g.added * w.accounts as double) / nullif(cast(s.accounts * w.added as double), 0)
    * exp(1.959963984540054 * sqrt(greatest(cast(1 as double) / nullif(g.added, 0) - cast(1 as double) / nullif(s.accounts, 0)
      + cast(1 as double) / nullif(w.added, 0) - cast(1 as double) / nullif(w.accounts, 0), 0))) + 0.5) as double) / nullif(1000000, 0) as high
from sized s
join grown g on g.trait = s.trait and g.offered = s.offered
join whole w on w.offered = s.offered
