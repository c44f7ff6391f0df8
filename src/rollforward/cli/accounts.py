"""The commands accounts and account: the list of accounts, searched and filtered; all about one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rollforward.cli.options import (
    SHOWN,
    AsOf,
    Basis,
    Currency,
    Format,
    Lang,
    Limit,
    Minor,
    Output,
    Policy,
    Scheduled,
    StoreAt,
    Where,
)
from rollforward.cli.output import Out, emit, remarks
from rollforward.cli.terminal import BOLD, out, styled
from rollforward.text import _, figures
from rollforward.text.cells import cell, printable
from rollforward.text.views import VIEWS
from rollforward.text.words import WORDS

if TYPE_CHECKING:
    from rollforward.api import Account

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
Plan = Annotated[str | None, typer.Option("--plan", metavar="ID", help=_("Only accounts that have this plan."))]
Owner = Annotated[str | None, typer.Option("--owner", metavar="NAME", help=_("Only accounts of this owner."))]

AccountId = Annotated[str, typer.Argument(metavar="ID", help=_("The account's id."), show_default=False)]
Part = Annotated[
    Literal[
        "steps", "items", "usage", "contracts", "events", "attributes", "links", "scheduled", "kept", "stand", "sources"
    ]
    | None,
    typer.Option("--part", help=_("Only this; machine formats have one part (default: steps).")),
]

PARTS = ("kept", "steps", "scheduled", "items", "usage", "contracts", "events", "attributes", "links")
"""What is shown of an account, in this order, as far as there is some."""


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


def account(
    account_id: AccountId, part: Part = None, limit: Limit = None, store: StoreAt = None, policy: Policy = "default",
    as_of: AsOf = None, basis: Basis = "reported", currency: Currency = None, minor: Minor = False,
    format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """What one account pays and why, what it has, uses and signed, and what was told of it."""
    from rollforward import api

    into, opened = Out(format, output), api.open(store, create=False)
    question: api.Question = {
        "policy": policy, "as_of": as_of, "basis": basis, "currency": currency, "minor": minor,
    }  # fmt: skip
    if limit:
        question["limit"] = limit
    if part == "sources":
        return emit(opened.account_sources(account_id, **question)[0], into, VIEWS["sources"], "day")
    found = opened.account(account_id, **question)
    if part or not into.reads:
        name: str = part or "steps"
        return emit(getattr(found, name), into, VIEWS["account_list" if name == "stand" else name], "month")
    out("\n".join(_about(found)))
    for name in PARTS:
        if (table := getattr(found, name)).rows:
            out("")
            emit(table, into, VIEWS[name], "month", said=frozenset({"sum-of-rows"}))
    return remarks(found.steps, frozenset({"sum-of-rows"}))


def _about(found: Account) -> list[str]:
    """Who it is and what it pays, in a few lines."""
    rows = found.stand.to_dicts()
    record = rows[0] if rows else {"name": "", "owner": "", "state": ""}
    name = printable(f"{record['name']} ({found.account_id})" if record["name"] else found.account_id)
    lines = [styled(name, BOLD) + (f", {_(WORDS[str(record['state'])])}" if record["state"] else "")]
    if found.asked_for:
        lines.append(_("{source} is the same account.").format(source=printable(found.asked_for)))
    lines += [f"MRR {cell('mrr', r, 'day')} {r['currency']}" for r in rows if r["currency"]]
    if record["owner"]:
        lines.append(_("Owner: {owner}").format(owner=printable(str(record["owner"]))))
    return lines
# fmt: on
