-- belief_is_single: what is believed of one item never overlaps: two counted stretches never cover one moment.
-- reads: item_step, account, terms
select a.account_id, t.currency, cast(s.from_at as date) as on_date, cast(0 as bigint) as expected, t.mrr as found
from item_step s
join account a on a.account_key = s.account_key
join terms t on t.terms_key = s.terms_key
where s.b_to_at > s.from_at
