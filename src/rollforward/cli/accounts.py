"""The command accounts: the list of accounts, searched and filtered."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from rollforward.cli.options import (
    AsOf,
    Basis,
    Currency,
    Format,
    Lang,
    Minor,
    Output,
    Policy,
    Scheduled,
    StoreAt,
    Where,
)
from rollforward.cli.output import Out, emit
from rollforward.cli.terminal import out
from rollforward.text import _, figures
from rollforward.text.columns import VIEWS, WORDS

Search = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SEARCH", help=_("Words that must all stand in id, name, e-mail or domain."), show_default=False
    ),
]
State = Annotated[
    Literal["active", "ending", "churned", "acquired", "never paid"] | None,
    typer.Option("--state", help=_("Only accounts in this state; active has those that will end, too.")),
]
Sort = Annotated[
    str,
    typer.Option(
        "--sort", metavar="COLUMN", help=_("Order: mrr, change_30, name, first_on, …; -COLUMN has the largest first.")
    ),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", help=_("So many rows at most (default: 50 to read, all in machine formats).")),
]
Plan = Annotated[str | None, typer.Option("--plan", metavar="ID", help=_("Only accounts that have this plan."))]
Owner = Annotated[str | None, typer.Option("--owner", metavar="NAME", help=_("Only accounts of this owner."))]

SHOWN = 50
"""Rows that a person gets unless more are asked for."""


# fmt: off
def accounts(
    search: Search = None, state: State = None, sort: Sort = "-mrr", limit: Limit = None, plan: Plan = None,
    owner: Owner = None, store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None,
    basis: Basis = "reported", currency: Currency = None, where: Where = None, minor: Minor = False,
    scheduled: Scheduled = False, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """The accounts that are looked for, as they stand at the last moment known."""
    from rollforward import api

    into = Out(format, output)
    found = api.open(store, create=False).accounts(
        " ".join(search or ()), state, sort, plan=plan,
        limit=(limit or SHOWN) if into.chosen == "table" else limit or 0, owner=owner, policy=policy, as_of=as_of,
        basis=basis, currency=currency, where=where, minor=minor, scheduled=scheduled,
    )
    code = emit(found.table, into, VIEWS["account_list"])
    if into.reads:
        counts = [f"{figures.number(n)} {_(WORDS[s])}" for s, n in found.states.items() if n]
        said = _("{shown} of {total} rows.").format(
            shown=figures.number(len(found.table)), total=figures.number(found.total)
        )
        out("\n" + " ".join([said, ", ".join(counts)]))
    return code
# fmt: on
