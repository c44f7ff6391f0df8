-- apart: accounts that have, or had when closed, several currencies or items that a policy makes active at 0.
-- grain: account_key
-- reads: several_currencies, known_apart, closed_row
-- ties: -
-- decisions: 0012
select s.account_key from several_currencies s
union
select k.account_key from known_apart k
union
select c.account_key from closed_row c where c.pays_after <> c.active_after or c.pays_before <> c.active_before
