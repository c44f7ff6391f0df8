-- apart: accounts whose balance alone does not say whether they are active: several currencies, or items held at 0.
-- grain: account_key
-- reads: account_change, several_currencies
-- ties: -
-- decisions: 0007, 0009
select s.account_key
from several_currencies s
union
select c.account_key
from account_change c
where c.idle <> 0
