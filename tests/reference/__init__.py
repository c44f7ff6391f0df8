"""The referee: the ledger, movements and metrics in plain Python, written from docs/definitions and docs/decisions.

It shares no code with the product and uses no database; `fractions.Fraction` keeps every amount exact until the one
rounding that definitions.md asks for. `files` reads rows of files; facts -> belief -> counting (usage, gaps) ->
steps -> ledger (drivers) -> movements -> figures; `books` is the way from facts to the ledger under a `policy`.
"""

from reference import currencies
from reference.belief import believed, covered, unscheduled
from reference.books import Books, Held, books, ledger
from reference.counting import Stretch, item_mrr
from reference.facts import (
    BEGINNING,
    DRIVERS,
    OPEN_END,
    RANK_CHANGE,
    RANK_CORRECTION,
    RANK_FILE,
    RANK_INVOICE,
    RANK_OBJECT,
    Catalogue,
    Charge,
    Coverage,
    Discount,
    Event,
    Link,
    PlanEntry,
    Product,
    State,
    Tier,
)
from reference.figures import Expansion, Retention, RollForward, expansion, logo_churn, retention, roll_forward
from reference.files import (
    File,
    major,
    minor,
    moment,
    to_catalogue,
    to_charges,
    to_coverage,
    to_events,
    to_links,
    to_states,
)
from reference.ledger import LedgerRow
from reference.movements import Movement, balances, movements
from reference.policy import Policy, policy_of

__all__ = [
    "BEGINNING",
    "DRIVERS",
    "OPEN_END",
    "RANK_CHANGE",
    "RANK_CORRECTION",
    "RANK_FILE",
    "RANK_INVOICE",
    "RANK_OBJECT",
    "Books",
    "Catalogue",
    "Charge",
    "Coverage",
    "Discount",
    "Event",
    "Expansion",
    "File",
    "Held",
    "LedgerRow",
    "Link",
    "Movement",
    "PlanEntry",
    "Policy",
    "Product",
    "Retention",
    "RollForward",
    "State",
    "Stretch",
    "Tier",
    "balances",
    "believed",
    "books",
    "covered",
    "currencies",
    "expansion",
    "item_mrr",
    "ledger",
    "logo_churn",
    "major",
    "minor",
    "moment",
    "movements",
    "policy_of",
    "retention",
    "roll_forward",
    "to_catalogue",
    "to_charges",
    "to_coverage",
    "to_events",
    "to_links",
    "to_states",
    "unscheduled",
]
