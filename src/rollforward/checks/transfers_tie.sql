-- transfers_tie: what links move out of accounts goes into others, to the minor unit, and is transfer there.
-- reads: handed_window, account_day
select '' as account_id, h.currency, cast(h.base_at as date) as on_date, cast(0 as bigint) as expected, cast(sum(h.delta) as bigint) as found
from handed_window h
group by h.currency, cast(h.base_at as date)
having cast(sum(h.delta) as bigint) <> 0
union all
select '' as account_id, h.currency, d.on_date, h.delta as expected, d.amount as found
from handed_window h
join account_day d on d.account_key = h.account_key and d.currency = h.currency and d.window_at = h.window_at
where d.amount <> h.delta or d.movement not in ('transfer', 'none')
