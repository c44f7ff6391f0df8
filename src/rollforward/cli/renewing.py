"""The command renewals: what ends soon, what became of it, and calls on it."""

# Typer reads annotations as they are, so they are no texts (`from __future__`) here.

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

import typer

from rollforward.cli.accounts import Owner
from rollforward.cli.asking import asks
from rollforward.cli.terminal import say
from rollforward.errors import Misuse
from rollforward.text import _

Days = Annotated[int, typer.Option("--days", metavar="N", min=1, max=3650, help=_("Within how many days it ends."))]
OfAccount = Annotated[str, typer.Option("--account", metavar="ID", help=_("Only this account."))]
Shown = Annotated[
    Literal["ahead", "calendar", "past", "rate", "scores"],
    typer.Option("--view", help=_("What is ahead, by month, what was, the renewal rate, or whose calls were right.")),
]
CallIt = Annotated[
    Literal["renew", "at_risk", "lost", "expand", "none"] | None,
    typer.Option("--call", help=_("Make a call on the renewal of --account at --due; none withdraws it.")),
]
Due = Annotated[str, typer.Option("--due", metavar="DATE", help=_("Which of its renewals: the day it ends."))]
Voice = Annotated[Literal["owner", "leader"], typer.Option("--as", help=_("Whose call."))]
Amount = Annotated[str, typer.Option("--amount", metavar="MRR", help=_("MRR expected after it."))]
Chance = Annotated[
    float | None, typer.Option("--chance", metavar="PERCENT", min=0, max=100, help=_("Chance that it is not lost."))
]
Keep = Annotated[bool, typer.Option("--keep", help=_("Keep what the rules say now, to be scored later."))]


@asks("renewals")
def renewals(
    store: Any, question: Any, days: Days = 90, account: OfAccount = "", owner: Owner = None, view: Shown = "ahead",
    call: CallIt = None, due: Due = "", voice: Voice = "owner", amount: Amount = "", chance: Chance = None,
    keep: Keep = False,
) -> Any:  # fmt: skip
    """What comes up for renewal, what to do about it, and what became of it."""
    from rollforward import api

    if call:
        try:
            told = Decimal(amount) if amount else None
        except InvalidOperation:
            raise Misuse("bad-call") from None
        share = None if chance is None else chance / 100
        said = "" if call == "none" else call
        store.call_renewal(api.operator(), account, due, said, voice, told, share, **question)
        return store.renewals(3650, account, **question)
    if keep:
        say(_("Calls kept: {count}").format(count=store.keep_calls(api.operator(), days, **question)))
    if view == "calendar":
        return store.renewal_calendar(days, owner, **question), "renewal-calendar"
    if view == "past":
        return store.renewals_past(account, owner, **question), "renewals-past"
    if view == "rate":
        return store.renewal_rate(owner, **question), "renewal-rate"
    if view == "scores":
        return store.renewal_scores(**question), "renewal-scores"
    return store.renewals(days, account, owner, **question)
