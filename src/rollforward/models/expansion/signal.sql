-- signal: every reason to talk to an account that stands at the last day known: what, since when, against which limit or norm.
-- grain: account_key, signal, subject
-- reads: signal_near_limit, signal_over_limit, signal_limit_repeated, signal_limit_ahead, signal_seats_full, signal_usage_rising, signal_usage_falling, signal_feature_reliance, signal_adoption_broad, signal_adoption_narrow, signal_similar_hold, signal_discount_ending, signal_renewal_coming, signal_contraction, signal_payment_trouble, signal_silent, signal_owner_missing, signal_account
-- ties: -
-- decisions: 0016
with stands as (
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_near_limit
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_over_limit
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_limit_repeated
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_limit_ahead
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_seats_full
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_usage_rising
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_usage_falling
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_feature_reliance
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_adoption_broad
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_adoption_narrow
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_similar_hold
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_discount_ending
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_renewal_coming
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_contraction
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_payment_trouble
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_silent
  union all
  select account_key, signal, subject, since, due_on, value, reference, share, low, high, cast(times as bigint) as times, cast(out_of as bigint) as out_of from signal_owner_missing
)
select
  s.account_key, s.signal, -- what it is; each is a model of its own
  s.subject, -- metric, feature, product, contract, subscription; '' = the account
  a.currency, -- in which the account pays most
  a.mrr, -- in that currency
  s.since, -- since when it stands
  s.due_on, -- when the limit is reached, the discount or the term ends; 9999-12-31 = not dated
  s.value, -- what is; money in minor units
  s.reference, -- the limit or norm that it is held against; 0 = none
  s.share, -- value as a share of reference, or a share of its own
  s.low, s.high, -- 95 % limits, where something is estimated
  s.times, -- how often
  s.out_of -- of how many months or accounts
from stands s
join signal_account a on a.account_key = s.account_key
