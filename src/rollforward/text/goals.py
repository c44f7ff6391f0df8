"""What errors and notes about goals say, and how their columns are headed."""

from __future__ import annotations

from rollforward.text import N_

GOAL_ERRORS: dict[str, tuple[str, str]] = {
    "no-such-goal": (N_("There is no goal number {number}."), N_("List them with: rollforward goals")),
    "bad-terms": (
        N_("These are no terms of a commission: rate and split lie above 0 and up to 100%, cap and days above 0."),
        N_("For example: rollforward goals --commission 5 --cap 2000 --days 90"),
    ),
    "which-currency": (
        N_("A goal needs a currency, and customers pay in several."),
        N_("Name one with --currency: {known}"),
    ),
    "bad-goal": (
        N_("{value} is no target: expansion is an amount of MRR above 0, NDR and GRR a share such as 110%."),
        N_("Correct it and set the goal again."),
    ),
}

GOAL_NOTES: dict[str, str] = {
    "no-goals": N_(
        "No goal is set. Set one here or with: rollforward goals --set expansion --period 2026-Q4 --target 50000"
    ),
    "naive-pace": N_(
        "Forecasts are naive: what came so far by the share of last year's period that had come by then, or by days."
    ),
    "owners-gap": N_("{period}: owners' goals come to {parts}, the whole is {whole}; {gap} has no owner."),
}

LABELS: dict[str, str] = {
    "goal_id": N_("Number"),
    "goal_metric": N_("Goal"),
    "goal_period": N_("Period"),
    "goal_where": N_("Segment"),
    "goal_target": N_("Target"),
    "target_mrr": N_("Target"),
    "actual_mrr": N_("So far"),
    "forecast_mrr": N_("Forecast,\nnaive"),
    "target_share": N_("Target"),
    "actual_share": N_("So far"),
    "forecast_share": N_("Forecast,\nnaive"),
    "attainment": N_("Attained"),
    "elapsed": N_("Days\nover"),
    "last_year_share": N_("By then\nlast year"),
    "on_pace": N_("On pace"),
    "forecast_from": N_("Forecast\nby"),
    "set_by": N_("Set by"),
    "set_at": N_("Set on"),
    "clawed_back": N_("Clawed\nback"),
    "durable_uplift": N_("Durable"),
    "commission": N_("Commission"),
    "is_settled": N_("Settled"),
}

MONEY = frozenset(("target_mrr", "actual_mrr", "forecast_mrr", "clawed_back", "durable_uplift", "commission"))
"""Columns in a currency."""

RATIO = frozenset(("target_share", "actual_share", "forecast_share", "attainment", "elapsed", "last_year_share"))
"""Fractions shown as percentages."""

WORDS: dict[str, str] = {
    "ndr": N_("NDR"),
    "grr": N_("GRR"),
    "last year": N_("last year's share"),
    "days": N_("days over"),
    "over": N_("it is over"),
}

CODED: dict[str, tuple[str, ...]] = {
    "owner": ("unknown",),
    "goal_metric": ("expansion", "ndr", "grr"),
    "forecast_from": ("last year", "days", "over"),
}
"""Columns of coded words, and the words."""
