"""The command goals: what is to be reached, how far it is, and a preview of commission."""

# Typer reads annotations as they are, so they are no texts (`from __future__`) here.

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

import typer

from rollforward.cli.asking import asks
from rollforward.errors import Misuse
from rollforward.text import _

Set = Annotated[
    Literal["expansion", "ndr", "grr"] | None,
    typer.Option("--set", help=_("Set a goal of this metric; with --period, --target, --where, --for, --currency.")),
]
Period = Annotated[str, typer.Option("--period", metavar="P", help=_("The goal's period: 2026-09, 2026-Q3 or 2026."))]
Target = Annotated[
    str, typer.Option("--target", metavar="N", help=_("MRR, or a share such as 110%; none removes the goal."))
]
For = Annotated[str, typer.Option("--for", metavar="OWNER", help=_("Whose goal it is; without it, everybody's."))]
Versions = Annotated[bool, typer.Option("--versions", help=_("Every version of every goal, who set it and when."))]
Rate = Annotated[
    float | None,
    typer.Option("--commission", metavar="PERCENT", help=_("Preview a commission of so much on expansion that lasts.")),
]
Split = Annotated[float, typer.Option("--split", metavar="PERCENT", help=_("The part of it that is the owner's."))]
Cap = Annotated[str, typer.Option("--cap", metavar="N", help=_("At most so much an owner and currency."))]
ByOwner = Annotated[bool, typer.Option("--owners", help=_("The commission by owner instead of by expansion."))]
Days = Annotated[int, typer.Option("--days", metavar="N", help=_("Days in which a reversal is clawed back."))]


@asks("goals")
def goals(
    store: Any, question: Any, set_: Set = None, period: Period = "", target: Target = "", for_: For = "",
    versions: Versions = False, commission: Rate = None, split: Split = 100.0, cap: Cap = "", days: Days = 90,
    owners: ByOwner = False,
) -> Any:  # fmt: skip
    """What is to be reached and how far it is; commission on expansion that lasts."""
    from rollforward import api

    if set_:
        told = (question.pop("where", None) or [""])[0]
        money = None if target == "none" else number(target)
        store.set_goal(api.operator(), set_, period, money, told, for_, question.get("currency") or "")
    if versions:
        return store.goal_versions(), "goal_versions"
    if commission is not None:
        most = number(cap) if cap else None
        parts = (Decimal(str(percent)) / 100 for percent in (commission, split))
        found = store.commission(*parts, most, days, owners, **question)
        return found, "commission-owners" if owners else "commission"
    return store.goals(**question)


def number(text: str) -> Decimal:
    """A target as it is typed: 50,000 or 110%. Misuse `bad-goal`."""
    try:
        told = Decimal(text.replace(",", "").removesuffix("%"))
    except InvalidOperation:
        raise Misuse("bad-goal", value=text) from None
    return told / 100 if text.endswith("%") else told
