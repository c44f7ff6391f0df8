-- several_currencies: accounts that ever had MRR in more than one currency.
-- grain: account_key
-- reads: account_change
-- ties: -
-- Only accounts with a currency besides the first can be: in a store of one currency nothing is grouped.
with beside as (
  select distinct c.account_key
  from account_change c
  where c.currency <> (select coalesce(min(f.currency), '') from account_change f)
)
select c.account_key
from account_change c
join beside b on b.account_key = c.account_key
group by c.account_key
having min(c.currency) <> max(c.currency)
