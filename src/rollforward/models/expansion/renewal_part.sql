-- renewal_part: the MRR that is up at renewals that are of a part of what the account pays, and what was left of it.
-- grain: account_key, due_on, currency
-- reads: renewal, renewal_term, mrr_change, item
-- ties: -
-- decisions: 0016
-- What has no contract of its own is split by weight in the order of the ends, so that the parts add up to it. What is not up stands as it was.
with scope as (
  select
    t.account_key, t.due_on, cast(sum(t.weight) as bigint) as all_weight, cast(sum(t.is_due * t.weight) as bigint) as due_weight,
    cast(sum(case when t.ends_on < t.due_on then t.weight else 0 end) as bigint) as weight_before
  from renewal_term t
  group by t.account_key, t.due_on
),
stood as (
  select
    s.account_key, s.due_on, m.currency, i.subscription_id, max(coalesce(t.is_due, 2)) as kind,
    min(case when m.delta > 0 then m.on_date else date '9999-12-31' end) as began_on,
    cast(sum(case when m.on_date <= r.opens_on then m.delta else 0 end) as bigint) as opening,
    cast(sum(case when m.on_date <= r.opens_on - 180 then m.delta else 0 end) as bigint) as earlier,
    cast(sum(case when m.on_date <= r.due_on + 30 then m.delta else 0 end) as bigint) as closing
  from scope s
  join renewal r on r.account_key = s.account_key and r.due_on = s.due_on
  join mrr_change m on m.account_key = s.account_key
  join item i on i.item_key = m.item_key
  left join renewal_term t on t.account_key = s.account_key and t.due_on = s.due_on and t.contract_id = i.subscription_id
  group by s.account_key, s.due_on, m.currency, i.subscription_id
),
placed as (
  select
    d.account_key, d.due_on, d.currency, d.kind, d.opening, d.earlier, d.closing,
    cast(sum(d.opening) over (partition by d.account_key, d.due_on, d.subscription_id) as bigint) as paid,
    2 * abs(date_diff('day', d.began_on, d.due_on)) + case when d.due_on > d.began_on then 1 else 0 end as away,
    min(2 * abs(date_diff('day', d.began_on, d.due_on)) + case when d.due_on > d.began_on then 1 else 0 end)
      over (partition by d.account_key, d.subscription_id, d.currency) as nearest
  from stood d
),
summed as (
  select
    p.account_key, p.due_on, p.currency,
    cast(sum(case when p.kind = 1 then p.opening else 0 end) as bigint) as opening,
    cast(sum(case when p.kind = 1 then p.earlier else 0 end) as bigint) as earlier,
    cast(sum(case when p.kind = 1 or (p.kind = 2 and p.paid = 0 and p.away = p.nearest) then p.closing else 0 end) as bigint) as closing,
    cast(sum(case when p.kind = 2 then p.opening else 0 end) as bigint) as rest,
    cast(sum(case when p.kind = 2 then p.earlier else 0 end) as bigint) as rest_earlier,
    cast(sum(case when p.kind = 2 and p.paid <> 0 then p.closing else 0 end) as bigint) as rest_closing
  from placed p
  group by p.account_key, p.due_on, p.currency
),
shared as (
  select
    d.account_key, d.due_on, d.currency, d.opening, d.earlier, d.closing, d.rest, d.rest_closing, s.due_weight, s.all_weight,
    cast(cast(d.rest as hugeint) * (s.weight_before + s.due_weight) // greatest(s.all_weight, 1)
      - cast(d.rest as hugeint) * s.weight_before // greatest(s.all_weight, 1) as bigint) as part,
    cast(cast(d.rest_earlier as hugeint) * (s.weight_before + s.due_weight) // greatest(s.all_weight, 1)
      - cast(d.rest_earlier as hugeint) * s.weight_before // greatest(s.all_weight, 1) as bigint) as part_earlier
  from summed d
  join scope s on s.account_key = d.account_key and s.due_on = d.due_on
)
select
  h.account_key, h.due_on, h.currency,
  h.opening + h.part as opening, -- MRR up for renewal, minor units
  h.earlier + h.part_earlier as earlier, -- 180 days before
  greatest(h.closing + case when h.due_weight > 0 then h.rest_closing - (h.rest - h.part) else 0 end, 0) as closing, -- 30 days after the end
  case when h.due_weight > 0 and h.due_weight < h.all_weight then 1 else 0 end as is_split -- 1: by weight, as nothing says which items are whose
from shared h
