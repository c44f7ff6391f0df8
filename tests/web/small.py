"""A store so small that each question takes milliseconds, with something of everything: two currencies and their rates,
segments, a closed period, a link, a refused row."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from rollforward import api

SUBSCRIPTIONS = """\
subscription_id,account_id,item_id,product,plan,quantity,amount,currency,interval,start_date,end_date
s1,acme,i1,core,pro,2,100.00,USD,month,2026-01-01,
s2,acme,i2,extra,add,1,20.00,USD,month,2026-02-01,
s3,bolt,i1,core,basic,1,50.00,USD,month,2026-01-10,2026-04-10
s4,cato,i1,core,pro,1,80.00,EUR,month,2026-01-01,
s5,dune,i1,core,basic,1,1200.00,EUR,year,2026-02-15,
s6,"=elsa",i1,core,basic,1,30.00,USD,month,2026-03-01,
s7,fern,i1,core,basic,1,oops,USD,month,2026-03-01,
"""
ACCOUNTS = """\
account_id,name,email,country,owner
acme,Acme Inc,ann@acme.example,US,Kim
bolt,Bolt,bo@bolt.example,US,Kim
cato,Cato,c@cato.example,DE,Lee
dune,Dune,d@dune.example,DE,Lee
=elsa,Elsa,e@elsa.example,TH,Lee
"""
RATES = "date,currency,rate\n" + "".join(
    f"{date(2026, 1, 1) + timedelta(days=n)},EUR,{'1.10' if n < 59 else '1.20'}\n" for n in range(181)
)


def small(folder: Path) -> Path:
    """Makes the store in `folder`, and returns its place."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copytree(_made(), folder / "store"))


def kept_to_the_end() -> Path:
    """A folder that is there until this process ends."""
    folder = tempfile.mkdtemp(prefix="rollforward-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@cache
def _made() -> Path:
    """The store that is copied, with its tables."""
    folder = kept_to_the_end()
    told = {"subscriptions": SUBSCRIPTIONS, "accounts": ACCOUNTS, "fx": RATES}
    files = []
    for name, text in told.items():
        files.append(folder / f"{name}.csv")
        files[-1].write_text(text, encoding="utf-8")
    store = api.open(folder / "store")
    store.import_(*files, trust_valid_time=True, coverage="..2026-07-01", currency="USD")
    store.link("bolt", "acme", "acquired", "2026-04-10")
    store.close("2026-02")
    store.build()
    return store.path
