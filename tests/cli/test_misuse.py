"""What is asked wrongly: a sentence on what, one on what to do, exit code 2, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from .program import Run

MISUSES = {
    "no such command": (["nonsense"], "nonsense"),
    "no such option": (["mrr", "--segment", "country"], "--segment"),
    "unknown format": (["mrr", "--format", "xml"], "csv"),
    "unknown length of a period": (["mrr", "--by", "fortnight"], "quarter"),
    "bad period": (["mrr", "--from", "March"], "2026-03"),
    "bad as-of": (["mrr", "--as-of", "yesterday"], "yesterday"),
    "as of before the first fact": (["mrr", "--as-of", "1999-01-01"], "1999-01-01"),
    "unknown policy": (["mrr", "--policy", "mine"], "default"),
    "unknown currency": (["mrr", "--currency", "XXX"], "XXX"),
    "unknown window": (["retention", "--window", "7"], "12"),
    "unknown metric": (["explain", "luck", "--period", "2026-01"], "luck"),
    "unknown account": (["explain", "expansion", "--period", "2026-01", "--account", "nobody"], "nobody"),
    "missing argument": (["explain"], "METRIC"),
    "missing option": (["explain", "expansion"], "--period"),
    "sql that writes": (["sql", "drop table account"], "SELECT"),
    "sql that reads files": (["sql", "select * from read_csv('/etc/passwd')"], "SELECT"),
    "sql with a fault": (["sql", "select nothing_such from account"], "nothing_such"),
    "no such import": (["retract", "99"], "99"),
    "not a number": (["retract", "one"], "IMPORT"),
    "missing file": (["import", "gone.csv"], "gone.csv"),
    "bad coverage": (["import", "gone.csv", "--coverage", "2026"], "2026"),
    "bad recorded-at": (["import", "gone.csv", "--recorded-at", "soon"], "soon"),
    "output that cannot be written": (
        ["mrr", "--format", "csv", "--output", "/no/such/folder/x.csv"],
        "/no/such/folder",
    ),
    "language that is not spoken": (["mrr", "--lang", "fr"], "th"),
}


@pytest.mark.parametrize("name", MISUSES)
@pytest.mark.parametrize("lang", ["en", "th"])
def test_misuse_is_explained(run: Run, example: Path, name: str, lang: str) -> None:
    args, named = MISUSES[name]
    done = run(*args, ROLLFORWARD_STORE=str(example), ROLLFORWARD_LANG=lang)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr and named in done.stderr
    assert done.stderr.startswith("Error: " if lang == "en" else "ข้อผิดพลาด: ")
    assert len(done.stderr.splitlines()) >= 2, "no word on what to do"


def test_a_store_that_is_not_there(run: Run, tmp_path: Path) -> None:
    done = run("mrr", cwd=tmp_path)
    assert done.returncode in (1, 2) and "rollforward demo" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "rollforward-store").exists(), "a question made a store"


def test_a_folder_that_is_no_store(run: Run, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.txt").write_text("meow", encoding="utf-8")
    done = run("mrr", "--store", "photos", cwd=tmp_path)
    assert done.returncode in (1, 2) and "photos" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "text file"),
        (b"account_id,amount\n\xff\xfe,1\n", "UTF-8"),
        (b"a,b\n1,2\n", "--kind"),
    ],
)
def test_files_that_cannot_be_read(run: Run, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "it.csv").write_bytes(content)
    done = run("import", "it.csv", cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_no_command_shows_the_help(run: Run) -> None:
    done = run()
    assert done.returncode == 2 and "roll-forward" in done.stderr and "import" in done.stderr
