"""A header and its first rows → what kind of file it seems to be, and a mapping to propose. A person confirms it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from rollforward.errors import Misuse
from rollforward.sources import words
from rollforward.sources.content import Dates, Numbers, dates, holds, numbers
from rollforward.sources.header import Layout, choose, month_of
from rollforward.sources.kinds import (
    ACCOUNTS,
    EVENTS,
    KINDS,
    MONTHLY,
    PLANS,
    PRODUCTS,
    SPEND,
    STRIPE_CHANGES,
    SUBSCRIPTIONS,
    Field,
    Kind,
)
from rollforward.sources.look import Head
from rollforward.sources.mapping import Mapping

_ENOUGH = 0.5
_DISTINCT = 40


@dataclass(frozen=True)
class Suggestion:
    """`how` says of each of our columns why it is taken to be theirs: same, synonym, alike, content, mapping, constant.

    `kinds` are the kinds that it may be, the likeliest first; `missing` lacks a column and a constant; `unread` are
    headers that nothing reads.
    """

    kind: str
    fields: tuple[Field, ...]
    kinds: tuple[str, ...]
    mapping: Mapping
    how: dict[str, str]
    missing: tuple[str, ...]
    unread: tuple[str, ...]
    dates: Dates
    numbers: Numbers
    is_needed: bool = True
    """False where the file is read right without any mapping."""


@dataclass
class _Match:
    kind: Kind
    places: dict[str, int] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    score: float = 0.0


def suggest(head: Head, mapping: Mapping | None = None, kind: str | None = None) -> Suggestion:
    """What `head` seems to be. With a mapping that one is taken as it is, and only what it leaves open is proposed."""
    told = mapping or Mapping()
    asked = kind or told.kind
    layout = _recognised(head, told, asked)
    matches = sorted((_match(head, k, told) for k in _among(asked)), key=lambda m: -m.score)
    if layout and not asked and not mapping and _is_better(matches[0], layout):
        layout = None
    named = next((m for m in matches if m.kind is ACCOUNTS), None)
    if layout and layout.kind is ACCOUNTS and not mapping and named and named.how.get("name", "same") != "same":
        layout = None  # an attribute `account_name` would do, but pages call customers by their name
        matches = [named, *matches]
    if layout:
        found = _of_layout(layout, told)
        kinds = dict.fromkeys([layout.kind.name, *(m.kind.name for m in matches if m.score >= _ENOUGH)])
    else:
        found = matches[0]
        kinds = dict.fromkeys(m.kind.name for m in matches if m.score >= 0.25)
    return _told(head, found, told, tuple(kinds), layout is not None and mapping is None)


def _among(asked: str) -> list[Kind]:
    return [k for k in KINDS if k is not STRIPE_CHANGES and (not asked or k.name == asked)] or list(KINDS)


def _recognised(head: Head, mapping: Mapping, kind: str) -> Layout | None:
    with suppress(Misuse):
        return choose(list(head.header), mapping, kind or None, head.name, False)
    return None


def _is_better(found: _Match, layout: Layout) -> bool:
    """Whether the header reads better as another kind than the one that a few of its columns are enough for."""
    return found.kind is not layout.kind and found.score > 0.7 and len(found.places) >= len(layout.places) + 2


def _of_layout(layout: Layout, told: Mapping) -> _Match:
    found = _Match(layout.kind, dict(layout.places), constants=dict(layout.constants))
    synonyms = {params["column"] for code, params in layout.notes if code == "synonym-used"}
    for name in layout.places:
        found.how[name] = "mapping" if name in told.columns else "synonym" if name in synonyms else "same"
    found.how |= dict.fromkeys(layout.constants, "constant")
    return found


def _match(head: Head, kind: Kind, told: Mapping) -> _Match:
    found = _Match(kind)
    plain = [words.plain(h) for h in head.header]
    for name, theirs in told.columns.items():
        if theirs in head.header:
            found.places[name], found.how[name] = head.header.index(theirs), "mapping"
    found.constants = dict(told.constants)
    found.how |= dict.fromkeys(told.constants, "constant")
    pairs = sorted(
        ((_alike(f, plain[i]) * _fitting(f, head.column(i)), f, i)
         for f in kind.fields if f.name not in found.how for i in range(len(plain))),
        key=lambda pair: (-pair[0], kind.names.index(pair[1].name), pair[2]),
    )  # fmt: skip
    for score, wanted, place in pairs:
        if score >= _ENOUGH and wanted.name not in found.places and place not in found.places.values():
            found.places[wanted.name] = place
            found.how[wanted.name] = "same" if score == 1 else "synonym" if score >= 0.75 else "alike"
    _by_content(head, found)
    _completed(head, found, plain)
    if kind is MONTHLY and sum(bool(month_of(h)) for h in head.header) > 1 and "account_id" in found.places:
        for name in ("month", "mrr"):
            found.places.pop(name, None)
            found.how.pop(name, None)
        found.score = 1.5
        return found
    found.score = _score(found, plain)
    return found


def _score(found: _Match, plain: list[str]) -> float:
    kind = found.kind
    needed = [*kind.required, *(["mrr"] if kind is MONTHLY else [])]
    worth = {"same": 1.0, "mapping": 1.0, "synonym": 0.9, "alike": 0.6, "content": 0.5, "constant": 0.3}
    got = sum(worth.get(found.how.get(n, ""), 0.0) for n in needed)
    more = sum(0.04 for n, how in found.how.items() if n not in needed and how in ("same", "synonym"))
    score = got / len(needed) + min(more, 0.3)
    if kind is ACCOUNTS:
        said = [n for n in found.how if n not in ("account_id", "recorded_at", "valid_from")]
        score = 0.45 + 0.08 * len(said) if "account_id" in found.places and said else 0.0
    of_accounts = kind in (PLANS, PRODUCTS, SPEND) and set(words.COLUMNS["account_id"]) & set(plain)
    if of_accounts or set(kind.excludes) & {p.replace(" ", "_") for p in plain}:
        score *= 0.5
    return score


def _alike(wanted: Field, header: str) -> float:
    """1 for our own name, less for words that others use, 0 for nothing alike."""
    if not header:
        return 0.0
    if header == wanted.name.replace("_", " "):
        return 1.0
    known = words.COLUMNS.get(wanted.name, ())
    if header in known:
        return 0.95 - 0.2 * known.index(header) / len(known)
    tokens = [t for t in header.split() if t.upper() not in words.CURRENCIES and t not in ("the", "of", "in", "utc")]
    if (shorter := " ".join(tokens)) != header and shorter in known:
        return 0.74
    best = max((SequenceMatcher(None, header, k).ratio() for k in known if len(k) > 4), default=0.0)
    return 0.6 if best >= 0.87 else 0.0


def _fitting(wanted: Field, values: list[str]) -> float:
    """How many of the values can be what the column holds; 0 where it is less than most of them."""
    if not values:
        return 0.95  # an empty column may be it; a filled one of the same name is likelier
    share = holds(wanted.holds, values)
    return 1.0 if share >= 0.8 else share if share >= 0.5 else 0.0


def _by_content(head: Head, found: _Match) -> None:
    """A column that is still wanted and that just one free column can be."""
    for name in found.kind.required:
        wanted = found.kind.field(name)
        if name in found.how or wanted.holds not in ("date", "month", "amount", "delta", "currency"):
            continue
        free = [i for i in range(len(head.header)) if i not in found.places.values()]
        good = [i for i in free if (v := head.column(i)) and holds(wanted.holds, v) >= 0.9 and not _is_id(head, i)]
        if len(good) == 1:
            found.places[name], found.how[name] = good[0], "content"


def _is_id(head: Head, place: int) -> bool:
    return words.plain(head.header[place]).split()[-1:] in (["id"], ["no"], ["number"])


def _completed(head: Head, found: _Match, plain: list[str]) -> None:
    """What follows from what was found: intervals that MRR does not have, and values of the whole file."""
    kind, places = found.kind, found.places
    if "amount" in places and "interval" in kind.names and found.how["amount"] != "mapping":
        title = plain[places["amount"]].split()
        if {"mrr", "monthly", "month"} & set(title) and found.how.get("interval") != "mapping":
            places.pop("interval", None)  # a month's amount, however it is billed
            found.how.pop("interval", None)
        elif {"arr", "annual", "yearly"} & set(title) and "interval" not in found.how:
            found.constants["interval"], found.how["interval"] = "year", "constant"
    if kind is SUBSCRIPTIONS and "subscription_id" not in places and "account_id" in places:
        places["subscription_id"], found.how["subscription_id"] = places["account_id"], "alike"
    for name in kind.required:
        if name in found.how:
            continue
        value = _currency(head, found, plain) if name == "currency" else words.CONSTANTS.get(name, "")
        if kind is EVENTS and name == "kind":
            stem = words.plain(head.name)
            value = next((v for word, v in words.EVENTS.items() if word in stem), "")
        if value:
            found.constants[name], found.how[name] = value, "constant"


def _currency(head: Head, found: _Match, plain: list[str]) -> str:
    """A currency that the header, the file's name or the signs beside the amounts name."""
    place = found.places.get("amount", found.places.get("mrr", found.places.get("delta", -1)))
    near = [plain[place]] if place >= 0 else []
    codes = {t.upper() for t in " ".join([*near, words.plain(head.name)]).split() if t.upper() in words.CURRENCIES}
    if len(codes) == 1:
        return codes.pop()
    return words.SYMBOLS.get(numbers(head.column(place)).symbol, "") if place >= 0 else ""


def _told(head: Head, found: _Match, told: Mapping, kinds: tuple[str, ...], sound: bool) -> Suggestion:
    kind = found.kind
    of = {name: head.column(place) for name, place in found.places.items()}
    typed = {f.name: f.holds for f in kind.fields}
    when = dates([of[n] for n in of if typed.get(n) in ("date", "month")])
    figures = numbers([v for n in of if typed.get(n) in ("amount", "delta") for v in of[n]])
    values = {n: swaps for n in of if typed.get(n) == "word" and (swaps := _swaps(kind.field(n), of[n]))}
    columns = {n: head.header[place] for n, place in found.places.items()}
    mapping = replace(
        told,
        kind=kind.name,
        columns=columns | told.columns,
        constants=found.constants,
        values=values | told.values,
        date=told.date or (when.formats[0] if len(when.formats) == 1 else ""),
        decimal=told.decimal if told.decimal != "." else figures.decimal,
        thousands=told.thousands or figures.thousands,
        symbol=told.symbol or figures.symbol,
        encoding=told.encoding or head.encoding,
        text="", file="",
    )  # fmt: skip
    missing = [n for n in kind.required if n not in found.how]
    if kind is MONTHLY and any(month_of(h) for h in head.header) and "mrr" not in found.how:
        missing = [n for n in missing if n != "month"]
    elif kind is MONTHLY and "mrr" not in found.how:
        missing.append("mrr")
    used = {*found.places.values()}
    unread = [h for i, h in enumerate(head.header) if i not in used and h.strip()]
    if kind is ACCOUNTS:
        unread = []
    if kind is MONTHLY and "mrr" not in found.how:
        unread = [h for h in unread if not month_of(h)]
    plainly = not (values or mapping.date or mapping.thousands or mapping.symbol or mapping.encoding or when.formats)
    needed = not (sound and plainly and mapping.decimal == ".")
    return Suggestion(
        kind.name, kind.fields, kinds, mapping, found.how, tuple(missing), tuple(unread), when, figures, needed
    )  # fmt: skip


def _swaps(wanted: Field, values: list[str]) -> dict[str, str]:
    known = {*wanted.words, *(alias for alias, _ in wanted.aliases)}
    others = list(dict.fromkeys(v for v in values if v.lower() not in known))[:_DISTINCT]
    named = words.VALUES.get(wanted.name, {})
    found = {}
    for theirs in others:
        low = theirs.lower()
        ours = next((w for w, said in named.items() if w in wanted.words and low in said), "")
        ours = ours or next((w for w in wanted.words if words.plain(low) == w.replace("_", " ")), "")
        if ours:
            found[theirs] = ours
    return found
