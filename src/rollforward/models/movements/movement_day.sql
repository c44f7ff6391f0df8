-- movement_day: movements summed by day: what every roll-forward of every grain is a sum of.
-- grain: on_date, currency, movement, segment, several
-- reads: account_day
-- ties: roll_forward_ties
select
  d.on_date, d.currency, d.movement,
  '' as segment, -- '': all accounts
  cast(d.several as bigint) as several, -- 1: accounts with several currencies
  cast(sum(d.amount) as bigint) as amount, -- minor units, losses negative
  count(*) as movements, -- number of movements
  cast(sum(d.entered) as bigint) as accounts_change -- accounts active in this currency: after less before
from account_day d
where d.movement <> 'none'
group by d.on_date, d.currency, d.movement, d.several
