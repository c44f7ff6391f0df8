-- account_feature: what is known of each paying account at the day, as numbers that scores learn from.
-- grain: account_key
-- reads: signal_account, account_now, account_day, base_item, held_item, plan_current, product_current, renewal_next, feature_use, signal, lookback
-- ties: -
-- decisions: 0016
-- -1000000 is "not told". All of it is of the Build's own moment, so nothing recorded later is in it.
with moved as (
  select d.account_key, d.currency,
    cast(sum(case when d.on_date >= k.known_to - 90 then d.amount else 0 end) as bigint) as since_90,
    count(case when d.movement = 'expansion' then 1 end) as expansions,
    count(case when d.movement = 'contraction' then 1 end) as contractions
  from account_day d
  cross join lookback k
  where d.on_date >= k.year_ago and d.on_date < k.known_to
  group by d.account_key, d.currency
),
held as (
  select h.account_key, h.currency,
    cast(sum(h.quantity) as double) as quantity,
    cast(sum(h.mrr * (1 - cast(cast(h.amount as double) * (cast(h.kept as double) / nullif(1000000000000, 0)) - h.cut as double) / nullif(h.amount, 0))) as double)
      / nullif(cast(sum(h.mrr) as double), 0) as discount,
    count(distinct case when coalesce(c.role, '') = 'add_on' then coalesce(c.product_key, 0) end) as add_ons,
    count(distinct coalesce(nullif(h.product_key, 0), p.product_key, 0)) as products
  from held_item h
  left join plan_current p on p.plan_key = h.plan_key
  left join product_current c on c.product_key = coalesce(nullif(h.product_key, 0), p.product_key, 0)
  where h.mrr > 0
  group by h.account_key, h.currency
),
shown as (
  select s.account_key,
    count(distinct case when s.signal in ('near_limit', 'over_limit', 'limit_repeated', 'limit_ahead', 'seats_full', 'usage_rising', 'feature_reliance', 'adoption_broad', 'similar_hold') then s.signal end) as of_growth,
    count(distinct case when s.signal in ('usage_falling', 'adoption_narrow', 'discount_ending', 'contraction', 'silent') then s.signal end) as of_loss,
    count(case when s.signal = 'payment_trouble' then 1 end) as payment
  from signal s
  group by s.account_key
)
select
  a.account_key, a.currency,
  coalesce(b.plan_key, 0) as plan_key, -- of its base item; scores are compared within a plan, and do not learn from it
  cast(date_diff('day', a.first_on, k.known_to) as double) as tenure, -- days since the first MRR
  a.mrr, -- minor units
  cast(rank() over (partition by a.currency order by a.mrr) - 1 as double) / nullif(count(*) over (partition by a.currency), 0) as mrr_rank, -- share of the accounts of its currency that pay less
  coalesce(cast(a.mrr - n.mrr_30 as double) / nullif(n.mrr_30, 0), -1000000) as mrr_change_30, -- as a share of what it was
  coalesce(cast(coalesce(m.since_90, 0) as double) / nullif(a.mrr - coalesce(m.since_90, 0), 0), -1000000) as mrr_change_90, -- as a share of what it was
  coalesce(cast(a.mrr - n.mrr_12 as double) / nullif(n.mrr_12, 0), -1000000) as mrr_change_365, -- as a share of what it was
  cast(case a.tier when 0 then -1000000 else a.tier end as double) as tier, -- rank of its plan
  cast(case coalesce(b.per, 0) % 10 when 1 then 1 when 2 then 7 when 3 then 30 when 4 then 365 else -1000000 end * greatest(coalesce(b.per, 0) // 10, 1) as double) as billed_days, -- length of the billing interval
  coalesce(cast(date_diff('day', k.known_to, r.due_on) as double), -1000000) as days_to_renewal, -- days to the next term or anniversary
  coalesce(h.quantity, -1000000) as quantity, -- of all items
  coalesce(h.discount, -1000000) as discount, -- share that discounts take off
  u.seats_share, u.limit_share, u.use_trend,
  u.days_since_use, -- days since anything was used
  u.days_since_event, -- days since its last event
  u.tickets_90, -- tickets in 90 days
  cast(coalesce(s.of_growth, 0) as double) as growth_signals, -- kinds of signals for expansion that stand
  cast(coalesce(s.of_loss, 0) as double) as loss_signals, -- kinds of signals for a loss that stand
  cast(coalesce(s.payment, 0) as double) as payment_trouble, -- signals of it
  cast(coalesce(m.expansions, 0) as double) as expansions_365, -- in the last year
  cast(coalesce(m.contractions, 0) as double) as contractions_365, -- in the last year
  cast(coalesce(h.add_ons, 0) as double) as add_ons_held, -- how many add-ons it has
  cast(coalesce(h.products, 0) as double) as products_held -- how many products it has
from signal_account a
cross join lookback k
join account_now n on n.account_key = a.account_key and n.currency = a.currency
left join moved m on m.account_key = a.account_key and m.currency = a.currency
left join held h on h.account_key = a.account_key and h.currency = a.currency
left join base_item b on b.account_key = a.account_key
left join renewal_next r on r.account_key = a.account_key
join feature_use u on u.account_key = a.account_key
left join shown s on s.account_key = a.account_key
