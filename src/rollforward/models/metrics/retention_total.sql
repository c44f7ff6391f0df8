-- retention_total: NDR, GRR and logo retention of every window (definitions.md section 5).
-- grain: months, window_end, currency
-- reads: retention_step, retention_peak, retention_window, currency
-- ties: retention_ties
with stepped as (
  select
    s.months, s.currency, s.seq,
    cast(sum(s.opening) as bigint) as opening, cast(sum(s.closing) as bigint) as closing, cast(sum(s.kept) as bigint) as kept,
    cast(sum(s.expansion) as bigint) as expansion, cast(sum(s.contraction) as bigint) as contraction, cast(sum(s.churn) as bigint) as churn,
    cast(sum(s.accounts_opening) as bigint) as accounts_opening, cast(sum(s.accounts_lost) as bigint) as accounts_lost
  from retention_step s
  group by s.months, s.currency, s.seq
),
running as (
  select
    w.months, w.seq, w.window_start, w.window_end, w.is_complete, y.currency,
    cast(sum(coalesce(s.opening, 0)) over r as bigint) as opening, cast(sum(coalesce(s.closing, 0)) over r as bigint) as closing,
    cast(sum(coalesce(s.kept, 0)) over r as bigint) as kept, cast(sum(coalesce(s.expansion, 0)) over r as bigint) as expansion,
    cast(sum(coalesce(s.contraction, 0)) over r as bigint) as contraction, cast(sum(coalesce(s.churn, 0)) over r as bigint) as churn,
    cast(sum(coalesce(s.accounts_opening, 0)) over r as bigint) as accounts_opening,
    cast(sum(coalesce(s.accounts_lost, 0)) over r as bigint) as accounts_lost
  from retention_window w
  cross join currency y
  left join stepped s on s.months = w.months and s.currency = y.currency and s.seq = w.seq
  window r as (partition by w.months, y.currency order by w.seq rows between unbounded preceding and current row)
),
peak as (
  select w.months, w.seq, k.currency, max(k.largest) as largest
  from retention_window w
  join retention_peak k on k.months = w.months and k.seq <= w.seq and k.seq + k.width > w.seq
  group by w.months, w.seq, k.currency
)
select
  r.window_start, r.window_end, r.months, r.seq, r.currency, r.opening, r.expansion, r.contraction, r.churn, r.closing,
  cast(0 as bigint) as fx, r.kept,
  cast(r.closing as double) / nullif(r.opening, 0) as ndr,
  cast(r.kept as double) / nullif(r.opening, 0) as grr,
  cast(r.accounts_opening - r.accounts_lost as double) / nullif(r.accounts_opening, 0) as logo_retention,
  cast(r.opening - r.closing as double) / nullif(r.opening, 0) as net_churn,
  r.accounts_opening, r.accounts_lost,
  cast(coalesce(k.largest, 0) as double) / nullif(r.opening, 0) as largest_account_share,
  r.is_complete
from running r
left join peak k on k.months = r.months and k.seq = r.seq and k.currency = r.currency
