"""The questions that pages, exports and the JSON API share: one name, one function, so one answer.

A question is asked with the filters of an `Address` and its own parameters, all text as it stands in an address.
"""

from __future__ import annotations

from collections.abc import Callable

from rollforward.api import Question, Store, Table
from rollforward.numerals import is_whole
from rollforward.web.asks import FILTERS, Asks, Own, whole
from rollforward.web.foreseen import FORESEEN
from rollforward.web.growing import GROWTH
from rollforward.web.quoting import QUOTING
from rollforward.web.renewing import RENEWALS

_OF_CELLS = tuple(f for f in FILTERS if f not in ("from", "to"))
SHOWN = frozenset(
    ("mrr", "metrics", "expansion", "drivers", "retention", "economics", "commission", "commission-owners")
)
"""Questions that pages ask of the periods they show; the others of all, where none is named."""
_OF_THE_PAST = ("currency", "policy", "as-of", "minor")


def _retention(store: Store, question: Question, own: Own) -> Table:
    return store.retention(own.get("window") or 12, product=own.get("product") == "1", **question)


def _drivers(store: Store, question: Question, own: Own) -> Table:
    return store.drivers(own.get("movement") or "expansion", **question)


def _explain(store: Store, question: Question, own: Own) -> Table:
    limit, skip = (int(own[name]) if is_whole(own.get(name, "")) else 0 for name in ("limit", "skip"))
    question |= Question(limit=limit, skip=skip)
    metric = own.get("metric", "")
    return store.explain(
        "mrr" if metric == "arr" else metric,  # ARR is 12 times the rows of MRR
        own.get("period", ""), account=own.get("account") or None, level=own.get("level") or "movements",
        product=own.get("product") == "1", of=own.get("of") or None,
        cohort=own.get("cohort") or None, **question,
    )  # fmt: skip


def _bridge(view: str) -> Callable[[Store, Question, Own], Table]:
    def answer(store: Store, question: Question, own: Own) -> Table:
        if view == "accounts":
            question |= Question(limit=whole(own, "limit"), skip=whole(own, "skip"))
        return store.bridge(whole(own, "window", 12), view, own.get("part") or None, own.get("of") or None, **question)

    return answer


def _cohorts(store: Store, question: Question, own: Own) -> Table:
    return store.cohorts(**question)


QUESTIONS: dict[str, Asks] = {
    "mrr": Asks(lambda store, question, own: store.mrr(**question), "mrr"),
    "metrics": Asks(lambda store, question, own: store.metrics(**question), "metrics"),
    "expansion": Asks(lambda store, question, own: store.expansion(**question), "expansion"),
    "drivers": Asks(_drivers, "drivers", ("movement",)),
    "retention": Asks(_retention, "retention", ("window", "product")),
    "cohorts": Asks(_cohorts),
    "bridge": Asks(_bridge("segments"), "bridge", ("window",)),
    "bridge-accounts": Asks(_bridge("accounts"), "bridge-accounts", ("window", "part", "of", "limit", "skip")),
    "bridge-concentration": Asks(_bridge("concentration"), "bridge-concentration", ("window", "of")),
    "explain": Asks(
        _explain, "movements",
        ("metric", "period", "account", "level", "product", "of", "cohort", "limit", "skip"), _OF_CELLS,
    ),
    "restatements": Asks(lambda store, question, own: store.restatements(own.get("since") or None, **question),
                         "restatements", ("since",), _OF_THE_PAST),
    "dimensions": Asks(lambda store, question, own: store.dimensions(), filters=()),
    "imports": Asks(lambda store, question, own: store.imports(), "imports", filters=()),
    "problems": Asks(lambda store, question, own: store.problems(), filters=()),
    "policies": Asks(lambda store, question, own: store.policies(), filters=()),
    "closings": Asks(lambda store, question, own: store.closings(), filters=()),
} | GROWTH | FORESEEN | RENEWALS | QUOTING  # fmt: skip
