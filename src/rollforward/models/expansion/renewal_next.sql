-- renewal_next: the day on which each account next decides: the end of a contract, or of what is paid by the year.
-- grain: account_key
-- reads: paid_year, term_now
-- ties: -
-- decisions: 0016
with due as (
  select y.account_key, y.due_on
  from paid_year y
  union all
  select t.account_key, t.contract_ends as due_on
  from term_now t
)
select d.account_key, min(d.due_on) as due_on -- the first day that is not paid or agreed
from due d
group by d.account_key
