"""What a remark under a table says, by its code. Remarks of one part of the program stand beside its words."""

from __future__ import annotations

from rollforward.text import N_
from rollforward.text.acting import ACTING_NOTES
from rollforward.text.explained import EXPLAINED_NOTES
from rollforward.text.foreseen import FORESEEN_NOTES
from rollforward.text.goals import GOAL_NOTES
from rollforward.text.quotes import QUOTE_NOTES
from rollforward.text.renewals import RENEWAL_NOTES
from rollforward.text.worked import WORKED_NOTES

NOTES: dict[str, str] = {
    **FORESEEN_NOTES,
    **ACTING_NOTES,
    **RENEWAL_NOTES,
    **GOAL_NOTES,
    **EXPLAINED_NOTES,
    **WORKED_NOTES,
    **QUOTE_NOTES,
    "does-not-tie": N_("Warning: the store does not tie ({violations} violations); see: rollforward check"),
    "nothing-since": N_(
        "Nothing has changed since {last}. If your data ends there, import with --coverage ..{next}: "
        "then what follows is unknown, not unchanged."
    ),
    "more-proposals": N_("Only the first {shown} pairs are listed; link or pass over these first."),
    "approximate-policy": N_(
        "{policy} is approximate (rules of that system not reproduced: {rules}); see: rollforward policy show {policy}"
    ),
    "row-not-read": N_("{file}:{line} was not read: {code}"),
    "rows-not-read": N_("Warning: rows of {file} that could not be read: {rows}. What they say is not compared."),
    "unexplained": N_("Warning: {amount} of differences are unexplained (accounts and months: {rows})."),
    "nothing-closed": N_("No period is closed under this policy; close one with: rollforward close PERIOD"),
    "incomplete-period": N_("Some periods are not over yet or not fully covered (is_complete is false)."),
    "as-of-assumed": N_("What was known then is assumed from the files' own dates (--trust-valid-time)."),
    "no-rates": N_("There are no rates to {currency}: only what is paid in it is counted, without {others}."),
    "missing-rates": N_(
        "No rate from {currency} to {to} between {first} and {last}: up to {amount} {currency} of MRR cannot be "
        "converted, and cells that need it are empty. Import the rates, or ask with --currency native."
    ),
    "no-date-of-churn": N_(
        "No row says when {mrr} of ended MRR should leave under this policy: it leaves at its end date."
    ),
    "no-date-of-payment": N_("No row says when {mrr} was first paid: it counts from its start date."),
    "native-currency": N_("Each currency stands for itself; a change of currency is no churn."),
    "ratio-of-rows": N_("{top} / {bottom} = {ratio}: {metric}, {currency}"),
    "nobody-at-start": N_("Nobody paid at the start of this window; a ratio without a denominator is empty."),
    "churn-not-booked": N_(
        "{rows} of {of} events of kind churn stand more than {days} days from any churn of their account, "
        "e.g. {first}. Churn is counted from subscriptions; events change no figure."
    ),
    "before-anything-billed": N_(
        "{rows} of {of} rows of {kind} are dated before anything that their account was billed for, e.g. {first}."
    ),
    "unknown-when-closed": N_(
        "Nobody had said {dimensions} when these periods were closed: there all accounts are unknown. "
        "--basis restated cuts them by what is known today."
    ),
    "audit-broken": N_("Warning: the audit log is not as it was written from row {row} on."),
    "no-spend": N_(
        "Nothing is said of what was spent: import a table with month, kind (new, expansion, retention), amount and "
        "currency."
    ),
    "spend-elsewhere": N_(
        "Spend is told in {currencies} only, so {others} has no cost. In one currency, with exchange rates, all counts "
        "together."
    ),
    "no-plan-moves": N_("No account has changed plan in this time."),
    "no-limits": N_(
        "No use is told against a limit: import plans with columns limit:NAME, and usage of these metrics."
    ),
    "no-price-list": N_("No price list has two tiers of one product: import plans with tier and amount."),
    "no-requests": N_("Nobody has asked for anything: import events of kind request, with what they ask for as tag."),
    "no-add-ons": N_("No account has an add-on: import products with role add_on."),
    "bands-in-dollars": N_(
        "Published bands of size are in US dollars: in {currency} only figures of all companies are compared."
    ),
    "nothing-published": N_("Nothing is published for {kind} {value}; nothing else is shown in its place."),
    "short-history": N_(
        "There are {months} complete months; {needed} are needed to draw from. Until then the last value stands."
    ),
    "nobody-pays": N_("Nobody pays at this moment."),
    "no-milestones": N_("No milestone is told: import events of kind milestone, with its name as tag."),
    "nothing-said": N_("Nobody has said anything: import events of kind ticket, feedback, survey or request."),
    "no-use": N_("No use is told: import usage, with feature where there are several."),
    "more-than-all": N_("{lever} ({currency}) would have to be less than nothing: that part of the gap is not there."),
    "no-window": N_("There are no twelve whole months with MRR at their start."),
    "by-chance": N_(
        "Groups whose NDR was looked at: {groups}. About {chance} of them would stand out by chance alone."
    ),
    "nothing-stands-out": N_("Nothing stands out by more than chance."),
    "no-expansions": N_("There are no expansions in this time; what usage alone adds is none here."),
    "rows-left-out": N_("Only the first {rows} rows are shown; there are more."),
    "sum-of-rows": N_("Sum of {measure} over {rows} rows: {total} {currency}"),
}
"""Remarks under a table, by `Note.code`."""
