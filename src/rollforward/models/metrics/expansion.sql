-- expansion: expansion MRR by period, what drove it, and its rates and shares (definitions.md sections 4 and 5).
-- grain: period, currency, segment
-- reads: roll_forward, driver_period, newly, counted, reporting, policy
-- ties: drivers_sum
-- decisions: 0009, 0010
-- Reactivations are part of it where the policy says so.
-- 0 * expansion: what has a rate missing is empty with it.
with whole as (
  select
    r.period, r.currency, r.segment, r.opening, r.closing, r.new, r.reactivation, r.is_complete, y.reactivation_in_expansion as with_back,
    r.new + r.reactivation + r.expansion as gained,
    r.expansion + case when y.reactivation_in_expansion = 1 then r.reactivation else 0 end as expansion,
    case when y.reactivation_in_expansion = 1 then coalesce(c.accounts, 0) else r.accounts_expanded end as accounts_expanded
  from roll_forward r
  cross join policy y
  left join counted c on c.period = r.period and c.currency = r.currency and c.segment = r.segment and c.movement = 'grown'
),
joined as (
  select
    r.period, r.currency, r.segment, r.expansion, r.gained, r.opening, r.closing, r.reactivation, r.accounts_expanded, r.is_complete,
    coalesce(d.by_plan, 0) + r.with_back * coalesce(b.by_plan, 0) + 0 * r.expansion as by_plan,
    coalesce(d.by_product, 0) + r.with_back * coalesce(b.by_product, 0) + 0 * r.expansion as by_product,
    coalesce(d.by_add_on, 0) + r.with_back * coalesce(b.by_add_on, 0) + 0 * r.expansion as by_add_on,
    coalesce(d.by_seats, 0) + r.with_back * coalesce(b.by_seats, 0) + 0 * r.expansion as by_seats,
    coalesce(d.by_usage, 0) + r.with_back * coalesce(b.by_usage, 0) + 0 * r.expansion as by_usage,
    coalesce(d.by_price, 0) + r.with_back * coalesce(b.by_price, 0) + 0 * r.expansion as by_price,
    coalesce(d.by_discount, 0) + r.with_back * coalesce(b.by_discount, 0) + 0 * r.expansion as by_discount,
    coalesce(d.by_other, 0) + r.with_back * coalesce(b.by_other, 0) + 0 * r.expansion as by_other,
    cast(sign(coalesce(n.expansion, 0)) * ((2 * cast(abs(coalesce(n.expansion, 0)) as hugeint) + g.scale) // (2 * g.scale)) as bigint)
      + 0 * r.expansion as from_newcomers,
    lag(r.expansion, 1, 0) over (partition by r.currency, r.segment order by r.period) as last_expansion
  from whole r
  cross join reporting g
  left join driver_period d on d.period = r.period and d.currency = r.currency and d.segment = r.segment and d.movement = 'expansion'
  left join driver_period b on b.period = r.period and b.currency = r.currency and b.segment = r.segment and b.movement = 'reactivation'
  left join newly n on n.period = r.period and n.currency = r.currency and n.segment = r.segment
)
select
  j.period, j.currency, j.segment, j.expansion,
  j.by_plan, j.by_product, j.by_add_on, j.by_seats, j.by_usage, j.by_price, j.by_discount, j.by_other,
  j.expansion - j.from_newcomers as from_opening, j.from_newcomers, j.reactivation, j.opening,
  cast(j.expansion - j.from_newcomers as double) / nullif(j.opening, 0) as expansion_rate,
  case when j.is_complete then cast(j.expansion - j.last_expansion as double) / nullif(j.last_expansion, 0) end as expansion_growth,
  cast(j.expansion as double) / nullif(j.gained, 0) as expansion_share,
  cast(j.expansion as double) / nullif(j.closing - j.opening, 0) as expansion_share_of_net_new,
  j.accounts_expanded, j.is_complete
from joined j
