"""What a store keeps beside its facts, as a part of `api.Store`: its state, and users, tokens and the log as tables."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

from rollforward.answers.asking import moment
from rollforward.answers.table import Note, Table
from rollforward.part import Part

if TYPE_CHECKING:
    from rollforward.state import Actor, State


class Keeping(Part):
    """Who may use a store, and what they did."""

    @cached_property
    def state(self) -> State:
        """Users, tokens, sessions, settings, the audit log, notes and saved views; may be used by several threads."""
        from rollforward.state import State

        return State(self._facts.path)

    def users(self) -> Table:
        """Every user, by name; nothing of their passwords."""
        rows = [(u.name, u.role, u.is_active, u.created_at) for u in self.state.users.all()]
        return Table(("name", "role", "is_active", "created_at"), rows)

    def tokens(self) -> Table:
        """Every token ever made, the latest first; nothing of their secrets."""
        columns = (
            "token_id", "name", "role", "owner", "is_valid", "created_at", "expires_at", "used_at", "revoked_at",
        )  # fmt: skip
        return Table(columns, ([getattr(token, c) for c in columns] for token in self.state.tokens.all()))

    def audit(
        self, who: str = "", action: str = "", start: str | None = None, end: str | None = None,
        before: int = 0, limit: int = 0,
    ) -> Table:  # fmt: skip
        """The audit log, the latest first, `detail` as JSON; by whom, what (its beginning), from and up to (UTC)."""
        columns = ("audit_id", "at", "who", "role", "address", "action", "target", "detail")
        told = moment(start, "--from"), moment(end, "--to")
        acts = self.state.audit.rows(who, action, *told, before, limit)
        rows = [
            (a.audit_id, a.at, a.who, a.role, a.address, a.action, a.target, json.dumps(a.detail, ensure_ascii=False))
            for a in acts
        ]
        return Table(columns, rows)

    def audit_proof(self) -> Table:
        """One row: how many rows the log has, the digest of the last, and whether all is as it was written."""
        proof = self.state.audit.verify()
        notes = [Note("audit-broken", {"row": str(proof.broken)})] if proof.broken else []
        return Table(("rows", "digest", "is_whole"), [(proof.rows, proof.digest, not proof.broken)], notes)


def operator() -> Actor:
    """Whoever runs the program on this machine, as the audit log names them."""
    import getpass

    from rollforward.state import Actor

    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a container without a name for its user
        name = "cli"
    return Actor(name, "cli")
