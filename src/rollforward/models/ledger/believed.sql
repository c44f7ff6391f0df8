-- believed: what is believed of each item: stretches of item states, cut where a later row speaks (definitions.md section 2).
-- grain: item_key, valid_from, rank, recorded_at, commit_id, line
-- reads: state_local, contested, event_local, item_state, mrr_event, contract, item, policy
-- ties: belief_is_single
-- decisions: 0001, 0002, 0009, 0013
-- Every later row that cuts an earlier one, the earliest cut first.
with cut as (
  select
    o.item_key, o.commit_id, o.source_id, o.line, o.recorded_at, o.valid_from,
    n.replaces_from, n.source_id as cut_source_id, n.line as cut_line,
    row_number() over (
      partition by o.item_key, o.commit_id, o.source_id, o.line, o.recorded_at, o.valid_from
      order by n.replaces_from, n.rank, n.recorded_at, n.commit_id, n.source_id, n.line, n.valid_from
    ) as nth
  from state_local o
  join contested c on c.item_key = o.item_key
  join state_local n on n.item_key = o.item_key and n.valid_to > o.valid_from
  where n.rank > o.rank
    or (n.rank = o.rank and n.recorded_at > o.recorded_at)
    or (n.rank = o.rank and n.recorded_at = o.recorded_at and n.commit_id > o.commit_id)
),
-- Change rows outrank files: of an item that has them, what files say does not count.
by_change as (
  select e.item_key, count(*) as events from event_local e cross join policy y where e.occurred_at <= y.as_of group by e.item_key
),
-- A subscription outranks a contract of the same id, whatever is recorded later.
own as (
  select distinct x.contract_id, i.item_key
  from contract x
  join item i on i.subscription_id = x.contract_id
  where x.counts = 'mrr'
),
by_subscription as (
  select o.contract_id from own o join item_state s on s.item_key = o.item_key and s.source_kind <> 'contracts'
  union
  select o.contract_id from own o join mrr_event e on e.item_key = o.item_key
),
outranked as (
  select o.item_key, count(*) as contracts
  from own o
  join by_subscription b on b.contract_id = o.contract_id
  group by o.item_key
)
select
  s.account_key, s.item_key, s.source_kind, s.rank, s.recorded_at, s.commit_id, s.product_key, s.plan_key, s.currency,
  s.valid_from, -- start of the stretch
  least(s.valid_to, coalesce(k.replaces_from, s.valid_to)) as valid_to, -- its end as believed
  s.status, s.metered, s.quantity, s.amount, s.interval, s.interval_count,
  s.discount1_ppm, s.discount1_amount, s.discount1_kind, s.discount1_until,
  s.discount2_ppm, s.discount2_amount, s.discount2_kind, s.discount2_until,
  s.cancel_requested_at, s.paid_through, s.first_paid_at, s.cancel_reason, s.source_id, s.line,
  case when coalesce(k.replaces_from, s.valid_to) < s.valid_to then coalesce(k.cut_source_id, 0) else 0 end
    as cut_source_id, -- the row that cut it short, 0 = none
  coalesce(k.cut_line, 0) as cut_line
from state_local s
left join cut k
  on k.item_key = s.item_key and k.commit_id = s.commit_id and k.source_id = s.source_id and k.line = s.line
  and k.recorded_at = s.recorded_at and k.valid_from = s.valid_from and k.nth = 1
left join by_change e on e.item_key = s.item_key
left join outranked w on w.item_key = s.item_key
where s.valid_from < least(s.valid_to, coalesce(k.replaces_from, s.valid_to)) and (coalesce(e.events, 0) = 0 or s.rank > 3)
  and (s.source_kind <> 'contracts' or coalesce(w.contracts, 0) = 0)
