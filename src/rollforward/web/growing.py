"""The questions of the expansion side."""

from __future__ import annotations

from collections.abc import Callable

from rollforward.api import Question, Store, Table
from rollforward.web.asks import FILTERS, Asks, Own, whole

_OF_UPLIFTS = tuple(f for f in FILTERS if f != "by")
_OF_PRICES = tuple(f for f in FILTERS if f not in ("by", "segment", "where"))
_OF_NOW = tuple(f for f in _OF_PRICES if f not in ("from", "to"))
_AHEAD = tuple(f for f in FILTERS if f not in ("by", "segment", "from", "to"))
_OF_SPEND = tuple(f for f in FILTERS if f not in ("segment", "where"))

VOICE = ("coverage", "milestones", "landmark", "themes", "adoption", "community", "alike")
"""Views of how accounts are looked after and what they say."""

PRICING = ("moves", "watch", "limits", "rerated", "steps", "requests", "add_ons")
"""Views of the pricing review."""


def _durability(store: Store, question: Question, own: Own) -> Table:
    return store.durability(own.get("split", ""), own.get("months") or None, **question)


def _unsustainable(store: Store, question: Question, own: Own) -> Table:
    return store.unsustainable(own.get("split", ""), whole(own, "deep", 20) / 100, whole(own, "watch", 90), **question)


def _uplifts(store: Store, question: Question, own: Own) -> Table:
    question |= Question(limit=whole(own, "limit"), skip=whole(own, "skip"))
    state, part = own.get("state") or "all", own.get("part") or None
    deep, watch = whole(own, "deep", 20) / 100, whole(own, "watch", 90)
    return store.uplifts(state, own.get("split", ""), part, deep, watch, **question)


def _economics(store: Store, question: Question, own: Own) -> Table:
    return store.economics(whole(own, "margin", 100) / 100, **question)


def _lifetime(store: Store, question: Question, own: Own) -> Table:
    return store.lifetime(whole(own, "margin", 100) / 100, **question)


def _benchmarks(store: Store, question: Question, own: Own) -> Table:
    like = [own["like"]] if own.get("like") else ()
    return store.benchmarks(own.get("metric", ""), like, is_all=own.get("all") == "1", **question)


def _forecast(store: Store, question: Question, own: Own) -> Table:
    return store.forecast(whole(own, "months", 12), **question)


def _voice(view: str) -> Callable[[Store, Question, Own], Table]:
    return lambda store, question, own: store.voice(view, whole(own, "landmark", 30), **question)


def _plan(store: Store, question: Question, own: Own) -> Table:
    return store.plan(whole(own, "target", 110) / 100, own.get("gap", ""), **question)


def _plays(store: Store, question: Question, own: Own) -> Table:
    return store.plays(own.get("plays", ""), **question)


def _pricing(view: str) -> Callable[[Store, Question, Own], Table]:
    def answer(store: Store, question: Question, own: Own) -> Table:
        if view == "rerated":
            question |= Question(limit=whole(own, "limit"), skip=whole(own, "skip"))
        return store.pricing(view, **question)

    return answer


GROWTH: dict[str, Asks] = {
    "durability": Asks(_durability, "durability", ("split", "months"), _OF_UPLIFTS),
    "unsustainable": Asks(_unsustainable, "unsustainable", ("split", "deep", "watch"), _OF_UPLIFTS),
    "uplifts": Asks(_uplifts, "uplifts", ("state", "split", "part", "deep", "watch", "limit", "skip"), _OF_UPLIFTS),
    **{
        f"pricing-{view}": Asks(
            _pricing(view),
            f"pricing-{view}",
            ("limit", "skip") if view == "rerated" else (),
            _OF_PRICES if view == "moves" else _OF_NOW,
        )
        for view in PRICING
    },
    "benchmarks": Asks(_benchmarks, "benchmarks", ("metric", "like", "all"), _OF_PRICES),
    "forecast": Asks(_forecast, "forecast", ("months",), _AHEAD),
    "forecast-scores": Asks(
        lambda store, question, own: store.forecast_scores(**question), "forecast_scores", (), _AHEAD
    ),
    **{f"voice-{view}": Asks(_voice(view), f"voice-{view}", ("landmark",), _OF_NOW) for view in VOICE},
    "plan": Asks(_plan, "plan", ("target", "gap"), _AHEAD),
    "plays": Asks(_plays, "plays", ("plays",), _AHEAD),
    "findings": Asks(lambda store, question, own: store.findings(**question), "findings", (), _OF_NOW),
    "economics": Asks(_economics, "economics", ("margin",), _OF_SPEND),
    "lifetime": Asks(_lifetime, "lifetime", ("margin",), tuple(f for f in _OF_SPEND if f not in ("from", "to"))),
}
