"""Real data cut: a company's subscriptions by plan family, interval and seats, against plain sums of its rows."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

import rollforward
from rollforward import Store
from test_known_answers import ROUND, SEEN, buffer_states, read_csv, write_csv

WINDOW = "2022-01-19..2022-09-22"
CENT = Decimal("0.01")

Sums = dict[str, dict[str, Decimal]]
"""Account → segment → MRR."""


def family_of(real_data: Path) -> dict[str, tuple[str, str]]:
    """Plan → its family and interval."""
    rows = read_csv(real_data / "buffer_subscriptions" / "plan_prices.csv")
    return {r["plan_id"]: (r["family"], r["interval"]) for r in rows}


def sums(rows: list[tuple[object, ...]], part: dict[str, tuple[str, str]], at: int) -> Sums:
    """MRR of each account by family (0) or interval (1), each subscription rounded half up."""
    found: Sums = defaultdict(lambda: defaultdict(Decimal))
    for account, _, plan, _, amount, _ in rows:
        found[str(account)][part[str(plan)][at]] += Decimal(str(amount)).quantize(CENT, ROUND_HALF_UP)
    return found


def most(of: dict[str, Decimal]) -> str:
    """The value with most MRR; of equals the first by name."""
    return min(of, key=lambda value: (-of[value], value))


def seats(rows: list[tuple[object, ...]]) -> dict[str, str]:
    """Account → band of the slots it had."""
    slots: dict[str, int] = defaultdict(int)
    for account, _, _, quantity, _, _ in rows:
        slots[str(account)] += int(str(quantity) or 0)
    return {a: "1" if n <= 1 else "2-3" if n <= 3 else "4-6" if n <= 6 else "7+" for a, n in slots.items()}


@pytest.fixture(scope="module")
def states(real_data: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    return buffer_states(real_data, "2022_01_19"), buffer_states(real_data, "2022_09_21")


@pytest.fixture(scope="module")
def store(
    real_data: Path, states: tuple[list[tuple[object, ...]], ...], tmp_path_factory: pytest.TempPathFactory
) -> Store:
    folder = tmp_path_factory.mktemp("buffer")
    first, last = states
    part = family_of(real_data)
    (folder / "round.toml").write_text(ROUND, encoding="utf-8")
    made = rollforward.open(folder / "store")
    families = sorted({f for f, _ in part.values()})
    made.import_(write_csv(folder / "products.csv", ("product_id", "name", "role", "family"),
                           [(f, f, "base", f) for f in families]))  # fmt: skip
    made.import_(write_csv(folder / "plans.csv", ("plan_id", "product_id"), [(p, f) for p, (f, _) in part.items()]),
                 kind="plans")  # fmt: skip
    for name, rows, day in (("jan", first, "2022-01-19"), ("sep", last, "2022-09-21")):
        file = write_csv(folder / f"{name}.csv", SEEN, rows)
        made.import_(file, mapping=folder / "round.toml", snapshot=True, recorded_at=day)
    by_interval, band = sums(first, part, 1), seats(first)
    rows = [(a, most(by_interval[a]), band[a], "2022-01-01") for a in by_interval]
    made.import_(write_csv(folder / "accounts.csv", ("account_id", "interval_paid", "seats", "valid_from"), rows))
    return made


@pytest.mark.parametrize("dimension", ["family", "interval_paid", "seats"])
def test_buffer_by(dimension: str, store: Store, real_data: Path, states: tuple[list[tuple[object, ...]], ...]) -> None:
    part = family_of(real_data)
    opened, closed = (sums(rows, part, 0) for rows in states)
    intervals, band = sums(states[0], part, 1), seats(states[0])
    expected: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0), Decimal(0)])
    for account, held in opened.items():
        value = {"family": most(held), "interval_paid": most(intervals[account]), "seats": band[account]}[dimension]
        cell = expected[value]
        cell[0] += sum(held.values())
        cell[1] += sum(closed.get(account, {}).values())
        cell[2] += 1
    got = store.retention(window=WINDOW, segment=dimension).to_dicts()
    found = {str(r["segment"]): [r["opening"], r["closing"], r["accounts_opening"]] for r in got if r["opening"]}
    assert found == {value: cell for value, cell in expected.items() if cell[0]}
    (whole,) = store.retention(window=WINDOW).to_dicts()
    for column in ("opening", "expansion", "contraction", "churn", "closing", "accounts_opening", "accounts_lost"):
        assert sum(r[column] for r in got) == whole[column], column
    rolled = store.mrr(by="month", segment=dimension, start="2022-01", end="2022-09").to_dicts()
    for period in {r["period"] for r in rolled}:
        assert sum(r["transfer"] for r in rolled if r["period"] == period) == 0
