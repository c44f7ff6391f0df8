-- signal_discount_ending: a discount on what an account has ends soon; reference is the MRR of the item without discounts.
-- grain: account_key, subject
-- reads: held_item, item_state, item, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
with ends as (
  select
    h.account_key, h.item_key, h.currency, h.mrr, h.kept, h.cut, h.amount, h.from_at,
    min(least(
      case when s.discount1_ppm + s.discount1_amount > 0 and s.discount1_kind <> 'once' and cast(s.discount1_until as date) >= k.known_to
        then cast(s.discount1_until as date) else date '9999-12-31' end,
      case when s.discount2_ppm + s.discount2_amount > 0 and s.discount2_kind <> 'once' and cast(s.discount2_until as date) >= k.known_to
        then cast(s.discount2_until as date) else date '9999-12-31' end)) as ends_on
  from held_item h
  join item_state s on s.item_key = h.item_key and s.source_id = h.source_id and s.line = h.line and s.valid_from <= h.from_at and s.valid_to > h.from_at
  cross join lookback k
  group by h.account_key, h.item_key, h.currency, h.mrr, h.kept, h.cut, h.amount, h.from_at
)
select
  a.account_key, 'discount_ending' as signal,
  i.subscription_id || case when i.item_id = '' then '' else '/' || i.item_id end as subject,
  min(cast(e.from_at as date)) as since, min(e.ends_on) as due_on, cast(sum(e.mrr) as double) as value,
  cast(sum(cast(cast(e.mrr as double) * e.amount as double)
    / nullif(greatest(e.amount * (cast(e.kept as double) / nullif(1000000000000, 0)) - e.cut, 0), 0)) as double) as reference,
  max(1 - cast(e.kept as double) / nullif(1000000000000, 0)) as share,
  cast(0 as double) as low, cast(0 as double) as high, cast(0 as bigint) as times, cast(0 as bigint) as out_of
from ends e
join signal_account a on a.account_key = e.account_key and a.currency = e.currency
join item i on i.item_key = e.item_key
cross join signal_rule r
cross join lookback k
where e.ends_on <= k.known_to + cast(r.discount_days as integer) and e.mrr > 0
group by a.account_key, i.subscription_id, i.item_id
