"""How the columns of the expansion side are headed and written; text/columns.py adds them to its own."""

from __future__ import annotations

from rollforward.text import N_

MONEY = frozenset(
    (
        "uplift", "held_now", "made_mrr", "unsustainable_mrr", "later_cost", "watched_mrr", "spend_new",
        "spend_expansion", "spend_retention", "new_mrr", "expansion_mrr", "cost_account", "lifetime_value",
        "lifetime_without", "list_price", "next_list_price"
    )
)  # fmt: skip
"""Columns in a currency."""

RATIO = frozenset(
    (
        "held", "held_low", "held_high", "money_held", "money_low", "money_high", "partly", "fully", "churned",
        "unsustainable_share", "expansion_part", "used_before", "used_median", "used_little", "used_near",
        "used_over", "moved_up_share", "share_large", "share_others"
    )
)  # fmt: skip
"""Fractions shown as percentages."""

LABELS: dict[str, str] = {
    "driver": N_("Driver"),
    "offer": N_("Offer"),
    "made_on": N_("Made on"),
    "uplift": N_("Uplift"),
    "held_now": N_("Still\nheld"),
    "fate": N_("What became\nof it"),
    "ended_on": N_("Ended on"),
    "watched_days": N_("Days\nwatched"),
    "is_unsustainable": N_("Unsus-\ntainable"),
    "age_months": N_("After\nmonths"),
    "made": N_("Expan-\nsions"),
    "made_mrr": N_("Their\nMRR"),
    "at_risk": N_("Still\nwatched"),
    "held": N_("Held,\nby number"),
    "held_interval": N_("Interval\n(95%)"),
    "money_held": N_("Held,\nby money"),
    "money_interval": N_("Interval\n(95%)"),
    "partly": N_("Half or\nmore gone"),
    "fully": N_("All\ngone"),
    "churned": N_("Account\nleft"),
    "unsustainable": N_("Unsus-\ntainable"),
    "unsustainable_mrr": N_("Unsus-\ntainable MRR"),
    "unsustainable_share": N_("Share\nof MRR"),
    "later_cost": N_("MRR lost\nlater"),
    "watched": N_("Still\ninside"),
    "watched_mrr": N_("Still inside,\nMRR"),
    "spend_new": N_("Spent\non new"),
    "spend_expansion": N_("Spent on\nexpansion"),
    "spend_retention": N_("Spent on\nretention"),
    "new_mrr": N_("New\nMRR"),
    "expansion_mrr": N_("Expansion\nMRR"),
    "cost_new": N_("Cost of 1\nof new MRR"),
    "cost_expansion": N_("Cost of 1 of\nexpansion MRR"),
    "cost_blended": N_("Cost of 1\nof both"),
    "payback_new": N_("Months to\npay back new"),
    "payback_expansion": N_("Months to pay\nback expansion"),
    "cost_account": N_("Cost of a\nnew account"),
    "accounts_new": N_("New\naccounts"),
    "horizon_months": N_("Months since\nthe first MRR"),
    "cohorts": N_("Cohorts"),
    "lifetime_value": N_("Value of\nan account"),
    "lifetime_without": N_("Without its\ngrowth"),
    "expansion_part": N_("Part of\ngrowth"),
    "from_plan": N_("From plan"),
    "to_plan": N_("To plan"),
    "direction": N_("Way"),
    "moves": N_("Moves"),
    "last_90": N_("In last\n90 days"),
    "last_365": N_("In last\n365 days"),
    "again": N_("Did it\nagain"),
    "used_before": N_("Limit used\nbefore"),
    "last_on": N_("Last"),
    "used_median": N_("Used,\nmedian"),
    "used_little": N_("Use under\n20%"),
    "used_near": N_("Use 80%\nor more"),
    "used_over": N_("Over the\nlimit"),
    "fit": N_("The limit\nbinds"),
    "next_plan": N_("Next plan"),
    "list_price": N_("List\nprice"),
    "next_list_price": N_("Next\nprice"),
    "step": N_("Times\nas much"),
    "moved_up": N_("Moved up,\n12 months"),
    "moved_up_share": N_("Share that\nmoved up"),
    "request": N_("Asked for"),
    "large_accounts": N_("Large\namong them"),
    "times": N_("Times"),
    "still_open": N_("Still\nopen"),
    "share_large": N_("Of large\naccounts"),
    "share_others": N_("Of other\naccounts"),
}

WORDS: dict[str, str] = {
    "plan": N_("plan"),
    "product": N_("product"),
    "add_on": N_("add-on"),
    "seats": N_("seats"),
    "price": N_("price"),
    "discount": N_("discount"),
    "other": N_("other"),
    "held": N_("held"),
    "partly": N_("half or more gone"),
    "fully": N_("all gone"),
    "no discount": N_("no discount"),
    "to 10 %": N_("to 10 %"),
    "10 to 20 %": N_("10 to 20 %"),
    "20 to 30 %": N_("20 to 30 %"),
    "above 30 %": N_("above 30 %"),
    "no offer": N_("no offer"),
    "up": N_("up"),
    "down": N_("down"),
    "level": N_("level"),
    "binds nobody": N_("nobody"),
    "binds some": N_("some"),
    "binds most": N_("most"),
}
"""Coded words of this side."""

CODED: dict[str, tuple[str, ...]] = {
    "driver": ("plan", "product", "add_on", "seats", "price", "discount", "other"),
    "discount": ("no discount", "to 10 %", "10 to 20 %", "20 to 30 %", "above 30 %"),
    "channel": ("no offer", "unknown"),
    "offer": ("no offer", "unknown"),
    "fate": ("held", "partly", "fully", "churned"),
    "direction": ("up", "down", "level"),
    "fit": ("binds nobody", "binds some", "binds most"),
}
"""Columns that hold codes, and which; other values in them are the user's own words."""
