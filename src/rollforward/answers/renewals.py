"""What comes up for renewal: its value, use, history and signals, a recommended step with its reason, and the calls.

Comes in: a Build, what was asked, and the calls made. Goes out: Tables. What ends and what it is worth is said by the
models; which step follows is a list of plain rules here, the first that holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from rollforward import text
from rollforward.answers import figures
from rollforward.answers.account import found
from rollforward.answers.figures import Asked
from rollforward.answers.listing import Wanted, conditions, source_of
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.cut import WHOLE
from rollforward.engines.duckdb import quote
from rollforward.money import to_major, to_minor
from rollforward.state import Call, standing
from rollforward.text.signals import KINDS
from rollforward.text.steps import reason

HORIZONS = (30, 90, 180)
LEAST = 20
"""Past renewals below which no chance is told."""

LITTLE = 0.4
"""Use of every limit below this is little."""

SOON = 14
"""Days before the last day of notice in which a renewal is confirmed."""

_GROWTH = ("over_limit", "limit_repeated", "near_limit", "seats_full", "limit_ahead")
_NOT_LOSS = ("renewal_coming", "owner_missing", "discount_ending")
_NEVER = date(9999, 12, 31)
_SAID = ("call", "mrr", "chance", "by", "at")

RENEWALS = (
    "due_on", "within", "account_id", "name", "owner", "currency", "ends_what", "subject", "mrr", "term_amount",
    "amount_in", "notice_on", "days_to_notice", "auto_renew", "used", "used_metric", "expansions", "contractions",
    "tickets_90", "touches_90", "loss_signals", "growth_signals", "headroom", "next_step", "because", "sentence_en",
    "sentence_th", "machine", "machine_mrr", "machine_chance", "machine_basis", *(f"owner_{n}" for n in _SAID),
    *(f"leader_{n}" for n in _SAID),
)  # fmt: skip
CALENDAR = ("period", "currency", "renewals", "mrr", "machine_mrr", "owner_mrr", "leader_mrr")


@dataclass(frozen=True)
class Wish:
    """Which renewals: due within so many days, of this account ('' all) and this owner (None all)."""

    days: int = 90
    account: str = ""
    owner: str | None = None
    off: Collection[str] = ()
    calls: Sequence[Call] = field(default_factory=tuple)


@dataclass(frozen=True)
class Past:
    """What past renewals of a group came to: how many, the share not lost, by currency MRR after per 1 of MRR up."""

    renewals: int
    chance: float
    net: dict[str, float]


def renewals(build: Build, asked: Asked, wish: Wish) -> Table:
    """A row a renewal ahead, the earliest first; `limit` and `skip` as asked."""
    codes, where, values = conditions_of(build, asked, wish.account, wish.owner)
    past = experience(build, codes)
    build.need(["renewal_history", "limit_state", "signal", "headroom", "lookback"], asked.progress)
    page = f" limit {asked.limit or 2**62} offset {asked.skip}" if asked.limit or asked.skip else ""
    listed = build.engine.run(
        "select u.account_key, u.due_on, u.due_on - k.last_day, u.account_id, u.name, u.owner, u.currency, u.kind, "
        "u.subject, case when u.unrated = 0 then u.opening end, u.amount, u.amount_in, u.notice_on, "
        "u.notice_on - k.last_day, u.auto_renew = 1, h.expansions, h.contractions, h.tickets, h.touches, u.has_fallen, "
        "u.state, u.is_split from up u cross join lookback k "
        "left join renewal_history h on h.account_key = u.account_key "
        f"where {where} and u.is_followed = 0 and u.due_on > k.last_day and u.due_on <= k.last_day + {int(wish.days)} "
        f"order by u.due_on, u.opening desc, u.account_key, u.currency{page}",
        values,
    )
    keys = sorted({int(str(row[0])) for row in listed})
    use, signals, room = _use(build, keys), _signals(build, keys, wish.off), _headroom(build, keys)
    calls = standing(wish.calls)
    rows = []
    for (key, due, days, account, name, owner, code, kind, subject, mrr, amount, amount_in, notice, to_notice, auto,
         grew, shrank, tickets, touches, fell, state, _split) in listed:  # fmt: skip
        assert isinstance(due, date) and isinstance(notice, date)
        has_notice = notice < _NEVER
        loss, growth, other = signals.get(int(str(key)), ((), (), ()))
        record: dict[str, object] = {
            "due_on": due, "within": days, "account_id": account, "name": name, "owner": owner, "currency": code,
            "ends_what": kind, "subject": subject, "mrr": mrr, "amount_in": amount_in if amount else "",
            "term_amount": _term(amount, str(amount_in), asked.minor),
            "notice_on": notice if has_notice else None, "days_to_notice": to_notice if has_notice else None,
            "auto_renew": auto, "expansions": grew, "contractions": shrank, "tickets_90": tickets,
            "touches_90": touches, "loss_signals": len(loss), "growth_signals": len(growth),
            "headroom": room.get((int(str(key)), str(code)), 0),
        }  # fmt: skip
        record["used"], record["used_metric"] = use.get(int(str(key)), (None, ""))
        record["next_step"], record["because"] = _step(record, state == "ending", loss, growth, other)
        record |= _machine(record, state == "ending", past.get(str(fell)), past.get(""))
        for voice in ("owner", "leader"):
            record |= _said(voice, calls.get((str(account), due, voice)), str(code))
        rows.append(record)
    _in_words(rows)
    known = past[""].renewals if "" in past else 0
    notes = [] if rows else [Note("no-renewals")]
    notes += split(row[-1] for row in listed)
    if known < LEAST:
        notes.append(Note("few-renewals", {"count": str(known), "least": str(LEAST)}))
    return figures.finish(build, asked, RENEWALS, [tuple(r[c] for c in RENEWALS) for r in rows], notes)


def split(told: Iterable[object]) -> list[Note]:
    """The remark on renewals whose MRR is a part by the amounts of several contracts."""
    count = sum(bool(is_split) for is_split in told)
    return [Note("split-contracts", {"count": str(count)})] if count else []


def calendar(table: Table) -> Table:
    """The renewals of a table by month of their end: how many, their MRR, and what each voice expects.

    MRR and what the rules expect are empty where that of one renewal is not known; people need not have said anything.
    """
    found: dict[tuple[date, str], list[object]] = {}
    unknown: set[tuple[tuple[date, str], int]] = set()
    for r in table.to_dicts():
        due = r["due_on"]
        assert isinstance(due, date)
        key = due.replace(day=1), str(r["currency"])
        totals = found.setdefault(key, [0, *([None] * 4)])
        totals[0] = int(str(totals[0])) + 1
        for n, column in enumerate(CALENDAR[3:], 1):
            if r[column] is not None:
                before = totals[n]
                totals[n] = r[column] if before is None else before + r[column]  # type: ignore[operator]
            elif column in ("mrr", "machine_mrr"):
                unknown.add((key, n))
    for key, n in unknown:
        found[key][n] = None
    rows = [(month, code, *found[month, code]) for month, code in sorted(found)]
    return Table(CALENDAR, rows, table.notes)


def machine_calls(table: Table, author: str, at: datetime) -> list[Call]:
    """What the rules say of each renewal of a table, in major units, to be kept."""
    return [
        Call(0, str(r["account_id"]), r["due_on"], "machine", str(r["machine"]),  # type: ignore[arg-type]
             r["machine_mrr"], str(r["currency"]), r["machine_chance"], author, at)  # type: ignore[arg-type]
        for r in table.to_dicts()
    ]  # fmt: skip


def conditions_of(
    build: Build, asked: Asked, account: str, owner: str | None
) -> tuple[list[str], str, list[object]]:  # fmt: skip
    """Names the renewals `up`, with account and worth; the currencies, and what is met by those asked for."""
    codes = figures.currencies(build, asked)
    met, values = [f"u.currency in ({', '.join(map(quote, codes))})"], list[object]()
    if account:
        met.append(f"u.account_key = {found(build, account)[0]}")
    if owner is not None:
        met.append("u.owner = ?")
        values.append(owner)
    if asked.cut.where:
        source = source_of(build, asked.progress)
        listed, more = conditions(build, asked.cut, Wanted(), codes)
        met.append(f"u.account_key in (select listed.account_key from {source} listed where {listed})")
        values += more
    build.cut(WHOLE)
    build.need(["renewal", "renewal_worth", "account_now", "lookback"], asked.progress)
    build.engine.view(
        "up",
        "select r.account_key, r.due_on, n.account_id, n.name, coalesce(nullif(r.owner, ''), n.owner) as owner, "
        "n.state, w.currency, r.kind, r.subject, w.opening, w.closing, w.has_fallen, w.unrated, "
        "w.unrated_after, w.still_pays, w.moved, w.is_split, r.amount, r.amount_in, "
        "r.notice_on, r.auto_renew, r.is_followed from renewal r join renewal_worth w on w.account_key = r.account_key "
        "and w.due_on = r.due_on and (w.opening > 0 or w.unrated = 1) "
        "join (select account_key, account_id, name, owner, state from account_now "
        "qualify row_number() over (partition by account_key order by mrr desc, currency) = 1) n "
        "on n.account_key = r.account_key",
    )
    return codes, " and ".join(met), values


def experience(build: Build, codes: Sequence[str]) -> dict[str, Past]:
    """What became of all past renewals ('') and of those whose MRR had fallen in 180 days or not ('1', '0')."""
    rows = build.engine.run(
        "select u.has_fallen, u.currency, count(*), count(case when u.closing > 0 then 1 end), sum(u.opening), "
        "sum(u.closing) from up u cross join lookback k where u.due_on + 30 <= k.last_day and u.unrated = 0 "
        "and u.unrated_after = 0 "
        "and u.moved = 0 and (u.closing > 0 or u.still_pays = 0) "  # another currency: neither kept nor lost
        f"and u.currency in ({', '.join(map(quote, codes))}) group by 1, 2"
    )
    found: dict[str, Past] = {}
    for group in ("", "0", "1"):
        told = [(str(r[1]), [int(str(n)) for n in r[2:]]) for r in rows if group in ("", str(r[0]))]
        count = sum(n[0] for _code, n in told)
        if count:
            sums = {code: [n for c, n in told if c == code] for code in codes}
            net = {
                code: sum(n[3] for n in of) / sum(n[2] for n in of)
                for code, of in sums.items()
                if sum(n[0] for n in of) >= LEAST
            }
            found[group] = Past(count, sum(n[1] for _code, n in told) / count, net)
    return found


def _machine(record: dict[str, object], ending: bool, group: Past | None, all_: Past | None) -> dict[str, object]:
    """The rules' call; chance and MRR are what past renewals of its group, or else of all, had."""
    past = next((p for p in (group, all_) if p and p.renewals >= LEAST), None)
    calls = {"win_back": "lost", "rescue": "at_risk", "grow": "expand"}
    mrr = record["mrr"]
    net = past.net.get(str(record["currency"])) if past else None
    expected = 0 if ending else mrr if net is None or mrr is None else round(int(str(mrr)) * net)
    return {
        "machine": calls.get(str(record["next_step"]), "renew"), "machine_mrr": expected,
        "machine_chance": 0.0 if ending else past.chance if past else None,
        "machine_basis": past.renewals if past else 0,
    }  # fmt: skip


def _step(
    record: dict[str, object], ending: bool, loss: Sequence[str], growth: Sequence[str], other: Collection[str]
) -> tuple[str, str]:
    """The first rule that holds: the step, and the signal that is its reason ('' for none)."""
    used, notice = record["used"], record["days_to_notice"]
    if ending:
        return "win_back", ""
    if loss:
        return "rescue", loss[0]
    if growth:
        return "grow", growth[0]
    if isinstance(used, float) and used < LITTLE:
        return "fit", ""
    if "discount_ending" in other:
        return "settle", "discount_ending"
    if not record["owner"]:
        return "own", ""
    if not record["auto_renew"]:
        return "ask", ""
    return ("confirm" if isinstance(notice, int) and 0 <= notice <= SOON else "let"), ""


def _said(voice: str, call: Call | None, code: str) -> dict[str, object]:
    told: tuple[object, ...] = (None,) * 5
    if call is not None:
        amount = None if call.amount is None or call.currency != code else to_minor(call.amount, code, True)
        told = (call.call, amount, call.chance, call.author, call.at)
    return {f"{voice}_{name}": value for name, value in zip(_SAID, told, strict=True)}


def _term(amount: object, code: str, minor: bool) -> Decimal | int | None:
    if not amount or not code:
        return None
    return int(str(amount)) if minor else to_major(int(str(amount)), code)


def _in_words(rows: list[dict[str, object]]) -> None:
    spoken = text.language()
    for lang in text.LANGUAGES:
        text.use(lang)
        for record in rows:
            record[f"sentence_{lang}"] = reason(record)
    text.use(spoken)


def _of(keys: Sequence[int]) -> str:
    return f"account_key in ({', '.join(map(str, keys)) or 'null'})"


def _use(build: Build, keys: Sequence[int]) -> dict[int, tuple[float, str]]:
    """The largest share of a limit that each account uses, and which."""
    found: dict[int, tuple[float, str]] = {}
    for key, metric, quantity, limit in build.engine.run(
        'select account_key, metric, quantity, "limit" from limit_state '
        f'where {_of(keys)} and "limit" > 0 order by 1, 2, 3'
    ):
        share = float(str(quantity)) / float(str(limit))
        if share > found.get(int(str(key)), (-1.0, ""))[0]:
            found[int(str(key))] = share, str(metric)
    return found


def _signals(
    build: Build, keys: Sequence[int], off: Collection[str]
) -> dict[int, tuple[list[str], list[str], set[str]]]:
    """Of each account its signals of loss, of growth by use, and all; only those that are on, in their order."""
    order = list(KINDS)
    found: dict[int, tuple[list[str], list[str], set[str]]] = {}
    for key, signal in build.engine.run(f"select distinct account_key, signal from signal where {_of(keys)}"):
        if signal not in off:
            found.setdefault(int(str(key)), ([], [], set()))[2].add(str(signal))
    for loss, growth, told in found.values():
        loss += [s for s in order if s in told and KINDS[s].claim == "loss" and s not in _NOT_LOSS]
        growth += [s for s in order if s in told and s in _GROWTH]
    return found


def _headroom(build: Build, keys: Sequence[int]) -> dict[tuple[int, str], object]:
    """In minor units; None without a rate."""
    rows = build.engine.run(f"select account_key, currency, headroom from headroom where {_of(keys)}")
    return {(int(str(k)), str(c)): h for k, c, h in rows}
