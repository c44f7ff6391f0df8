"""The overview: where the business stands, what moved it, and what has changed since the last visit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Response

from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.schema import FLOWS
from rollforward.text import N_, figures
from rollforward.text.cells import cell
from rollforward.web.desk import Working
from rollforward.web.drawing import draw
from rollforward.web.page import Filled, Page
from rollforward.web.permission import allow

router = APIRouter()

TREND = 13
"""Periods of a trend: a year and the one to compare with."""

MOVERS = 8

QUIET = 4
"""Periods without any movement after which the page asks whether the files end before."""

KEY = ("mrr", "arr", "net_new", "expansion", "churn", "accounts", "arpa", "quick_ratio")
LABELS = {
    "mrr": N_("MRR"),
    "arr": N_("ARR"),
    "net_new": N_("Net new MRR"),
    "expansion": N_("Expansion MRR"),
    "churn": N_("Churned MRR"),
    "accounts": N_("Paying accounts"),
    "arpa": N_("MRR per account (ARPA)"),
    "quick_ratio": N_("Quick ratio"),
}

_VISIT = 1800


@dataclass(frozen=True)
class Figure:
    """One number at a glance: as text, its change on the period before, its trend, and the address that opens it."""

    name: str
    label: str
    text: str
    change: str
    sign: int
    trend: tuple[float | None, ...]
    href: str


@dataclass(frozen=True)
class Kept:
    """NDR or GRR over a window: as text, with interval, band in words, and the address that opens it.

    change: in percentage points, against the window that ends a period earlier; trend: of such windows.
    """

    name: str
    months: int
    text: str
    interval: str
    band: str
    change: str
    trend: tuple[float | None, ...]
    href: str


@router.get("/")
@allow("restricted")
def overview(page: Filled) -> Response:
    """Balances, retention, movements and movers of the last period that is over."""
    whole, page = page, page.under(page.whose[0])
    start, end = page.last_complete()
    period, by = page.key(start), page.address.by
    trend = page.start(TREND)
    _ahead(page, period, trend)
    metrics = page.ask("metrics", start=trend, end=period).to_dicts()
    rolled = page.ask("mrr", start=trend, end=period)
    flows = {(r["currency"], r["period"]): r for r in rolled.to_dicts()}
    if not metrics:  # nothing that was imported stands, or none of it is money
        raise Misuse("empty-store", path=str(page.desk.path))
    lines: dict[str, list[dict[str, Any]]] = {}
    for row in metrics:
        flow = flows.get((row["currency"], row["period"]), {})
        lines.setdefault(str(row["currency"]), []).append(row | {n: flow.get(n) for n in ("expansion", "churn")})
    currencies = sorted(lines, key=lambda c: -(_number(lines[c][-1]["mrr"]) or 0))
    of = page.address.get("of") if page.address.get("of") in lines else (currencies[0] if currencies else "")
    seen, since = _seen(page)
    still = _still(page, lines[of], period, of) if of else None
    answer = whole.show(
        "overview.html", period=period, label=page.label(start), end=end, of=of, currencies=currencies,
        figures_=[_figure(page, n, lines[of], by) for n in KEY] if of else [],
        kept=[k for n in ("ndr", "grr") for m in (12, 3, 1) if of and (k := _kept(page, n, m, period, lines[of]))],
        last=lines[of][-1] if of else {},
        charts={name: draw(whole, name, of=of) for name in ("waterfall", "movements", "driver-bars")} if of else {},
        since=since, still=page.label(still) if still else "",
        still_key=page.key(still) if still else "",
        known=page.days().known_to - timedelta(days=1),
        violations=page.know("violations", lambda store: store.known_violations()),
    )  # fmt: skip
    if seen:
        answer.set_cookie("visit", seen, max_age=31_536_000, httponly=True, samesite="lax")
    return answer


@router.get("/movers.html")
@allow("restricted")
def movers(page: Filled) -> Response:
    """The accounts that moved most in `period`, in the currency `of`, as a part of the page that is not waited for."""
    page = page.under(page.whose[0])
    period, of = page.address.get("period"), page.address.get("of")
    asked = {"metric": "net_new", "period": period, "level": "accounts", "of": of, "limit": MOVERS}
    rows: list[dict[str, object]] | None
    try:
        rows = page.ask("explain", asked).to_dicts()
    except Working:
        rows = None
    return page.show("movers.html", rows=rows, period=period, of=of)


def _ahead(page: Page, period: str, trend: str | None) -> None:
    """What the page is going to ask, so that the stores answer side by side."""
    page.ahead("metrics", start=trend, end=period)
    page.ahead("retention", {"window": 12}, start=period, end=period)
    page.ahead("mrr", start=trend, end=period)
    page.ahead("mrr", segment="", start=period, end=period)
    for months in (3, 1):
        page.ahead("retention", {"window": months}, start=period, end=period)
    page.ahead("expansion", segment="", start=period, end=period)


def _figure(page: Page, name: str, rows: list[dict[str, Any]], by: str) -> Figure:
    now, before = rows[-1], (rows[-2] if len(rows) > 1 else {})
    value, last = _number(now.get(name)), _number(before.get(name))
    change, sign = "", 0
    if value is not None and last is not None:
        sign = (value > last) - (value < last)
        if name in ("net_new", "expansion", "churn"):
            change = figures.signed(now[name] - before[name])
        elif name == "quick_ratio":
            change = f"{value - last:+,.2f}"
        elif last:
            change = ("+" if value >= last else "") + figures.percent(Decimal(str(value)) / Decimal(str(last)) - 1)
    opened = {"accounts": "", "arpa": "", "quick_ratio": ""}.get(name, name)
    return Figure(
        name, LABELS[name], cell(name, now, by), change, sign, tuple(_number(r.get(name)) for r in rows),
        page.opens(now, opened) if opened else "",
    )  # fmt: skip


def _kept(page: Page, name: str, months: int, period: str, rows: list[dict[str, Any]]) -> Kept | None:
    currency, trend = rows[-1]["currency"], tuple(_number(r[f"{name}_{months}"]) for r in rows)
    now, before = (trend[-1], trend[-2]) if len(trend) > 1 else (None, None)
    change = "" if now is None or before is None else f"{(now - before) * 100:+.2f}"
    table = page.ask("retention", {"window": months}, start=period, end=period)
    row: Mapping[str, Any] | None = next((r for r in reversed(table.to_dicts()) if r["currency"] == currency), None)
    if row is None:
        return None
    by, record = page.address.by, dict(row)
    return Kept(
        name, months, cell(name, record, by), cell(f"{name}_interval", record, by),
        cell("band", record, by) if name == "ndr" else "", change, trend, page.opens(record, name),
    )  # fmt: skip


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) else None


def _still(page: Page, rows: list[dict[str, Any]], period: str, of: str) -> date | None:
    """The last period in which anything moved, where the last ones stood still; None if they did not."""
    if len(rows) < QUIET or any(row[name] for row in rows[-QUIET:] for name in ("net_new", "expansion", "churn")):
        return None
    told = [r for r in page.ask("mrr", segment="", start="", end=period).to_dicts() if r["currency"] == of]
    moved = [r["period"] for r in told if any(r[flow] for flow in FLOWS)]
    return moved[-1] if moved and isinstance(moved[-1], date) else None


def _seen(page: Page) -> tuple[str, list[Mapping[str, Any]]]:
    """The cookie that remembers this visit, and what was imported since the one before.

    A visit ends after half an hour without the overview; its cookie says version, when, the version before it, and of
    which user. The version that a user saw last is kept with them, that of a store without users in the cookie alone.
    """
    now, version, user = int(time.time()), page.desk.version(), page.visitor.user_id
    parts = page.request.cookies.get("visit", "").split("-")
    told = [int(p) for p in parts] if len(parts) == 4 and all(is_whole(p, 15) for p in parts) else []
    if not told or told[3] != user:
        told = [version, 0, version, user]
    if page.visitor.session_id:  # whichever browser they come with
        settings = page.desk.state.settings
        told[0] = settings.user(user).seen_version or version
        if settings.user(user).seen_version != version:
            settings.set_user(user, seen_version=version)
    before = told[2] if now - told[1] < _VISIT else told[0]
    imports = page.ask("imports").to_dicts() if before < version else []
    return f"{version}-{now}-{before}-{user}", [r for r in imports if int(str(r["commit_id"])) > before]
