"""What each check proves, in a sentence; a check without one here speaks with the first line of its own SQL."""

from __future__ import annotations

from rollforward.text import N_

CHECKS: dict[str, str] = {
    "accounts_tie": N_("What all accounts have now sums to what all movements left."),
    "balance_not_negative": N_("No account's MRR falls below zero. For change rows: an opening balance is missing."),
    "balances_chain": N_("An account's balance after its last day is the MRR of its items that are still open."),
    "belief_is_single": N_("What is believed of one item never overlaps in time."),
    "bridge_adds_up": N_("Rate and mix of all segments sum to the difference of the two NDRs."),
    "cohorts_tie": N_("What all cohorts together change by in a period is what the roll-forward changes by."),
    "days_tie": N_("The days of the roll-forward sum to the movements and drivers that they are made of."),
    "drivers_sum": N_("The eight drivers of every ledger row sum to its change."),
    "fx_ties": N_("Converted movements and exchange rates add up to the balance at the day's rate, in every currency."),
    "ledger_ties": N_("The ledger rows of an account's day sum to what its MRR changed by on that day."),
    "retention_ties": N_("The parts of NDR sum to its closing; its opening is the balance of the roll-forward."),
    "segments_tie": N_("The segments of every day and class sum to the day, and transfers between them to nothing."),
    "transfers_tie": N_("What links move out of accounts goes into others, and is transfer there."),
    "uplifts_tie": N_("What expansions of a day rose without usage is its expansion less what usage drove."),
    "roll_forward_ties": N_("Opening plus movements is closing, and every opening is the closing before it."),
}
