"""Whatever is used, changed and linked, whatever the policy: the product says what the plain-Python reference says."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_strategies import Settings, holds_active, policies
from product import Asked, policy_file, store_of
from test_policy_properties import agrees
from usage_strategies import used_histories

MODES = ("billed_month", "service_month", "trailing_3_months")

few = settings(
    max_examples=int(os.environ.get("ROLLFORWARD_EXAMPLES", "3")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
many = settings(few, max_examples=int(os.environ.get("ROLLFORWARD_EXAMPLES", "300")))


@pytest.mark.slow
@few
@given(st.data(), st.permutations(MODES), policies())
def test_use_and_links_are_the_reference(data: st.DataObject, modes: Sequence[str], told: Settings) -> None:
    is_the_reference(data, [{"usage": modes[0]}, {**told, "usage": modes[1]}])


@pytest.mark.long
@many
@given(st.data(), st.lists(policies(), min_size=3, max_size=3))
def test_use_and_links_are_the_reference_long(data: st.DataObject, drawn: Sequence[Settings]) -> None:
    is_the_reference(data, [{**told, "usage": mode} for told, mode in zip(drawn, MODES, strict=True)])


def is_the_reference(data: st.DataObject, drawn: Sequence[Settings]) -> None:
    """One history, one store, each policy; nothing breaks an invariant under the default."""
    history = data.draw(used_histories(one_currency=any(holds_active(told) for told in drawn)))
    with tempfile.TemporaryDirectory() as folder:
        store = store_of(history.files, Path(folder))
        for n, told in enumerate(drawn):
            agrees(Asked(store, rules=policy_file(told, Path(folder) / f"p{n}.toml")), history, told)
