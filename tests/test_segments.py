"""Segments of the product are those of the reference, for random histories and questions (decision 0011)."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agreement import same
from casefile import CASES, load
from crowd import difference, together
from product import store_of
from reference import File
from reference.frozen import cohorts, product_retention, segment_retention
from reference.segments import Question, segment_roll_forward, world
from rollforward import policy
from rollforward.answers import check
from rollforward.api import Store
from rollforward.build import Build
from rollforward.cut import Cut
from strategies import (
    GRID,
    RECORDED,
    WINDOWS,
    History,
    random_catalogue,
    random_history,
    random_monthly_files,
    random_monthly_history,
)

DIMENSIONS = (
    "country", "owner", "cohort", "size_band", "lifecycle_stage", "plan_tier", "usage_level",
    "product", "plan", "family", "interval", "currency",
)  # fmt: skip
VALUES = {"country": ("TH", "US", "unknown"), "owner": ("x", "y"), "product": ("app", "desk"), "plan": ("basic", "pro"),
          "usage_level": ("low", "high")}  # fmt: skip
USE: dict[str, Any] = {"metric": "calls", "low": 0, "high": 100}
LEVELS = policy.Bands(metric="calls", usage_level=(("low", 0), ("high", 100)))
ROLLED = (
    "period", "currency", "segment", "opening", "new", "reactivation", "expansion", "contraction", "churn", "transfer",
    "closing", "accounts_opening", "accounts_new", "accounts_reactivated", "accounts_expanded", "accounts_contracted",
    "accounts_churned", "accounts_transfer", "accounts_closing",
)  # fmt: skip
RETAINED = (
    "window_start", "window_end", "currency", "segment", "opening", "expansion", "contraction", "churn", "closing",
    "accounts_opening", "accounts_lost", "ndr", "grr", "logo_retention",
)  # fmt: skip
GROUPED = (
    "cohort", "age", "currency", "segment", "accounts_start", "accounts_left", "opening", "mrr", "ndr", "grr",
    "logo_retention",
)  # fmt: skip
EXAMPLES = int(os.environ.get("ROLLFORWARD_EXAMPLES", "0"))
few = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate), suppress_health_check=list(HealthCheck))


def attributes(draw: Random, accounts: list[str]) -> list[File]:
    """Up to two files of dated and undated attributes; some accounts have none."""
    files = []
    for at in sorted(draw.sample(RECORDED, draw.randint(0, 2))):
        rows = []
        for account in accounts:
            for since in draw.sample(["", *GRID], draw.randint(0, 2)):
                told = since.replace(hour=draw.choice([0, 0, 13])).isoformat() if isinstance(since, datetime) else ""
                row = {"account_id": account, "country": draw.choice(["TH", "US", ""]),
                       "owner": draw.choice(["x", "y", ""]), "valid_from": told}  # fmt: skip
                rows.append(row)
        if rows:
            files.append(File("accounts", tuple(rows), at))
    return files


def used(draw: Random, accounts: list[str]) -> list[File]:
    """Up to two files of use of two metrics, the second saying some of the first again."""
    whens = [at.isoformat() for at in GRID] + ["2024-01-31T23:59:59"]
    files = []
    for at in sorted(draw.sample(RECORDED, draw.randint(0, 2))):
        told = {
            (
                draw.choice(accounts),
                draw.choice(["calls", "calls", "seats"]),
                draw.choice(whens),
                draw.choice(["", "api"]),
            )
            for _ in range(draw.randint(0, 6))
        }
        rows = [
            {"account_id": account, "metric": metric, "at": when, "feature": feature,
             "quantity": draw.choice(["0", "50", "99.999999", "100"])}
            for account, metric, when, feature in sorted(told)
        ]  # fmt: skip
        if rows:
            files.append(File("usage", tuple(rows), at))
    return files


def question(draw: Random) -> Question:
    segment = draw.choice(["", *DIMENSIONS])
    where: list[tuple[str, str]] = []
    for d in draw.sample(list(VALUES), draw.randint(0, 2)):
        items = {x for x in (segment, d, *(w for w, _ in where)) if x in DIMENSIONS[-5:]}
        if len(items) <= 1:
            where.append((d, draw.choice(VALUES[d])))
    return Question(segment, tuple(where))


def described(draw: Random, history: History) -> History:
    """With attributes and use of its accounts."""
    accounts = sorted({r["account_id"] for f in history.files if "account_id" in f.rows[0] for r in f.rows})
    return History((*history.files, *attributes(draw, accounts), *used(draw, accounts)))


def rows_of(build: Build, model: str, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return build.need([model]).run(f"select {', '.join(columns)} from {model}")


def rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(round(float(v), 9) if not isinstance(v, int | str | date | None) else v for v in row)


def says_the_same(store: Store, history: History, asked: dict[str, Any], folder: Path) -> None:
    question, grain = Question(asked.get("segment", ""), asked.get("where", ())), asked.get("by", "month")
    known, build = world(history.files, USE), store._new_build(replace(policy.DEFAULT, bands=LEVELS), None)
    if not known.rows:
        return
    build.cut(Cut(question.segment, question.where))
    shown = build.range().shown_from
    spread = [(p.start, p.end) for p in build.calendar(grain) if p.end > shown]
    wanted = [tuple(r[c] for c in ROLLED) for r in segment_roll_forward(known, question, spread)]
    got = [r for r in rows_of(build, "roll_forward", ROLLED) if r[0] >= spread[0][0]] if spread else []
    same("roll-forward", filled(got), filled(wanted))
    build.cut(Cut(question.segment, question.where, "frozen" if question.dimensions else "flow"))
    begun = cohorts(known, [(p.start, p.end) for p in build.calendar(grain)], question)
    exact = [rounded(tuple(r[c] for c in GROUPED)) for r in begun]
    same("cohorts", [rounded(r) for r in rows_of(build, "cohorts", GROUPED)], exact)
    for s, e in ((date(2023, 12, 1), date(2024, 2, 1)), (date(2024, 1, 31), date(2024, 3, 1))):
        build.window_between(s, e)
        kept = [rounded(r) for r in rows_of(build, "retention_total", RETAINED) if r[4]]
        exact = [rounded(tuple(r[c] for c in RETAINED)) for r in segment_retention(known, question, s, e)]
        same("retention", kept, exact)
    build.cut(Cut("product", (), "owned"))
    build.window_between(s, e)
    kept = [rounded(r) for r in rows_of(build, "retention_total", RETAINED) if r[4]]
    same("product retention", kept, [rounded(tuple(r[c] for c in RETAINED)) for r in product_retention(known, s, e)])


def filled(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with anything in them."""
    return [r for r in rows if any(r[3:])]


@pytest.mark.slow
@settings(few, max_examples=EXAMPLES or 1)
@given(seed=st.integers(0, 2**32))
def test_segments_are_the_reference(seed: int) -> None:
    differing = found(seed, 30)
    assert not differing, differing


@pytest.mark.long
@settings(few, max_examples=EXAMPLES or 10)
@given(seed=st.integers(0, 2**32))
def test_segments_are_the_reference_long(seed: int) -> None:
    differing = found(seed, 60)
    assert not differing, differing


@cache  # Hypothesis runs once more what failed
def found(seed: int, count: int) -> str:
    """One crowd (tests/crowd.py), asked several questions."""
    draw = Random(seed)
    months = random_monthly_files(draw)
    cover = {"monthly": months[0][3], "subscriptions": draw.choice(WINDOWS)}
    is_monthly = draw.randrange(3) == 0
    told = [
        described(
            draw, random_monthly_history(draw, months) if is_monthly else random_history(draw, moves=False, max_files=2)
        )
        for _ in range(count)
    ]
    asked = [{**vars(question(draw)), "by": draw.choice(["month", "month", "quarter"])} for _ in range(6)]
    return difference(together(told, cover, common=random_catalogue(draw)), asked, says_the_same)


@pytest.mark.parametrize("fx", [policy.DEFAULT.fx, "at_change"])
@pytest.mark.parametrize("dimension", ["tier", "product", "currency"])
def test_segments_tie_in_a_reporting_currency(tmp_path: Path, fx: str, dimension: str) -> None:
    files = load(CASES / "segments" / "two_currencies_in_one.case").files
    build = store_of(files, tmp_path)._new_build(replace(policy.DEFAULT, fx=fx), None)
    build.report("USD")
    build.cut(Cut(dimension))
    _, reads, text = check.checks()["segments_tie"]
    build.need(reads)
    assert build.engine.run("select 1 from judged_line where amount <> 0 limit 1")
    assert build.engine.run(text) == []
    build.engine.run("create temp table planted as from judged_line")
    build.engine.view("judged_line", "select * replace (amount + 1 as amount) from planted")
    assert build.engine.run(text) != []


def test_under_at_change_a_transfer_is_worth_what_the_balance_came_at(tmp_path: Path) -> None:
    # USD 100, and EUR 50 that came on 15 February at 1.20.
    files = load(CASES / "segments" / "two_currencies_in_one.case").files
    came = File("fx", ({"date": "2024-02-15", "currency": "EUR", "rate": "1.20"},), RECORDED[0])
    build = store_of([*files, came], tmp_path)._new_build(replace(policy.DEFAULT, fx="at_change"), None)
    build.report("USD")
    build.cut(Cut("tier"))
    build.calendar("month")
    build.need(["roll_forward"])
    found = build.engine.run(
        "select segment, opening, transfer, fx, closing from roll_forward where period = date '2024-03-01' order by 1"
    )
    assert found == [("MID", 0, 16000, 0, 16000), ("SMB", 20000, -16000, 0, 6000)]
