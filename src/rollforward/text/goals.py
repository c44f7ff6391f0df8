"""What errors and notes about goals say, and how their columns are headed."""

from __future__ import annotations

from rollforward.text import N_

GOAL_ERRORS: dict[str, tuple[str, str]] = {
    "no-such-goal": (N_("There is no goal number {number}."), N_("List them with: rollforward goals")),
    "bad-goal": (
        N_("{value} is no target: expansion is an amount of MRR above 0, NDR and GRR a share such as 110%."),
        N_("Correct it and set the goal again."),
    ),
}
