-- uplift: every expansion made, by what it rose without usage, and under which discount and offer (definitions.md section 7).
-- grain: account_key, currency, window_at
-- reads: uplift_step, uplift_discount, event_now
-- ties: uplifts_tie
-- decisions: 0016
with offered as (
  select
    s.account_key, s.currency, s.window_at, e.channel, e.tag,
    row_number() over (partition by s.account_key, s.currency, s.window_at order by e.outcome_at desc, e.at desc, e.source_id, e.line) as nth
  from uplift_step s
  join event_now e on e.account_key = s.account_key
    and s.on_date >= cast(case when e.outcome_at < timestamp '9999-12-31' then e.outcome_at else e.at end as date)
    and s.on_date - 30 <= cast(case when e.outcome_at < timestamp '9999-12-31' then e.outcome_at else e.at end as date)
  where e.kind = 'offer' and e.outcome = 'accepted' and s.movement = 'expansion'
)
select
  s.account_key, s.currency, s.window_at, s.spell,
  s.on_date as made_on, -- day of the expansion
  s.net as uplift, -- minor units
  s.level - s.net as base, -- MRR without it, minor units
  s.before_minor, -- MRR before it, usage too, minor units
  s.driver, -- the largest of its drivers
  cast((1000000 * cast(greatest(coalesce(d.listed, 1) - coalesce(d.mrr, 1), 0) as hugeint)) // greatest(coalesce(d.listed, 1), 1) as bigint)
    as discount_ppm, -- what discounts take off what grew, millionths
  case when coalesce(o.account_key, 0) = 0 then 0 else 1 end as by_offer, -- 1: an offer was accepted within the 30 days up to it
  coalesce(o.channel, '') as channel, -- of the offer; '' = not said or none
  coalesce(o.tag, '') as offer -- what it was about; '' = not said or none
from uplift_step s
left join uplift_discount d on d.account_key = s.account_key and d.currency = s.currency and d.window_at = s.window_at
left join offered o on o.account_key = s.account_key and o.currency = s.currency and o.window_at = s.window_at and o.nth = 1
where s.movement = 'expansion' and s.net > 0
