"""The questions of what is coming: signals, chances and headroom."""

from __future__ import annotations

from rollforward.api import Question, Store, Table
from rollforward.web.asks import FILTERS, Asks, Own, whole

OF_NOW = tuple(f for f in FILTERS if f in ("currency", "where", "policy", "basis", "as-of", "minor"))
"""Filters of questions about accounts as they stand."""


def _now(question: Question) -> Question:
    """The question without what accounts as they stand have none of."""
    kept: Question = {k: v for k, v in question.items() if k not in ("by", "start", "end", "segment")}  # type: ignore[assignment]
    return kept


def _signals(store: Store, question: Question, own: Own) -> Table:
    question = _now(question) | Question(limit=whole(own, "limit"), skip=whole(own, "skip"))
    return store.signals(own.get("kind", ""), own.get("account", ""), is_all=own.get("all") == "1", **question)


def _kinds(store: Store, question: Question, own: Own) -> Table:
    return store.signal_kinds(**_now(question))


def _headroom(store: Store, question: Question, own: Own) -> Table:
    question = _now(question) | Question(limit=whole(own, "limit"), skip=whole(own, "skip"))
    return store.headroom(own.get("account", ""), own.get("ceiling") == "1", **question)


def _steps(store: Store, question: Question, own: Own) -> Table:
    question = _now(question) | Question(limit=whole(own, "limit"), skip=whole(own, "skip"))
    return store.headroom_options(own.get("account", ""), **question)


def _cross_sell(store: Store, question: Question, own: Own) -> Table:
    question = _now(question) | Question(limit=whole(own, "limit"), skip=whole(own, "skip"))
    return store.cross_sell(own.get("account", ""), **question)


def _total(store: Store, question: Question, own: Own) -> Table:
    return store.headroom_total(**_now(question))


def _risks(store: Store, question: Question, own: Own) -> Table:
    question = _now(question) | Question(limit=whole(own, "limit"), skip=whole(own, "skip"))
    return store.risks(own.get("for") or "churn", own.get("account", ""), own.get("anyway") == "1", **question)


def _report(store: Store, question: Question, own: Own) -> Table:
    return store.score_report(own.get("for") or "churn", own.get("part") or "methods", **_now(question))


FORESEEN: dict[str, Asks] = {
    "risks": Asks(_risks, "risks", ("for", "account", "anyway", "limit", "skip"), OF_NOW),
    "score-report": Asks(_report, "score_report", ("for", "part"), OF_NOW),
    "signals": Asks(_signals, "signals", ("kind", "account", "all", "limit", "skip"), OF_NOW),
    "headroom": Asks(_headroom, "headroom", ("account", "ceiling", "limit", "skip"), OF_NOW),
    "headroom-steps": Asks(_steps, "headroom_options", ("account", "limit", "skip"), OF_NOW),
    "cross-sell": Asks(_cross_sell, "cross_sell", ("account", "limit", "skip"), OF_NOW),
    "headroom-total": Asks(_total, "headroom_total", (), OF_NOW),
    "signal-kinds": Asks(_kinds, "signal_kinds", (), OF_NOW),
}
