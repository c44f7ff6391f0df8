"""User files → typed staged tables and problems. Knows files and units; knows no store and no keys."""

from rollforward.sources.request import Request, Staged
from rollforward.sources.stage import stage, unstage

__all__ = ["Request", "Staged", "stage", "unstage"]
