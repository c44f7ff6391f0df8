"""Baan Ops, the invented company shipped with the program; docs/demo.md describes it, tools/make_demo.py writes it."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).parent / "data"

AS_OF = "2026-11-01"
"""First day that the data no longer covers: import with coverage `..2026-11-01`."""

ALL = (
    *("products", "plans", "accounts", "subscriptions"),
    *("usage", "events", "contracts", "fx", "charges", "spend"),
)
"""Every kind that is shipped, each as `data/KIND.csv.gz`."""


def files() -> list[Path]:
    """The files in the order in which to import them, with `trust_valid_time`."""
    return [DATA / f"{kind}.csv.gz" for kind in ALL]
