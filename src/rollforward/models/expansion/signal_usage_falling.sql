-- signal_usage_falling: use goes down, month after month; share, low and high are the change a month as a share of the middle of the trend.
-- grain: account_key, subject
-- reads: trend_now, lookback
-- ties: -
-- decisions: 0016
select
  t.account_key, 'usage_falling' as signal, t.metric as subject,
  cast(cast(date_trunc('month', k.last_day) as date) - (t.months - 1) * interval '1' month as date) as since,
  date '9999-12-31' as due_on, t.level as value, greatest(t.level - t.slope * (t.months - 1), 0) as reference,
  cast(t.slope as double) / nullif(t.level - 0.5 * t.slope * (t.months - 1), 0) as share,
  cast(t.slope_low as double) / nullif(t.level - 0.5 * t.slope * (t.months - 1), 0) as low,
  cast(t.slope_high as double) / nullif(t.level - 0.5 * t.slope * (t.months - 1), 0) as high, t.months as times, t.months as out_of
from trend_now t
cross join lookback k
where t.direction = -1
