"""One exact ledger of MRR changes from billing data; every number ties and opens.

>>> import rollforward as rf
>>> store = rf.open("acme")  # doctest: +SKIP
"""

from rollforward.api import BuildReport, Note, Overview, Problem, Store, Table, open
from rollforward.errors import DoesNotTie, Misuse, RollforwardError, ServiceError, StoreError

__version__ = "0.1.0"

__all__ = [
    "BuildReport",
    "DoesNotTie",
    "Misuse",
    "Note",
    "Overview",
    "Problem",
    "RollforwardError",
    "ServiceError",
    "Store",
    "StoreError",
    "Table",
    "open",
]
