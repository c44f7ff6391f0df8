"""The command worked: what plays did, beside who was held out of them or accounts like them."""

# Typer reads annotations as they are, so they are no texts (`from __future__`) here.

from typing import Annotated, Any, Literal

import typer

from rollforward.cli.asking import asks
from rollforward.text import _

View = Annotated[
    Literal["effect", "money", "offers", "balance", "accounts"],
    typer.Option("--view", help=_("Shares, MRR, by how-many-th offer, how alike groups are, or who was drawn.")),
]
Days = Annotated[
    int, typer.Option("--days", metavar="N", min=1, max=3650, help=_("Days in which an expansion counts."))
]
Kind = Annotated[str, typer.Option("--kind", metavar="NAME", help=_("With --view accounts: only this kind."))]


@asks("worked-effect")
def worked(store: Any, question: Any, view: View = "effect", days: Days = 90, kind: Kind = "") -> Any:
    """Whether offers and saves do anything: who expanded and who stayed, with and without them."""
    return store.worked(view, days, kind, **question), f"worked-{view}"
