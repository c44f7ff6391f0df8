"""The command `rollforward` with all its commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

# Typer ships Click under this name; its version is pinned.
from typer._click.core import Context
from typer._click.formatting import HelpFormatter

from rollforward.cli import (
    accounts,
    acting,
    aiming,
    ask,
    demo,
    explain,
    export,
    foreseeing,
    grow,
    importing,
    linking,
    past,
    people,
    policy,
    quoting,
    reconcile,
    renewing,
    serve,
    sql,
    trust,
    webhook,
    worked,
)
from rollforward.cli.options import Lang
from rollforward.text import N_, _

TYPER_WORDS = (
    N_("Options"), N_("Commands"), N_("Arguments"), N_("default: {default}"), N_("required"), N_("env var: {var}"),
)  # fmt: skip
"""Typer asks gettext for these itself; named here, they are in the catalogue."""

USAGE, HELP = N_("Usage: "), N_("Show this message and exit.")
"""Typer does not ask for these: `Formatter` puts them into its help."""


class Formatter(HelpFormatter):
    """Help in the language in force throughout."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        super().write_usage(prog, args, _(USAGE) if prefix is None else prefix)

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """A list of options or commands and what they are for."""
        super().write_dl([(name, _(HELP) if says == HELP else says) for name, says in rows], col_max, col_spacing)


Context.formatter_class = Formatter

# Plain help: Typer's Rich help costs 0.3 s, a third of a command's whole time.
app = typer.Typer(
    name="rollforward",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=_("One exact ledger of MRR changes from your billing data: roll-forward, NDR, expansion."),
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"rollforward {version('rollforward')}")
        raise typer.Exit


@app.callback()
def root(
    lang: Lang = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=_("Show the version and exit."))
    ] = False,
) -> None:
    """Options before the command; the language was already taken from them."""


for name, command, says in (
    ("demo", demo.demo, _("Build a store from a made-up company and show its overview.")),
    ("import", importing.import_, _("Take files into the store, as one import.")),
    ("retract", importing.retract, _("Take an import back.")),
    ("imports", importing.imports, _("List what was imported and taken back.")),
    ("link", linking.link, _("Let one account go on as another.")),
    ("unlink", linking.unlink, _("Take such a link back.")),
    ("mrr", ask.mrr, _("The MRR roll-forward: opening + movements = closing.")),
    ("metrics", ask.metrics, _("MRR, ARR, accounts, NDR, GRR, quick ratio, … by period.")),
    ("expansion", ask.expansion, _("Expansion MRR and what it is made of.")),
    ("drivers", ask.drivers, _("The drivers of any movement.")),
    ("retention", ask.retention, _("NDR, GRR and logos over 1, 3 or 12 months.")),
    ("cohorts", ask.cohorts, _("What is left of the accounts that began in one period.")),
    ("bridge", ask.bridge, _("What moved NDR: rate and mix of each segment.")),
    ("durability", grow.durability, _("How long expansions last, and what did not.")),
    ("economics", grow.economics, _("What new and expansion MRR cost, payback, and what accounts are worth.")),
    ("pricing", grow.pricing, _("Moves between plans, limits, price steps, requests: where prices may fail.")),
    ("benchmarks", grow.benchmarks, _("Published NDR, GRR and costs beside your own, with source and year.")),
    ("forecast", grow.forecast, _("MRR of the months ahead by movement, and how such forecasts have done.")),
    ("voice", grow.voice, _("Owners and touches, milestones, themes, adoption: how accounts are doing.")),
    ("plan", grow.plan, _("What a target NDR asks of churn, contraction and expansion; plays by their cost.")),
    ("findings", grow.findings, _("What stands out in the last twelve months, ranked by the MRR at stake.")),
    ("dimensions", ask.dimensions, _("What --segment and --where can name.")),
    ("accounts", accounts.accounts, _("Find accounts: what they pay, since when, and what is coming.")),
    ("account", accounts.account, _("All about one account, down to the rows of your files.")),
    ("signals", foreseeing.signals, _("Reasons to talk to accounts now, each with its evidence.")),
    ("risks", foreseeing.risks, _("Accounts likely to shrink, churn or expand, and how sure that is.")),
    ("headroom", foreseeing.headroom, _("How much MRR accounts could still add, and by what.")),
    ("opportunities", acting.opportunities, _("Whom to talk to about what: found from signals, moved on, as CSV.")),
    ("offers", acting.offers, _("Offers made, how accounts respond to them, and what became of notices.")),
    ("worked", worked.worked, _("Whether plays do anything: beside a hold-out, or accounts like them.")),
    ("quote", quoting.quote, _("What an upgrade would cost an account, to the day; kept and printed on demand.")),
    ("quotes", quoting.quotes, _("Quotes made, what became of them, and whether what was quoted came.")),
    ("value", quoting.value, _("What an account's own use is worth to it, by unit values that you define.")),
    ("renewals", renewing.renewals, _("What comes up for renewal, what to do, what became of it, and calls on it.")),
    ("goals", aiming.goals, _("What is to be reached and how far it is; commission on expansion that lasts.")),
    ("explain", explain.explain, _("Open a number, down to the rows of your files.")),
    ("reconcile", reconcile.reconcile, _("Why another policy or another tool has other numbers.")),
    ("close", past.close, _("Close a period: it never moves again.")),
    ("reopen", past.reopen, _("Open a closed period again.")),
    ("restatements", past.restatements, _("What has changed in closed periods since, and why.")),
    ("check", trust.check, _("Check that every figure ties.")),
    ("problems", trust.problems, _("Rows that were refused, why, and what to do.")),
    ("sql", sql.sql, _("Ask one SELECT of the documented tables.")),
    ("export", export.export, _("Write everything as Parquet and CSV files.")),
    ("audit", people.audit, _("Show who did what in the web application.")),
    ("serve", serve.serve, _("Open the web application on this machine.")),
    ("build", export.build, _("Make the tables now; other commands do it if needed.")),
):
    app.command(name, help=says)(command)
app.add_typer(policy.app, name="policy", help=_("Rules under which to count: list, show, compare and add them."))
app.add_typer(people.users, name="user", help=_("Who may log in to the web application, and as what."))
app.add_typer(webhook.app, name="webhook", help=_("Where events of opportunities are sent: set, list, send."))
app.add_typer(people.tokens, name="token", help=_("Tokens for programs that ask the JSON API."))
