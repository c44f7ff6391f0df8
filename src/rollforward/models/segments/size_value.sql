-- size_value: the size band of each account: bands of its MRR in major units, all its currencies as they stand.
-- grain: account_key, from_at
-- reads: balance_window, band
-- ties: segments_tie
-- decisions: 0011
select w.account_key, b.dimension, b.name as value, w.turns_at as from_at
from balance_window w
join band b on b.one = 1 and w.balance >= b.from_value * 10000 and w.balance < b.to_value * 10000
where b.dimension = 'size_band'
