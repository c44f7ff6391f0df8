"""Accounts of a store, as a part of `api.Store`: search, and all that is known of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from rollforward.answers import account as one
from rollforward.answers.account import EVENTS, Account
from rollforward.answers.asking import Question
from rollforward.answers.listing import PAGE, Listing, Wanted, listing
from rollforward.answers.table import Table
from rollforward.errors import Misuse
from rollforward.part import Part


class Accounts(Part):
    """What a store knows of its accounts."""

    def accounts(
        self,
        search: str = "",
        state: str | None = None,
        sort: str = "-mrr",
        after: str | None = None,
        plan: str | None = None,
        owner: str | None = None,
        is_blind: bool = False,
        **asked: Unpack[Question],
    ) -> Listing:
        """Accounts as they stand at the last moment known, a row for each currency in which one pays.

        search: words that must all stand in id, name, e-mail or domain (also those of accounts linked as the same).
        state: active (also those recorded to end), ending, churned, acquired, never paid. sort: one of listing.SORTS,
        `-` before it for the largest first. after: the `next` of the page before. plan: id of a plan that it holds.
        owner: whose it is. is_blind: names are neither searched nor an order. limit: rows of a page, 50 unless said,
        0 = all. Of the question also policy, as_of, basis, currency, where, minor, scheduled.

        change_30, change_12: MRR less that of 30 days and 12 months ago; in a reporting currency all at present rates.
        Misuse: `unknown-option`, `bad-cursor`, and what every question raises.
        """
        for name in ("segment", "start", "end"):
            if asked.get(name):
                raise Misuse("unknown-option", option=name, value=str(asked.get(name)), known="where, as_of, currency")
        limit = asked.pop("limit", PAGE)
        build, question = self._ask(asked)
        found = listing(build, question, Wanted(search, state, sort, limit, after, plan, owner, is_blind))
        self._sound(build, found.table)
        return found

    def account(self, account_id: str, **asked: Unpack[Question]) -> Account:
        """All that is known of one account: see `Account`. limit, skip: how many events (50), behind how many.

        Of the question also policy, as_of, basis, currency, minor. Misuse `unknown-account`, and what every question
        raises.
        """
        limit, skip = asked.pop("limit", EVENTS), asked.pop("skip", 0)
        build, question = self._ask(asked)
        later = build  # without an as-of moment the same tables know what is recorded to take effect later
        if asked.get("as_of"):
            asked["scheduled"] = True
            later = self._ask(asked)[0]
        found = one.account(build, later, self._facts, question, account_id, limit, skip)
        self._sound(build, found.steps)
        return found

    def account_sources(
        self, account_id: str, places: Sequence[str] = (), **asked: Unpack[Question]
    ) -> tuple[Table, int]:
        """The rows of your files that say something of an account, and how many there are; limit, skip: which of them.

        places: only these, each `file:line`, as the column `source_ref` has them.
        Rows of accounts that are linked with it are among them. Misuse `unknown-account`.
        """
        limit, skip = asked.pop("limit", 0), asked.pop("skip", 0)
        build, _ = self._ask(asked)
        return one.sources(build, self._facts, account_id, limit, skip, places)
