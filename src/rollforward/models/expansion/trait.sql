-- trait: what each account had when the days began in which similar accounts are watched (was = 1), and what it has now (was = 0).
-- grain: account_key, trait, was
-- reads: line_span, signal_rule, lookback
-- ties: -
-- decisions: 0016
-- A trait is something that it has, or the tier of a base product.
with moment as (
  select 1 as was, cast(k.known_to - cast(r.similar_days as integer) as timestamp) as at from lookback k cross join signal_rule r
  union all
  select 0 as was, cast(k.known_to as timestamp) as at from lookback k
)
select distinct s.account_key, s.offered as trait, s.offered, m.was
from line_span s
join moment m on s.from_at < m.at and s.to_at >= m.at
where s.offered <> ''
union
select distinct
  s.account_key, s.offered || ', tier ' || cast(s.tier as varchar) as trait,
  '' as offered, -- what it has; '' = the trait is a tier
  m.was
from line_span s
join moment m on s.from_at < m.at and s.to_at >= m.at
where s.offered <> '' and s.role = 'base' and s.tier > 0
