"""The store: fact tables on disk, whole commits, views at a version; no metric words."""

from rollforward.store.facts import FactStore, KeptFile
from rollforward.store.kept import Kept, Row
from rollforward.store.writing import Writing

__all__ = ["FactStore", "Kept", "KeptFile", "Row", "Writing"]
