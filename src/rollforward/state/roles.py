"""Who may do what: four roles, each with all that the one before it may."""

from __future__ import annotations

import unicodedata

from rollforward.errors import Misuse

ROLES = ("restricted", "viewer", "analyst", "admin")
"""restricted: figures, but no names, e-mails, persons, free text or rows of files · viewer: reads everything ·
analyst: imports, links, closes, policies, notes · admin: also users, tokens, settings, retract, reopen."""

NOTICE = "notice"
"""What only a token may be: it asks for in-app notices and records what became of them, and may nothing else."""

NAME = 64
"""Characters that a name may have."""


def may(role: str, needed: str) -> bool:
    """Whether `role` may do what needs `needed`; an unknown role may nothing."""
    if needed == NOTICE:
        return role == NOTICE or may(role, "analyst")
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


def lower(one: str, other: str) -> str:
    """The role of the two that may less."""
    return min(one, other, key=(NOTICE, *ROLES).index)


def checked(role: str) -> str:
    """`role` if it is one; Misuse `unknown-option`."""
    if role not in ROLES:
        raise Misuse("unknown-option", option="role", value=role, known=", ".join(ROLES))
    return role


def named(name: str) -> str:
    """A name as it is kept: without blanks around it, in one form of Unicode. Misuse `bad-name`."""
    told = unicodedata.normalize("NFC", name).strip()
    if not told or len(told) > NAME or not told.isprintable():
        raise Misuse("bad-name", value=told[:NAME], most=NAME)
    return told


def folded(name: str) -> str:
    """A name as two are compared: capitals and forms of Unicode do not count."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
