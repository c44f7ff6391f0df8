"""What stands out, as sentences: each finding has one, filled with its own figures."""

from __future__ import annotations

from rollforward.text import N_

FINDINGS: dict[str, str] = {
    "segment_below": N_(
        "{subject}: NDR {value} ({low}–{high}), all accounts {reference}. Its accounts had {share} of opening MRR."
    ),
    "segment_above": N_(
        "{subject}: NDR {value} ({low}–{high}), all accounts {reference}. Its accounts had {share} of opening MRR."
    ),
    "loss_cause": N_("{subject} is {value} of the MRR lost in the last twelve months."),
    "concentration": N_(
        "The tenth of expanding accounts that grew most made {value} of expansion MRR in twelve months."
    ),
    "shrink_then_leave": N_(
        "Of accounts that shrank in one half-year, {value} ({low}–{high}) left in the next, of the others {reference}."
    ),
    "grow_and_stay": N_(
        "Of accounts that grew in one half-year, {value} ({low}–{high}) left in the next, of the others {reference}."
    ),
    "unsustainable": N_(
        "{value} of expansion with 90 days behind it was bought by discounts or offers and did not last."
    ),
    "downgrades_rising": N_(
        "{subject}: {size} accounts went down this way in the last 60 days, {value} of what the year before leads one "
        "to expect; more than chance, of all pairs of plans looked at."
    ),
    "downgrades": N_("{subject}: {size} accounts went down this way in the last 365 days."),
}
"""Sentence by kind of finding."""
