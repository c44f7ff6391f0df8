-- several_currencies: accounts that ever had MRR in more than one currency, as closed or as known now.
-- grain: account_key
-- reads: closed_row, known_day
-- ties: -
-- decisions: 0012
with told as (
  select c.account_key, c.currency from closed_row c
  union
  select k.account_key, k.currency from known_day k
)
select t.account_key
from told t
group by t.account_key
having min(t.currency) <> max(t.currency)
