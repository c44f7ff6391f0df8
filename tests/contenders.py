"""Who asks for offers in another process: a module of its own, which a spawned process can import by its name."""

from __future__ import annotations

from pathlib import Path

from rollforward.errors import Misuse
from rollforward.state import Actor, Found, Limits, Proposal, State


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


def draw_at_once(folder: str, accounts: int) -> int:
    """One refresh with a proposal for each of so many accounts, a third of them held out."""
    told = [Proposal(f"a{n}", "upsell", "limit:seats", "near_limit", "pro", "USD", 10_000, 5_000, 0.25, "because",
                     "เพราะ", "kim") for n in range(accounts)]  # fmt: skip
    mrr = {(p.account_id, "USD"): 10_000 for p in told}
    state = State(Path(folder))
    state.opportunities.refresh(Actor("ann", "analyst"), Found(1, told, mrr, (), {}), 30, 90, {"upsell": 1 / 3})
    return len(state.trials.all())
