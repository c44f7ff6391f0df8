-- outcome: what became of each account after each look: what it paid then and at the end of the time watched, and its first loss and gain.
-- grain: look_on, account_key
-- reads: look_row, account_day
-- ties: -
-- decisions: 0016
-- In the currency in which it paid most at the look. Rows are there where past looks are asked for (a backtest).
with turned as (
  select
    d.account_key, d.currency, d.on_date, d.movement, d.after_minor,
    lead(d.on_date, 1, date '9999-12-31') over (partition by d.account_key, d.currency order by d.window_at) as next_on
  from account_day d
  where d.movement <> 'none'
)
select
  w.look_on, -- day of the look
  w.ends_on, -- last day of the time watched
  w.account_key, w.currency,
  w.peers, -- family and tier of its base item at the look; for scores its plan
  cast(sum(case when t.on_date <= w.look_on and t.next_on > w.look_on then t.after_minor else 0 end) as bigint) as mrr, -- at the look, minor units
  cast(sum(case when t.on_date <= w.ends_on and t.next_on > w.ends_on then t.after_minor else 0 end) as bigint) as mrr_then, -- at the end of the time watched
  min(case when t.movement = 'expansion' and t.on_date > w.look_on and t.on_date <= w.ends_on then t.on_date else date '9999-12-31' end) as gained_on, -- first expansion; 9999-12-31 = none
  min(case when t.movement in ('contraction', 'churn') and t.on_date > w.look_on and t.on_date <= w.ends_on then t.on_date else date '9999-12-31' end) as lost_on -- first contraction or churn; 9999-12-31 = none
from look_row w
join turned t on t.account_key = w.account_key and t.currency = w.currency
where w.signal = ''
group by w.look_on, w.ends_on, w.account_key, w.currency, w.peers
