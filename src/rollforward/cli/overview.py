"""The overview: what a founder wants to know, on one screen."""

from __future__ import annotations

import shlex
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from rollforward.cli import render
from rollforward.cli.terminal import BOLD, DIM, GREEN, RED, styled
from rollforward.text import _, figures
from rollforward.text.cells import cell
from rollforward.text.columns import LABELS
from rollforward.text.views import VIEWS

if TYPE_CHECKING:
    from rollforward.api import CurrencyOverview, Overview

BAR = 28
"""Columns of the longest bar."""


def overview(seen: Overview, store: Path, width: int) -> list[str]:
    """Balances, roll-forward, retention and expansion of each currency, whether it ties, and what to try next."""
    lines = [
        styled(_("Overview as of {date}").format(date=figures.day(seen.as_of)), BOLD)
        + " · "
        + _("{accounts} accounts · store version {version}").format(
            accounts=figures.number(seen.accounts), version=seen.version
        )
    ]
    for part in seen.currencies:
        lines += ["", *_currency(part, width)]
    return [*lines, "", badge(seen.ties, seen.violations), "", *_next(seen, store)]


def badge(ties: bool, violations: int) -> str:
    """Whether every figure ties, in one line."""
    if ties:
        return styled(_("Ties to the cent ✓"), GREEN) + " " + _("(every check of rollforward check)")
    return (
        styled(_("Does not tie: {count} violations.").format(count=figures.number(violations)), RED)
        + " "
        + _("No figure here is sound before they are gone; see: rollforward check")
    )


def bars(table: render.Rows) -> list[str]:
    """Expansion by driver summed over the rows of `table`: a name, a bar, the amount and its share."""
    records = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    drivers = [name for name in table.columns if name.startswith("by_")]
    sums = {name: sum((_money(r[name]) for r in records), Decimal(0)) for name in drivers}
    total, most = sum(sums.values()), max(map(abs, sums.values()), default=Decimal(0))
    cells = []
    for driver, amount in sorted(sums.items(), key=lambda pair: -pair[1]):
        if amount:
            bar = "█" * max(1, round(BAR * abs(amount) / most)) if amount > 0 else ""
            share = figures.percent(amount / total) if total else figures.NONE
            cells.append([" " + _(LABELS[driver]), bar, figures.number(amount), share])
    if not cells:
        return [" " + _("none")]
    return render.grid(["", "", "", ""], cells, [False, False, True, True])[2:]


def _currency(part: CurrencyOverview, width: int) -> list[str]:
    change = _("{change} in the last full month").format(change=figures.signed(part.mrr_change))
    lines = [
        styled(f"{part.currency}  MRR {figures.number(part.mrr)}", BOLD) + f" ({change})",
        "     "
        + _("ARR {arr} · {accounts} accounts").format(
            arr=figures.number(part.arr), accounts=figures.number(part.accounts)
        ),
        "",
        render.table(part.roll_forward, VIEWS["mrr"], "month", width),
        "",
        *_retention(part),
    ]
    title = _("Expansion of the last 3 full months by driver, {currency}").format(currency=part.currency)
    return [*lines, "", styled(title, BOLD), *bars(part.expansion)]


def _retention(part: CurrencyOverview) -> list[str]:
    if not part.retention.rows:
        return [_("NDR and GRR need 12 months of history.")]
    row = dict(zip(part.retention.columns, part.retention.rows[-1], strict=True))
    title = _("Retention over 12 months, to the end of {period}").format(period=cell("window_end", row, "month"))
    lines = [styled(title, BOLD)]
    for name in ("ndr", "grr"):
        interval = cell(f"{name}_interval", row, "month")
        said = f" {name.upper()} {cell(name, row, 'month'):>8}"
        if interval != figures.NONE:
            said += "  " + _("interval (95%): {interval}").format(interval=interval)
        lines.append(said + (f"  {cell('band', row, 'month')}" if name == "ndr" else ""))
    if part.net_negative_months > 1:
        said = _("Net negative churn for {count} months in a row: NDR above 100%.")
        lines.append(styled(" ✓ " + said.format(count=part.net_negative_months), GREEN))
    elif part.net_negative_months:
        lines.append(styled(" ✓ " + _("Net negative churn: NDR above 100%."), GREEN))
    return lines


def _next(seen: Overview, store: Path) -> list[str]:
    period = None
    for part in seen.currencies:
        for row in part.expansion.rows:
            period = dict(zip(part.expansion.columns, row, strict=True))["period"]
    month = f"{period:%Y-%m}" if period else f"{seen.as_of:%Y-%m}"
    at = "" if store == Path("rollforward-store") else f" --store {shlex.quote(str(store))}"
    own_file = _("YOUR-FILE.csv")
    return [
        _("The store is in {path}. Next:").format(path=store),
        f"  rollforward explain expansion --period {month}{at}",
        f"  rollforward mrr --by quarter{at}",
        styled(f"  rollforward import {own_file} --store my-store", DIM),
    ]


def _money(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
