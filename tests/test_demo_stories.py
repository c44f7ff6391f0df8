"""The stories that docs/demo.md tells of the demo company, computed from the shipped rows alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from test_demo_data import END, balance, balances, base_row, by_account, industry, items, ndr, rows, tier


def test_size() -> None:
    last = END - timedelta(1)
    usd, eur = sum(balances(last, "USD").values()), sum(balances(last, "EUR").values())
    assert 85_000_000 <= usd <= 100_000_000
    assert 17_000_000 <= eur <= 23_000_000


def test_growth_hides_a_shrinking_segment() -> None:
    start = date(2025, 11, 1)
    assert Fraction(103, 100) <= ndr(start, END, "USD") <= Fraction(108, 100)
    assert Fraction(82, 100) <= ndr(start, END, "USD", industry("Agency")) <= Fraction(88, 100)
    opening = balances(start - timedelta(1), "USD")
    share = sum(opening[a] for a in industry("Agency")) / sum(opening.values())
    assert share > 0.05, "too small to matter"


def reversed_by(account: str, start: date, until: date) -> bool:
    """On a lower tier than at `start`, or without MRR, at any time up to `until`."""
    reached = tier(base_row(account, start))
    changes = {date.fromisoformat(d) for r in by_account()[account] for d in (r["start_date"], r["end_date"]) if d}
    later = [day for day in changes if start < day <= until]
    return any(tier(base_row(account, day)) < reached or balance(account, day) == 0 for day in later)


def campaign_sales() -> list[tuple[str, date, date]]:
    """(account, day of the upgrade, end of its discount) for each accepted offer of the campaign."""
    found = []
    for offer in rows("events"):
        if offer["kind"] == "offer" and offer["discount_percent"] == "40" and offer["outcome"] == "accepted":
            day = date.fromisoformat(offer["outcome_at"])
            row = base_row(offer["account_id"], day)
            assert row and row["start_date"] == day.isoformat() and row["discount_percent"] == "40", offer
            assert tier(row) > tier(base_row(offer["account_id"], day - timedelta(1))), offer
            found.append((offer["account_id"], day, date.fromisoformat(row["discount_until"])))
    return found


def plain_upgrades() -> list[tuple[str, date]]:
    """Upgrades at list price with half a year of data behind them."""
    found = []
    for stretches in items().values():
        for before, after in pairwise(stretches):
            if before["end_date"] == after["start_date"] and tier(after) > tier(before) and not after["discount_kind"]:
                day = date.fromisoformat(after["start_date"])
                if after["status"] == "active" and day < END - timedelta(182):
                    found.append((after["account_id"], day))
    return found


def test_expansion_bought_with_discounts_reverses() -> None:
    sold = campaign_sales()
    assert len(sold) >= 100
    assert all(date(2025, 9, 1) <= day < date(2026, 1, 1) for _, day, _ in sold)
    lost = sum(reversed_by(account, day, until + timedelta(90)) for account, day, until in sold) / len(sold)
    plain = plain_upgrades()
    plain_lost = sum(reversed_by(account, day, day + timedelta(182)) for account, day in plain) / len(plain)
    assert 0.45 <= lost <= 0.58
    assert len(plain) >= 120 and 0.06 <= plain_lost <= 0.14


def test_seats_drive_enterprise_expansion() -> None:
    seats = other = 0
    for account, mine in by_account().items():
        for day in sorted({date.fromisoformat(r["start_date"]) for r in mine}):
            before, after = base_row(account, day - timedelta(1)), base_row(account, day)
            gain = balance(account, day) - balance(account, day - timedelta(1))
            if not before or not after or tier(before) != 4 or gain <= 0 or balance(account, day - timedelta(1)) == 0:
                continue
            if before["plan"] == after["plan"] and int(after["quantity"]) > int(before["quantity"]):
                seats += gain
            else:
                other += gain
    assert seats > 3 * other


def test_net_negative_churn_streak() -> None:
    streak, end = 0, END
    while end > date(2024, 1, 1):
        start = (end - timedelta(1)).replace(day=1)
        if ndr(start, end, "USD") <= 1:
            break
        streak, end = streak + 1, start
    assert streak >= 6


def test_community_goes_with_size_and_not_with_staying() -> None:
    """Definitions of the view `alike`: told apart by the half year before a day that all have lived to."""
    fixed = END - timedelta(180)
    since = (fixed - timedelta(180)).isoformat()
    engaged = {
        e["account_id"] for e in rows("events") if e["kind"] == "community" and since <= e["at"] < fixed.isoformat()
    }
    stayed: dict[tuple[int, bool], list[bool]] = defaultdict(list)
    for account in by_account():
        if balance(account, fixed - timedelta(1)) > 0:
            level = tier(base_row(account, fixed - timedelta(1)))
            stayed[level, account in engaged].append(balance(account, END - timedelta(1)) > 0)

    def share(found: Iterable[bool]) -> float:
        return sum(found := list(found)) / len(found)

    with_it = [one for (_, joined), group in stayed.items() if joined for one in group]
    without = [one for (_, joined), group in stayed.items() if not joined for one in group]
    like = sum(share(stayed[level, False]) * len(group) for (level, joined), group in stayed.items() if joined)
    assert len(with_it) >= 200
    assert share(with_it) - share(without) > 0.03
    assert abs(share(with_it) - like / len(with_it)) < 0.02


def test_features_belong_to_tiers() -> None:
    """Approvals is a feature of large plans; a few of the small ones lean on it, which is what the signal looks for."""
    used: dict[int, list[float]] = defaultdict(list)
    actions: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows("usage"):
        if row["metric"] == "actions":
            actions[row["account_id"]][row["feature"]] += int(row["quantity"])
    for account, features in actions.items():
        if found := base_row(account, END - timedelta(1)):
            used[tier(found)].append(features["approvals"] / sum(features.values()))
    means = [sum(used[level]) / len(used[level]) for level in (1, 2, 3, 4)]
    assert means == sorted(means) and means[3] > 4 * means[1]
    assert any(share > means[3] for share in used[2])
