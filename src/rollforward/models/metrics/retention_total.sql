-- retention_total: NDR, GRR and logo retention of every window (definitions.md section 5).
-- grain: months, window_end, currency, segment
-- reads: retained, peaked, retention_window, series, reporting
-- ties: retention_ties
-- decisions: 0010
with summed as (
  select
    t.months, t.seq, t.currency, t.segment,
    cast(sum(t.opening) as decimal(38,0)) as opening, cast(sum(t.closing) as decimal(38,0)) as closing,
    cast(sum(t.kept) as decimal(38,0)) as kept, cast(sum(t.expansion) as decimal(38,0)) as expansion,
    cast(sum(t.contraction) as decimal(38,0)) as contraction, cast(sum(t.churn) as decimal(38,0)) as churn,
    cast(sum(t.fx) as decimal(38,0)) as fx,
    cast(sum(t.accounts_opening) as bigint) as accounts_opening, cast(sum(t.accounts_lost) as bigint) as accounts_lost,
    cast(sum(t.missing) as decimal(38,0)) as missing, cast(sum(t.missing_close) as decimal(38,0)) as missing_close
  from retained t
  group by t.months, t.seq, t.currency, t.segment
),
filled as (
  select
    w.months, w.seq, w.window_start, w.window_end, w.is_complete, y.currency, y.segment, g.scale,
    coalesce(s.opening, 0) as opening, coalesce(s.closing, 0) as closing,
    coalesce(s.kept, 0) as kept, coalesce(s.expansion, 0) as expansion,
    coalesce(s.contraction, 0) as contraction, coalesce(s.churn, 0) as churn,
    coalesce(s.fx, 0) as fx,
    coalesce(k.largest, 0) as largest,
    coalesce(s.accounts_opening, 0) as accounts_opening, coalesce(s.accounts_lost, 0) as accounts_lost,
    case when coalesce(s.missing, 0) = 0 then 1 else 0 end as is_known,
    case when coalesce(s.missing, 0) = 0 and coalesce(s.missing_close, 0) = 0 then 1 else 0 end as is_closing_known
  from retention_window w
  cross join series y
  cross join reporting g
  left join summed s on s.months = w.months and s.seq = w.seq and s.currency = y.currency and s.segment = y.segment
  left join peaked k on k.months = w.months and k.seq = w.seq and k.currency = y.currency and k.segment = y.segment
),
rounded as (
  select
    f.months, f.seq, f.window_start, f.window_end, f.is_complete, f.currency, f.segment,
    cast(sign(f.opening) * ((2 * cast(abs(f.opening) as hugeint) + f.scale) // (2 * f.scale)) as bigint) as opening,
    cast(sign(f.expansion) * ((2 * cast(abs(f.expansion) as hugeint) + f.scale) // (2 * f.scale)) as bigint) as expansion,
    cast(sign(f.contraction) * ((2 * cast(abs(f.contraction) as hugeint) + f.scale) // (2 * f.scale)) as bigint) as contraction,
    cast(sign(f.churn) * ((2 * cast(abs(f.churn) as hugeint) + f.scale) // (2 * f.scale)) as bigint) as churn,
    cast(sign(f.closing + f.fx) * ((2 * cast(abs(f.closing + f.fx) as hugeint) + f.scale) // (2 * f.scale)) as bigint) as closing,
    cast(f.opening as double) as o, cast(f.closing as double) as c, cast(f.kept as double) as kept, cast(f.largest as double) as largest,
    f.accounts_opening, f.accounts_lost, f.is_known, f.is_closing_known
  from filled f
)
select
  r.window_start, r.window_end, r.months, r.seq, r.currency, r.segment,
  case when r.is_known = 1 then r.opening end as opening, case when r.is_known = 1 then r.expansion end as expansion,
  case when r.is_known = 1 then r.contraction end as contraction, case when r.is_known = 1 then r.churn end as churn,
  case when r.is_closing_known = 1 then r.closing end as closing,
  case when r.is_closing_known = 1 then r.closing - r.opening - r.expansion - r.contraction - r.churn end as fx, -- with the rounding of the row
  case when r.is_known = 1 then cast(r.c as double) / nullif(r.o, 0) end as ndr,
  case when r.is_known = 1 then cast(r.kept as double) / nullif(r.o, 0) end as grr,
  cast(r.accounts_opening - r.accounts_lost as double) / nullif(r.accounts_opening, 0) as logo_retention,
  case when r.is_known = 1 then cast(r.o - r.c as double) / nullif(r.o, 0) end as net_churn,
  r.accounts_opening, r.accounts_lost,
  case when r.is_known = 1 then cast(r.largest as double) / nullif(r.o, 0) end as largest_account_share,
  r.is_complete
from rounded r
