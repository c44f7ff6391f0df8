"""The commands signals, risks and headroom: reasons to talk to accounts, their chances, what they lack."""

# Typer reads annotations as they are, so they are no texts (`from __future__`) here.

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from rollforward.cli.accounts import Owner
from rollforward.cli.asking import asks
from rollforward.cli.terminal import say
from rollforward.text import _

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


@asks("risks", is_listing=True)
def risks(
    store: Any, question: Any, target: For = "churn", account: OfAccount = "", scored: Report = False,
    deciles: Tenths = False, anyway: Anyway = False, rules: RulesAt = None,
) -> Any:  # fmt: skip
    """The chance of each account to shrink, churn or expand, and why."""
    if deciles:
        return store.score_report(target, "deciles", rules, **question), "score_deciles"
    if scored:
        return store.score_report(target, "methods", rules, **question), "score_report"
    return store.risks(target, account, anyway, rules, **question)


@asks("headroom", is_listing=True)
def headroom(
    store: Any, question: Any, account: OfAccount = "", ceiling: Ceiling = False, steps: Steps = False,
    similar: Similar = False, total: Total = False,
) -> Any:  # fmt: skip
    """How much MRR accounts could still add."""
    if total:
        return store.headroom_total(**question), "headroom_total"
    if similar:
        return store.cross_sell(account, **question), "cross_sell"
    if steps:
        return store.headroom_options(account, **question), "headroom_options"
    return store.headroom(account, ceiling, **question)


@asks("signals", is_listing=True)
def signals(
    store: Any, question: Any, kind: Kinds = "", account: OfAccount = "", owner: Owner = None, is_all: All = False,
    count: Counts = False, on: On = "", off: Off = "", rules: RulesAt = None, backtest: Backtest = False,
    months: Months = 12,
) -> Any:  # fmt: skip
    """The reasons to talk to accounts that stand now, each with its evidence."""
    from rollforward import api

    if on or off:
        told = store.switch_signals(api.operator(), [k for k in off.split(",") if k], [k for k in on.split(",") if k])
        say(_("Switched off: {names}").format(names=", ".join(told) or _("none")))
        return None
    if backtest:
        asked = {name: question[name] for name in ("policy", "basis", "progress")}
        tested = store.backtest(months, rules, **asked)
        gone = store.switch_by(tested, api.operator())
        say(_("Switched off: {names}").format(names=", ".join(gone) or _("none")))
        return tested, "backtest"
    if count:
        return store.signal_kinds(owner, rules, **question), "signal_kinds"
    return store.signals(kind, account, owner, is_all, rules, **question)
