"""One exact ledger of MRR changes from billing data; every number ties and opens.

>>> import rollforward as rf
>>> store = rf.open("acme")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from rollforward.errors import DoesNotTie, Misuse, Problem, RollforwardError, ServiceError, StoreError

if TYPE_CHECKING:
    from rollforward.api import BuildReport, Note, Overview, Question, Store, Table, open

__version__ = "0.1.0"

__all__ = [
    "BuildReport",
    "DoesNotTie",
    "Misuse",
    "Note",
    "Overview",
    "Problem",
    "Question",
    "RollforwardError",
    "ServiceError",
    "Store",
    "StoreError",
    "Table",
    "open",
]


def __getattr__(name: str) -> object:
    """The engine behind `api` is loaded when it is first asked for, so that `--help` need not wait for it."""
    if name in __all__:
        return getattr(import_module("rollforward.api"), name)
    raise AttributeError(f"module 'rollforward' has no attribute {name!r}")
