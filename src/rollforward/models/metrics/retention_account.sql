-- retention_account: each account's MRR at the start and at the end of a window: what NDR and GRR are sums of.
-- grain: months, window_end, account_id, currency
-- reads: retention_pair, retention_window, account
-- ties: retention_ties
select
  w.months, w.window_start, w.window_end, a.account_id, p.account_key, p.currency,
  p.o as before_minor, p.c as after_minor, p.c - p.o as amount, -- minor units
  case
    when p.c = 0 and p.x = 0 then 'churn'
    when p.c < p.o then 'contraction'
    when p.c > p.o then 'expansion'
    else 'none'
  end as movement -- point to point
from retention_window w
join retention_pair p on p.months = w.months and p.seq <= w.seq and p.next_seq > w.seq
join account a on a.account_key = p.account_key
