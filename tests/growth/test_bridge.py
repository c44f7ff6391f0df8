"""What moved NDR: parts that add up, limits that hold their level, and accounts counted by hand."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal as D
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rollforward as rf
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.stats import mix

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
MONEY = st.integers(0, 10**9)


@given(st.lists(st.tuples(st.integers(0, 3), MONEY, MONEY, MONEY, MONEY), min_size=1, max_size=30))
@settings(max_examples=200)
def test_accounts_and_segments_add_up_to_the_difference(rows: list[tuple[int, int, int, int, int]]) -> None:
    ends = np.array([r[1:] for r in rows], dtype=float).T
    ends[0, 0] += 1  # both windows have something open
    ends[2, 0] += 1
    each = mix.Sums(*ends)
    of = np.array([r[0] for r in rows])
    names = np.unique(of)
    whole = mix.Sums(*(np.array([e[of == n].sum() for n in names]) for e in ends))
    before, after = each.ratios()
    given_, (rate, moved) = mix.contributions(each), mix.parts(whole)
    size = float(np.abs(given_).sum()) + 1
    assert float(given_.sum()) == pytest.approx(after - before, abs=1e-9 * size)
    # a segment that is in neither window's opening, but came back in one, has no NDR of its own
    if all(whole.opening_before + whole.opening_after > 0):
        for n, name in enumerate(names):
            alone = (whole.opening_before[n] == 0 and whole.closing_before[n]) or (
                whole.opening_after[n] == 0 and whole.closing_after[n]
            )
            if not alone:
                assert float(given_[of == name].sum()) == pytest.approx(rate[n] + moved[n], abs=1e-9 * size)


def test_limits_hold_the_true_parts_in_95_of_100_samples() -> None:
    """Two kinds of accounts whose NDR goes from 1.1 and 0.8 to 1.2 and 0.8 and whose weights from 1:1 to 3:1."""
    draw, held = np.random.default_rng(5), np.zeros(3)
    truth = (0.5 + 0.75) / 2 * 0.1, 0.25 * (1.15 - (0.95 + 1.1) / 2), None
    for _ in range(60):
        columns = []
        for counts, ratios in (((200, 200), (1.1, 0.8)), ((300, 100), (1.2, 0.8))):
            opening, closing = np.zeros((800, 2)), np.zeros((800, 2))
            for n, (count, ratio) in enumerate(zip(counts, ratios, strict=True)):
                at = slice(400 * n, 400 * n + count)
                opening[at, n] = draw.exponential(100, count)
                closing[at, n] = opening[at, n] * draw.choice([0.5, 1.5], count, p=[1.5 - ratio, ratio - 0.5])
            columns += [opening, closing]
        found = mix.limits(mix.Sums(*columns))
        whole = 1.1 - 0.95
        for n, (ends, true) in enumerate(
            ((found.rate[:, 0], truth[0]), (found.mix[:, 0], truth[1]), (found.contribution[:, -1], whole))
        ):
            held[n] += ends[0] <= true <= ends[1]
    assert (held >= 53).all(), held


def made(folder: Path, rows: list[str], accounts: list[str]) -> Store:
    store = rf.open(folder / "store")
    (folder / "s.csv").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    store.import_(folder / "s.csv", coverage="2024-01-01..2026-02-01")
    (folder / "a.csv").write_text("account_id,country\n" + "\n".join(accounts) + "\n", encoding="utf-8")
    store.import_(folder / "a.csv")
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """40 accounts at 100 without a change; `big` pays 4,000 and 3,000 from mid-2024 on, 6,000 from mid-2025 on."""
    rows = [f"s{n},s{n},p,2024-01-01,,100,USD" for n in range(40)]
    rows += ["big,b,p,2024-01-01,2024-06-10,4000,USD", "big,b,p,2024-06-10,2025-06-10,3000,USD",
             "big,b,p,2025-06-10,,6000,USD"]  # fmt: skip
    return made(tmp_path_factory.mktemp("bridge"), rows, [f"s{n},{'TH' if n % 2 else 'US'}" for n in range(40)])


ASKED: dict[str, str] = {"start": "2025-01", "end": "2026-01"}


def test_what_each_account_gave(store: Store) -> None:
    rows = store.bridge(12, "accounts", **ASKED).to_dicts()  # type: ignore[arg-type]
    # NDR: 7,000 of 8,000 = 0.875, then 10,000 of 7,000; their mean is 1.1518
    big = rows[0]
    assert (big["account_id"], big["opening_before"], big["closing_before"]) == ("big", D("4000.00"), D("3000.00"))
    assert (big["opening_after"], big["closing_after"]) == (D("3000.00"), D("6000.00"))
    middle = (7 / 8 + 10 / 7) / 2
    assert big["contribution"] == pytest.approx((6 - 3 * middle) / 7 - (3 - 4 * middle) / 8)
    assert sum(float(str(r["contribution"])) for r in rows) == pytest.approx(10 / 7 - 7 / 8)
    assert sum(float(str(r["net_share"])) for r in rows) == pytest.approx(1)
    assert sum(float(str(r["moved_share"])) for r in rows) == pytest.approx(1)
    assert len(store.bridge(12, "accounts", limit=3, skip=39, **ASKED)) == 2  # type: ignore[arg-type]


def test_few_accounts_that_carry_it_are_warned_of(store: Store) -> None:
    table = store.bridge(12, "concentration", **ASKED)  # type: ignore[arg-type]
    whole, without, *_ = table.to_dicts()
    assert (whole["left_out"], whole["accounts"], whole["is_few"]) == (0, 41, True)
    assert (without["left_out"], without["ndr_before"], without["ndr_after"]) == (1, 1.0, 1.0)
    (note,) = [n for n in table.notes if n.code == "few-carry"]
    assert note.params["change"] == "+55.4" and note.params["without"] == "+0.0"
    assert "few-carry" in {n.code for n in store.bridge(12, segment="country", **ASKED).notes}  # type: ignore[arg-type]


def test_accounts_of_a_segment_add_up_to_its_rate_and_mix(demo: Path) -> None:
    """In the demo, in each currency and converted. The model weighs by openings in whole minor units."""
    company = rf.open(demo)
    shares: dict[object, float] = defaultdict(float)
    for currency in ("native", "USD"):
        parts = {
            (r["currency"], r["segment"]): r for r in company.bridge(segment="industry", currency=currency).to_dicts()
        }
        given_: dict[tuple[object, object], float] = defaultdict(float)
        for r in company.bridge(view="accounts", segment="industry", currency=currency).to_dicts():
            given_[r["currency"], r["segment"]] += float(str(r["contribution"]))
        assert set(given_) <= set(parts)
        for cell, total in given_.items():
            assert total == pytest.approx(parts[cell]["contribution"], abs=1e-8), (
                cell
            )  # openings of the model are rounded
        for r in parts.values():
            shares[currency, r["currency"]] += float(str(r["net_share"])) if r["segment"] != "total" else 0.0
            if r["rate_low"] is not None:
                assert r["rate_low"] <= r["rate"] <= r["rate_high"] and r["mix_low"] <= r["mix_high"]
            assert (r["rate_low"] is None) == (r["is_small"] is True)
    assert len(shares) == 3 and all(total == pytest.approx(1) for total in shares.values())


def test_what_cannot_be_asked(store: Store) -> None:
    for wrong in ({"view": "mood"}, {"view": "accounts", "part": "TH"}, {"view": "accounts", "window": 5}):
        with pytest.raises(Misuse):
            store.bridge(**wrong)  # type: ignore[arg-type]
