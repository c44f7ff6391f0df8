"""In which currency an answer is, and what it says where rates are missing (docs/decisions/0010).

Comes in: a Build, the currency asked for. Goes out: the currencies of the rows, and remarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from rollforward.answers.table import Note
from rollforward.build import Build, Progress
from rollforward.errors import Misuse
from rollforward.money import to_major

NATIVE = "native"
"""`--currency native`: one row per currency in which accounts pay."""


def choose(build: Build, asked: str | None, progress: Progress | None = None) -> list[str]:
    """Currencies to answer in, from now on those of `build` (decision 0010.2). Raises Misuse `unknown-currency`."""
    have = native(build, progress)
    code = (asked or build.conversion.said() or NATIVE).upper()
    if code == NATIVE.upper() or have == [code]:
        build.report("")
        return have
    if build.conversion.serves(code):
        build.report(code)
        return [code]
    build.report("")
    if code not in have:
        raise Misuse("unknown-currency", currency=code, known=", ".join(have))
    return [code]


def native(build: Build, progress: Progress | None = None) -> list[str]:
    """The currencies in which accounts pay, by name."""
    build.need(["movement_day"], progress)
    return list(build.range().paid_in)


def remarks(build: Build, asked: str | None, rows: Sequence[dict[str, object]], money: frozenset[str]) -> list[Note]:
    """What an answer must say of its currency: that others are left out, or that rates are missing for its cells."""
    if not build.conversion.currency:
        others = [c for c in native(build) if asked and asked.lower() != NATIVE and c != asked.upper()]
        if not asked or not others:
            return []
        return [Note("no-rates", {"currency": asked.upper(), "others": ", ".join(others)})]
    empty = [r for r in rows if any(r[c] is None for c in money & set(r))]
    return _missing(build, empty) if empty else []


def _missing(build: Build, empty: Sequence[dict[str, object]]) -> list[Note]:
    """Per currency: the days without a rate around the cells that are empty, and the most MRR that stood or moved."""
    starts = [d for r in empty for d in (r.get("period"), r.get("window_start")) if isinstance(d, date)]
    ends = [d for r in empty for d in (r.get("window_end"),) if isinstance(d, date)]
    first = min(starts, default=date.min + timedelta(days=1)) - timedelta(days=1)
    last = max(ends, default=date.max)
    engine = build.need(["native_movement", "rate_day"])
    found = engine.run(
        "with booked as (select currency, on_date, sum(amount) as amount from native_movement group by 1, 2), "
        "held as (select r.currency, r.on_date, r.known, coalesce(b.amount, 0) as moved, sum(coalesce(b.amount, 0)) "
        "over (partition by r.currency order by r.on_date rows unbounded preceding) as balance "
        "from rate_day r left join booked b on b.currency = r.currency and b.on_date = r.on_date) "
        "select currency, min(on_date), max(on_date), max(greatest(balance, balance - moved)) from held "
        "where known = 0 and (balance <> 0 or moved <> 0) and on_date between ? and ? group by currency order by 1",
        [first, last],
    )
    return [
        Note("missing-rates", {"currency": str(c), "to": build.conversion.currency, "first": f"{a}", "last": f"{b}",
                               "amount": f"{to_major(int(str(most)), str(c))}"})
        for c, a, b, most in found
    ]  # fmt: skip
