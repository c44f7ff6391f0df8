"""A state file whose clock the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clock import Clock
from rollforward.state import Actor, State

BY = Actor("root", "cli")
WORDS = "correct horse battery"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path, clock: Clock) -> Iterator[State]:
    made = State(tmp_path, clock)
    yield made
    made.close()
