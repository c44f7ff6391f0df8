"""Schemathesis asks the API what its description allows and what it forbids; a fault is an answer of another kind.

`positive_data_acceptance`: what the description allows is never 422; 400, 404 and 409 are the store's own answers.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rollforward import api

from .programs import Programs, programs

SETTINGS = """\
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "400", "403", "404", "409"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "415", "422"]
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with programs(tmp_path_factory.mktemp("fuzzed")) as found:
        yield found


def fuzz(served: Programs, folder: Path, role: str, *options: str, seconds: int) -> None:
    (folder / "schemathesis.toml").write_text(SETTINGS, encoding="utf-8")
    done = subprocess.run(
        [str(Path(sys.executable).parent / "schemathesis"), "--config-file", "schemathesis.toml", "run",
         f"{served.site.url}/v1/openapi.json", "--header", f"Authorization: Bearer {served.tokens[role]}",
         "--seed", "4", "--generation-database", "none", "--no-color", "--continue-on-failure",
         "--request-timeout", "60", *options],
        cwd=folder, capture_output=True, text=True, timeout=seconds,
    )  # fmt: skip
    assert done.returncode == 0, "\n".join(line[:1000] for line in done.stdout.splitlines())


@pytest.mark.slow
@pytest.mark.parametrize("role", ["restricted", pytest.param("admin", marks=pytest.mark.long)])
def test_the_api_does_as_its_description_says(served: Programs, tmp_path: Path, role: str) -> None:
    before = api.open(served.store).version()
    fuzz(served, tmp_path, role, "--phases", "examples,fuzzing", "--max-examples", "1", seconds=240)
    assert role == "admin" or api.open(served.store).version() == before


@pytest.mark.long
@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_the_api_does_as_its_description_says_in_every_corner(served: Programs, tmp_path: Path, role: str) -> None:
    phases = "examples,coverage,fuzzing,stateful"
    fuzz(served, tmp_path, role, "--phases", phases, "--max-examples", "60", seconds=3600)
