"""Writes the demo company Baan Ops into src/rollforward/demo/data, always the same rows: `python tools/make_demo.py`.

Nothing here reads a clock, a locale or the network. The company is described in docs/demo.md.
"""

from __future__ import annotations

import calendar
import csv
import gzip
import io
import math
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import demo_catalogue as cat
import demo_voice as voice
from demo_accounts import END, START, Account
from demo_items import Draw, Item, Stretch, add_months

SEED = "baan-ops-141"
TARGET = Path(__file__).resolve().parents[1] / "src" / "rollforward" / "demo" / "data"
USAGE_FROM = date(2025, 11, 1)

Row = dict[str, Any]


def company() -> list[Account]:
    """All accounts, each with its whole life; more sign up every month."""
    draw, accounts = Draw(SEED), []
    for month in months(START):
        days = calendar.monthrange(month.year, month.month)[1]
        at = (month.year - START.year) * 12 + month.month - START.month
        for day in sorted(draw.between(1, min(days, 28)) for _ in range(round(46 + 2.7 * at + 4 * draw.normal()))):
            accounts.append(Account(len(accounts) + 1, month.replace(day=day), SEED))
    for account in accounts:
        account.live_out()
    return accounts


def months(first: date) -> Iterator[date]:
    """First days of the months from `first` until the data ends."""
    while first < END:
        yield first
        first = add_months(first, 1)


def month_end(month: date) -> date:
    """Last day of the month that begins on that day."""
    return add_months(month, 1) - timedelta(1)


def money(cents: int) -> str:
    """Major units with two decimals."""
    return f"{cents // 100}.{cents % 100:02d}"


def at(item: Item, day: date) -> Stretch | None:
    """The stretch in force on that day."""
    return next((s for s in item.stretches if s.start <= day and (s.end is None or day < s.end)), None)


# Catalogue ------------------------------------------------------------------------------------------------------------


def products() -> Iterator[Row]:
    """One row a product."""
    for product_id, name, role, family in cat.PRODUCTS:
        yield {"product_id": product_id, "name": name, "role": role, "family": family}


def plans() -> Iterator[Row]:
    """One row a price; a tiered one has its steps as JSON and no single amount."""
    step = '{{"up_to": {}, "unit_amount": {}, "flat_amount": 0.00}}'
    for plan in cat.PLANS.values():
        steps = ", ".join(step.format("null" if last is None else last, money(cents)) for last, cents in plan.steps)
        yield {
            "plan_id": plan.plan_id, "product_id": plan.product, "tier": plan.tier,
            "amount": "" if plan.steps else money(plan.unit), "currency": plan.currency, "interval": plan.interval,
            "tiers": f"[{steps}]" if steps else "", "tiers_mode": plan.mode,
            "limit:seats": plan.seats if plan.seats < cat.NO_LIMIT else "", "limit:storage_gb": plan.storage_gb or "",
        }  # fmt: skip


def fx() -> Iterator[Row]:
    """Month-end rates, US dollars for one euro: an invented walk."""
    draw, rate = Draw(f"{SEED}/fx"), 1.0573
    for month in (date(2023, 9, 1), *months(START)):
        yield {"date": month_end(month), "currency": "EUR", "rate": f"{rate:.4f}"}
        rate = min(max(rate * (1 + 0.002 + 0.011 * draw.normal()), 1.02), 1.21)


# Accounts and what they pay -------------------------------------------------------------------------------------------


def account_rows(accounts: list[Account]) -> Iterator[Row]:
    """One row an account; nobody shares a name."""
    taken: set[str] = set()
    for account in accounts:
        draw, words, name = Draw(f"{SEED}/name/{account.account_id}"), account.words, ""
        while not name or name in taken:
            parts = (draw.one(cat.STEMS[words]), draw.one(cat.SECONDS[words]), draw.one(cat.THIRDS[words]))
            name = " ".join(part for part in parts if part)
            name = f"บริษัท {name} จำกัด" if words == "th" else name
        taken.add(name)
        yield {
            "account_id": account.account_id, "name": name, "email": f"billing@{account.account_id[4:]}.example.com",
            "country": account.country, "industry": account.industry, "employees": account.employees,
            "owner": account.owner, "created_at": account.created,
        }  # fmt: skip


def subscription_rows(accounts: list[Account]) -> Iterator[Row]:
    """One row a constant stretch of one item."""
    for account in accounts:
        for item in account.items:
            for s in item.stretches:
                metered = s.plan.product == "automation"
                off = s.discount
                yield {
                    "account_id": account.account_id, "subscription_id": item.subscription, "item_id": item.item_id,
                    "product": s.plan.product, "plan": s.plan.plan_id, "start_date": s.start, "end_date": s.end,
                    "amount": money(0 if metered else s.plan.list_cents(s.quantity)), "currency": account.currency,
                    "interval": s.plan.interval, "interval_count": 1, "quantity": s.quantity,
                    "billing": "metered" if metered else "licensed",
                    "discount_percent": off.percent if off and off.percent else "",
                    "discount_amount": money(off.cents) if off and off.cents else "",
                    "discount_kind": off.kind if off else "", "discount_until": off.until if off else "",
                    "status": s.status, "cancel_requested_at": s.requested, "paid_through": s.paid_through,
                    "first_paid_at": s.first_paid, "cancel_reason": s.reason,
                }  # fmt: skip


def contracts(accounts: list[Account]) -> Iterator[Row]:
    """One row for each year that a yearly Business or Enterprise account signed."""
    for account in accounts:
        number = 0
        for item in account.items:
            first = item.stretches[0] if item.stretches else None
            if first is None or first.plan.product not in ("work", "classic"):
                continue
            signed = next((s.start for s in item.stretches if s.plan.interval == "year" and s.status == "active"), None)
            while signed is not None and signed < END and (state := at(item, signed)):
                if state.plan.tier >= 3 and state.plan.interval == "year":
                    number += 1
                    end = add_months(signed, 12)
                    left = any(s.end == end and s.reason for s in item.stretches)
                    notice = end - timedelta(60 if state.plan.tier == 4 else 30)
                    yield {
                        "account_id": account.account_id, "contract_id": f"ct_{account.account_id[4:]}_{number}",
                        "start_date": signed, "end_date": end, "notice_date": notice,
                        "auto_renew": "false" if left else "true",
                        "amount": money(state.plan.list_cents(state.quantity)), "currency": account.currency,
                        "owner": account.owner,
                    }  # fmt: skip
                signed = add_months(signed, 12)


def charges(accounts: list[Account]) -> Iterator[Row]:
    """Automation runs of each calendar month, billed on the first day of the next."""
    for account in accounts:
        for item in (i for i in account.items if i.stretches and i.stretches[0].plan.product == "automation"):
            draw = Draw(f"{SEED}/runs/{item.item_id}")
            runs = math.exp(7.2 + draw.normal())
            for month in months(item.stretches[0].start.replace(day=1)):
                begin, end = max(month, item.stretches[0].start), add_months(month, 1)
                state = at(item, begin)
                runs *= 1.015 + 0.12 * draw.normal()
                if state is None or state.status != "active" or runs < 1:
                    continue
                stop = min(end, item.now.end or end)
                count = round(runs * (stop - begin).days / (end - month).days)
                yield {
                    "account_id": account.account_id, "subscription_id": item.subscription, "item_id": item.item_id,
                    "product": "automation", "plan": state.plan.plan_id, "metric": "automation_runs",
                    "service_start": begin, "service_end": stop, "invoiced_at": end,
                    "amount": money(count * state.plan.unit), "currency": account.currency,
                }  # fmt: skip


# What they do ---------------------------------------------------------------------------------------------------------


def usage(accounts: list[Account]) -> Iterator[Row]:
    """Seats in use and storage at each of the last twelve month ends; seats fill up before more are bought. Of the last
    six months also what was done with each feature."""
    for account in accounts:
        draw, habits = Draw(f"{SEED}/usage/{account.account_id}"), voice.Habits(account, SEED)
        habit, stored = draw.real(0.55, 0.85), draw.real(0.5, 6)
        for month in months(USAGE_FROM):
            day = month_end(month)
            state = next(
                (s for i in account.items if (s := at(i, day)) and s.plan.product in ("work", "classic")), None
            )
            if state is None or state.status not in ("active", "past_due", "trialing"):
                continue
            soon = [s.quantity for i in account.items if (s := at(i, day + timedelta(60))) and s.plan.product == "work"]
            grown = min(max((soon[0] if soon else state.quantity // 2) / state.quantity, 0.5), 1.25)
            seats = min(state.quantity, max(1, round(state.quantity * min(1, habit * grown**2 + 0.04 * draw.normal()))))
            stored *= 1.02
            row = {"account_id": account.account_id, "at": day}
            yield {**row, "metric": "seats", "quantity": seats, "feature": ""}
            yield {**row, "metric": "storage_gb", "quantity": max(1, round(seats * stored)), "feature": ""}
            for feature, count in habits.used(month, state.plan.tier, seats):
                yield {**row, "metric": voice.METRIC, "quantity": count, "feature": feature}


EVENT = ("account_id", "at", "kind", "channel", "person", "tag", "value", "outcome", "outcome_at", "discount_percent",
         "owner", "text")  # fmt: skip


def events(accounts: list[Account]) -> Iterator[Row]:
    """Touches, offers, milestones, tickets, and what accounts ask for, say and do together, by account and day."""
    for account in accounts:
        all_events = [*account.events, *voice.said(account, SEED)]
        for event in sorted(all_events, key=lambda event: (event["at"], event["kind"])):
            yield {name: event.get(name, "") for name in EVENT}


def spend() -> Iterator[Row]:
    """What new business, expansion and keeping customers cost each month."""
    draw = Draw(f"{SEED}/spend")
    for number, month in enumerate(months(START)):
        autumn = 1.6 if date(2025, 9, 1) <= month <= date(2025, 12, 1) else 1.0
        for kind, base, step in (("new", 52000, 4200), ("expansion", 5000, 900 * autumn), ("retention", 4000, 1100)):
            cents = round((base + step * number) * (1 + 0.06 * draw.normal()) * 100)
            yield {"month": month, "kind": kind, "amount": money(cents), "currency": "USD"}


# Files ----------------------------------------------------------------------------------------------------------------


def compressed(rows: Iterable[Row]) -> bytes:
    """A gzipped CSV file without a time or a name inside, so that equal rows are equal bytes."""
    rows = iter(rows)
    first = next(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(first), lineterminator="\n")
    writer.writeheader()
    writer.writerow(first)
    writer.writerows(rows)
    return gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0)


def files() -> dict[str, bytes]:
    """File name → content, for every kind that is shipped."""
    accounts = company()
    rows: dict[str, Iterable[Row]] = {
        "products": products(), "plans": plans(), "accounts": account_rows(accounts),
        "subscriptions": subscription_rows(accounts), "usage": usage(accounts), "events": events(accounts),
        "contracts": contracts(accounts), "fx": fx(), "charges": charges(accounts), "spend": spend(),
    }  # fmt: skip
    return {f"{kind}.csv.gz": compressed(kind_rows) for kind, kind_rows in rows.items()}


def main(target: Path = TARGET) -> None:
    """Write the files and say how large they are."""
    target.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (target / name).write_bytes(content)
        print(f"{name:24}{len(content):>9,} bytes")


if __name__ == "__main__":
    main()
