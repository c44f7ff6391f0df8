"""What could be done about the signals that stand: proposals, each with what fits to be offered, and past offers.

Comes in: a Build, the signals that are on, the steps that each account lacks. Goes out: what `state.opportunities`
keeps. An account that shows a sign of loss is at risk; an upgrade is proposed only where use or a feature calls for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rollforward.answers.restraint import Rules
from rollforward.answers.table import Table
from rollforward.build import Build
from rollforward.cut import WHOLE
from rollforward.money import exponent
from rollforward.state import Found, Proposal

CALLS = {
    "near_limit": "limit", "over_limit": "limit", "limit_repeated": "limit", "limit_ahead": "limit",
    "feature_reliance": "feature", "seats_full": "seats", "similar_hold": "similar",
}  # fmt: skip
"""Signals that call for something to be offered, and what they are about; others only add to the reasons."""

_UPGRADES = ("limit", "feature")
"""What calls for the next tier: however much of it stands, it is one offer."""

RISKS = ("usage_falling", "adoption_narrow", "discount_ending", "contraction", "payment_trouble", "silent")
"""Signals of loss while which nothing is offered."""

Record = Mapping[str, Any]


def found(
    build: Build, signals: Table, steps: Table, similar: Table, rules: Rules, precision: Mapping[str, float],
    version: int,
) -> Found:  # fmt: skip
    """All that a refresh needs. Money of `signals` is in minor units of each account's own currency."""
    build.cut(WHOLE)
    build.need(["account_now", "event_now", "account"])
    people = {
        (str(a), str(c)): (str(country), str(industry), str(owner), int(str(mrr)))
        for a, c, country, industry, owner, mrr in build.engine.run(
            "select account_id, currency, country, industry, owner, mrr from account_now where mrr > 0"
        )
    }
    by_cause: dict[tuple[str, str], list[Record]] = defaultdict(list)
    risks: dict[str, list[Record]] = defaultdict(list)
    for r in signals.to_dicts():
        if r["signal"] in RISKS:
            risks[str(r["account_id"])].append(r)
        elif r["signal"] in CALLS:
            about = CALLS[str(r["signal"])]
            cause = "upgrade" if about in _UPGRADES else f"{about}:{r['subject']}"
            by_cause[(str(r["account_id"]), cause)].append(r)
    upgrades = {str(r["account_id"]): r for r in steps.to_dicts() if r["kind"] == "upgrade" and r["is_next"]}
    lacking = {(str(r["account_id"]), str(r["offered"])): r for r in similar.to_dicts()}
    proposals = []
    for (account, cause), seen in by_cause.items():
        about, _colon, subject = cause.partition(":")
        offer = lacking.get((account, subject)) if about == "similar" else upgrades.get(account)
        kind = "upsell"
        if about == "similar" and offer:
            kind = "add-on" if offer["kind"] == "add_on" else "cross-sell"
        currency = str(offer["currency"]) if offer and about != "seats" else str(seen[0]["paid_in"])
        person = people.get((account, currency))
        if person is None:
            continue
        if about == "seats":
            kind, gain, plan = "seats", round(person[3] * rules.timing.seats), ""
        elif offer is None:
            continue  # nothing that fits can be sold to it
        else:
            gain, plan = _minor(offer["gain"], currency), str(offer["plan_id"])
        if gain > 0:
            proposals.append(_proposal(account, kind, cause, plan, currency, gain, person, seen, rules, precision))
    for account, seen in risks.items():
        currency = str(seen[0]["paid_in"] or seen[0]["currency"])
        if person := people.get((account, currency)):
            proposals.append(
                _proposal(account, "save", "save", "", currency, person[3], person, seen, rules, precision)
            )
    why = {a: (_told(seen, "sentence_en"), _told(seen, "sentence_th")) for a, seen in risks.items()}
    return Found(version, proposals, {key: p[3] for key, p in people.items()}, past_offers(build), why)


def _proposal(
    account: str, kind: str, cause: str, plan: str, currency: str, gain: int, person: tuple[str, str, str, int],
    seen: list[Record], rules: Rules, precision: Mapping[str, float],
) -> Proposal:  # fmt: skip
    country, industry, own, mrr = person
    told = [p for r in seen if (p := precision.get(str(r["signal"]))) is not None]
    major = gain / 10 ** exponent(currency)
    over = rules.hand_over.to if rules.hand_over.to and kind != "save" and major > rules.hand_over.above else ""
    return Proposal(
        account, kind, cause, " ".join(dict.fromkeys(str(r["signal"]) for r in seen)), plan, currency, mrr, gain,
        max(told, default=None), _told(seen, "sentence_en"), _told(seen, "sentence_th"),
        rules.owner_of(kind, country, industry, major, own), over,
    )  # fmt: skip


def _told(seen: Iterable[Record], column: str) -> str:
    return "\n".join(dict.fromkeys(str(r[column]) for r in seen))


def _minor(amount: object, currency: str) -> int:
    minor: int = round(float(str(amount)) * 10 ** exponent(currency))
    return minor


def past_offers(build: Build) -> list[tuple[str, datetime, str, str, datetime]]:
    """Offers that events tell of: account, moment, channel, outcome, moment of the outcome."""
    rows = build.engine.run(
        "select a.account_id, e.at, e.channel, e.outcome, case when e.outcome = '' or e.outcome_at >= timestamp "
        "'9999-12-31' then e.at else e.outcome_at end from event_now e join account a on a.account_key = e.account_key "
        "where e.kind = 'offer'"
    )
    return [(str(r[0]), _moment(r[1]), str(r[2]), str(r[3]), _moment(r[4])) for r in rows]


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
