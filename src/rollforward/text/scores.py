"""What scores learn from, as a person calls it, and why an account's score is what it is, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from rollforward import text
from rollforward.text import N_, _, figures

FEATURES: dict[str, tuple[str, str]] = {
    "tenure": (N_("days as a customer"), "number"),
    "mrr_rank": (N_("share of accounts that pay less"), "share"),
    "mrr_change_30": (N_("MRR change in 30 days"), "share"),
    "mrr_change_90": (N_("MRR change in 90 days"), "share"),
    "mrr_change_365": (N_("MRR change in a year"), "share"),
    "tier": (N_("rank of its plan"), "number"),
    "billed_days": (N_("days billed at once"), "number"),
    "days_to_renewal": (N_("days to renewal"), "number"),
    "quantity": (N_("quantity"), "number"),
    "discount": (N_("discount"), "share"),
    "seats_share": (N_("seats in use"), "share"),
    "limit_share": (N_("use of the plan's limit"), "share"),
    "use_trend": (N_("trend of use a month"), "share"),
    "days_since_use": (N_("days since it used anything"), "number"),
    "days_since_event": (N_("days since its last event"), "number"),
    "tickets_90": (N_("tickets in 90 days"), "number"),
    "growth_signals": (N_("signals of growth"), "number"),
    "loss_signals": (N_("signals of a loss"), "number"),
    "payment_trouble": (N_("payment troubles"), "number"),
    "expansions_365": (N_("expansions in a year"), "number"),
    "contractions_365": (N_("contractions in a year"), "number"),
    "add_ons_held": (N_("add-ons it has"), "number"),
    "products_held": (N_("products it has"), "number"),
}
"""Every column of `account_feature` that scores learn from: what it is called, and whether it is a share."""

_RAISES = N_("{label}: {value}, usually {usual}; raises the chance")
_LOWERS = N_("{label}: {value}, usually {usual}; lowers the chance")


def reasons(told: Sequence[Mapping[str, object]]) -> str:
    """The reasons of one score, the strongest first, in the language in force. effect: of the chance, signed."""
    return " · ".join(
        text.fill(
            _RAISES if float(str(one["effect"])) > 0 else _LOWERS,
            {
                "label": _(FEATURES[str(one["feature"])][0]),
                "value": _value(str(one["feature"]), one["value"]),
                "usual": _value(str(one["feature"]), one["usual"]),
            },
        )
        for one in told
    )


def _value(feature: str, value: object) -> str:
    if not isinstance(value, float) or value != value:
        return _("not told")
    if FEATURES[feature][1] == "share":
        return figures.percent(value, 0 if abs(value) >= 0.1 else 1)
    return figures.number(Decimal(repr(value)).quantize(Decimal("1"), ROUND_HALF_UP))
