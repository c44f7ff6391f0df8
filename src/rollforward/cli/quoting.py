"""The commands quote, quotes and value: what an upgrade costs, what became of quotes, what use is worth."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rollforward.cli.accounts import AccountId
from rollforward.cli.options import SHOWN, AsOf, Basis, Format, Lang, Minor, Output, Policy, StoreAt
from rollforward.cli.output import Out, emit
from rollforward.cli.terminal import out, say
from rollforward.errors import Misuse
from rollforward.text import _
from rollforward.text.views import VIEWS

if TYPE_CHECKING:
    from rollforward.api import Store, Table

To = Annotated[
    str,
    typer.Option("--to", metavar="PLAN", help=_("Plan, or product with one price that fits; else the plan it has.")),
]
Seats = Annotated[int, typer.Option("--seats", metavar="N", min=0, help=_("Units from then on (default: as many)."))]
AddOns = Annotated[
    list[str] | None, typer.Option("--add-on", metavar="PLAN[=N]", help=_("Add this too; may be given several times."))
]
Discount = Annotated[str, typer.Option("--discount", metavar="PERCENT", help=_("Discount on what changes."))]
Months = Annotated[int, typer.Option("--months", metavar="N", min=0, help=_("How long the discount lasts."))]
On = Annotated[str, typer.Option("--on", metavar="DATE", help=_("From which day it holds (default: today)."))]
Valid = Annotated[
    int, typer.Option("--valid-days", metavar="N", min=0, help=_("For how many days it can be accepted."))
]
PartOf = Annotated[
    Literal["lines", "totals", "reasons", "values"] | None,
    typer.Option("--part", help=_("Only this; machine formats have one part (default: lines).")),
]
Save = Annotated[bool, typer.Option("--save", help=_("Keep it as a quote with a number."))]
As = Annotated[int, typer.Option("--as-version-of", metavar="N", help=_("Keep it as another version of this quote."))]
Asked = Annotated[str, typer.Option("--asked", metavar="TIME", help=_("When it was asked for (UTC; default: now)."))]
Opportunity = Annotated[int, typer.Option("--opportunity", metavar="N", help=_("To which opportunity it belongs."))]
Pdf = Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help=_("Write it as PDF."))]
OfAccount = Annotated[str, typer.Option("--account", metavar="ID", help=_("Only this account."))]
Every = Annotated[bool, typer.Option("--all", help=_("Also versions that later ones replaced."))]
Show = Annotated[int, typer.Option("--show", metavar="N", help=_("Show this quote as it was made."))]
Approve = Annotated[int, typer.Option("--approve", metavar="N", help=_("Approve the discount of this quote."))]
Send = Annotated[
    int, typer.Option("--send", metavar="N", help=_("Write down that it is sent, if the budget allows it."))
]
Channel = Annotated[str, typer.Option("--channel", metavar="NAME", help=_("In which channel it is sent."))]
Accept = Annotated[int, typer.Option("--accept", metavar="N", help=_("It was accepted."))]
Decline = Annotated[int, typer.Option("--decline", metavar="N", help=_("It was declined."))]
Withdraw = Annotated[int, typer.Option("--withdraw", metavar="N", help=_("Take it back."))]
ValuesAt = Annotated[
    Path | None,
    typer.Option("--values", metavar="FILE", help=_("Keep these unit values (TOML) for everybody.")),
]
PARTS = {"lines": "quote", "totals": "quote-totals", "reasons": "quote-reasons", "values": "value"}
"""Parts of a quote, and their views."""


# fmt: off
def quote(
    account_id: AccountId, to: To = "", seats: Seats = 0, add_on: AddOns = None, discount: Discount = "0",
    months: Months = 0, on: On = "", valid_days: Valid = 0, part: PartOf = None, save: Save = False,
    as_version_of: As = 0, asked: Asked = "", opportunity: Opportunity = 0, pdf: Pdf = None, store: StoreAt = None,
    policy: Policy = "default", as_of: AsOf = None, basis: Basis = "reported", minor: Minor = False,
    format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """What an upgrade would cost an account, to the day."""
    from rollforward import api

    into, opened = Out(format, output), api.open(store, create=False)
    question: api.Question = {"policy": policy, "as_of": as_of, "basis": basis, "minor": minor}
    told = (to, seats, tuple(add_on or ()), _share(discount), months, on, valid_days)
    if save or as_version_of:
        made = opened.save_quote(
            api.operator(), account_id, *told, number=as_version_of, asked_at=asked,
            opportunity=opportunity, **question,
        )
        say(_("Kept as quote {number}, version {version}.").format(number=made.number, version=made.version))
        found = opened.kept_quote(made.number)[1]
        number = made.number
    else:
        found, number = opened.quote(account_id, *told, **question), 0
    if pdf:
        _write(opened, pdf, found, number)
    return _shown(found, part, into)


def quotes(
    account: OfAccount = "", is_all: Every = False, show: Show = 0, part: PartOf = None, approve: Approve = 0,
    send: Send = 0, channel: Channel = "email", accept: Accept = 0, decline: Decline = 0, withdraw: Withdraw = 0,
    pdf: Pdf = None, store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """Quotes made, the latest first, and what became of them."""
    from rollforward import api

    into, opened, by = Out(format, output), api.open(store, create=False), api.operator()
    if approve:
        opened.approve_quote(by, approve)
    if send:
        opened.send_quote(by, send, channel)
    for number, step in ((accept, "accepted"), (decline, "declined"), (withdraw, "withdrawn")):
        if number:
            opened.answer_quote(by, number, step)
    if show:
        kept, found = opened.kept_quote(show)
        if pdf:
            _write(opened, pdf, found, kept.number)
        return _shown(found, part, into)
    return emit(opened.quotes(account, is_all), into, VIEWS["quotes"], "day", shown=SHOWN)


def value(
    account_id: AccountId, values: ValuesAt = None, store: StoreAt = None, policy: Policy = "default",
    as_of: AsOf = None, minor: Minor = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """What an account's own use of the last whole month is worth to it, by your own unit values."""
    from rollforward import api

    into, opened = Out(format, output), api.open(store, create=False)
    if values:
        opened.keep_unit_values(_read(values), api.operator())
    question: api.Question = {"policy": policy, "as_of": as_of, "minor": minor}
    return emit(opened.value_statement(account_id, **question), into, VIEWS["value"])
# fmt: on


def _shown(found: object, part: str | None, into: Out) -> int:
    if part or not into.reads:
        name = part or "lines"
        return emit(getattr(found, name), into, VIEWS[PARTS[name]], "month")
    code = 0
    for name, view in PARTS.items():
        table: Table = getattr(found, name)
        code = max(code, emit(table, into, VIEWS[view], "month") if table.rows else _remarks(table))
        out("")
    return code


def _remarks(table: Table) -> int:
    from rollforward.cli.output import remarks

    return remarks(table)


def _share(percent: str) -> Decimal:
    try:
        return Decimal(percent.removesuffix("%")) / 100
    except InvalidOperation:
        raise Misuse("bad-quote") from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse("bad-values", detail=str(error)) from error


def _write(store: Store, path: Path, found: object, number: int) -> None:
    try:
        path.write_bytes(store.quote_pdf(found, number))  # type: ignore[arg-type]
    except OSError as error:
        raise Misuse("cannot-write-file", path=str(path), reason=error.strerror or str(error)) from error
