"""Whether what is done works, as a part of `api.Store`: plays beside a hold-out or a matched group (decision 0016)."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Unpack

from rollforward.acting import Acting
from rollforward.answers import figures
from rollforward.answers.asking import Question
from rollforward.answers.table import Note, Table
from rollforward.errors import Misuse

if TYPE_CHECKING:
    from rollforward.answers.figures import Asked
    from rollforward.answers.likened import Likened
    from rollforward.build import Build

WORKED = ("effect", "money", "offers", "balance", "accounts")
"""Views of whether plays work."""

_OF = ("policy", "as_of", "basis", "minor", "progress")


class Judging(Acting):
    """Did it work."""

    _pairs: tuple[Hashable, tuple[Likened, list[Note]]] | None = None

    def worked(self, view: str = "effect", days: int = 90, kind: str = "", **asked: Unpack[Question]) -> Table:
        """What plays (kinds of opportunities) did, beside who was held out of them, or beside accounts like them.

        view `effect`: the share that expanded within `days`, or still paid after 90 and 180, with and without; their
        difference with limits that hold however often it is looked at; found: more, less, or that it cannot be told,
        of all rows together (Holm); needed: accounts more until it could. `money`: expansion MRR an account. `offers`:
        by how-many-th offer. `balance`: how alike matched groups are. `accounts`: who was drawn, of `kind`.

        compared: hold_out (drawn at random; whoever was to be offered it counts, offered or not), or matched and
        observed, which are no proof. Of the question policy, as_of, basis, minor, limit, skip and progress. Misuse
        `unknown-option`, and what questions raise.
        """
        from rollforward.answers import worked

        if view not in WORKED:
            raise Misuse("unknown-option", option="view", value=view, known=", ".join(WORKED))
        if not 1 <= days <= 3650:
            raise Misuse("unknown-option", option="days", value=str(days), known="30, 90, 180, …")
        kept: Question = {k: v for k, v in asked.items() if k in _OF}  # type: ignore[assignment]
        build, question = self._ask(kept | {"currency": "native"})
        found = worked.drawn(build, self.state.trials.all(), days)
        notes = [] if found else [Note("nobody-drawn")]
        if view in ("accounts", "offers"):
            notes += worked.elsewhere(found, days)
        if view == "accounts":
            rows = worked.listed(found, days, kind)
            skip, limit = asked.get("skip") or 0, asked.get("limit") or len(rows)
            return self._sound(build, figures.finish(build, question, worked.DRAWN, rows[skip : skip + limit], notes))
        if view == "offers":
            made = [(a, k, at) for a, k, _channel, at in self.state.trials.offers()]
            rows = worked.by_offer(build, found, made, days)
            return self._sound(build, figures.finish(build, question, worked.BY_OFFER, rows, notes))
        like, more = self._likened(build, question, days)
        notes += more
        if view == "balance":
            from rollforward.answers.likened import BALANCE

            return self._sound(build, figures.finish(build, question, BALANCE, like.balance, more))
        notes += worked.elsewhere(found, days, like.elsewhere)
        if view == "money":
            rows = [*worked.money(found, days), *like.money]
            return self._sound(build, figures.finish(build, question, worked.MONEY, rows, notes))
        return self._sound(build, worked.effects(build, question, [*worked.lines(found, days), *like.lines], notes))

    def _likened(self, build: Build, question: Asked, days: int) -> tuple[Likened, list[Note]]:
        """The comparisons with matched groups, and why there are none where past days cannot be looked at.

        The last ones are kept: the views of one page ask for the same.
        """
        key = (build, days, self.state.told(), self.signal_rules())
        if self._pairs is None or self._pairs[0] != key:
            self._pairs = key, self._paired(build, question, days)
        return self._pairs[1]

    def _paired(self, build: Build, question: Asked, days: int) -> tuple[Likened, list[Note]]:
        from rollforward.answers.likened import Likened, Made, likened
        from rollforward.answers.opportunities import past_offers

        build.need(["account_now", "event_now", "account"])
        made = [Made(a, "any", channel, at) for a, at, channel, _outcome, _answered in past_offers(build)]
        made += [Made(*offer) for offer in self.state.trials.offers() if build.as_of is None or offer[3] <= build.as_of]
        build.signals.by(self.signal_rules())
        try:
            found = likened(build, self._at(build), question, made, days)
        except Misuse as error:
            if error.code != "no-history":
                raise
            return Likened([], [], []), [Note("no-matched")]
        return found, [Note("matched-is-no-proof")] if found.lines else []
