"""The layers of docs/architecture.md hold, and a bad import in a copy of the package is caught."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("sqlglot", "pyarrow", "polars", "pandas", "pyspark")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter on the package in `folder`/src with the contracts of `folder`/pyproject.toml."""
    code = "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports_command as go; go()"
    return subprocess.run([sys.executable, "-c", code, "--no-cache"], cwd=folder, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "data", "*.sql")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_layers_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("errors.py", "from rollforward import schema", "Layers"),
        ("store/planted.py", "from rollforward import sources", "Layers"),
        ("money.py", "from rollforward import policy", "Layers"),
        ("text/planted.py", "from rollforward import money", "Words stand alone"),
        ("models/planted.py", "import rollforward.policy", "Models and engines know no policy"),
        ("ingest/planted.py", "from rollforward.models import catalog", "Ingest asks no model"),
        ("cli/planted.py", "from rollforward.store import FactStore", "The command line asks api"),
        ("planted.py", "import rollforward.errors", "Layers"),
    ],
)
def test_bad_import_is_caught(copy: Path, module: str, line: str, contract: str) -> None:
    planted = copy / "src" / "rollforward" / module
    before = planted.read_text(encoding="utf-8") if planted.exists() else '"""Planted."""\n'
    planted.write_text(before + "\n" + line + "\n", encoding="utf-8")
    done = lint_imports(copy)
    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def loaded(statement: str) -> set[str]:
    """Which heavy libraries a fresh interpreter has loaded after `statement`."""
    code = f"{statement}\nimport sys; print(*set(sys.modules) & {set(HEAVY)!r})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_commands_start_without_heavy_libraries() -> None:
    assert loaded("import rollforward, rollforward.cli.app") == set()


def test_heavy_import_is_caught() -> None:
    assert loaded("import sqlglot") == {"sqlglot"}
