"""The signals that stand: a row an account, signal and subject, each with its evidence and a sentence of it.

Comes in: a Build and what was asked. Goes out: Tables. Which signals are on is said by whoever asks.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from rollforward import text
from rollforward.answers import figures
from rollforward.answers.account import found
from rollforward.answers.figures import Asked
from rollforward.answers.listing import Wanted, conditions, source_of
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.cut import WHOLE
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse
from rollforward.money import exponent
from rollforward.text.signals import KINDS, sentence

COLUMNS = (
    "signal", "claim", "is_on", "account_id", "name", "owner", "currency", "mrr", "subject", "since", "due_on", "value",
    "reference", "share", "low", "high", "times", "out_of", "paid_in", "evidence", "sentence_en", "sentence_th",
)  # fmt: skip
SUMMARY = ("signal", "claim", "is_on", "currency", "accounts", "mrr")

_NEVER = date(9999, 12, 31)
_GOT = ("signal", "account_id", "name", "owner", "currency", "mrr", "subject", "since", "due_on", "value", "reference",
        "share", "low", "high", "times", "out_of", "paid_in")  # fmt: skip


@dataclass(frozen=True)
class Chosen:
    """Which signals: of these kinds, this account ('' all), this owner (None all), and whether all or those on."""

    kinds: tuple[str, ...] = ()
    account: str = ""
    owner: str | None = None
    off: Collection[str] = ()
    is_all: bool = False

    @property
    def told(self) -> tuple[str, ...]:
        """The kinds to tell; one that is named is told though it is off."""
        return self.kinds or tuple(k for k in KINDS if self.is_all or k not in self.off)


def signals(build: Build, asked: Asked, chosen: Chosen) -> Table:
    """The rows, accounts that pay most first within a signal; `limit` and `skip` as asked.

    Money in value and reference is in major units of `paid_in`. Misuse `unknown-option` for a kind that is none,
    `unknown-account`, and what every question raises.
    """
    where, values = _where(build, asked, chosen)
    page = f" limit {asked.limit or 2**62} offset {asked.skip}" if asked.limit or asked.skip else ""
    order = " ".join(f"when {quote(k)} then {n}" for n, k in enumerate(KINDS))
    rows = build.engine.run(
        f"select {', '.join(_GOT)} from signalled where {where} "
        f"order by case signal {order} else 99 end, mrr desc nulls last, account_key, subject{page}",
        values,
    )
    return figures.finish(build, asked, COLUMNS, _told(rows, chosen), _notes(build))


def summary(build: Build, asked: Asked, chosen: Chosen) -> Table:
    """By kind and currency: accounts and their MRR; kinds that nobody shows are left out."""
    where, values = _where(build, asked, chosen)
    rows = build.engine.run(
        "with one as (select distinct signal, account_key, currency, mrr from signalled "
        f"where {where}) select signal, currency, count(*), case when count(mrr) = count(*) then sum(mrr) end "
        "from one group by 1, 2",
        values,
    )
    order = list(KINDS)
    rows.sort(key=lambda r: (order.index(str(r[0])), str(r[1])))
    told: list[tuple[object, ...]] = [(s, KINDS[str(s)].claim, s not in chosen.off, c, n, m) for s, c, n, m in rows]
    return figures.finish(build, asked, SUMMARY, told, _notes(build))


def _where(build: Build, asked: Asked, chosen: Chosen) -> tuple[str, list[object]]:
    """Names the rows `signalled`; what those asked for meet, with its values."""
    if unknown := next((k for k in chosen.kinds if k not in KINDS), ""):
        raise Misuse("unknown-option", option="--kind", value=unknown, known=", ".join(KINDS))
    codes = figures.currencies(build, asked)
    source = source_of(build, asked.progress)
    build.cut(WHOLE)
    build.need(["signal", "account_now", "account_worth"], asked.progress)
    same = "w.currency = s.currency" if not build.conversion.currency else "true"
    build.engine.view(
        "signalled",
        "select s.account_key, s.signal, n.account_id, n.name, n.owner, w.currency, "
        "case when w.unrated = 0 then w.mrr end as mrr, s.subject, s.since, s.due_on, s.value, s.reference, s.share, "
        "s.low, s.high, s.times, s.out_of, s.currency as paid_in from signal s "
        "join account_now n on n.account_key = s.account_key and n.currency = s.currency "
        f"join account_worth w on w.account_key = s.account_key and {same}",
    )
    met = [
        f"currency in ({', '.join(map(quote, codes))})",
        f"signal in ({', '.join(map(quote, chosen.told)) or 'null'})",
    ]
    values: list[object] = []
    if chosen.account:
        met.append(f"account_key = {found(build, chosen.account)[0]}")
    if chosen.owner is not None:
        met.append("owner = ?")
        values.append(chosen.owner)
    if asked.cut.where:
        listed, more = conditions(build, asked.cut, Wanted(), codes)
        met.append(f"account_key in (select listed.account_key from {source} listed where {listed})")
        values += more
    return " and ".join(met), values


def _told(rows: Sequence[Sequence[object]], chosen: Chosen) -> list[tuple[object, ...]]:
    records = [dict(zip(_GOT, row, strict=True)) for row in rows]
    for record in records:
        kind = KINDS[str(record["signal"])]
        record["claim"], record["is_on"] = kind.claim, record["signal"] not in chosen.off
        if record["due_on"] == _NEVER:
            record["due_on"] = None
        if kind.is_money:
            for name in ("value", "reference"):
                record[name] = float(str(record[name])) / 10 ** exponent(str(record["paid_in"]))
        record["evidence"] = json.dumps(_evidence(record), default=str, ensure_ascii=False)
    spoken = text.language()
    for lang in text.LANGUAGES:
        text.use(lang)
        for record in records:
            record[f"sentence_{lang}"] = sentence(record)
    text.use(spoken)
    return [tuple(record[c] for c in COLUMNS) for record in records]


def _evidence(record: dict[str, object]) -> dict[str, object]:
    """What the signal rests on, without what it has nothing of."""
    names = ("subject", "since", "due_on", "value", "reference", "share", "low", "high", "times", "out_of")
    return {n: record[n] for n in names if record[n] not in (None, "", 0)}


def _notes(build: Build) -> list[Note]:
    """What signals need and the store lacks."""
    build.need(["usage", "plan_limit"])
    needed = (("usage", Note("no-usage")), ("plan_limit", Note("no-plan-limit")))
    return [note for name, note in needed if not build.engine.run(f"select 1 from {name} limit 1")]
