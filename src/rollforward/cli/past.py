"""The commands that keep the past: close, reopen, restatements."""

from __future__ import annotations

from typing import Annotated

import typer

from rollforward.cli.options import AsOf, Currency, Format, Lang, Minor, Output, Policy, StoreAt
from rollforward.cli.output import Out, emit
from rollforward.cli.terminal import out, progress
from rollforward.text import _, figures
from rollforward.text.views import VIEWS

Closing = Annotated[
    str,
    typer.Argument(metavar="PERIOD", help=_("2026-03, 2026-Q1, 2026 or a date."), show_default=False),
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help=_("Only what was recorded from this date or time on."))
]

Rules = Annotated[str, typer.Option("--policy", metavar="NAME", help=_("Rules for which the period is closed."))]


def close(period: Closing, policy: Rules = "default", store: StoreAt = None, lang: Lang = None) -> None:
    """Close PERIOD and the open ones before it; from now on they are read back as they are now."""
    from rollforward import api

    with progress() as report:
        done = api.open(store, create=False).close(period, policy, report)
    if not done.commit_id:
        out(_("{period} is closed already; the first open day is {day}.").format(period=period, day=done.to_on))
        return
    said = _("Closed up to {day} (excluded) under {policy}. Accounts: {accounts}, rows: {rows}. Open again: {undo}")
    rules = "" if policy == "default" else f" --policy {policy}"
    out(
        said.format(
            day=done.to_on,
            policy=done.policy,
            accounts=figures.number(done.accounts),
            rows=figures.number(done.rows),
            undo=f"rollforward reopen {period}{rules}",
        )
    )


def reopen(period: Closing, policy: Rules = "default", store: StoreAt = None, lang: Lang = None) -> None:
    """Open PERIOD and everything after it again; the close stays listed."""
    from rollforward import api

    done = api.open(store, create=False).reopen(period, policy)
    said = _("Open again from {day} on. What was closed stays listed (rollforward imports).")
    out(said.format(day=done.from_on))


def restatements(
    since: Since = None, store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None,
    currency: Currency = None, minor: Minor = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:  # fmt: skip
    """Where closed periods differ from what is known now, with the cause of each difference."""
    from rollforward import api

    asked = api.open(store, create=False)
    answer = asked.restatements(since, policy=policy, as_of=as_of, currency=currency, minor=minor)
    if Out(format, output).reads and not answer.rows and not answer.notes:
        out(_("Closed periods are as they were closed."))
        return 0
    return emit(answer, Out(format, output), VIEWS["restatements"])
