"""A state file whose clock the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rollforward.state import Actor, State

BY = Actor("root", "cli")
WORDS = "correct horse battery"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 5, 12)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path, clock: Clock) -> Iterator[State]:
    made = State(tmp_path, clock)
    yield made
    made.close()
