"""Public data sets through the product, as their users would import them; the answers were published elsewhere."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

import rollforward
from rollforward import policy
from rollforward.api import Store

PARTS = ("new", "reactivation", "expansion", "contraction", "churn")
PLAYBOOK = """\
kind = "subscriptions"
[columns]
account_id = "customer_id"
amount = "monthly_amount"
[constants]
currency = "USD"
plan = "periods"
"""


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


# -- mrr-playbook ----------------------------------------------------------------------------------------------------


def playbook(real_data: Path, folder: Path, coverage: str | None = None) -> Store:
    mapping = folder / "playbook.toml"
    mapping.write_text(PLAYBOOK, encoding="utf-8")
    store = rollforward.open(folder / "store")
    report = store.import_(real_data / "mrr_playbook" / "subscription_periods.csv", mapping=mapping, coverage=coverage)
    assert (report.files[0].accepted, report.problem_count) == (121, 0)
    return store


def moved(store: Store) -> dict[str, list[int]]:
    """Whole dollars of new … churn and closing, for every month in which anything moved."""
    rows = store.mrr().to_dicts()
    shown = {str(r["period"]): [int(str(r[c])) for c in (*PARTS, "closing")] for r in dollars(rows)}
    return {period: values for period, values in shown.items() if any(values[:-1])}


def dollars(rows: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    return [{k: int(v) if isinstance(v, Decimal) and v == int(v) else v for k, v in r.items()} for r in rows]


def test_mrr_playbook_over_all_periods(real_data: Path, tmp_path: Path) -> None:
    store = playbook(real_data, tmp_path)
    names = ("new", "reactivation", "upgrade", "downgrade", "churn", "closing")
    wanted = read_csv(real_data / "mrr_playbook" / "recheck_all_periods_delta.csv")
    assert moved(store) == {r["date_month"]: [int(r[n]) for n in names] for r in wanted}
    assert store.check().rows == []


def test_mrr_playbook_against_its_own_output(real_data: Path, tmp_path: Path) -> None:
    """Its `upgrade` and `downgrade` are our expansion and contraction. The differences, month by month:

    - 2017-09 new 75, 2017-10 new 25 and churn -50, 2017-11 churn -50: its spine of months begins in 2018, so the
      customers 2, 3 and 4 are missing there;
    - no month from 2018-01 on, neither in money nor in accounts, as long as nobody says where the data end. They end
      with 2020-01: the churn of -175 in 2020-02 is the data's end, and with the coverage that says so it is not shown.
      Where the data are said to end with 2019, nor is that of -1,255 in 2020-01.
    """
    store = playbook(real_data, tmp_path)
    expected = {r["date_month"]: r for r in read_csv(real_data / "mrr_playbook" / "expected_rollforward.csv")}
    names = ("new", "reactivation", "upgrade", "downgrade", "churn", "closing")
    theirs = {m: [int(r[n]) for n in names] for m, r in expected.items() if any(int(r[n]) for n in names[:-1])}
    ours = moved(store)
    assert {m: v for m, v in ours.items() if theirs.get(m) != v} == {
        "2017-09-01": [75, 0, 0, 0, 0, 75],
        "2017-10-01": [25, 0, 0, 0, -50, 50],
        "2017-11-01": [0, 0, 0, 0, -50, 0],
    }
    assert set(theirs) <= set(ours)
    counts = ("active", "n_new", "n_reactivated", "n_upgraded", "n_downgraded", "n_churned")
    columns = ("closing", "new", "reactivated", "expanded", "contracted", "churned")
    for r in store.mrr(start="2018-01", end="2020-02").to_dicts():
        told = expected[str(r["period"])]
        assert [r[f"accounts_{c}"] for c in columns] == [int(told[c]) for c in counts], r["period"]


@pytest.mark.parametrize(
    ("to", "unknown"), [("2020-02-01", {"2020-02-01"}), ("2020-01-01", {"2020-01-01", "2020-02-01"})]
)
def test_mrr_playbook_has_no_churn_where_the_data_end(
    real_data: Path, tmp_path: Path, to: str, unknown: set[str]
) -> None:
    wanted = read_csv(real_data / "mrr_playbook" / "recheck_all_periods_delta.csv")
    assert set(moved(playbook(real_data, tmp_path, f"..{to}"))) == {r["date_month"] for r in wanted} - unknown


# -- tidemill and bruin ----------------------------------------------------------------------------------------------

TIDEMILL = (
    "basic",
    "churn_and_expansion_inside_one_month",
    "quiet_months_carry",
    "baseline",
    "reactivation",
    "contraction",
)


@pytest.mark.parametrize("name", TIDEMILL)
def test_tidemill(real_data: Path, tmp_path: Path, name: str) -> None:
    cases = json.loads((real_data / "tidemill" / "waterfall_cases.json").read_text(encoding="utf-8"))["cases"]
    assert sorted(c["name"] for c in cases) == sorted(TIDEMILL)
    case = next(c for c in cases if c["name"] == name)
    rows = []
    for e in case["events"]:
        cents = e.get("new_mrr_cents", e.get("mrr_cents", 0)) - e.get("prev_mrr_cents", 0)
        rows.append((e["customer"], e["subscription"], e["at"], Decimal(cents) / 100, "USD"))
    header = ("account_id", "subscription_id", "occurred_at", "delta", "currency")
    store = rollforward.open(tmp_path / "store")
    store.import_(write_csv(tmp_path / "changes.csv", header, rows))
    start, end = (date.fromisoformat(d) for d in case["range"])
    rolled = store.mrr(start=start.isoformat()[:7], end=end.isoformat()[:7], minor=True).to_dicts()
    shown = [r for r in rolled if start <= r["period"] <= end]  # type: ignore[operator]
    for r, wanted in zip(shown, case["expected"], strict=False):  # a case may assert its first months only
        told = {
            "period": str(r["period"]), "starting_mrr": r["opening"], "ending_mrr": r["closing"],
            "net_change": r["closing"] - r["opening"], **{p: r[p] for p in PARTS},  # type: ignore[operator]
        }  # fmt: skip
        assert {k: told[k] for k in wanted} == wanted
    assert len(shown) >= len(case["expected"])
    assert store.check().rows == []


def test_bruin_kpis(real_data: Path, tmp_path: Path) -> None:
    """Nothing was before January, and the coverage from December says so: its accounts are new."""
    data = json.loads((real_data / "bruin_stripe_readme" / "cases.json").read_text(encoding="utf-8"))
    rows = [(a, m, Decimal(mrr) / 100, c) for m, a, c, mrr in data["monthly_customer_mrr_minor"]]
    store = rollforward.open(tmp_path / "store")
    file = write_csv(tmp_path / "monthly.csv", ("account_id", "month", "mrr", "currency"), rows)
    store.import_(file, coverage="2025-12-01..2026-03-01")
    rolled = {f"{r['period']:%Y-%m}": r for r in store.mrr(minor=True).to_dicts()}
    kpis = [
        k for k in data["expected_kpis"] if k["currency"] == "usd"
    ]  # its one euro row has no monthly rows behind it
    assert len(kpis) == 2
    for kpi in kpis:
        r = rolled[kpi["month"]]
        shown = (r["closing"], r["new"], r["expansion"], -r["churn"], r["accounts_closing"])  # type: ignore[operator]
        assert shown == (kpi["ending"], kpi["new"], kpi["expansion"], kpi["churned"], kpi["active"])
    (window,) = store.retention(window="2026-02-01..2026-03-01").to_dicts()
    assert round(float(str(window["ndr"])), 2) == 1.04
    assert store.check().rows == []


# -- Buffer: three dated states, no history --------------------------------------------------------------------------

ROUND = 'kind = "subscriptions"\n[format]\nround = true\n'
SEEN = ("account_id", "subscription_id", "plan", "quantity", "amount", "currency")


def buffer_states(real_data: Path, day: str) -> list[tuple[object, ...]]:
    """Live, priced subscriptions of one state: MRR = monthly unit price × quantity where the price is per channel."""
    folder = real_data / "buffer_subscriptions"
    plans = {r["plan_id"]: r for r in read_csv(folder / "plan_prices.csv")}
    rows: list[tuple[object, ...]] = []
    with gzip.open(folder / "subscriptions.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for r in csv.DictReader(file):
            status = r.get(f"status_{day}", "active")  # the state of February gives no status
            plan, quantity = plans.get(r[f"plan_{day}"]), r[f"qty_{day}"]
            if status not in ("active", "past_due") or plan is None or not plan["monthly_unit_price"]:
                continue
            price = Decimal(plan["monthly_unit_price"])
            amount = price * int(quantity or 0) if plan["price_is_per_channel"] == "True" else price
            rows.append((r["cust"], r["sub"], plan["plan_id"], quantity, amount, "USD"))
    return rows


def moved_accounts(store: Store) -> dict[str, int]:
    """Accounts by what their MRR did point to point."""
    build = store._new_build(policy.DEFAULT, None)
    build.window_between(date(2022, 1, 19), date(2022, 9, 22))
    engine = build.need(["retention_account"])
    rows = engine.run("select movement, count(*) from retention_account where movement <> 'none' group by movement")
    return {str(movement): int(str(count)) for movement, count in rows}


def test_buffer_between_two_snapshots(real_data: Path, tmp_path: Path) -> None:
    """The window holds 21 September, the day of the last snapshot; its end is the first day after it.

    `round = true`: monthly prices of yearly plans have more than two decimals, and every subscription is rounded to the
    cent by itself: the opening is 2.17 above the published, unrounded one.
    """
    mapping = tmp_path / "round.toml"
    mapping.write_text(ROUND, encoding="utf-8")
    store = rollforward.open(tmp_path / "store")
    first, last = (buffer_states(real_data, day) for day in ("2022_01_19", "2022_09_21"))
    store.import_(
        write_csv(tmp_path / "jan.csv", SEEN, first), mapping=mapping, snapshot=True, recorded_at="2022-01-19"
    )
    # Only part of the subscriptions is in the state of February: it says nothing of the others, so it is no snapshot.
    february = [(*row, "2022-02-14") for row in buffer_states(real_data, "2022_02_14")]
    store.import_(
        write_csv(tmp_path / "feb.csv", (*SEEN, "start_date"), february), mapping=mapping, recorded_at="2022-02-14"
    )
    report = store.import_(
        write_csv(tmp_path / "sep.csv", SEEN, last), mapping=mapping, snapshot=True, recorded_at="2022-09-21"
    )
    assert len(report.ends) > 10_000
    (w,) = store.retention(window="2022-01-19..2022-09-22").to_dicts()
    amounts = [Decimal(str(row[4])) for row in first]
    assert round(sum(amounts), 2) == Decimal("836888.69")
    rounded = sum(a.quantize(Decimal("0.01"), ROUND_HALF_UP) for a in amounts)
    assert w["opening"] == rounded == Decimal("836890.86")  # 2.17 more: 33,519 subscriptions, each rounded half up
    assert (w["accounts_opening"], w["accounts_lost"]) == (33_517, 10_971)
    assert [round(100 * float(str(w[c])), 2) for c in ("ndr", "grr", "logo_retention")] == [69.26, 64.71, 67.27]
    assert float(str(w["ndr_low"])) == pytest.approx(0.684, abs=0.0015)
    assert float(str(w["ndr_high"])) == pytest.approx(0.702, abs=0.0015)
    assert float(str(w["grr_low"])) == pytest.approx(0.639, abs=0.0015)
    assert float(str(w["grr_high"])) == pytest.approx(0.656, abs=0.0015)
    assert w["band"] == "shrinks"
    assert moved_accounts(store) == {"expansion": 1_679, "contraction": 911, "churn": 10_971}
    for column, thousands in (("expansion", 38.1), ("contraction", -22.5), ("churn", -272.8)):
        assert float(str(w[column])) / 1000 == pytest.approx(thousands, abs=0.05)
    rows = store.mrr(by="day", start="2022-01-19", end="2022-01-19").to_dicts()
    assert [(r["new"], r["opening"], r["period"]) for r in rows] == [(0, w["opening"], date(2022, 1, 19))]
    assert store.check().rows == []
