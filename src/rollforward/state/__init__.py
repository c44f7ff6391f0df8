"""What a store knows beside its facts: users, tokens, sessions, settings, the audit log, notes, saved views,
opportunities, the offers made of them and who is held out, calls on renewals, goals, quotes.

    state = State(folder)
    state.users.add(Actor("ann", "cli"), "ann", "admin", password)

One SQLite file in the store's folder, `state.sqlite`, made when something is first written. Nothing in it changes a
figure: a store without it answers the same. Every method may be called by several threads and processes at once; each
raises StoreError (`state-busy`, `state-newer`, `store-damaged`, `cannot-read`, `cannot-write`) beside what it names.
"""

from __future__ import annotations

from pathlib import Path

from rollforward.state.attempts import Attempts
from rollforward.state.audit import Act, Actor, Audit, Proof
from rollforward.state.budget import NEVER, Limits, Verdict
from rollforward.state.database import Clock, Database, utc
from rollforward.state.goals import METRICS, Goal, Goals
from rollforward.state.notes import Note, Notes
from rollforward.state.notices import STEPS, Notices
from rollforward.state.opportunities import CLOSED, STAGES, Contact, Found, Opportunities, Opportunity, Proposal
from rollforward.state.quotes import STATUSES, Draft, Quote, Quotes
from rollforward.state.renewals import CALLS, VOICES, Call, Calls, standing
from rollforward.state.roles import NOTICE, ROLES, lower, may
from rollforward.state.sessions import Session, Sessions
from rollforward.state.settings import (
    LANGUAGES,
    NOBODY,
    THEMES,
    Settings,
    StoreSettings,
    UserSettings,
    time_zones,
)
from rollforward.state.tokens import Token, Tokens
from rollforward.state.trials import HOLD_OUT, Assignment, Trials
from rollforward.state.users import User, Users
from rollforward.state.views import SavedView, SavedViews
from rollforward.state.webhooks import Delivery, Webhook, Webhooks

__all__ = [
    "CALLS",
    "CLOSED",
    "HOLD_OUT",
    "LANGUAGES",
    "METRICS",
    "NEVER",
    "NOBODY",
    "NOTICE",
    "ROLES",
    "STAGES",
    "STATUSES",
    "STEPS",
    "THEMES",
    "VOICES",
    "Act",
    "Actor",
    "Assignment",
    "Call",
    "Contact",
    "Delivery",
    "Draft",
    "Found",
    "Goal",
    "Limits",
    "Note",
    "Opportunity",
    "Proof",
    "Proposal",
    "Quote",
    "SavedView",
    "Session",
    "State",
    "StoreSettings",
    "Token",
    "User",
    "UserSettings",
    "Verdict",
    "Webhook",
    "lower",
    "may",
    "standing",
    "time_zones",
]


class State:
    """The state of the store in `folder`; `clock` says the time (naive, UTC)."""

    def __init__(self, folder: Path, clock: Clock = utc) -> None:
        self._database = Database(folder, clock)
        self.audit = Audit(self._database)
        self.users = Users(self._database, self.audit)
        self.tokens = Tokens(self._database, self.audit)
        self.sessions = Sessions(self._database, self.audit)
        self.attempts = Attempts(self._database)
        self.settings = Settings(self._database, self.audit)
        self.notes = Notes(self._database, self.audit)
        self.views = SavedViews(self._database, self.audit)
        self.opportunities = Opportunities(self._database, self.audit)
        self.trials = Trials(self._database)
        self.webhooks = Webhooks(self._database, self.audit)
        self.notices = Notices(self._database, self.audit)
        self.calls = Calls(self._database, self.audit)
        self.goals = Goals(self._database, self.audit)
        self.quotes = Quotes(self._database, self.audit)

    def told(self) -> tuple[int, ...]:
        """Numbers of the last call, goal, quote and offer, and of accounts drawn: other numbers, other answers of
        questions that tell them."""
        return self.calls.last(), self.goals.last(), self.quotes.last(), *self.trials.told()

    @property
    def path(self) -> Path:
        """The file; it may not exist yet."""
        return self._database.path

    def close(self) -> None:
        """Gives back the connections that nobody uses."""
        self._database.close()
