"""Documents tell the truth: marked blocks run, paths exist, commands are mentioned, docstrings say something."""

from __future__ import annotations

from pathlib import Path

import pytest

from check_docs import Block, blocks, dead_paths, run_blocks, unmentioned
from check_tree import docstring_faults, sources

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "rollforward"
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def commands() -> dict[str, list[str]]:
    """Options of each command as the program knows them; the program itself is ''."""
    import typer

    from rollforward.cli.app import app

    program = typer.main.get_command(app)
    found = {"": program, **getattr(program, "commands", {})}
    return {
        n: [o for p in c.params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")] for n, c in found.items()
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_marked_blocks_run(document: Path, tmp_path: Path) -> None:
    faults = run_blocks(blocks(document.read_text(encoding="utf-8")), tmp_path)
    assert not faults, "\n".join(faults)


def test_failing_blocks_are_caught(tmp_path: Path) -> None:
    text = "```console\n$ false\n```\n\n```console run\n$ echo 1 > made\n$ cat made\n1\n$ cat missing\n```\n\n"
    text += "```python run\n1 / 0\n```\n"
    console, python = blocks(text)
    assert (console.kind, console.line, python.kind, python.line) == ("console", 6, "python", 13)
    assert run_blocks([Block("console", "false\n$ printf '1  2\\nx\\n3'\n1 2\n3\n", 1)], tmp_path) == []
    wrong = run_blocks([Block("console", "$ printf '1\\n2'\n2\n1\n", 7)], tmp_path)
    assert ["line 7: `printf '1\\n2'` does not say `1`" in fault for fault in wrong] == [True]
    (file,) = blocks("```csv subs.csv\na,b\n```\n\n```csv\na,b\n```\n")
    assert run_blocks([file, Block("console", "$ cat subs.csv\na,b\n", 1)], tmp_path) == []
    assert ["`cat missing` exits with 1" in fault for fault in run_blocks([console], tmp_path)] == [True]
    assert ["ZeroDivisionError" in fault for fault in run_blocks([python], tmp_path)] == [True]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_paths_exist(document: Path) -> None:
    faults = dead_paths(document, ROOT)
    assert not faults, "\n".join(faults)


def test_dead_paths_are_caught(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "[a](page.md#top) [b](gone.md) [c](https://example.org) `tests/gone.py` `docs/` `gone`", encoding="utf-8"
    )
    (tmp_path / "docs").mkdir()
    assert dead_paths(page, tmp_path) == [f"{page}: gone.md does not exist", f"{page}: tests/gone.py does not exist"]


def test_commands_and_options_are_mentioned() -> None:
    manual = [ROOT / "README.md", *(ROOT / "docs").glob("manual*"), *(ROOT / "docs" / "manual").rglob("*.md")]
    faults = unmentioned(commands(), "\n".join(p.read_text(encoding="utf-8") for p in manual if p.is_file()))
    assert not faults, "not in the README or the manual: " + ", ".join(faults)


def test_unmentioned_commands_and_options_are_caught() -> None:
    known = {"": ["--lang"], "mrr": ["--by", "--to"], "close": []}
    assert unmentioned(known, "`rollforward mrr --by-day --to 2026-01`, `--lang`, closed") == [
        "command close",
        "option --by",
    ]


def test_docstrings_say_something() -> None:
    faults = docstring_faults(p for p in sources(PACKAGE, ROOT / "tools") if p.suffix == ".py")
    assert not faults, "\n".join(faults)


def test_empty_docstrings_are_caught(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(
        '"""Why it is here."""\ndef _inner(): ...\ndef rate():\n    """Fraction, 0 to 1."""\n'
    )
    assert docstring_faults(sources(tmp_path)) == []
    (tmp_path / "month_end.py").write_text('"""The month ends."""\ndef read_file():\n    """Read a file."""\n')
    (tmp_path / "other.py").write_text(
        '"""Why it is here."""\nclass Bill:\n    """The Bill."""\n    def pay(self): ...\n'
    )
    found = [f.removeprefix(str(tmp_path) + "/") for f in docstring_faults(sources(tmp_path))]
    assert found == [
        "month_end.py: the docstring only repeats the name",
        "month_end.py:2: the docstring of read_file only repeats the name",
        f"other.py: the docstring of {tmp_path / 'good.py'} again",
        "other.py:2: the docstring of Bill only repeats the name",
        "other.py:4: pay has no docstring",
    ]
