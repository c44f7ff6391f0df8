"""The referee: the ledger, movements and metrics in plain Python, written from docs/definitions and docs/decisions.

It shares no code with the product and uses no database; `fractions.Fraction` keeps every amount exact until the one
rounding that definitions.md asks for. facts -> belief -> ledger (drivers) -> movements; `files` reads rows of files.
"""

from reference.belief import Stretch, believed, covered, item_mrr, unscheduled
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
    Coverage,
    Discount,
    Event,
    PlanEntry,
    Policy,
    Product,
    State,
    Tier,
)
from reference.files import File, major, minor, moment, to_catalogue, to_coverage, to_events, to_states
from reference.ledger import LedgerRow, ledger
from reference.movements import (
    Expansion,
    Movement,
    Retention,
    RollForward,
    balances,
    expansion,
    movements,
    retention,
    roll_forward,
)

__all__ = [
    "BEGINNING",
    "DRIVERS",
    "OPEN_END",
    "RANK_CHANGE",
    "RANK_CORRECTION",
    "RANK_FILE",
    "RANK_INVOICE",
    "RANK_OBJECT",
    "Catalogue",
    "Coverage",
    "Discount",
    "Event",
    "Expansion",
    "File",
    "LedgerRow",
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
    "covered",
    "expansion",
    "item_mrr",
    "ledger",
    "major",
    "minor",
    "moment",
    "movements",
    "retention",
    "roll_forward",
    "to_catalogue",
    "to_coverage",
    "to_events",
    "to_states",
    "unscheduled",
]
