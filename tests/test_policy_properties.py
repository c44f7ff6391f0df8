"""Whatever is imported and whatever the policy: the product says what the plain-Python reference says, each setting
alone and in combinations. Examples share a store: one history is asked under several policies.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreement import MOVED, same_figures, same_ledger, same_movements
from policy_strategies import SETTINGS, Settings, dunned_histories, holds_active, policies
from product import Asked, policy_file, store_of
from reference import policy_of
from strategies import History

EXAMPLES = int(os.environ.get("ROLLFORWARD_EXAMPLES", "3"))

few = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
many = settings(few, max_examples=int(os.environ.get("ROLLFORWARD_EXAMPLES", "500")))


@pytest.mark.slow
@few
@given(st.data(), st.lists(policies(), min_size=3, max_size=3))
def test_combinations_are_the_reference(data: st.DataObject, drawn: list[Settings]) -> None:
    is_the_reference(data, drawn)


@pytest.mark.slow
@settings(few, max_examples=max(EXAMPLES // 3, 1))
@given(st.data())
def test_each_setting_is_the_reference(data: st.DataObject) -> None:
    is_the_reference(data, [data.draw(policies(name)) for name in SETTINGS])


@pytest.mark.long
@many
@given(st.data(), st.lists(policies(), min_size=3, max_size=3))
def test_combinations_are_the_reference_long(data: st.DataObject, drawn: list[Settings]) -> None:
    is_the_reference(data, drawn)


@pytest.mark.long
@pytest.mark.parametrize("name", SETTINGS)
@many
@given(data=st.data())
def test_each_setting_is_the_reference_long(name: str, data: st.DataObject) -> None:
    is_the_reference(data, [data.draw(policies(name))])


def is_the_reference(data: st.DataObject, drawn: Sequence[Settings]) -> None:
    """One history, one store, each policy."""
    history = data.draw(dunned_histories(one_currency=any(holds_active(told) for told in drawn)))
    with tempfile.TemporaryDirectory() as folder:
        store = store_of(history.files, Path(folder))
        for n, told in enumerate(drawn):
            agrees(Asked(store, rules=policy_file(told, Path(folder) / f"p{n}.toml")), history, told)


def agrees(asked: Asked, history: History, told: Settings) -> None:
    """Ledger, movements and figures of one policy."""
    policy = policy_of(told)
    book = history.books(policy)
    same_ledger(asked, book)
    if book.rows:
        same_movements(asked, book, policy)
        same_figures(asked, book, history.coverage, policy=policy)
        for row in asked.mrr():
            assert row["opening"] + sum(row[c] for c in MOVED) == row["closing"]
