"""Seeded data for the part `signals`: accounts on three tiers with limits, two years of changes, 100 rows of use each.

Of use: seats and storage at 12 month ends, calls in each of the last 52 weeks, clicks by feature in each of 24 weeks.
One account in five grows into its limit, one in ten shrinks, the others waver.
"""

from __future__ import annotations

from pathlib import Path

PLANS = """plan_id,product_id,tier,amount,currency,interval,limit:seats,limit:storage_gb,limit:calls
start,app,1,10.00,USD,month,20,100,4000
team,app,2,20.00,USD,month,100,1000,40000
ent,app,3,40.00,USD,month,,10000,
sso,sso,1,50.00,USD,month,,,
"""
PRODUCTS = "product_id,name,role,family\napp,App,base,app\nsso,SSO,add_on,security\n"
CALLS = "select 'calls' as metric, '' as feature, date '2026-10-31' - 7 * w::integer as at, w from range(52) r(w)"


def make(folder: Path, accounts: int) -> int:
    """Writes the files into `folder`; how many rows of use."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plans.csv").write_text(PLANS)
    (folder / "products.csv").write_text(PRODUCTS)
    con = duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / "spill")})
    who = (
        f"(select 'a' || lpad(i::varchar, 8, '0') as account_id, i, hash(i) % 1000 / 1000.0 as u, "
        f"5 + hash(i, 1) % 15 as n, "
        f"case when hash(i, 2) % 10 < 6 then 'start' when hash(i, 2) % 10 < 9 then 'team' else 'ent' end as plan "
        f"from range({accounts}) r(i))"
    )
    con.execute(
        "copy (select account_id, 's' || i as subscription_id, 'app' as product, plan, "
        "date '2024-11-01' + (hash(i, 3) % 600)::integer as start_date, null::date as end_date, "
        "n * case plan when 'start' then 10 when 'team' then 20 else 40 end as amount, 'USD' as currency, "
        "n as quantity "
        f"from {who} union all "
        "select account_id, 'x' || i, 'sso', 'sso', date '2026-01-01' + (hash(i, 4) % 290)::integer, null, 50, 'USD', "
        "1 "
        f"from {who} where hash(i, 5) % 12 = 0) to '{folder}/subscriptions.parquet' (format parquet)"
    )
    # how much of the limit: a level of its own, a drift by month, and noise
    month = "(w * 7 // 30)"
    drift = f"case when u < 0.2 then 1 - 0.04 * {month} when u < 0.3 then 0.4 + 0.04 * {month} else 0.6 end"
    noise = "(hash(i, w, metric, feature) % 100 / 500.0 - 0.1)"
    con.execute(
        "copy (with told as ("
        "select 'seats' as metric, '' as feature, (date '2026-11-01' - to_months(m::integer))::date - 1 as at, "
        "m * 30 // 7 as w from range(12) r(m) union all "
        "select 'storage_gb', '', (date '2026-11-01' - to_months(m::integer))::date - 1, m * 30 // 7 "
        f"from range(12) r(m) union all {CALLS} union all "
        "select 'clicks', case when w % 3 = 0 then 'reports' when w % 3 = 1 then 'boards' else 'wiki' end, "
        "date '2026-10-30' - 7 * w::integer, w from range(24) r(w)) "
        "select a.account_id, t.metric, t.at, t.feature, greatest(round("
        "case metric when 'seats' then n when 'storage_gb' then 100 when 'calls' then 900 else 50 end "
        f"* (({drift}) + {noise})), 0)::bigint as quantity from {who} a cross join told t) "
        f"to '{folder}/usage.parquet' (format parquet)"
    )
    return int(con.execute(f"select count(*) from '{folder}/usage.parquet'").fetchall()[0][0])
