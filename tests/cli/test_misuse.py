"""What is asked wrongly: a sentence on what, one on what to do, exit code 2, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from .program import EXAMPLE, PROGRAM, Run

MISUSES = {
    "no such command": (["nonsense"], "nonsense"),
    "no such option": (["mrr", "--country", "TH"], "--country"),
    "unknown dimension": (["mrr", "--segment", "country"], "country"),
    "condition without a value": (["mrr", "--where", "plan"], "plan"),
    "period that is not over": (["close", "2999-01"], "2999-02-01"),
    "period that is not closed": (["reopen", "2026-01"], "2026-01"),
    "unknown format": (["mrr", "--format", "xml"], "csv"),
    "unknown length of a period": (["mrr", "--by", "fortnight"], "quarter"),
    "bad period": (["mrr", "--from", "March"], "2026-03"),
    "a range backwards": (["mrr", "--from", "2026-10", "--to", "2026-08"], "2026-10"),
    "unknown ending": (["mrr", "--output", "out.xlsx"], ".csv, .json, .parquet, .txt"),
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
    assert done.returncode == 2 and "rollforward demo" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "rollforward-store").exists(), "a question made a store"


def test_a_folder_that_is_no_store(run: Run, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.txt").write_text("meow", encoding="utf-8")
    done = run("mrr", "--store", "photos", cwd=tmp_path)
    assert done.returncode == 2 and "photos is a folder" in done.stderr and "Traceback" not in done.stderr
    done = run("mrr", "--store", "photos/cat.txt", cwd=tmp_path)
    assert done.returncode == 2 and "photos/cat.txt is a file" in done.stderr


def test_only_an_option_that_is_near_is_suggested(run: Run) -> None:
    assert "Did you mean" not in run("mrr", "--zones", "x").stderr
    assert "Did you mean --format" in run("mrr", "--formt", "csv").stderr
    assert "Did you mean --help" in run("mrr", "--hlep").stderr


def test_a_repeating_discount_without_an_end_says_so(run: Run, tmp_path: Path) -> None:
    header = "account_id,subscription_id,plan,start_date,end_date,amount,currency,discount_percent,discount_kind\n"
    (tmp_path / "s.csv").write_text(header + "A,a,gold,2026-01-01,,10.00,EUR,10,repeating\n", encoding="utf-8")
    done = run("import", "s.csv", cwd=tmp_path)
    assert done.returncode == 1 and "repeating discount needs its end, but discount_until is empty" in done.stdout
    assert "Percent" not in done.stdout


@pytest.mark.parametrize("to", [">/dev/full", ">&-"])
@pytest.mark.parametrize(
    "args", ["mrr", "mrr --format csv", "mrr --format parquet", "check", "--help", "import new.csv"]
)
def test_a_standard_output_that_takes_nothing_is_one_clear_message(
    example: Path, tmp_path: Path, args: str, to: str
) -> None:
    (tmp_path / "new.csv").write_text(EXAMPLE, encoding="utf-8")
    env = {**os.environ, "ROLLFORWARD_STORE": str(example), "ROLLFORWARD_LANG": "en"}
    done = subprocess.run(
        ["bash", "-c", f"'{PROGRAM}' {args} {to}"], cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 1 and done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr and "fault" not in done.stderr and len(done.stderr.splitlines()) == 2


def test_a_standard_error_that_is_closed_stops_nothing(example: Path) -> None:
    line = f"'{PROGRAM}' mrr --format json --store '{example}' 2>&-"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert done.returncode == 0 and json.loads(done.stdout)


def test_an_export_where_nothing_can_be_written(run: Run, example: Path) -> None:
    done = run("export", "/proc/xx", "--store", example)
    assert done.returncode == 2 and "/proc/xx cannot be written" in done.stderr and "fault" not in done.stderr


def test_a_lack_of_memory_is_no_fault_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    from rollforward.cli.run import unexpected

    assert unexpected(MemoryError()) == 1
    said = capsys.readouterr().err
    assert "not enough memory" in said and "fault" not in said


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
