"""Figures by period of large stores are stored: read back they are what is worked out, whatever happened to them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

import rollforward as rf
from rollforward import build, periods
from rollforward.answers import figures
from rollforward.demo import AS_OF
from rollforward.policy import Policy
from rollforward.remembered import DAILY
from rollforward.store import FactStore

Ask = Callable[[rf.Store, str], rf.Table]
QUESTIONS: dict[str, Ask] = {
    "mrr": lambda store, by: store.mrr(by=by),
    "metrics": lambda store, by: store.metrics(by=by),
    "expansion": lambda store, by: store.expansion(by=by, currency="native"),
    "drivers": lambda store, by: store.drivers("contraction", by=by),
    "retention": lambda store, by: store.retention(window=3, by=by),
}


@pytest.fixture(scope="module")
def folder(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo."""
    copy = tmp_path_factory.mktemp("stored") / "store"
    shutil.copytree(demo, copy)
    return copy


def told(folder: Path) -> dict[tuple[str, str], list[dict[str, object]]]:
    """Every question by month and quarter, asked of a Store that has asked nothing before."""
    store = rf.open(folder, create=False)
    return {
        (name, by): [{k: v for k, v in row.items() if k != "as_of"} for row in ask(store, by).to_dicts()]
        for by in ("month", "quarter")
        for name, ask in QUESTIONS.items()
    }


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"built/*/*{DAILY}*"))


def test_what_is_read_back_is_what_is_worked_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = told(folder)
    assert not files(folder)
    monkeypatch.setattr(build, "SMALL", 0)
    assert told(folder) == plain
    made = files(folder)
    assert {path.name.split("@")[0] for path in made} == {
        "roll_forward", "metrics", "expansion", "driver_period", "retention_total",
    }  # fmt: skip
    assert told(folder) == plain
    assert files(folder) == made
    for path in made:  # a disk that lost their ends
        path.write_bytes(path.read_bytes()[:100])
    assert told(folder) == plain


def test_a_day_later_is_asked_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "SMALL", 0)

    def is_over(today: date, month: date) -> object:
        asked = build.Build(FactStore(folder), Policy(), None, today)
        rows = figures.mrr(asked, figures.Asked()).to_dicts()
        return next(r["is_complete"] for r in rows if r["period"] == month)

    over = date.fromisoformat(AS_OF)  # the files' last day is the one before
    last, before = periods.add_months(over, -1), over - timedelta(days=1)
    assert [is_over(day, last) for day in (before, over, before)] == [False, True, False]
