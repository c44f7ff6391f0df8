"""Words and numbers with a fixed meaning in many tables."""

FORMAT = 1
"""Version of the store's layout; a store with a higher one is refused."""

OPEN_END = "9999-12-31"
BEGINNING = "0001-01-01"

# Source ranks (definitions.md section 2, "What replaces what"): the higher one is believed.
RANK_INVOICE, RANK_FILE, RANK_CHANGE, RANK_OBJECT, RANK_CORRECTION = 1, 2, 3, 4, 5

DRIVERS = ("plan", "product", "add_on", "seats", "usage", "price", "discount", "other")
MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn", "transfer", "adjustment")
FLOWS = (*MOVEMENTS, "restatement")
"""What leads from an opening to a closing, beside exchange rates."""

STATUSES = ("trialing", "active", "past_due", "unpaid", "paused", "incomplete", "canceled", "void")
