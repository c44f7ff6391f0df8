"""Seeded item states of a made-up subscription business, written by DuckDB: the same rows for the same seed and scale.

    python benchmarks/make_states.py DIR [--scale 1.0] [--seed 7]

writes DIR/states.parquet (kind `subscriptions`; scale 1: 1.6 million accounts, about 10 million states, five years),
DIR/products.csv and DIR/plans.csv. Every item has a few states, one after the other without overlap. What happens:

- seats change every second state, the plan every third; work_4 has volume prices; a third of the prices rise in 2024
- one item in ten has 20 % off that ends half-way, one in ten gets 10 % off from half-way
- one state in 37 is paused; after one state in 29 there is a gap of 5 to 24 days
- a quarter of the accounts has a second item, which starts later and in half the cases ends: an add-on (2 in 5),
  another product (2 in 5) or more of the same (1 in 5)
- one main item in twenty is swapped half-way: its subscription ends, another starts the same day, half of them with
  another product
- half of all items end, the others run on
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

FIRST_DAY = "2021-10-01"
DAYS = 1826
ACCOUNTS = 1_600_000

PRODUCTS = """product_id,name,role,family
work,Work,base,work
board,Board,base,work
desk,Desk,base,service
sso,Single sign-on,add_on,security
"""

PLANS = """plan_id,product_id,tier,amount,currency,interval,tiers,tiers_mode
work_1,work,1,19.00,USD,month,,
work_2,work,2,49.00,USD,month,,
work_3,work,3,99.00,USD,month,,
work_4,work,4,,USD,month,"[{""up_to"": 10, ""unit_amount"": 199.00}, {""up_to"": null, ""unit_amount"": 179.00}]",volume
board_1,board,1,29.00,USD,month,,
board_2,board,2,59.00,USD,month,,
desk_1,desk,1,25.00,USD,month,,
desk_2,desk,2,45.00,USD,month,,
sso_1,sso,1,4.00,USD,month,,
sso_2,sso,2,6.00,USD,month,,
"""

_ITEM = """
create temp table item as
select
  a as account, slot, a * 2 + slot as item,
  r(item, 1, 1500) + case slot when 1 then 30 + r(item, 2, 570) else 0 end as first_day,
  60 + r(item, 3, 90) as step, 2 + r(item, 4, 8) as states,
  case slot when 0 then 'work' else ['sso', 'sso', 'desk', 'desk', 'work'][1 + r(item, 5, 5)] end as product,
  r(item, 6, 10) as discount_rule, slot = 0 and r(item, 7, 20) = 0 as swaps, r(item, 8, 2) = 0 as product_moves,
  r(item, 9, 3) = 0 as price_rises, r(item, 10, 2) = 0 as ends
from range($accounts) t(a), range(2) s(slot)
where slot = 0 or r(a, 11, 4) = 0
"""

_STATE = """
create temp table state as
with step as (
  select
    i.*, k, swaps and k >= states // 2 as swapped,
    first_day + k * step + case when k = 0 then 0 else r(item * 16 + k, 12, 30) end as day,
    first_day + (k + 1) * step + r(item * 16 + k + 1, 12, 30) as next_day,
    1 + r(item * 16 + k // 2, 13, 20) as quantity, r(item * 16 + k // 3, 14, 4) as tier
  from item i, range(10) t(k)
  where k < states
),
named as (
  select *, date '{first}' + day::int as start_date,
    case when swapped and product_moves then 'board' else product end as sold
  from step
  where day < {days}
),
priced as (
  select *, sold || '_' || (1 + tier % case sold when 'work' then 4 else 2 end) as plan
  from named
)
select
  'a' || lpad(account::varchar, 7, '0') as account_id,
  's' || lpad(item::varchar, 7, '0') || case when swapped then 'b' else '' end as subscription_id,
  sold as product, plan, start_date,
  case when k < states - 1 and next_day < {days}
      then date '{first}' + (next_day - case when r(item * 16 + k, 15, 29) = 0 then 5 + r(item, 16, 20) else 0 end)::int
    when ends and next_day < {days} then date '{first}' + next_day::int
  end as end_date,
  (quantity * case plan
      when 'work_1' then 19 when 'work_2' then 49 when 'work_3' then 99
      when 'work_4' then case when quantity <= 10 then 199 else 179 end when 'board_1' then 29 when 'board_2' then 59
      when 'desk_1' then 25 when 'desk_2' then 45 when 'sso_1' then 4 else 6 end
    * case when price_rises and start_date >= date '2024-01-01' then 1.08 else 1 end)::decimal(18, 2) as amount,
  'USD' as currency, quantity,
  (case when discount_rule = 0 and k < states // 2 then 20
    when discount_rule = 1 and k >= states // 2 then 10 else 0 end)::decimal(7, 4) as discount_percent,
  'forever' as discount_kind,
  case when k > 0 and r(item * 16 + k, 17, 37) = 0 then 'paused' else 'active' end as status
from priced
order by account, item, k
"""


def make(folder: Path, scale: float, seed: int = 7) -> int:
    """Writes the three files into `folder`; returns the number of states."""
    con = duckdb.connect(config={"memory_limit": "6GB", "temp_directory": str(folder / "spill")})
    _states(con, round(ACCOUNTS * scale), seed)
    con.execute(f"copy state to '{folder}/states.parquet' (compression zstd, row_group_size 500000)")
    (folder / "products.csv").write_text(PRODUCTS)
    (folder / "plans.csv").write_text(PLANS)
    return int(con.execute("select count(*) from state").fetchall()[0][0])


def make_stretches(folder: Path, rows: int, seed: int = 7) -> int:
    """Writes `rows` states with the seven plain columns as stretches.csv and stretches.parquet; returns how many."""
    con = duckdb.connect(config={"memory_limit": "6GB", "temp_directory": str(folder / "spill")})
    _states(con, max(1, rows // 5), seed)  # more than five states an account
    con.execute(
        "create temp table stretch as select account_id, subscription_id, plan, start_date, end_date, amount, currency "
        f"from state limit {rows}"
    )
    con.execute(f"copy stretch to '{folder}/stretches.csv'")
    con.execute(f"copy stretch to '{folder}/stretches.parquet' (compression zstd)")
    return int(con.execute("select count(*) from stretch").fetchall()[0][0])


def _states(con: duckdb.DuckDBPyConnection, accounts: int, seed: int) -> None:
    con.execute(f"create macro r(x, salt, n) as (hash(x, salt, {seed}) % n)::bigint")
    con.execute(_ITEM.replace("$accounts", str(accounts)))
    con.execute(_STATE.format(first=FIRST_DAY, days=DAYS))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    print(make(given.folder, given.scale, given.seed))
