-- reclass: windows whose class the policy adjusts, with the class they get; empty in the default policy.
-- grain: account_key, currency, window_at
-- reads: account_window, policy
-- ties: roll_forward_ties
-- decisions: 0009
with turn as (
  select distinct
    w.account_key, w.window_at, w.movement,
    y.reactivation_month_end, y.reactivation_days, y.reactivation_as
  from account_window w
  cross join policy y
  where (y.reactivation_month_end = 1 or y.reactivation_days < 1000000 or y.reactivation_as <> 'own')
    and w.movement in ('churn', 'reactivation')
),
beside as (
  select
    t.account_key, t.window_at, t.movement, t.reactivation_month_end, t.reactivation_days, t.reactivation_as,
    lag(t.movement, 1, '') over w as b_movement, lag(t.window_at, 1, timestamp '0001-01-01') over w as b_window_at,
    lead(t.movement, 1, '') over w as n_movement, lead(t.window_at, 1, timestamp '9999-12-31') over w as n_window_at
  from turn t
  window w as (partition by t.account_key order by t.window_at)
),
turned as (
  select
    b.account_key, b.window_at,
    case
      when b.movement = 'churn' and b.reactivation_month_end = 1 and b.n_movement = 'reactivation'
        and cast(date_trunc('month', b.n_window_at) as date) = cast(date_trunc('month', b.window_at) as date) then 'contraction'
      when b.movement = 'churn' then 'churn'
      when b.b_movement = 'churn' and b.reactivation_month_end = 1
        and cast(date_trunc('month', b.b_window_at) as date) = cast(date_trunc('month', b.window_at) as date) then 'expansion'
      when b.b_movement = 'churn' and date_diff('day', cast(b.b_window_at as date), cast(b.window_at as date)) > b.reactivation_days then 'new'
      when b.reactivation_as <> 'own' then b.reactivation_as
      else 'reactivation'
    end as movement
  from beside b
),
classed as (
  select
    w.account_key, w.currency, w.window_at, w.amount, y.minor_movement, w.movement as b_movement,
    coalesce(t.movement, w.movement) as movement
  from account_window w
  cross join policy y
  left join turned t on t.account_key = w.account_key and t.window_at = w.window_at and w.movement in ('churn', 'reactivation')
  where (y.minor_movement > 0 and w.movement in ('expansion', 'contraction'))
    or ((y.reactivation_month_end = 1 or y.reactivation_days < 1000000 or y.reactivation_as <> 'own')
      and w.movement in ('churn', 'reactivation'))
)
select
  c.account_key, c.currency, c.window_at,
  case when c.movement in ('expansion', 'contraction') and abs(c.amount) < c.minor_movement then 'adjustment' else c.movement end
    as movement -- new, expansion, contraction or adjustment
from classed c
where c.movement <> c.b_movement or (c.movement in ('expansion', 'contraction') and abs(c.amount) < c.minor_movement)
