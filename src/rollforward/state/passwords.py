"""Passwords as argon2id hashes. A login takes the same time whether the user exists or not.

Few are hashed at once: each takes 64 MiB, and a crowd of logins must not take the machine's memory.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from rollforward.errors import Misuse

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST, MOST = 10, 256
"""Characters that a password has."""

_AT_ONCE = threading.BoundedSemaphore(2)


def hashed(password: str, name: str = "") -> str:
    """The hash to keep. Misuse `bad-password` for one that is too short, too long or the user's name."""
    told = _normal(password)
    if not LEAST <= len(told) <= MOST or told.casefold() == name.casefold():
        raise Misuse("bad-password", least=LEAST, most=MOST)
    with _AT_ONCE:
        return _hasher().hash(told)


def fits(kept: str, password: str) -> bool:
    """Whether `password` is the one of the hash `kept`; '' fits none, and takes as long to say so."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > MOST:
        return False
    with _AT_ONCE:
        try:
            return _hasher().verify(kept or _nobodys(), _normal(password)) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return _hasher().check_needs_rehash(kept)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys() -> str:
    import secrets

    return _hasher().hash(secrets.token_hex())
