"""A quote on paper: one A4 document in the language in force, with Thai set as it is written.

Comes in: a quote. Goes out: bytes of a PDF. The fonts are those of the pages; fpdf2 sets them with HarfBuzz, without
which Thai vowels and tone marks would lie on each other. HarfBuzz takes letters apart (SARA AM) and moves marks, so a
text is kept beside its glyphs: what is searched for and copied is what was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from rollforward import text
from rollforward.answers.table import Table
from rollforward.text import N_, _, figures
from rollforward.text.cells import cell, heading, printable

if TYPE_CHECKING:
    from fpdf import FPDF

    from rollforward.answers.quoted import Quoted
    from rollforward.state import Quote

MARGIN, WIDTH = 18, 174
GREY, LINE = (96, 102, 112), (214, 218, 224)
TITLE = N_("Quote")
_TOLD = ("quote-days", "quote-tax", "quote-credit-left", "quote-discount-stays", "quote-metered")
"""Remarks that are the customer's business, too."""

_NOTHING = 0x2060
"""WORD JOINER: is not seen and joins what it stands between."""

_PIECE = re.compile(r"\s+|[^\s]+?(?=\s|[เแโใไ]|$)")
"""Where a line may end: at blanks, and in Thai before a vowel that begins a syllable."""


def pdf(quoted: Quoted, kept: Quote | None) -> bytes:
    """The document. `kept`: as which quote it was kept; None: a calculation that binds nobody."""
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

    doc = FPDF(format="A4")
    doc.set_margins(MARGIN, MARGIN)
    doc.set_auto_page_break(True, 20)
    fonts = files("rollforward") / "web" / "static" / "vendor" / "plex"
    for style, name in (("", "regular.ttf"), ("B", "semibold.ttf")):
        with as_file(fonts / name) as path:
            doc.add_font("plex", style, path)
    doc.set_text_shaping(True)
    doc.set_lang(text.language())
    number = f"{kept.number}" + (f"-{kept.version}" if kept and kept.version > 1 else "") if kept else ""
    doc.set_title(f"{_(TITLE)} {number}".strip())
    doc.add_page()
    _head(doc, quoted, kept, number)
    (total,) = quoted.totals.to_dicts()
    _plans(doc, quoted.lines)
    _due(doc, quoted.lines, total)
    _monthly(doc, total)
    _said(doc, _("What in your use calls for it"), [cell("sentence", r, "day") for r in quoted.reasons.to_dicts()])
    _worth(doc, quoted.values)
    _small(doc, [text.note(n.code, n.params) for n in quoted.totals.notes if n.code in _TOLD])
    for font in doc.fonts.values():
        if isinstance(font, TTFFont):
            for glyph, _code in font.subset.items():
                if glyph is not None and glyph.unicode == ():  # a part of a letter that stands for nothing by itself
                    glyph.unicode = (_NOTHING,)
    return bytes(doc.output())


def _head(doc: FPDF, quoted: Quoted, kept: Quote | None, number: str) -> None:
    (total,) = quoted.totals.to_dicts()
    doc.set_font("plex", "B", 20)
    _line(doc, f"{_(TITLE)} {number}".strip(), 10)
    doc.set_font("plex", "", 11)
    name = printable(quoted.name)
    _line(doc, f"{name} · {printable(quoted.account_id)}" if name else printable(quoted.account_id), 6)
    doc.set_text_color(*GREY)
    if kept is None:
        _line(doc, _("A calculation; it was not kept as a quote."), 6)
    else:
        _line(doc, _("Made on {day}").format(day=figures.day(kept.made_at.date())), 6)
    held = _("Holds from {day}, can be accepted up to {until}").format(
        day=cell("on_date", total, "day"), until=cell("valid_until", total, "day")
    )
    _line(doc, held, 6)
    doc.set_text_color(0)


def _plans(doc: FPDF, lines: Table) -> None:
    _title(doc, _("What you have from then on"))
    rows = [r for r in lines.to_dicts() if r["quote_part"] == "after"]
    names = ("plan_id", "quantity", "interval", "amount", "discount_share", "net_amount")
    body = [[_plan(r), *(cell(n, r, "day") for n in names[1:])] for r in rows]
    _grid(doc, [heading(n) for n in names], body, (52, 18, 22, 28, 22, 32))


def _due(doc: FPDF, lines: Table, total: dict[str, Any]) -> None:
    _title(doc, _("What is due now"))
    rows = [r for r in lines.to_dicts() if r["quote_part"] in ("charge", "credit")]
    body = [[_days(r), cell("net_amount", r, "day"), cell("prorated", r, "day")] for r in rows]
    _grid(doc, [_("Line"), heading("net_amount"), heading("prorated")], body, (110, 32, 32))
    code = str(total["currency"])
    doc.set_font("plex", "B", 12)
    due = _("not known") if total["due_now"] is None else figures.money(total["due_now"], code)
    _pair(doc, heading("due_now"), due)
    doc.set_font("plex", "", 10)
    if total["credit_left"]:
        _pair(doc, heading("credit_left"), figures.money(total["credit_left"], code))
    if total["next_bill"] is not None:
        _pair(doc, f"{heading('next_bill_on')} {cell('next_bill_on', total, 'day')}",
              figures.money(total["next_bill"], code))  # fmt: skip


def _monthly(doc: FPDF, total: dict[str, Any]) -> None:
    _title(doc, _("A month, on average (MRR)"))
    code = str(total["currency"])
    doc.set_font("plex", "", 10)
    for name in ("mrr_before", "mrr_after"):
        _pair(doc, {"mrr_before": _("Now"), "mrr_after": _("From then on")}[name], figures.money(total[name], code))
    _pair(doc, _("Difference"), f"{figures.signed(total['mrr_change'])} {code}")
    if total["discount_share"]:
        share = figures.percent(total["discount_share"], 1)
        until = cell("discount_ends", total, "day") if total["discount_ends"] else ""
        says = _("Discount {share}, ends on {day}").format(share=share, day=until) if until else (
            _("Discount {share}, without end").format(share=share)
        )  # fmt: skip
        _pair(doc, says, "")
        if until:
            _pair(doc, _("A month after the discount"), figures.money(total["mrr_later"], code))


def _worth(doc: FPDF, values: Table) -> None:
    rows = values.to_dicts()
    if not rows:
        return
    _title(doc, _("What this use is worth, by our own unit values"))
    doc.set_font("plex", "", 10)
    for r in rows:
        told = _("{words}: {count} × {unit} in {month} ({source})").format(
            words=cell("words", r, "day"), count=cell("used_quantity", r, "day"), unit=_plainly(r["unit_worth"]),
            month=cell("period", r, "month"), source=printable(str(r["worth_source"])),
        )  # fmt: skip
        _pair(doc, told, f"{cell('worth', r, 'day')} {r['currency']}")


def _plan(r: dict[str, Any]) -> str:
    return printable(str(r["plan_id"] or r["product_id"] or "–"))


def _days(r: dict[str, Any]) -> str:
    kind = cell("quote_part", r, "day")
    if r["days_counted"] is None:
        return f"{_plan(r)}, {kind}"
    days = _("{days} of {whole} days").format(days=r["days_counted"], whole=r["days_in_period"])
    return f"{_plan(r)} × {figures.number(r['quantity'])}, {kind}: {days}"


def _plainly(value: object) -> str:
    return figures.number(value) if isinstance(value, int | Decimal) else str(value)


# -- setting ---------------------------------------------------------------------------------------------------------


def _title(doc: FPDF, title: str) -> None:
    doc.ln(5)
    doc.set_font("plex", "B", 11)
    _line(doc, title, 7)


def _said(doc: FPDF, title: str, sentences: Sequence[str]) -> None:
    if sentences:
        _title(doc, title)
        doc.set_font("plex", "", 10)
        for sentence in dict.fromkeys(sentences):
            _line(doc, sentence, 5.5)


def _small(doc: FPDF, notes: Sequence[str]) -> None:
    doc.ln(6)
    doc.set_font("plex", "", 9)
    doc.set_text_color(*GREY)
    for note in dict.fromkeys(notes):
        _line(doc, note, 5)
    doc.set_text_color(0)


def _cell(doc: FPDF, width: float, height: float, said: str, align: str = "L", ends: bool = False) -> None:
    """One piece of text, and what it says for whoever searches or copies; `ends`: on to the next line."""
    doc._out(f"/Span <</ActualText <FEFF{said.encode('utf-16-be').hex().upper()}>>> BDC")
    doc.cell(
        width,
        height,
        _settable(doc, said),
        align=align,
        new_x="LMARGIN" if ends else "RIGHT",
        new_y="NEXT" if ends else "TOP",
    )
    doc._out("EMC")


def _settable(doc: FPDF, said: str) -> str:
    """The text with ? for what the font has no letter for, so that a gap is seen."""
    known = getattr(doc.current_font, "cmap", {})
    return "".join(c if ord(c) in known else "?" for c in said)


def _line(doc: FPDF, said: str, height: float, width: float = WIDTH) -> None:
    for line in wrapped(doc, said, width):
        _cell(doc, width, height, line, ends=True)


def _pair(doc: FPDF, left: str, right: str) -> None:
    """What it is on the left, how much on the right of the last line."""
    lines = wrapped(doc, left, WIDTH - 44)
    for line in lines[:-1]:
        _cell(doc, WIDTH, 6, line, ends=True)
    _cell(doc, WIDTH - 44, 6, lines[-1])
    _cell(doc, 44, 6, right, "R", ends=True)


def _grid(doc: FPDF, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    doc.set_draw_color(*LINE)
    for number, row in enumerate((heads, *rows)):
        doc.set_font("plex", "B" if number == 0 else "", 9 if number == 0 else 10)
        cells = [wrapped(doc, said, width - 2) for said, width in zip(row, widths, strict=True)]
        height = 5 * max(len(lines) for lines in cells) + 2
        if doc.will_page_break(height):
            doc.add_page()
        top, left = doc.get_y(), doc.l_margin
        for place, (lines, width) in enumerate(zip(cells, widths, strict=True)):
            for at, line in enumerate(lines):
                doc.set_xy(left, top + 1 + 5 * at)
                _cell(doc, width, 5, line, "L" if place == 0 else "R")
            left += width
        doc.set_xy(doc.l_margin, top + height)
        doc.line(doc.l_margin, doc.get_y(), doc.l_margin + sum(widths), doc.get_y())
    doc.ln(2)


def wrapped(doc: FPDF, said: str, width: float) -> list[str]:
    """A text in lines that fit: broken at blanks, in Thai also before a leading vowel, else where it has to be."""
    lines = [""]
    for piece in _PIECE.findall(said):
        if doc.get_string_width(lines[-1] + piece.rstrip()) <= width - 2 or not lines[-1].strip():
            lines[-1] += piece
        else:
            lines.append(piece.lstrip())
        while len(lines[-1]) > 1 and doc.get_string_width(lines[-1].rstrip()) > width - 2:
            cut = next(n for n in range(len(lines[-1]) - 1, 0, -1)
                       if n == 1 or doc.get_string_width(lines[-1][:n]) <= width - 2)  # fmt: skip
            lines[-1:] = [lines[-1][:cut], lines[-1][cut:]]
    return [line.rstrip() for line in lines] or [""]
