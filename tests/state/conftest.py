"""Who does what in these tests."""

from __future__ import annotations

from rollforward.state import Actor

BY = Actor("root", "cli")
WORDS = "correct horse battery"
