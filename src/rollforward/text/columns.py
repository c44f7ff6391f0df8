"""How each column of the contract is headed and written on a terminal; machine formats do not pass through here."""

from __future__ import annotations

from rollforward.text import N_, acting, explained, foreseen, goals, growth, quotes, renewals, worked


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MONEY = (
    _words(
        "opening restatement new reactivation expansion contraction churn fx transfer adjustment closing "
        "churn_involuntary mrr arr arpa ltv amount before after delta from_opening from_newcomers at_stake kept "
        "by_plan by_product by_add_on by_seats by_usage by_price by_discount by_other plan product add_on seats "
        "usage price discount other net_new movement_amount difference expected found as_closed as_known_now ours "
        "theirs churn_before churn_after peak change_30 change_12 unit_price discount_amount"
    )
    | growth.MONEY
    | foreseen.MONEY
    | acting.MONEY
    | renewals.MONEY
    | goals.MONEY
    | explained.MONEY
    | worked.MONEY
    | quotes.MONEY
)
"""Columns in a currency, as long as they hold numbers (`plan` is also the name of a plan)."""

RATIO = (
    _words(
        "share net_churn logo_churn largest_account_share expansion_rate expansion_growth expansion_share "
        "expansion_share_of_net_new logo_retention churn_rate growth mrr_growth weight_before weight_after rate mix "
        "contribution discount_share"
    )
    | growth.RATIO
    | foreseen.RATIO
    | acting.RATIO
    | renewals.RATIO
    | goals.RATIO
    | explained.RATIO
    | worked.RATIO
    | quotes.RATIO
)
"""Fractions shown as percentages; names that start with ndr or grr are too."""

LABELS: dict[str, str] = (
    {
        "period": N_("Period"),
        "policy": N_("Policy"),
        "currency": N_("Currency"),
        "opening": N_("Opening"),
        "restatement": N_("Restate-\nment"),
        "new": N_("New"),
        "reactivation": N_("Reacti-\nvation"),
        "expansion": N_("Expansion"),
        "contraction": N_("Contrac-\ntion"),
        "churn": N_("Churn"),
        "fx": N_("FX"),
        "transfer": N_("Transfer"),
        "adjustment": N_("Adjust-\nment"),
        "closing": N_("Closing"),
        "churn_involuntary": N_("Involuntary\nchurn"),
        "as_closed": N_("As\nclosed"),
        "as_known_now": N_("As known\nnow"),
        "difference": N_("Difference"),
        "measure": N_("Measure"),
        "cause": N_("Cause"),
        "ours": N_("Ours"),
        "theirs": N_("Theirs"),
        "reason": N_("Reason"),
        "share": N_("Share"),
        "accounts": N_("Accounts"),
        "accounts_opening": N_("Accounts\nopening"),
        "accounts_new": N_("Accounts\nnew"),
        "accounts_reactivated": N_("Accounts\nreactivated"),
        "accounts_expanded": N_("Accounts\nexpanded"),
        "accounts_contracted": N_("Accounts\ncontracted"),
        "accounts_churned": N_("Accounts\nchurned"),
        "accounts_transfer": N_("Accounts\ntransfer"),
        "accounts_closing": N_("Accounts\nclosing"),
        "accounts_lost": N_("Accounts\nlost"),
        "mrr": N_("MRR"),
        "arr": N_("ARR"),
        "arpa": N_("ARPA"),
        "ltv": N_("LTV"),
        "net_new": N_("Net\nnew"),
        "mrr_growth": N_("MRR\ngrowth"),
        "ndr": N_("NDR"),
        "grr": N_("GRR"),
        "ndr_1": N_("NDR\n1 month"),
        "grr_1": N_("GRR\n1 month"),
        "ndr_3": N_("NDR\n3 months"),
        "grr_3": N_("GRR\n3 months"),
        "ndr_12": N_("NDR\n12 months"),
        "grr_12": N_("GRR\n12 months"),
        "ndr_interval": N_("NDR 95%\ninterval"),
        "grr_interval": N_("GRR 95%\ninterval"),
        "logo_retention": N_("Logo\nretention"),
        "net_churn": N_("Net\nchurn"),
        "logo_churn": N_("Logo\nchurn"),
        "band": N_("Band"),
        "largest_account_share": N_("Largest\naccount"),
        "window_end": N_("Window\nends with"),
        "window_start": N_("Window\nstarts"),
        "months": N_("Months"),
        "quick_ratio": N_("Quick\nratio"),
        "expansion_rate": N_("Expansion\nrate"),
        "expansion_growth": N_("Growth"),
        "expansion_share": N_("Share of\ngross new"),
        "expansion_share_of_net_new": N_("Share of\nnet new"),
        "is_net_negative": N_("Net\nnegative"),
        "net_negative_streak": N_("In a\nrow"),
        "from_opening": N_("From\nopening"),
        "from_newcomers": N_("From\nnewcomers"),
        "by_plan": N_("Plan"),
        "by_product": N_("Product"),
        "by_add_on": N_("Add-on"),
        "by_seats": N_("Seats"),
        "by_usage": N_("Usage"),
        "by_price": N_("Price"),
        "by_discount": N_("Discount"),
        "by_other": N_("Other"),
        "drivers": N_("Driver"),
        "amount": N_("Amount"),
        "before": N_("Before"),
        "after": N_("After"),
        "delta": N_("Change"),
        "movement": N_("Movement"),
        "movements": N_("Move-\nments"),
        "on_date": N_("Date"),
        "occurred_at": N_("When"),
        "account_id": N_("Account"),
        "subscription_id": N_("Subscription"),
        "item_id": N_("Item"),
        "product_id": N_("Product"),
        "plan_id": N_("Plan"),
        "rule": N_("Rule"),
        "source_ref": N_("Source"),
        "source": N_("Source"),
        "ref": N_("Place"),
        "recorded_at": N_("Recorded"),
        "row": N_("Your row"),
        "commit_id": N_("Import"),
        "committed_at": N_("When"),
        "kind": N_("Kind"),
        "note": N_("Files"),
        "rows_read": N_("Read"),
        "rows_accepted": N_("Accepted"),
        "rows_known": N_("Known"),
        "rows_refused": N_("Refused"),
        "retracts": N_("Takes\nback"),
        "check": N_("Check"),
        "violations": N_("Violations"),
        "detail": N_("Detail"),
        "table": N_("Table"),
        "rows": N_("Rows"),
        "expected": N_("Expected"),
        "found": N_("Found"),
        "kept": N_("Kept"),
        "segment": N_("Segment"),
        "is_small": N_("Few"),
        "product": N_("Product"),
        "weight_before": N_("Weight\nbefore"),
        "weight_after": N_("Weight\nafter"),
        "churn_before": N_("Churn\nbefore"),
        "churn_after": N_("Churn\nafter"),
        "ndr_before": N_("NDR\nbefore"),
        "ndr_after": N_("NDR\nafter"),
        "rate": N_("Rate"),
        "mix": N_("Mix"),
        "contribution": N_("Contri-\nbution"),
        "name": N_("Name"),
        "email": N_("E-mail"),
        "owner": N_("Owner"),
        "country": N_("Country"),
        "industry": N_("Industry"),
        "state": N_("State"),
        "change_30": N_("Change in\n30 days"),
        "change_12": N_("Change in\n12 months"),
        "peak": N_("Highest"),
        "changed_on": N_("Last\nchange"),
        "first_on": N_("Paying\nsince"),
        "next_on": N_("Next\nchange"),
        "items": N_("Items"),
        "contract_ends": N_("Contract\nends"),
        "linked": N_("Linked"),
        "product_name": N_("Product"),
        "status": N_("Status"),
        "quantity": N_("Quantity"),
        "unit_price": N_("Unit\nprice"),
        "interval": N_("Billed\nevery"),
        "discount_share": N_("Discount"),
        "discount_amount": N_("Discount"),
        "discount_ends": N_("Discount\nends"),
        "since": N_("Since"),
        "terms_since": N_("Terms\nsince"),
        "cancel_on": N_("Ends on"),
        "limit": N_("Limit"),
        "metric": N_("Metric"),
        "contract_id": N_("Contract"),
        "starts": N_("Starts"),
        "ends": N_("Ends"),
        "days_to_end": N_("Days\nto go"),
        "notice_on": N_("Notice\nuntil"),
        "days_to_notice": N_("Days to\nnotice"),
        "auto_renew": N_("Renews\nby itself"),
        "counts": N_("Is MRR"),
        "channel": N_("Channel"),
        "person": N_("Person"),
        "tag": N_("About"),
        "value": N_("Value"),
        "outcome": N_("Outcome"),
        "outcome_at": N_("Outcome\non"),
        "text": N_("Text"),
        "dimension": N_("Attribute"),
        "valid_from": N_("Holds\nfrom"),
        "from_id": N_("Account"),
        "to_id": N_("Goes on as"),
        "goes_on_as": N_("Goes on as"),
        "cohort": N_("Cohort"),
        "age": N_("Age"),
        "role": N_("Role"),
        "is_active": N_("May log in"),
        "created_at": N_("Created"),
        "token_id": N_("Number"),
        "is_valid": N_("Valid"),
        "expires_at": N_("Expires"),
        "used_at": N_("Last used"),
        "revoked_at": N_("Revoked"),
        "audit_id": N_("Number"),
        "at": N_("When"),
        "who": N_("Who"),
        "address": N_("From address"),
        "action": N_("Action"),
        "target": N_("On what"),
    }
    | growth.LABELS
    | foreseen.LABELS
    | acting.LABELS
    | renewals.LABELS
    | goals.LABELS
    | explained.LABELS
    | worked.LABELS
    | quotes.LABELS
)

COMPOSED = explained.COMPOSED | frozenset(
    {
        "ndr_interval",
        "grr_interval",
        "held_interval",
        "money_interval",
        "own_interval",
        "effect_interval",
        "gain_interval",
        "closing_interval",
        "mrr_interval",
        "stayed_12_interval",
        "drivers",
        "sentence",
        "lift_interval",
        "rate_interval",
        "money_rate_interval",
        "hit_interval",
        "auc_interval",
        "came_interval",
        "reasons",
        "words",
    }
)
"""Columns of a view that are made of several of the table's."""
