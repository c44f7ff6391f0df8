"""The real program in a process of its own, and small stores for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .program import EXAMPLE, PROGRAM, Run


@pytest.fixture(scope="session")
def run() -> Run:
    def call(*args: object, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("ROLLFORWARD_", "LC_", "LANG"))}
        return subprocess.run(
            [str(PROGRAM), *map(str, args)],
            cwd=cwd,
            env={**clean, "COLUMNS": "80", **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )

    return call


@pytest.fixture(scope="session")
def example(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds the worked example."""
    folder = tmp_path_factory.mktemp("example")
    (folder / "subs.csv").write_text(EXAMPLE, encoding="utf-8")
    done = run("import", "subs.csv", "--store", "store", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "store"


@pytest.fixture(scope="session")
def demo(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo store, to ask and not to change."""
    return Path(shutil.copytree(demo, tmp_path_factory.mktemp("demo") / "store"))
