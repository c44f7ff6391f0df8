"""The questions of renewals, goals and plays."""

from __future__ import annotations

from collections.abc import Callable

from rollforward.api import Question, Store, Table
from rollforward.judging import WORKED
from rollforward.web.asks import FILTERS, Asks, Own, number, whole
from rollforward.web.foreseen import OF_NOW

_OF_PAST = tuple(f for f in FILTERS if f != "segment")


def _now(question: Question, own: Own) -> Question:
    """The question without what renewals ahead have none of, with its page."""
    kept: Question = {k: v for k, v in question.items() if k not in ("by", "start", "end", "segment")}  # type: ignore[assignment]
    return kept | Question(limit=whole(own, "limit"), skip=whole(own, "skip"))


def _past(question: Question, own: Own) -> Question:
    kept: Question = {k: v for k, v in question.items() if k != "segment"}  # type: ignore[assignment]
    return kept | Question(limit=whole(own, "limit"), skip=whole(own, "skip"))


def _ahead(store: Store, question: Question, own: Own) -> Table:
    return store.renewals(whole(own, "days", 90), own.get("account", ""), **_now(question, own))


def _calendar(store: Store, question: Question, own: Own) -> Table:
    return store.renewal_calendar(whole(own, "days", 180), **_now(question, own))


def _was(store: Store, question: Question, own: Own) -> Table:
    return store.renewals_past(own.get("account", ""), **_past(question, own))


def _rate(store: Store, question: Question, own: Own) -> Table:
    return store.renewal_rate(**_past(question, {}))


def _scores(store: Store, question: Question, own: Own) -> Table:
    return store.renewal_scores(**_past(question, {}))


def _goals(store: Store, question: Question, own: Own) -> Table:
    return store.goals(**_now(question, {}))


def _commission(by_owner: bool) -> Callable[[Store, Question, Own], Table]:
    def answer(store: Store, question: Question, own: Own) -> Table:
        rate, split = (number(own, n, usual) / 100 for n, usual in (("rate", "5"), ("split", "100")))
        cap = number(own, "cap", "0") or None
        asked = {k: v for k, v in _past(question, own).items() if k != "by"}
        return store.commission(rate, split, cap, whole(own, "claw", 90), by_owner, **asked)  # type: ignore[arg-type]

    return answer


def _worked(view: str) -> Callable[[Store, Question, Own], Table]:
    def answer(store: Store, question: Question, own: Own) -> Table:
        return store.worked(view, whole(own, "days", 90), own.get("kind", ""), **_past(question, own))

    return answer


TERMS = ("rate", "split", "cap", "claw")
"""Of a commission: percent of what lasts, percent of it that is the owner's, at most how much, days of claw-back."""

_OF_OWNERS = tuple(f for f in FILTERS if f not in ("by", "segment"))
_OF_PLAYS = ("policy", "basis", "as-of", "minor")

RENEWALS: dict[str, Asks] = {
    **{f"worked-{v}": Asks(_worked(v), f"worked-{v}", ("days",), _OF_PLAYS, True) for v in WORKED if v != "accounts"},
    "worked-accounts": Asks(_worked("accounts"), "worked-accounts", ("days", "kind", "limit", "skip"), _OF_PLAYS, True),
    "commission": Asks(_commission(False), "commission", (*TERMS, "limit", "skip"), _OF_OWNERS),
    "commission-owners": Asks(_commission(True), "commission-owners", TERMS, _OF_OWNERS),
    "goals": Asks(_goals, "goals", (), ("policy", "basis", "as-of"), True),
    "renewals": Asks(_ahead, "renewals", ("days", "account", "limit", "skip"), OF_NOW, True),
    "renewal-calendar": Asks(_calendar, "renewal-calendar", ("days",), OF_NOW, True),
    "renewals-past": Asks(_was, "renewals-past", ("account", "limit", "skip"), _OF_PAST, True),
    "renewal-rate": Asks(_rate, "renewal-rate", (), _OF_PAST),
    "renewal-scores": Asks(_scores, "renewal-scores", (), _OF_PAST, True),
}
