-- signal_similar_hold: accounts like it add something that it lacks more often than others do.
-- grain: account_key, subject
-- reads: cross_sell, signal_rule, lookback
-- ties: -
-- decisions: 0016
select
  c.account_key, 'similar_hold' as signal, c.offered as subject, k.known_to - cast(r.similar_days as integer) as since,
  date '9999-12-31' as due_on, c.share as value, c.lift as reference, c.share, c.low, c.high, c.added as times, c.accounts as out_of
from cross_sell c
cross join signal_rule r
cross join lookback k
where c.low > 1 and c.share >= r.similar_share and c.added >= r.similar_added
