"""Why two numbers differ: ours under another policy, or another tool's file, by account or by period (decision 0014).

Comes in: a Build, what it is compared with. Goes out: a Table in which each difference is the sum of its reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from rollforward.answers import currency, peer, switches
from rollforward.answers.books import MEASURES, Books, month_of, months_known
from rollforward.answers.figures import Asked, approximate, finish
from rollforward.answers.peer import Peer
from rollforward.answers.reasons import ONLY_THEIRS, UNEXPLAINED, Line, Reasons
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.engines.duckdb import Engine
from rollforward.errors import Misuse
from rollforward.money import to_major
from rollforward.periods import add_months
from rollforward.policy import Policy

BY = ("account", "period")
ACCOUNTS = ("period", "account_id", "currency", "measure", "ours", "theirs", "difference", "reason", "amount")
PERIODS = (
    "period", "currency", "measure", "ours", "theirs", "difference", "reason", "amount", "accounts", "share",
)  # fmt: skip

CLOSED = "closed periods"
"""What closed periods say beside today's facts."""

SHOWN = 20
"""Rows that could not be read which an answer names one by one."""

_OURS, _THEIRS = 0, 1


def check(by: str, measure: str) -> None:
    """Misuse `unknown-option` for what cannot be asked."""
    if by not in BY:
        raise Misuse("unknown-option", option="--by", value=by, known=", ".join(BY))
    if measure not in MEASURES:
        raise Misuse("unknown-option", option="--measure", value=measure, known=", ".join(MEASURES))


def with_policy(
    build: Build, theirs: Build, asked: Asked, by: str, measure: str, make: Callable[[Policy], Build]
) -> Table:
    """Ours under two policies: the settings that differ are switched one at a time, each books what it moves.

    `make` gives a build of today's facts under a policy. Parts of one account and month sum to its difference.
    """
    first, last = months_known([build, theirs])
    books = _books(Engine(), build, asked, measure, first, last, False)
    steps = _steps(build, theirs, measure, make)
    for n, (_, at) in enumerate(steps):
        books.add(n, at, asked.progress)
    found = _switched(books, steps)
    return _table(build, asked, books, by, found, len(steps) - 1, _remarks(theirs))


def with_file(
    build: Build, path: Path, mapping: Path | None, asked: Asked, by: str, measure: str, profile: Build | None,
    make: Callable[[Policy], Build],
) -> Table:  # fmt: skip
    """Ours beside the figures of a file. With `profile` first ours → that policy by settings, then what is left."""
    engine = Engine()
    told = peer.read(engine, path, mapping, measure)
    # balances say nothing of what moved in their first month
    begun = measure == "mrr" or told.is_whole or told.kind == "changes"
    first = told.first if begun else add_months(told.first, 1)
    books = _books(engine, build, asked, measure, first, told.last, told.is_whole)
    base = profile or build
    steps = _steps(build, base, measure, make) if profile else [("", build)]
    for n, (_, at) in enumerate(steps):
        books.add(n, at, asked.progress)
    theirs = len(steps)
    books.add_changes(theirs, "peer")
    lines = _switched(books, steps, theirs)
    keys = [line.key for line in lines]
    values = books.of(theirs - 1, keys)
    known_to = month_of(build.range().known_to - timedelta(days=1))
    for line in lines:
        line.left = [a - b for a, b in zip(values[line.key], line.theirs, strict=True)]
        for i, month in enumerate(books.months):
            if month > known_to:
                line.name(i, ONLY_THEIRS)
    gaps = [gap.rule for gap in base.policy.not_reproduced] if profile else []
    Reasons(books, told, base, lines, values, make).find(gaps, asked.progress)
    return _table(build, asked, books, by, lines, theirs, [*_unread(told), *(_remarks(profile) if profile else [])])


def _books(engine: Engine, build: Build, asked: Asked, measure: str, first: date, last: date, whole: bool) -> Books:
    code = (asked.currency or "").upper()
    code = "" if code == currency.NATIVE.upper() else code
    if code and code not in (have := currency.native(build, asked.progress)):
        raise Misuse("unknown-currency", currency=code, known=", ".join(have))
    first = max(first, month_of(asked.start)) if asked.start else first
    last = min(last, month_of(asked.end - timedelta(days=1))) if asked.end else last
    return Books(engine, measure, first, last, code, whole)


def _steps(build: Build, theirs: Build, measure: str, make: Callable[[Policy], Build]) -> list[tuple[str, Build]]:
    """The builds from ours to theirs, each with what the step to it is called."""
    steps: list[tuple[str, Build]] = [("", build)]
    if build.known:
        steps.append((CLOSED, build.known))
    path = switches.path(build.policy, theirs.policy, measure)
    end = theirs.known or theirs
    steps += [(name, end if n == len(path) else make(rules)) for n, (name, rules) in enumerate(path, start=1)]
    if theirs.known:
        steps.append((CLOSED, theirs))
    if steps[-1][1] is not theirs:
        steps.append((UNEXPLAINED, theirs))  # settings that move nothing: there is nothing to name
    return steps


def _switched(books: Books, steps: Sequence[tuple[str, Build]], theirs: int | None = None) -> list[Line]:
    """The accounts that are not the same in all books, with what each step moves."""
    last = len(steps) - 1 if theirs is None else theirs
    keys = books.differing(range(last + 1)) if books.months else []
    values = [books.of(n, keys) for n in range(last + 1)]
    lines = []
    for key in keys:
        ours, end = values[0][key], values[last][key]
        line = Line(key, ours, end, [0] * len(ours), [{} for _ in ours])
        for n, (name, _) in enumerate(steps[1:], start=1):
            for i, (before, after) in enumerate(zip(values[n - 1][key], values[n][key], strict=True)):
                line.left[i] = before - after
                line.name(i, name)
        lines.append(line)
    return lines


def _table(
    build: Build, asked: Asked, books: Books, by: str, lines: list[Line], theirs: int, notes: list[Note]
) -> Table:
    rows = _by_account(books, lines) if by == "account" else _by_period(books, lines, theirs)
    columns = ACCOUNTS if by == "account" else PERIODS
    left: dict[str, list[int]] = {}
    for line in lines:
        left.setdefault(line.key[1], []).extend(r[UNEXPLAINED] for r in line.reasons if UNEXPLAINED in r)
    for code, amounts in sorted(left.items()):
        if amounts:
            worth = f"{to_major(sum(map(abs, amounts)), code)} {code}"
            notes = [*notes, Note("unexplained", {"amount": worth, "rows": str(len(amounts))})]
    # one currency is a choice of rows here, no conversion
    return finish(build, replace(asked, currency=None), columns, rows, notes)


def _by_account(books: Books, lines: list[Line]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for i, month in enumerate(books.months):
        for line in lines:
            account, code = line.key
            ours, theirs = line.ours[i], line.theirs[i]
            rows += [
                (month, account, code, books.measure, ours, theirs, ours - theirs, reason, amount)
                for reason, amount in line.reasons[i].items()
                if amount
            ]
    return rows


def _by_period(books: Books, lines: list[Line], last: int) -> list[tuple[object, ...]]:
    ours, theirs = books.totals(_OURS), books.totals(last)
    nothing = [0] * len(books.months)
    rows: list[tuple[object, ...]] = []
    order = [*switches.settings(books.measure), CLOSED]
    for code in sorted({*ours, *theirs}):
        mine = [line for line in lines if line.key[1] == code]
        for i, month in enumerate(books.months):
            a, b = ours.get(code, nothing)[i], theirs.get(code, nothing)[i]
            sums: dict[str, tuple[int, int]] = {}
            for line in mine:
                for reason, amount in line.reasons[i].items():
                    total, count = sums.get(reason, (0, 0))
                    sums[reason] = (total + amount, count + bool(amount))
            found = sorted(
                (r for r in sums if r != UNEXPLAINED), key=lambda r: (order.index(r) if r in order else len(order), r)
            )
            for reason in (*found, UNEXPLAINED):
                amount, accounts = sums.get(reason, (0, 0))
                share = amount / (a - b) + 0.0 if a != b else None
                rows.append((month, code, books.measure, a, b, a - b, reason, amount, accounts, share))
    return rows


def _remarks(theirs: Build) -> list[Note]:
    return [approximate(theirs.policy)] if theirs.policy.is_approximate else []


def _unread(told: Peer) -> list[Note]:
    notes = [
        Note("row-not-read", {"file": told.name, "line": str(line), "code": code})
        for line, code, _ in told.unread[:SHOWN]
    ]
    if told.unread:
        notes.append(Note("rows-not-read", {"file": told.name, "rows": str(len(told.unread))}))
    return notes
