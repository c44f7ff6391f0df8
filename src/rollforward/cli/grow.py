"""The commands that say what expansion is worth, and what is ahead."""

# Typer reads annotations as they are, so they are no texts (`from __future__`) here.

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from rollforward.cli.asking import asks
from rollforward.errors import Misuse
from rollforward.text import _

Split = Annotated[
    Literal["driver", "discount", "channel", "offer"] | None,
    typer.Option("--split", help=_("One row for each driver, depth of discount, channel or offer.")),
]
Listed = Annotated[
    Literal["all", "held", "ended", "watched", "unsustainable"] | None,
    typer.Option(
        "--list", help=_("The expansions one by one: all, or those held, ended, still watched, unsustainable.")
    ),
]
Months = Annotated[
    str | None, typer.Option("--months", metavar="N,N", help=_("After how many months; default: each up to 24."))
]
Deep = Annotated[
    float, typer.Option("--deep", metavar="PERCENT", help=_("A discount above this counts as deep."), min=0, max=100)
]
Watch = Annotated[int, typer.Option("--watch", metavar="DAYS", help=_("Days that an expansion has to hold."), min=1)]


Margin = Annotated[
    float, typer.Option("--margin", metavar="PERCENT", help=_("Gross margin; default 100."), min=0, max=100)
]
Lifetime = Annotated[
    bool, typer.Option("--lifetime", help=_("What accounts have been worth after 12, 24 and 36 months instead."))
]
Looked = Annotated[
    Literal["moves", "watch", "limits", "rerated", "steps", "requests", "add_ons"],
    typer.Option(
        "--view",
        help=_("Moves between plans, downgrades that become more, limits, accounts on other plans, price steps, …"),
    ),
]
Metric = Annotated[str, typer.Option("--metric", help=_("Only this one: NRR, GRR, …"))]
Like = Annotated[
    list[str] | None,
    typer.Option(
        "--like", metavar="TYPE=VALUE", help=_("Only such companies: model=B2B SaaS; may be given several times.")
    ),
]
Rows = Annotated[
    Path | None, typer.Option("--file", metavar="CSV", help=_("A file with further rows, in the same columns."))
]
Every = Annotated[bool, typer.Option("--all", help=_("Every row, also of other sizes and of single companies."))]
Ahead = Annotated[int, typer.Option("--months", metavar="N", help=_("How many months ahead."), min=1, max=36)]
Scored = Annotated[bool, typer.Option("--score", help=_("How such forecasts would have done in the past instead."))]
Heard = Annotated[
    Literal["coverage", "milestones", "landmark", "themes", "adoption", "community", "alike"],
    typer.Option(
        "--view", help=_("Owners and touches, milestones, who stays by what was reached, themes, features, community.")
    ),
]
Landmark = Annotated[
    int, typer.Option("--landmark", metavar="DAYS", help=_("Day on which accounts are told apart."), min=1, max=365)
]
Target = Annotated[float, typer.Option("--target", metavar="PERCENT", help=_("NDR to reach, over twelve months."))]
GapSplit = Annotated[
    str,
    typer.Option("--split", metavar="LEVER=N,…", help=_("How the gap is split: churn=2,expansion=1; else by size.")),
]
PlaysIn = Annotated[
    Path | None, typer.Option("--plays", metavar="CSV", help=_("Plays with their costs to rank: see the manual."))
]
Bought = Annotated[
    bool, typer.Option("--unsustainable", help=_("What deep discounts and offers bought that did not last, its cost."))
]


@asks("durability")
def durability(
    store: Any, question: Any, split: Split = None, months: Months = None, unsustainable: Bought = False,
    listed: Listed = None, deep: Deep = 20.0, watch: Watch = 90,
) -> Any:  # fmt: skip
    """How long expansions last, by number and by money."""
    if listed:
        return store.uplifts(listed, split or "", deep=deep / 100, watch=watch, **question), "uplifts"
    if unsustainable:
        return store.unsustainable(split or "", deep / 100, watch, **question), "unsustainable"
    return store.durability(split or "", months, **question)


@asks("economics")
def economics(store: Any, question: Any, margin: Margin = 100.0, lifetime: Lifetime = False) -> Any:
    """What 1 of new and of expansion MRR cost, how soon it is paid back, and what accounts have been worth."""
    if lifetime:
        return store.lifetime(margin / 100, **question), "lifetime"
    return store.economics(margin / 100, **question)


@asks("pricing-moves")
def pricing(store: Any, question: Any, view: Looked = "moves") -> Any:
    """Where prices and packages may fail."""
    return store.pricing(view, **question), f"pricing-{view}"


@asks("benchmarks")
def benchmarks(
    store: Any, question: Any, metric: Metric = "", like: Like = None, file: Rows = None, every: Every = False
) -> Any:
    """Published figures beside one's own."""
    return store.benchmarks(metric, like or (), file or "", every, **question)


@asks("forecast")
def forecast(store: Any, question: Any, months: Ahead = 12, score: Scored = False) -> Any:
    """MRR of the months ahead, by movement, with intervals."""
    if score:
        return store.forecast_scores(**question), "forecast_scores"
    return store.forecast(months, **question)


@asks("voice-coverage")
def voice(store: Any, question: Any, view: Heard = "coverage", landmark: Landmark = 30) -> Any:
    """Who looks after accounts, how they begin, what they say, how much they use."""
    return store.voice(view, landmark, **question), f"voice-{view}"


@asks("plan")
def plan(store: Any, question: Any, target: Target = 110.0, split: GapSplit = "", plays: PlaysIn = None) -> Any:
    """What a target NDR asks for, or which plays bring most for their cost."""
    if plays:
        try:
            told = plays.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as err:
            raise Misuse("bad-play", line="1", detail=str(err)) from err
        return store.plays(told, **question), "plays"
    return store.plan(target / 100, split, **question)


@asks("findings")
def findings(store: Any, question: Any) -> Any:
    """What stands out, ranked by the MRR at stake."""
    return store.findings(**question)
