-- judged_window: windows of accounts whose currencies are judged together, in the currency of the answer.
-- grain: account_key, window_at
-- reads: account_day, judged_account, carried, rate_day, reporting
-- ties: fx_ties
-- decisions: 0010
-- Empty in native answers. The class is that of the converted sum, so a switch of currency is what it comes to.
with converted as (
  select
    d.account_key, d.window_at, d.on_date, d.movement, d.active_before, d.active_after, d.pays_before, d.pays_after,
    case when g.carried = 1 and d.currency <> g.currency then coalesce(k.amount, 0)
      else cast(d.amount as decimal(38,0)) * coalesce(r.rate, 0) end as amount,
    case when g.carried = 1 and d.currency <> g.currency then coalesce(k.missing, 0)
      else cast(d.amount as decimal(38,0)) * (1 - coalesce(r.known, 0)) end as missing
  from account_day d
  join judged_account j on j.account_key = d.account_key
  cross join reporting g
  left join carried k on k.account_key = d.account_key and k.currency = d.currency and k.window_at = d.window_at
  left join rate_day r on r.currency = d.currency and r.on_date = d.on_date
  where d.movement <> 'none'
),
total as (
  select
    c.account_key, c.window_at, c.on_date,
    cast(sum(c.amount) as decimal(38,0)) as amount, cast(sum(c.missing) as decimal(38,0)) as missing,
    max(case when c.missing <> 0 then 1 else 0 end) as unsure,
    max(c.active_before) as active_before, max(c.active_after) as active_after,
    max(c.pays_before) as pays_before, max(c.pays_after) as pays_after,
    min(c.movement) as least_class, max(c.movement) as most_class,
    max(case when c.movement in ('opening', 'new', 'reactivation', 'churn') then c.movement else '' end) as told
  from converted c
  group by c.account_key, c.window_at, c.on_date
)
select
  t.account_key, t.window_at, t.on_date,
  case
    when t.told <> '' then t.told
    when t.least_class = t.most_class and t.least_class <> 'transfer' then t.least_class
    when t.unsure = 1 then 'unsure'
    when t.amount > 0 then 'expansion'
    when t.amount < 0 then 'contraction'
    else 'none'
  end as movement, -- class of the account's window; unsure: a rate that would tell it is missing
  t.amount, -- 10^-10 minor units
  t.missing, -- native minor units without a rate
  t.active_before, t.active_after, t.pays_before, t.pays_after
from total t
