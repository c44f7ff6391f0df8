-- first_mrr: the day of each account's first MRR.
-- grain: account_key
-- reads: account_day
-- ties: -
-- decisions: 0005
-- An opening balance stands on the day before coverage begins; its day is the first covered one.
select
  d.account_key,
  min(case when d.movement = 'opening' then d.on_date + 1 else d.on_date end) as first_on,
  case when min(case when d.movement = 'opening' then d.on_date else date '9999-12-31' end) <= min(d.on_date) then 1 else 0 end
    as stood -- 1: an opening balance: it began before coverage did
from account_day d
where d.after_minor > 0
group by d.account_key
