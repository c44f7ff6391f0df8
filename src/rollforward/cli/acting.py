"""The commands opportunities and offers: whom to talk to about what, and how often."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rollforward.cli.accounts import Owner
from rollforward.cli.foreseeing import OfAccount
from rollforward.cli.options import SHOWN, Format, Lang, Limit, Output, StoreAt
from rollforward.cli.output import Out, emit
from rollforward.cli.terminal import progress, say
from rollforward.text import _
from rollforward.text.views import VIEWS

Refresh = Annotated[
    bool, typer.Option("--refresh", help=_("Look for them first: open what signals call for, close what is over."))
]
Stage = Annotated[str, typer.Option("--stage", metavar="NAME", help=_("open, contacted, quoted, won, lost, expired."))]
Kind = Annotated[str, typer.Option("--kind", metavar="NAME", help=_("upsell, cross-sell, add-on, seats, save."))]
Channel = Annotated[str, typer.Option("--channel", metavar="NAME", help=_("Whether it may be offered there."))]
All = Annotated[bool, typer.Option("--all", help=_("Also closed ones."))]
Read = Annotated[
    Path | None,
    typer.Option("--read", metavar="FILE", help=_("Take stages, outcomes and owners from this CSV file.")),
]
RulesAt = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help=_("Keep this contact budget and these owners (TOML) for everybody.")),
]
Offer = Annotated[int, typer.Option("--offer", metavar="N", help=_("Write down that this one is offered now."))]
Conflicts = Annotated[bool, typer.Option("--conflicts", help=_("Accounts that several own or have contacted."))]
WhenMay = Annotated[
    str, typer.Option("--account", metavar="ID", help=_("From which day on this account may be offered something."))
]
Fatigue = Annotated[bool, typer.Option("--fatigue", help=_("How accounts respond to the first, second, … offer."))]
Funnel = Annotated[bool, typer.Option("--funnel", help=_("What became of in-app notices."))]


# fmt: off
def opportunities(
    account: OfAccount = "", stage: Stage = "", owner: Owner = None, kind: Kind = "", channel: Channel = "email",
    is_all: All = False, refresh: Refresh = False, offer: Offer = 0, conflicts: Conflicts = False, read: Read = None,
    rules: RulesAt = None, limit: Limit = None, store: StoreAt = None, format: Format = None, output: Output = None,
    lang: Lang = None,
) -> int:
    """Whom to talk to about what, those that weigh most first."""
    from rollforward import api

    into, opened, by = Out(format, output), api.open(store, create=False), api.operator()
    if rules:
        opened.keep_acting_rules(rules.read_text(encoding="utf-8"), by)
    if read:
        rows = opened.read_opportunities(read.read_text(encoding="utf-8"), by)
        say(_("Rows read: {rows}").format(rows=rows))
    if refresh:
        with progress() as report:
            counts = opened.refresh_opportunities(by, report)
        say(_("Opened {opened}; won {won}, lost {lost}, expired {expired}.").format(**counts))
    if offer:
        made = opened.offer(by, offer, channel)
        say(_("Offered to {account} ({channel}).").format(account=made.account_id, channel=made.channel))
    if conflicts:
        return emit(opened.conflicts(), into, VIEWS["conflicts"])
    found = opened.opportunities(account, stage, owner, kind, channel, is_all)
    if limit:
        found.rows = found.rows[:limit]
    return emit(found, into, VIEWS["opportunities"], shown=0 if limit else SHOWN)


def offers(
    account: WhenMay = "", fatigue: Fatigue = False, funnel: Funnel = False, store: StoreAt = None,
    format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """Offers made here, the latest first."""
    from rollforward import api

    into, opened = Out(format, output), api.open(store, create=False)
    if account:
        return emit(opened.contact_days(account), into, VIEWS["contact-days"])
    if fatigue:
        return emit(opened.fatigue(), into, VIEWS["fatigue"])
    if funnel:
        return emit(opened.notice_funnel(), into, VIEWS["notice_funnel"])
    return emit(opened.offers(), into, VIEWS["offers"])
# fmt: on
