"""A few accounts and a catalogue to quote from: months, a year, yen, discounts, a month's figures without a period."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import rollforward as rf
from rollforward.api import Store
from rollforward.state import Actor, State

ANN, BOSS = Actor("ann", "analyst"), Actor("boss", "admin")
PRODUCTS = """\
product_id,name,role,family
app,App,base,app
backup,Backup,add_on,
"""
PLANS = """\
plan_id,product_id,tier,amount,currency,interval,limit:storage_gb
start,app,1,10.00,USD,month,50
team,app,2,20.00,USD,month,500
team-year,app,2,216.00,USD,year,500
yen,app,1,1000,JPY,month,
yen-max,app,2,2500,JPY,month,
keep,backup,,5.00,USD,month,
"""
STEPS = """\
account_id,subscription_id,product,plan,start_date,amount,currency,interval,quantity,discount_percent,discount_kind,discount_until,paid_through,status,end_date
acme,s1,app,start,2026-01-15,100.00,USD,month,10,,,,,,
year,s2,app,team-year,2026-03-01,1080.00,USD,year,5,,,,,,
yoko,s3,app,yen,2026-05-10,1000,JPY,month,1,,,,,,
cent,s4,app,start,2026-01-31,33.33,USD,month,1,,,,,,
less,s5,app,start,2026-06-01,50.00,USD,month,5,20,repeating,2026-07-11,,,
paid,s6,app,start,2026-01-03,50.00,USD,month,5,,,,2026-07-20,,
late,s8,app,start,2026-02-10,20.00,USD,month,2,,,,,past_due,2026-09-10
sold,s7,app,start,2026-03-05,10.00,USD,month,1,,,,,,
"""
MONTHLY = "account_id,month,mrr,currency,plan\nmona,2026-05,40.00,USD,start\nmona,2026-06,40.00,USD,start\n"
USE = "account_id,metric,at,quantity\n"
USE += "acme,storage_gb,2026-05-31,47\nacme,storage_gb,2026-06-29,48\npaid,storage_gb,2026-06-20,0\n"
NAMES = "account_id,name\nacme,บริษัท น้ำดี จำกัด\nheir,Heir\n"
VALUES = """
[[value]]
metric = "storage_gb"
per_unit = 0.125
currency = "USD"
en = "Disks you need not buy"
th = "ดิสก์ที่ไม่ต้องซื้อเอง"
source = "price list of disks, 2026"
"""


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 7, 1, 9)

    def __call__(self) -> datetime:
        return self.at


def company(folder: Path) -> Path:
    """Makes the store in `folder`, known up to 30 June 2026; its files lie beside it."""
    told = {"products": PRODUCTS, "plans": PLANS, "subscriptions": STEPS, "monthly": MONTHLY, "usage": USE,
            "accounts": NAMES}  # fmt: skip
    files = []
    for name, content in told.items():
        files.append(folder / f"{name}.csv")
        files[-1].write_text(content, encoding="utf-8")
    store = rf.open(folder / "store")
    store.import_(*files, trust_valid_time=True, coverage="..2026-07-01")
    store.link("sold", "heir", "acquired", "2026-06-20")
    return store.path


def opened(path: Path, clock: Clock) -> Store:
    """The store without anything said of it; nobody is held out."""
    for name in ("state.sqlite", "state.sqlite-wal", "state.sqlite-shm"):
        (path / name).unlink(missing_ok=True)
    store = rf.open(path)
    store.__dict__["state"] = State(path, clock)
    store.keep_acting_rules("[hold_out]\nshare = 0", BOSS)
    return store
