-- trend_now: trends of use that are more than noise: the interval of the slope does not hold 0, and what it makes is worth telling.
-- grain: account_key, metric
-- reads: usage_trend, signal_rule
-- ties: -
-- decisions: 0016
select
  t.account_key, t.metric,
  t.months, -- whole months told
  t.slope, -- units a month, Theil and Sen
  t.slope_low, -- lower 95 % limit
  t.slope_high, -- upper 95 % limit
  t.level, -- on the fitted line, at the last of the months
  case when t.slope_low > 0 then 1 else -1 end as direction -- 1 up, -1 down
from usage_trend t
cross join signal_rule r
where (t.slope_low > 0 or t.slope_high < 0)
  and abs(t.slope) * (t.months - 1) >= r.trend_change * abs(t.level - 0.5 * t.slope * (t.months - 1))
