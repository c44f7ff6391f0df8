"""Who asks for offers in another process: a module of its own, which a spawned process can import by its name."""

from __future__ import annotations

from pathlib import Path

from rollforward.errors import Misuse
from rollforward.state import Actor, Limits, State


def ask_often(folder: str) -> int:
    """Offers made of six asked for, where five are allowed."""
    state, made = State(Path(folder)), 0
    for _ in range(6):
        try:
            state.opportunities.offer(Actor("ann", "analyst"), 1, "email", Limits(offers=5))
            made += 1
        except Misuse as error:
            assert error.code == "over-budget"
    return made
