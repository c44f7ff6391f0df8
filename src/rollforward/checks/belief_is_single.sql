-- belief_is_single: what is believed of one item never overlaps: two counted stretches never cover one moment.
-- reads: item_step, account, terms, charge_item
-- Use of one metric may be billed in two currencies at a time.
select a.account_id, t.currency, cast(s.from_at as date) as on_date, cast(0 as bigint) as expected, t.mrr as found
from item_step s
join account a on a.account_key = s.account_key
join terms t on t.terms_key = s.terms_key
left join charge_item u on u.item_key = s.item_key
where s.b_to_at > s.from_at
  and (coalesce(u.item_key, 0) = 0 or s.b_terms_key // 1099511627776 = s.terms_key // 1099511627776)
