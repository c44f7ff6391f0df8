"""What is wrong with a row of the user's data, and what to do: one entry for every problem code.

The values in braces are the problem's `params`; `column` is the user's own header where the fault lies in one.
"""

from __future__ import annotations

from rollforward.text import N_

PROBLEMS: dict[str, tuple[str, str]] = {
    "missing-value": (N_("{column} is empty."), N_("Every row needs it: fill it in.")),
    "bad-date": (
        N_("{column} is no date: {value}"),
        N_('Write 2026-03-05, or give the form in a mapping file: [format] date = "%d/%m/%Y"'),
    ),
    "year-out-of-range": (
        N_("The year of {column} is not between 1970 and 2200: {value}"),
        N_("Correct the date; leave it empty for an open end."),
    ),
    "bad-number": (N_("{column} is no number: {value}"), N_("Write it plainly, such as 1234.50.")),
    "decimal-comma": (
        N_("{column} is written with a comma: {value}"),
        N_('Write 1234.50, or say it in a mapping file: [format] decimal = ","'),
    ),
    "thousands-separator": (
        N_("{column} has thousands separators: {value}"),
        N_('Write 1234.50, or say it in a mapping file: [format] thousands = ","'),
    ),
    "negative-amount": (
        N_("{column} is negative: {value}"),
        N_("A recurring line cannot be: give a discount as a discount, and leave credits and refunds out."),
    ),
    "amount-too-large": (
        N_("{column} is beyond any real price: {value}"),
        N_("Check the column and its unit: amounts are in whole euros or dollars, not cents."),
    ),
    "amount-too-fine": (
        N_("{column} has more decimals than its currency: {value}"),
        N_("Round it, or let the import do it in a mapping file: [format] round = true"),
    ),
    "bad-currency": (
        N_("{column} is no currency of ISO 4217: {value}"),
        N_("Use its three letters, such as USD, EUR or THB."),
    ),
    "bad-status": (
        N_("{column} is no known status: {value}"),
        N_("Use one of: {allowed}. Or translate yours in a mapping file: [values.status]"),
    ),
    "bad-interval": (
        N_("{column} is no known interval: {value}"),
        N_("Use day, week, month or year, and a count from 1 to 1000."),
    ),
    "bad-quantity": (
        N_("{column} is no whole number from 0 to a billion: {value}"),
        N_("Correct it, or leave it empty."),
    ),
    "bad-discount": (
        N_("{column} is no discount: {value}"),
        N_("Percent is 0 to 100 with at most four decimals; the kind is forever, repeating or once."),
    ),
    "missing-discount-until": (
        N_("A repeating discount needs its end, but {column} is empty."),
        N_("Give the first day without the discount, or make its kind forever or once."),
    ),
    "bad-billing": (N_("{column} is no known billing: {value}"), N_("Use licensed or metered.")),
    "bad-cancel-reason": (
        N_("{column} is no known reason: {value}"),
        N_("Use voluntary, involuntary or unknown, or leave it empty."),
    ),
    "bad-driver": (
        N_("{column} is no known driver: {value}"),
        N_("Use one of: {allowed}. Or leave it empty."),
    ),
    "bad-role": (N_("{column} is no known role: {value}"), N_("Use base or add_on.")),
    "bad-tier": (N_("{column} is no tier: {value}"), N_("Number the plans of a product from the lowest, 1, upwards.")),
    "bad-tiers": (N_("{column} cannot be read as price tiers: {value}"), N_("See the kind plans in the manual.")),
    "bad-usage": (
        N_("{column} is no quantity: {value}"),
        N_("Use a number from 0 to below a trillion with at most six decimals, such as 12.5."),
    ),
    "bad-flag": (N_("{column} is neither true nor false: {value}"), N_("Use true or false, or leave it empty.")),
    "bad-kind": (
        N_("{column} cannot be {value}."),
        N_("Use one of: {allowed}. Or translate yours in a mapping file: [values.{column}]"),
    ),
    "bad-rate": (
        N_("{column} is no exchange rate: {value}"),
        N_("Use units of the reporting currency for one unit: above 0, at most a billion, at most ten decimals."),
    ),
    "rate-of-itself": (
        N_("The reporting currency itself has the rate 1, not {value}."),
        N_("Correct the rate, or name the right reporting currency with --currency."),
    ),
    "negative-spend": (N_("{column} is negative: {value}"), N_("Give what was spent as a positive amount.")),
    "outcome-before-event": (
        N_("The outcome lies before the event: {value}"),
        N_("Correct one of the two dates."),
    ),
    "notice-after-end": (
        N_("The last day of notice lies after the end of the contract: {value}"),
        N_("The row was accepted; check the two dates."),
    ),
    "link-to-itself": (
        N_("An account is linked to itself: {value}"),
        N_("Correct one of the two ids, or leave it out."),
    ),
    "same-has-no-date": (
        N_("A link of the kind same holds at all times, so its date was not used: {value}"),
        N_("Use the kind acquired if one account became part of the other on that day."),
    ),
    "already-linked": (
        N_("This account is linked already, to another account or in another way."),
        N_("Take that link back first: rollforward unlink FROM TO"),
    ),
    "link-ring": (
        N_("This link would close a ring: the second account goes on as the first one already."),
        N_("Leave it out, or take the other link back first: rollforward unlink FROM TO"),
    ),
    "end-before-start": (N_("It ends before it starts: {value}"), N_("Correct one of the two dates.")),
    "empty-stretch": (
        N_("It ends on the day it starts, so no day is left: {value}"),
        N_("The end is the first day no longer paid; correct it, or leave the row out."),
    ),
    "recorded-in-future": (
        N_("{column} lies in the future: {value}"),
        N_("Nobody was told yet: correct it. What takes effect later belongs in the start date."),
    ),
    "too-many-columns": (
        N_("The row has {found} fields, the header {expected}."),
        N_("Put quotes around a text that holds the delimiter."),
    ),
    "too-few-columns": (
        N_("The row has {found} fields, the header {expected}."),
        N_("Add what is missing; perhaps a line break is inside a text without quotes."),
    ),
    "bad-quoting": (
        N_("The quotes of this row cannot be read: {detail}"),
        N_("Double a quote that belongs to the text."),
    ),
    "bad-json": (N_("The line is no JSON object: {detail}"), N_("Correct the line.")),
    "overlap": (
        N_("Rows of one item overlap in time, and nothing tells them apart."),
        N_("Give them an item_id, a product or a plan, or correct their dates; none of them was chosen."),
    ),
    "duplicate-row": (N_("The same row stands in line {first_line} already."), N_("It counts once; nothing to do.")),
    "conflict": (
        N_("Rows of one moment say different things of the same."),
        N_("Keep the right one; none of them was chosen."),
    ),
    "ended-before-sighting": (
        N_("It had ended before the time of the snapshot: {value}"),
        N_("It was passed over; nothing to do."),
    ),
    "discount-over-amount": (
        N_("The discount is larger than the amount."),
        N_("It was cut to the amount, so the MRR is 0; check the discount."),
    ),
    "ignored-columns": (N_("Columns that were not read: {columns}"), N_("Name them in a mapping file if they matter.")),
    "synonym-used": (
        N_("{header} was read as {column}."),
        N_("If that is wrong, say in a mapping file which column it is."),
    ),
    "date-form": (
        N_("Dates in {column} were read as {form}."),
        N_("If that is wrong, give the form in a mapping file and import again."),
    ),
    "amounts-rounded": (
        N_("{rows} rows have amounts that were rounded to the currency's smallest unit."),
        N_("The mapping file asked for it."),
    ),
    "more-problems": (
        N_("{rows} more rows have problems; only the first million of a file are listed."),
        N_("They are most likely of the same kind: correct those listed and import again."),
    ),
}
