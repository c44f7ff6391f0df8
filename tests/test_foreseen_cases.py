"""Cases under tests/cases/foreseen, calculated by hand: signals, headroom and cross-sell at a moment.

`[expect signals as_of=T kind=NAMES]`; any option with a dot is a rule of signals, lists with `+` between.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casefile import FORESEEN_CASES, Case, Expected, load
from product import store_of
from rollforward.api import Store
from test_cases_reference import normal

CASES = [load(path) for path in sorted(FORESEEN_CASES.glob("*.case"))]


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_case(case: Case, tmp_path: Path) -> None:
    store = store_of(case.files, tmp_path)
    for nth, expected in enumerate(case.expected):
        asked: dict[str, Any] = {k: v for k, v in expected.options.items() if "." not in k}
        actual = answer(store, expected, asked | {"by_rules": rules(expected, tmp_path / f"{nth}.toml")})
        shown = [[as_text(row[column]) for column in expected.columns] for row in actual]
        wanted = [[normal(row[column]) for column in expected.columns] for row in expected.rows]
        assert sorted(shown) == sorted(wanted), case.rule


def answer(store: Store, expected: Expected, asked: dict[str, Any]) -> list[dict[str, Any]]:
    asked["currency"] = asked.get("currency", "native")
    if expected.table == "headroom":
        asked.pop("by_rules")
        asked["ceiling"] = asked.get("ceiling") == "yes"
    return getattr(store, expected.table)(**asked).to_dicts()  # type: ignore[no-any-return]


def rules(expected: Expected, path: Path) -> Path | None:
    told = {k: v for k, v in expected.options.items() if "." in k}
    if not told:
        return None
    lines = []
    for key, value in told.items():
        section, name = key.split(".")
        is_list = section == "metrics"
        lines.append(f"[{section}]\n{name} = {value.split('+') if is_list else value}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def as_text(value: object) -> str:
    """Dates and numbers to four decimals as text, nothing as '-'."""
    return "-" if value is None else normal(f"{value:.4f}" if isinstance(value, float) else str(value))
