-- signal_contraction: an account fell lately, soon after it had grown; value is what it lost, reference what it had gained.
-- grain: account_key, subject
-- reads: account_day, signal_account, signal_rule, lookback
-- ties: -
-- decisions: 0016
with moved as (
  select
    d.account_key, d.on_date, d.movement, d.amount,
    max(case when d.movement = 'expansion' then d.on_date else date '0001-01-01' end) over w as grown_on
  from account_day d
  join signal_account a on a.account_key = d.account_key and a.currency = d.currency
  cross join lookback k
  where d.movement in ('expansion', 'contraction') and d.on_date < k.known_to
  window w as (partition by d.account_key order by d.window_at rows between unbounded preceding and current row)
),
fell as (
  select m.account_key, max(m.on_date) as on_date, max(m.grown_on) as grown_on, cast(sum(m.amount) as bigint) as lost, count(*) as times
  from moved m
  cross join signal_rule r
  cross join lookback k
  where m.movement = 'contraction' and m.on_date >= k.known_to - cast(r.contraction_days as integer)
    and m.on_date <= m.grown_on + cast(r.contraction_after as integer)
  group by m.account_key
)
select
  f.account_key, 'contraction' as signal, '' as subject, f.on_date as since, date '9999-12-31' as due_on,
  cast(-f.lost as double) as value, cast(sum(m.amount) as double) as reference,
  cast(-f.lost as double) / nullif(cast(sum(m.amount) as double), 0) as share, cast(0 as double) as low, cast(0 as double) as high,
  f.times, cast(0 as bigint) as out_of
from fell f
join moved m on m.account_key = f.account_key and m.movement = 'expansion' and m.on_date = f.grown_on
group by f.account_key, f.on_date, f.lost, f.times
