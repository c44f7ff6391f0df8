"""What a signal is called, what it claims, and how one reads: a plain sentence of its evidence, in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from rollforward import text
from rollforward.text import N_, _, figures
from rollforward.text.words import WORDS


@dataclass(frozen=True)
class Kind:
    """A kind of signal: its title, what it claims will follow (expansion or loss), and its sentence.

    `is_money`: value and reference are MRR, not quantities.
    """

    title: str
    claim: str
    sentence: str
    is_money: bool = False


_GROWS, _SHRINKS = "expansion", "loss"

KINDS: dict[str, Kind] = {
    "near_limit": Kind(
        N_("Near a limit"), _GROWS,
        N_(
            "{subject}: {value} of {reference} used ({share}), near the limit since {month}; near or over it "
            "in {times} of the last {out_of} months."
        ),
    ),
    "over_limit": Kind(
        N_("Over a limit"), _GROWS,
        N_(
            "{subject}: {value} used where {reference} are allowed ({share}), over the limit since {month}; in "
            "{times} of the last {out_of} months."
        ),
    ),
    "limit_repeated": Kind(
        N_("Limit reached again and again"), _GROWS,
        N_(
            "{subject}: near or over the limit of {reference} in {times} of the last {out_of} months; {value} "
            "in the last one."
        ),
    ),
    "limit_ahead": Kind(
        N_("Limit ahead"), _GROWS,
        N_(
            "{subject}: {value} of {reference} used; at the pace of the last {out_of} months the limit is "
            "reached in about {times} days ({low} to {high})."
        ),
    ),
    "seats_full": Kind(
        N_("Seats full"), _GROWS,
        N_(
            "{subject}: {value} of {reference} paid for are in use ({share}); nearly all in {times} of the "
            "last {out_of} months."
        ),
    ),
    "usage_rising": Kind(
        N_("Use rising"), _GROWS,
        N_(
            "{subject}: use grows by {share} a month ({low} to {high}) over {out_of} months, from {reference} "
            "to {value}."
        ),
    ),
    "usage_falling": Kind(
        N_("Use falling"), _SHRINKS,
        N_(
            "{subject}: use falls by {share} a month ({low} to {high}) over {out_of} months, from {reference} "
            "to {value}."
        ),
    ),
    "feature_reliance": Kind(
        N_("Leans on a feature"), _GROWS,
        N_(
            "{subject} is {share} of its use, more than at {times} of {out_of} others on its tier; on the "
            "tiers above it is {reference} on average."
        ),
    ),
    "adoption_broad": Kind(
        N_("Broad adoption"), _GROWS,
        N_("Uses {value} features, more than {times} of {out_of} others on its tier; they use {reference} on average."),
    ),
    "adoption_narrow": Kind(
        N_("Narrow adoption"), _SHRINKS,
        N_("Uses only {value} features; {times} of {out_of} others on its tier use more, {reference} on average."),
    ),
    "similar_hold": Kind(
        N_("Similar accounts have it"), _GROWS,
        N_(
            "{subject}: {times} of {out_of} similar accounts ({share}) added it in the time looked at, "
            "{reference} times as often as all accounts ({low} to {high})."
        ),
    ),
    "discount_ending": Kind(
        N_("Discount ends"), _SHRINKS,
        N_(
            "{subject}: a discount ends on {due_on}; it pays {value} {currency} a month, {reference} "
            "{currency} without discounts."
        ),
        True,
    ),
    "renewal_coming": Kind(N_("Renewal coming"), _SHRINKS, N_("{subject}: the term ends on {due_on}."), True),
    "contraction": Kind(
        N_("Fell after growing"), _SHRINKS,
        N_("Fell by {value} {currency} a month, lastly on {since}, after it had last grown by {reference} {currency}."),
        True,
    ),
    "payment_trouble": Kind(N_("Payment trouble"), _SHRINKS, N_("{item}: {status} since {since}."), True),
    "silent": Kind(N_("Silent"), _SHRINKS, N_("No use and no sign of life since {since}."), True),
    "owner_missing": Kind(
        N_("No owner"), _SHRINKS, N_("Pays {value} {currency} a month, and nobody is named as its owner."), True
    ),
}  # fmt: skip
"""Every signal, in the order in which they are told."""

SUBJECTS: dict[str, str] = {"seats": N_("Seats"), "users": N_("Users"), "storage_gb": N_("Storage (GB)")}
"""Metrics that many have; others are called as the user calls them."""

CLAIMS: dict[str, str] = {
    "expansion": N_("MRR is higher after 90 days"),
    "loss": N_("contraction or churn within 90 days"),
}
"""What a signal claims, in words."""

_SHARES = frozenset(("share", "low", "high"))


def title(signal: str) -> str:
    """What a signal is called in the language in force."""
    return _(KINDS[signal].title) if signal in KINDS else signal


def subject(signal: str, told: object) -> str:
    """What a signal is about, as a person calls it."""
    return _(SUBJECTS[str(told)]) if str(told) in SUBJECTS else str(told or "")


def sentence(record: Mapping[str, object]) -> str:
    """A signal's evidence as one sentence in the language in force; '' for a signal that is not known here."""
    kind = KINDS.get(str(record.get("signal")))
    if kind is None:
        return ""
    signal, told = str(record["signal"]), str(record.get("subject") or "")
    said: dict[str, object] = {"subject": subject(signal, told), "currency": record.get("paid_in", "")}
    said["status"], _blank, said["item"] = told.partition(" ")
    said["status"] = (
        _("ended for want of payment") if said["status"] == "involuntary" else _(WORDS.get(str(said["status"]), ""))
    )
    for name in ("since", "due_on"):
        on = record.get(name)
        said[name] = figures.day(on) if isinstance(on, date) else figures.NONE
    if isinstance(since := record.get("since"), date):
        said["month"] = figures.period(since, "month")
    for name in ("value", "reference", "share", "low", "high", "times", "out_of"):
        said[name] = _shown(signal, name, record.get(name), kind.is_money)
    if signal == "usage_falling":
        said["low"], said["high"] = said["high"], said["low"]
    return text.fill(kind.sentence, said)


def _shown(signal: str, name: str, value: object, is_money: bool) -> str:
    if not isinstance(value, int | float):
        return figures.NONE
    if signal == "limit_ahead" and name in ("low", "high"):
        return figures.number(int(value))
    if name in _SHARES and not (signal == "similar_hold" and name != "share"):
        return figures.percent(abs(value), 0 if abs(value) >= 0.1 else 1)
    if signal == "feature_reliance" and name == "reference":
        return figures.percent(value, 0)
    places = "0.01" if is_money else "0.1" if value != int(value) else "1"
    return figures.number(Decimal(repr(value)).quantize(Decimal(places), ROUND_HALF_UP))
