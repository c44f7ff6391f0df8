"""Tables as a person reads them on a terminal: the columns that matter and fit, aligned, in words.

Comes in: a table's columns and rows, and a view. Goes out: lines of text. No arithmetic on the figures beyond showing
large amounts in whole units or thousands, which the note underneath says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Protocol

from rollforward.cli.terminal import BOLD, DIM, styled
from rollforward.text import N_, _, figures
from rollforward.text.cells import NOT_OVER, Money, Value, cell, printable
from rollforward.text.columns import COMPOSED, LABELS, MONEY
from rollforward.text.view import View

# Amounts exact, then in whole units, thousands and millions, until a row fits.
SCALES: tuple[tuple[int | None, str], ...] = (
    (None, ""),
    (0, N_("Rounded to whole {currency}; --format csv has every digit.")),
    (3, N_("In thousands of {currency}; --format csv has every digit.")),
    (6, N_("In millions of {currency}; --format csv has every digit.")),
)


class Rows(Protocol):
    """What rendering needs of a table."""

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""

    @property
    def rows(self) -> Sequence[Sequence[Value]]:
        """The rows, one value a column."""

    @property
    def calendars(self) -> Mapping[str, tuple[int, int]]:
        """Weeks and years of policies whose calendar is not the usual one."""


def table(rows: Rows, view: View, by: str, width: int, limit: int = 0) -> str:
    """The view's columns of `rows`, one block a currency, at most `width` columns wide where that is possible.

    With `limit` each block has so many rows and says how many more there are.
    """
    names = list(rows.columns)
    records = [dict(zip(names, row, strict=True)) for row in rows.rows]
    if not records:
        return _("Nothing in this time.")
    blocks = []
    several = len({r.get("policy") for r in records}) > 1
    for record in records:
        record["calendar"] = rows.calendars.get(str(record.get("policy")), (0, 1))
    blocks_of = dict.fromkeys((str(r.get("currency", "")), str(r.get("policy", ""))) for r in records)
    for currency, policy in sorted(blocks_of, key=lambda block: block[0]) if several else blocks_of:
        mine = [r for r in records if (str(r.get("currency", "")), str(r.get("policy", ""))) == (currency, policy)]
        title = ", ".join(part for part in (_(view.title), currency, policy if several else "") if part)
        blocks.append("\n".join([styled(title, BOLD), *_block(mine, view, by, width, currency, limit)]))
    return "\n\n".join(blocks)


def plain(rows: Rows, width: int) -> str:
    """Every column as it is, numbers to the right; long texts are cut to the width of the terminal."""
    if not rows.rows:
        return _("No rows.")
    right = [any(_is_number(row[i]) for row in rows.rows) for i in range(len(rows.columns))]
    cells = [["" if v is None else printable(str(v)) for v in row] for row in rows.rows]
    return "\n".join(grid([str(c) for c in rows.columns], cells, right, limit=width))


def grid(header: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool], limit: int = 0) -> list[str]:
    """Aligned lines: header (its line breaks kept), a rule, the rows. With `limit`, texts shrink until a line fits."""
    heads = [h.split("\n") for h in header]
    tall = max((len(h) for h in heads), default=1)
    lines = [[([""] * (tall - len(h)) + h)[i] for h in heads] for i in range(tall)]
    every = [*lines, *cells]
    widths = [max(figures.width(row[i]) for row in every) for i in range(len(header))]
    while limit and _total(widths) > limit:
        texts = [(w, i) for i, w in enumerate(widths) if not right[i] and w > 8]
        if not texts:
            break
        widths[max(texts)[1]] -= 1
    styles = [(BOLD,)] * tall + [(DIM,)] + [()] * len(cells)
    every.insert(tall, ["─" * w for w in widths])
    return [
        styled("  ".join(_pad(c, w, r) for c, w, r in zip(row, widths, right, strict=True)).rstrip(), *style)
        for row, style in zip(every, styles, strict=True)
    ]


def _block(records: list[dict[str, Value]], view: View, by: str, width: int, currency: str, limit: int) -> list[str]:
    hidden = len(records) - limit if limit else 0
    records = records[:limit] if limit else records
    present = [n for n in view.columns if n in records[0] or n in COMPOSED]
    base = [n for n in present if n not in view.unless_zero or any(r[n] for r in records)]
    money, remark = _scale(records, base, by, width)
    shown = base
    for name in view.wide:
        if name in records[0]:
            wider = _lines(records, [*shown, name], by, money)
            if max(map(figures.width, wider)) <= width:
                shown = [*shown, name]
    foot = [_("{count} more rows; --format csv has all.").format(count=figures.number(hidden))] if hidden > 0 else []
    foot += [_(remark).format(currency=currency)] if remark else []
    if any(r.get("is_complete", True) is False for r in records):
        foot.append(_(NOT_OVER))
    return [*_lines(records, shown, by, money, limit=width), *(styled(f, DIM) for f in foot)]


def _scale(records: list[dict[str, Value]], names: Sequence[str], by: str, width: int) -> tuple[Money, str]:
    if "drivers" in names or not any(name in MONEY for name in names):
        return figures.number, ""
    for power, remark in SCALES:
        money = figures.number if power is None else partial(figures.scaled, power=power)
        if max(map(figures.width, _lines(records, names, by, money))) <= width:
            return money, remark
    return figures.number, ""  # nothing would fit: texts are cut instead


def _lines(records: list[dict[str, Value]], names: Sequence[str], by: str, money: Money, limit: int = 0) -> list[str]:
    cells = [[cell(n, r, by, money) for n in names] for r in records]
    # what stands on the right is never cut
    right = [n.endswith("_interval") or n == "source_ref" or any(_is_number(r.get(n)) for r in records) for n in names]
    header = [_(LABELS[n]) if n in LABELS else n for n in names]
    return grid(header, cells, right, limit)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + 2 * (len(widths) - 1)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _pad(text: str, to: int, right: bool) -> str:
    text = _cut(text, to)
    gap = " " * (to - figures.width(text))
    return gap + text if right else text + gap


def _cut(text: str, to: int) -> str:
    if figures.width(text) <= to:
        return text
    kept = ""
    for letter in text:
        if figures.width(kept + letter) > to - 1:
            break
        kept += letter
    return kept + "…"
