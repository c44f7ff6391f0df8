"""A server of the small store with a token of each role, for programs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx

from rollforward.state import ROLES, Actor, State

from .serving import WORDS, Serving, serving
from .small import kept_to_the_end, small

BY = Actor("root", "cli")

TWO = "?from=2026-05&to=2026-06&window=3"
NEEDED = {"explain": "?metric=closing&period=2026-03", "bridge": f"{TWO}&segment=country", "bridge-accounts": TWO}
NEEDED["bridge-concentration"] = TWO
NEEDED |= dict.fromkeys(("quote", "value", "contact-days"), "?account=acme")
"""What questions cannot do without on so short a history."""


@dataclass
class Programs:
    """A server, the store behind it, and clients that send a token: by role, and '' without one."""

    site: Serving
    store: Path
    tokens: dict[str, str]

    def client(self, role: str = "viewer", language: str = "en") -> httpx.Client:
        """A program with a token of `role`."""
        headers = {"accept-language": language}
        if role:
            headers["authorization"] = f"Bearer {self.tokens[role]}"
        return self.site.client(headers=headers)


@contextmanager
def programs(folder: Path) -> Iterator[Programs]:
    """Makes the small store in `folder` and serves it."""
    kept, tokens = _made()
    store = Path(shutil.copytree(kept, folder / "store"))
    with serving(store) as site:
        yield Programs(site, store, tokens)


@cache
def _made() -> tuple[Path, dict[str, str]]:
    """The small store with who may ask it, and their tokens."""
    kept = small(kept_to_the_end())
    state = State(kept)
    state.users.add(BY, "root", "admin", WORDS)
    tokens = {role: state.tokens.add(BY, role, role)[1] for role in ROLES}
    state.close()
    return kept, tokens
