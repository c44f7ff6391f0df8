-- signal_adoption_narrow: an account uses fewer features than nearly all others on its tier.
-- grain: account_key, subject
-- reads: breadth_now, signal_rule, lookback
-- ties: -
-- decisions: 0016
select
  b.account_key, 'adoption_narrow' as signal, '' as subject, k.known_to - cast(r.feature_days as integer) as since,
  date '9999-12-31' as due_on, cast(b.features as double) as value, coalesce(b.usual, 0) as reference,
  cast(b.more as double) / nullif(b.peers, 0) as share, cast(0 as double) as low, cast(0 as double) as high,
  b.more as times, b.peers as out_of
from breadth_now b
cross join signal_rule r
cross join lookback k
where b.peers >= r.breadth_peers and b.more >= (1 - r.breadth_bottom) * b.peers
