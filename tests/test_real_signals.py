"""Backtests on a simulated company whose truth is known (churnsim), counted again from its file, without the product.

In that world the pressure of a limit alone says little of expansion (its README: AUC 0.53), and each customer's use
grows by a rate of its own that is known.
"""

from __future__ import annotations

import csv
import gzip
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

import rollforward
from rollforward.api import Store

pytestmark = pytest.mark.slow
DAY = timedelta(days=1)
KNOWN_TO = date(2024, 1, 1)


@pytest.fixture(scope="module")
def churnsim(real_data: Path) -> Path:
    return real_data / "churnsim_crm_truth"


@pytest.fixture(scope="module")
def panel(churnsim: Path) -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    with gzip.open(churnsim / "panel.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            found[row["customer_id"]].append(row)
    return found


@pytest.fixture(scope="module")
def store(panel: dict[str, list[dict[str, str]]], tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("churnsim")
    files = {
        "plans": "plan_id,product_id,tier,amount,currency,interval,limit:users",
        "subscriptions": "account_id,subscription_id,product,plan,start_date,end_date,amount,currency",
        "usage": "account_id,metric,at,quantity",
    }
    lines = {name: [head] for name, head in files.items()}
    plans = {r["plan"]: r["user_limit"] for rows in panel.values() for r in rows}
    lines["plans"] += [f"{p},crm,1,{100 + n},USD,month,{limit}" for n, (p, limit) in enumerate(sorted(plans.items()))]
    for who, rows in panel.items():
        for r in rows:
            last = date.fromisoformat(r["period_end"]) - DAY
            end = r["period_end"] if r is not rows[-1] or last < KNOWN_TO - DAY else ""
            lines["subscriptions"].append(f"{who},s{who},crm,{r['plan']},{r['period_start']},{end},{r['mrr']},USD")
            lines["usage"].append(f"{who},users,{last},{r['users_active_mean']}")
            lines["usage"].append(f"{who},demand,{last},{r['users_wanted_mean']}")
    for name, text in lines.items():
        (folder / f"{name}.csv").write_text("\n".join(text) + "\n")
    made = rollforward.open(folder / "store")
    report = made.import_(*(folder / f"{n}.csv" for n in files), trust_valid_time=True, coverage=(None, KNOWN_TO))
    assert not [p for p in report.problems if p.severity == "refused"]
    return made


def looks() -> Iterator[date]:
    """The last twelve month ends with 90 known days after them: October 2022 to September 2023."""
    for n in range(12):
        year, month = 2022 + (9 + n) // 12, (9 + n) % 12 + 1
        yield date(year, month, monthrange(year, month)[1])


def months(on: date) -> int:
    return on.year * 12 + on.month


def mrr(rows: list[dict[str, str]], on: date) -> float:
    return sum(float(r["mrr"]) for r in rows if r["period_start"] <= str(on) < r["period_end"])


def is_near(rows: list[dict[str, str]], on: date) -> bool:
    """90 % of the limit reached, and not fallen below 85 % since; never over it: active users stop there."""
    limit = next(float(r["user_limit"]) for r in rows if r["period_start"] <= str(on) < r["period_end"])
    used: dict[int, float] = {}
    for r in rows:
        at = date.fromisoformat(r["period_end"]) - DAY
        if at <= on and months(at) >= months(on) - 11:
            used[months(at)] = max(used.get(months(at), 0), float(r["users_active_mean"]))
    if not used or max(used) < months(on) - 1:
        return False
    eased = max((m for m, q in used.items() if q < 0.85 * limit), default=0)
    over = max((m for m, q in used.items() if q < 0.95 * limit), default=0)
    if any(m > over and q > limit for m, q in used.items()):
        return False
    return any(m > eased and q >= 0.9 * limit for m, q in used.items())


def test_a_backtest_is_what_the_file_says(store: Store, panel: dict[str, list[dict[str, str]]]) -> None:
    found = {str(r["signal"]): r for r in store.backtest().to_dicts()}
    seen = shown = grew = right = 0
    for on in looks():
        for rows in panel.values():
            if (now := mrr(rows, on)) > 0:
                more, near = mrr(rows, on + 90 * DAY) > now, is_near(rows, on)
                seen, shown, grew, right = seen + 1, shown + near, grew + more, right + (more and near)
    near = found["near_limit"]
    assert (near["seen"], near["shown"], near["right"]) == (seen, shown, right)
    assert near["base_rate"] == pytest.approx(grew / seen)
    assert near["lift"] == pytest.approx(right / shown / (grew / seen))
    # the world gives limits little weight, and growth of use none: what says otherwise would be at fault
    assert near["lift_high"] < 2 and found["usage_rising"]["verdict"] != "better"


def test_use_that_grows_is_found_and_little_else(store: Store, churnsim: Path, tmp_path: Path) -> None:
    """True monthly growth of the accounts called rising is above 0, of those called falling below, nearly always."""
    with gzip.open(churnsim / "customers.csv.gz", "rt") as file:
        true = {r["customer_id"]: float(r["true_monthly_usage_growth"]) for r in csv.DictReader(file)}
    rules = tmp_path / "rules.toml"
    rules.write_text("[metrics]\nstates = ['users', 'demand']\n")  # two periods may end in a month
    told = store.signals("usage_rising,usage_falling", by_rules=rules, as_of="2023-11-30T23:59:59").to_dicts()
    up = [true[str(r["account_id"])] for r in told if r["signal"] == "usage_rising" and r["subject"] == "demand"]
    down = [true[str(r["account_id"])] for r in told if r["signal"] == "usage_falling" and r["subject"] == "demand"]
    assert len(up) > 100 and len(down) > 100, (len(up), len(down))
    assert sum(g > 0 for g in up) >= 0.95 * len(up)
    assert sum(g < 0 for g in down) >= 0.95 * len(down)
