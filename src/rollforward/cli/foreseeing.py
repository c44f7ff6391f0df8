"""The commands signals, risks and headroom: reasons to talk to accounts, their chances, what they lack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from rollforward.cli.accounts import SHOWN, Limit, Owner
from rollforward.cli.options import AsOf, Basis, Currency, Format, Lang, Minor, Output, Policy, StoreAt, Where
from rollforward.cli.output import Out, emit
from rollforward.cli.terminal import progress, say
from rollforward.text import _
from rollforward.text.views import VIEWS

Kinds = Annotated[str, typer.Option("--kind", metavar="NAMES", help=_("Only these signals: near_limit,seats_full,…"))]
OfAccount = Annotated[str, typer.Option("--account", metavar="ID", help=_("Only this account."))]
All = Annotated[bool, typer.Option("--all", help=_("Also the signals that are switched off."))]
Counts = Annotated[bool, typer.Option("--count", help=_("Only how many accounts show each signal, and their MRR."))]
RulesAt = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help=_("What signals need to be on, as TOML, instead of the store's.")),
]
On = Annotated[str, typer.Option("--on", metavar="NAMES", help=_("Switch these signals on for everybody."))]
Backtest = Annotated[
    bool,
    typer.Option(
        "--backtest", help=_("How right each was at past month ends; what is no better than chance goes off.")
    ),
]
Months = Annotated[int, typer.Option("--months", metavar="N", min=1, max=60, help=_("Month ends of the backtest."))]
Off = Annotated[str, typer.Option("--off", metavar="NAMES", help=_("Switch these signals off for everybody."))]


Ceiling = Annotated[bool, typer.Option("--ceiling", help=_("Only accounts without any step left."))]
Steps = Annotated[bool, typer.Option("--steps", help=_("The single steps: which plan, in what quantity."))]
Similar = Annotated[bool, typer.Option("--similar", help=_("What accounts like each one add next, and how often."))]
Total = Annotated[bool, typer.Option("--total", help=_("All together, and the share of MRR with nowhere to go."))]


For = Annotated[
    Literal["churn", "expansion"], typer.Option("--for", help=_("Chance of contraction or churn, or of expansion."))
]
Report = Annotated[
    bool, typer.Option("--report", help=_("How good the scores were on the latest looks, beside simpler methods."))
]
Tenths = Annotated[bool, typer.Option("--deciles", help=_("What was told and what came, by tenth of the score."))]
Anyway = Annotated[bool, typer.Option("--anyway", help=_("Show scores although they were no better than chance."))]


# fmt: off
def risks(
    target: For = "churn", account: OfAccount = "", scored: Report = False, deciles: Tenths = False,
    anyway: Anyway = False, rules: RulesAt = None,
    limit: Limit = None, store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None,
    basis: Basis = "reported", currency: Currency = None, where: Where = None, minor: Minor = False,
    format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """The chance of each account to shrink, churn or expand, and why."""
    from rollforward import api

    into, opened = Out(format, output), api.open(store, create=False)
    question: api.Question = {
        "policy": policy, "as_of": as_of, "basis": basis, "currency": currency, "where": where, "minor": minor,
        "limit": limit or 0,
    }  # fmt: skip
    with progress() as report:
        question["progress"] = report
        if scored or deciles:
            part = "deciles" if deciles else "methods"
            told = opened.score_report(target, part, rules, **question)
        else:
            told = opened.risks(target, account, anyway, rules, **question)
    if scored or deciles:
        return emit(told, into, VIEWS["score_deciles" if deciles else "score_report"])
    return emit(told, into, VIEWS["risks"], shown=0 if limit else SHOWN)


def headroom(
    account: OfAccount = "", ceiling: Ceiling = False, steps: Steps = False, similar: Similar = False,
    total: Total = False,
    limit: Limit = None, store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None,
    basis: Basis = "reported", currency: Currency = None, where: Where = None, minor: Minor = False,
    format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """How much MRR accounts could still add."""
    from rollforward import api

    into, opened = Out(format, output), api.open(store, create=False)
    question: api.Question = {
        "policy": policy, "as_of": as_of, "basis": basis, "currency": currency, "where": where, "minor": minor,
        "limit": limit or 0,
    }  # fmt: skip
    if total:
        return emit(opened.headroom_total(**question), into, VIEWS["headroom_total"])
    if similar:
        next_ = opened.cross_sell(account, **question)
        return emit(next_, into, VIEWS["cross_sell"], shown=0 if limit else SHOWN)
    if steps:
        listed = opened.headroom_options(account, **question)
        return emit(listed, into, VIEWS["headroom_options"], shown=0 if limit else SHOWN)
    found = opened.headroom(account, ceiling, **question)
    return emit(found, into, VIEWS["headroom"], shown=0 if limit else SHOWN)


def signals(
    kind: Kinds = "", account: OfAccount = "", owner: Owner = None, is_all: All = False, count: Counts = False,
    on: On = "", off: Off = "", rules: RulesAt = None, backtest: Backtest = False, months: Months = 12,
    limit: Limit = None, store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None,
    basis: Basis = "reported", currency: Currency = None, where: Where = None, minor: Minor = False,
    format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """The reasons to talk to accounts that stand now, each with its evidence."""
    from rollforward import api

    into, opened = Out(format, output), api.open(store, create=False)
    question: api.Question = {
        "policy": policy, "as_of": as_of, "basis": basis, "currency": currency, "where": where, "minor": minor,
        "limit": limit or 0,
    }  # fmt: skip
    if on or off:
        told = opened.switch_signals(api.operator(), [k for k in off.split(",") if k], [k for k in on.split(",") if k])
        say(_("Switched off: {names}").format(names=", ".join(told) or _("none")))
        return 0
    if backtest:
        with progress() as report:
            tested = opened.backtest(months, rules, policy=policy, basis=basis, progress=report)
        gone = opened.switch_by(tested, api.operator())
        say(_("Switched off: {names}").format(names=", ".join(gone) or _("none")))
        return emit(tested, into, VIEWS["backtest"])
    if count:
        return emit(opened.signal_kinds(owner, rules, **question), into, VIEWS["signal_kinds"])
    found = opened.signals(kind, account, owner, is_all, rules, **question)
    return emit(found, into, VIEWS["signals"], shown=0 if limit else SHOWN)
# fmt: on
