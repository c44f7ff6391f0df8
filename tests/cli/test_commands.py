"""Each command on the worked example of definitions.md section 5 and on the demo store."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shlex
import subprocess
from pathlib import Path

import pytest

from rollforward.text import figures

from .program import EXAMPLE, PROGRAM, Run

JANUARY = ("--from", "2026-01", "--to", "2026-01")
TABLES = {
    "mrr": ["mrr"],
    "metrics": ["metrics"],
    "expansion": ["expansion"],
    "drivers": ["drivers", "--movement", "churn"],
    "retention": ["retention", "--window", "1"],
    "explain": ["explain", "expansion", "--period", "2026-01"],
    "ledger": ["explain", "expansion", "--period", "2026-01", "--level", "ledger"],
    "sources": ["explain", "expansion", "--period", "2026-01", "--level", "sources"],
    "imports": ["imports"],
    "problems": ["problems"],
    "check": ["check"],
    "sql": ["sql", "select account_id from account order by account_id"],
}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# --- figures ---------------------------------------------------------------------------------------------------------


def test_the_roll_forward_of_the_worked_example(run: Run, example: Path) -> None:
    (row,) = rows(run("mrr", *JANUARY, "--format", "csv", "--store", example).stdout)
    expected = {"opening": "1900.00", "new": "250.00", "reactivation": "300.00", "expansion": "500.00"}
    expected |= {"contraction": "-200.00", "churn": "-400.00", "closing": "2350.00"}
    assert {k: row[k] for k in expected} == expected
    assert (row["period"], row["currency"], row["policy"]) == ("2026-01-01", "EUR", "default")


def test_the_retention_of_the_worked_example(run: Run, example: Path) -> None:
    (row,) = json.loads(run("retention", "--window", "1", *JANUARY, "--format", "json", "--store", example).stdout)
    assert row["ndr"] == pytest.approx(1800 / 1900) and row["grr"] == pytest.approx(1300 / 1900)
    assert row["logo_retention"] == pytest.approx(2 / 3) and row["ndr_low"] is None
    assert row["window_end"] == "2026-02-01"


def test_minor_units_are_integers(run: Run, example: Path) -> None:
    (row,) = json.loads(run("mrr", *JANUARY, "--minor", "--format", "json", "--store", example).stdout)
    assert row["closing"] == 235000


def test_a_table_to_read(run: Run, example: Path) -> None:
    done = run("mrr", *JANUARY, "--store", example)
    assert "MRR roll-forward, EUR" in done.stdout
    line = next(line for line in done.stdout.splitlines() if line.startswith("2026-01"))
    assert line.split() == ["2026-01", "1,900.00", "250.00", "300.00", "500.00", "-200.00", "-400.00", "2,350.00"]


def test_explain_adds_up_at_every_level_and_leads_on(run: Run, example: Path) -> None:
    for level, deeper in (("movements", "--level ledger"), ("ledger", "--level sources"), ("sources", "")):
        done = run("explain", "expansion", "--period", "2026-01", "--level", level, "--store", example)
        assert done.returncode == 0 and deeper in done.stdout, done.stdout + done.stderr
        if level != "sources":
            assert "500.00" in done.stdout and "✓" in done.stdout
    assert "subs.csv:3" in done.stdout


# --- streams and formats ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_machine_formats_stand_alone_on_standard_output(run: Run, example: Path, name: str) -> None:
    as_csv = run(*TABLES[name], "--format", "csv", "--store", example)
    as_json = run(*TABLES[name], "--format", "json", "--store", example, ROLLFORWARD_LANG="th")
    assert as_csv.returncode == as_json.returncode == 0, as_csv.stderr + as_json.stderr
    header, *body = csv.reader(io.StringIO(as_csv.stdout))
    records = json.loads(as_json.stdout)
    assert len(header) == len(set(header)) and all(len(line) == len(header) for line in body)
    assert len(records) == len(body) and all(list(record) == header for record in records)


def test_csv_and_json_say_the_same(run: Run, example: Path) -> None:
    as_csv = rows(run("mrr", "--format", "csv", "--store", example).stdout)
    as_json = json.loads(run("mrr", "--format", "json", "--store", example).stdout)
    for a, b in zip(as_csv, as_json, strict=True):
        assert {k: a[k] for k in ("opening", "closing")} == {k: b[k] for k in ("opening", "closing")}


def test_parquet_goes_into_a_file_or_a_pipe_but_not_to_a_terminal(run: Run, example: Path, tmp_path: Path) -> None:
    target = tmp_path / "mrr.parquet"
    assert run("mrr", "--output", target, "--store", example).stdout == ""
    assert target.read_bytes()[:4] == b"PAR1"
    piped = subprocess.run([PROGRAM, "mrr", "--format", "parquet", "--store", example], capture_output=True, check=True)
    assert piped.stdout[:4] == b"PAR1" and piped.stdout[-4:] == b"PAR1"
    master, slave = pty.openpty()
    shown = subprocess.run(
        [PROGRAM, "mrr", "--format", "parquet", "--store", example], stdout=slave, stderr=subprocess.PIPE, text=True
    )
    os.close(slave)
    os.close(master)
    assert shown.returncode == 2 and "--output" in shown.stderr


def test_who_waits_at_a_terminal_sees_how_far_it_is(run: Run, tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(EXAMPLE, encoding="utf-8")
    store = tmp_path / "store"
    assert run("import", tmp_path / "subs.csv", "--store", store).returncode == 0
    asked = [str(a) for a in (PROGRAM, "mrr", "--format", "csv", "--store", store, "--output", tmp_path / "a.csv")]
    seen = bytearray()

    def read(terminal: int) -> bytes:
        seen.extend(told := os.read(terminal, 65536))
        return told

    assert pty.spawn(asked, read, lambda terminal: b"") == 0
    assert b"0:00:0" in seen
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("period,")


def test_output_takes_the_format_from_the_ending(run: Run, example: Path, tmp_path: Path) -> None:
    assert run("mrr", "--output", tmp_path / "a.json", "--store", example).returncode == 0
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert run("mrr", "--output", tmp_path / "a.txt", "--store", example, COLUMNS="20").returncode == 0
    assert "MRR roll-forward" in (tmp_path / "a.txt").read_text(encoding="utf-8")


def test_a_closed_pipe_is_no_error(demo: Path) -> None:
    # far more than a pipe holds, so that the program is still writing when its reader leaves
    line = f"'{PROGRAM}' mrr --by day --to 2026-09 --format csv --store '{demo}' | head -n 1"
    buffered = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, env=buffered)
    assert done.stdout.startswith("period,") and done.stderr == "" and done.returncode == 0


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [PROGRAM.parent / "python", "-X", "importtime", "-m", "rollforward", "--help"], capture_output=True, text=True
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0 and "typer" in loaded
    assert not loaded & {"numpy", "babel", "rich", "pyarrow", "polars", "pandas", "sqlglot"}


# --- import ----------------------------------------------------------------------------------------------------------


def test_importing_again_is_nothing_new(run: Run, tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(EXAMPLE, encoding="utf-8")
    first, second = (run("import", "subs.csv", cwd=tmp_path) for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert "Import 1 is in the store" in first.stdout and "Nothing new" in second.stdout


def test_refused_rows_are_listed_with_place_row_remedy_and_money(run: Run, tmp_path: Path) -> None:
    bad = EXAMPLE + "F,f,gold,2026-02-30,,120.00,EUR\n"
    (tmp_path / "subs.csv").write_text(bad, encoding="utf-8")
    done = run("import", "subs.csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "subs.csv:10: start_date is no date: 2026-02-30" in done.stdout
    assert "    F,f,gold,2026-02-30,,120.00,EUR" in done.stdout
    assert "At stake: 120.00 EUR a month." in done.stdout and "mapping file" in done.stdout
    again = run("problems", cwd=tmp_path)
    assert again.returncode == 1 and "subs.csv:10: start_date is no date" in again.stdout
    assert "At stake: 120.00 EUR" in again.stdout


def test_only_the_first_ten_problems_are_shown(run: Run, tmp_path: Path) -> None:
    bad = "".join(f"G{n},g{n},gold,2026-13-01,,1.00,EUR\n" for n in range(14))
    (tmp_path / "subs.csv").write_text(EXAMPLE + bad, encoding="utf-8")
    done = run("import", "subs.csv", cwd=tmp_path)
    assert done.stdout.count("is no date") == 10 and "4 more: rollforward problems" in done.stdout
    assert run("problems", cwd=tmp_path).stdout.count("is no date") == 14


def test_a_dry_run_writes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(EXAMPLE, encoding="utf-8")
    done = run("import", "subs.csv", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0 and "Nothing was written" in done.stdout
    assert not (tmp_path / "rollforward-store").exists()


def test_a_snapshot_lists_what_it_ends(run: Run, tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / "rest.csv").write_text("".join(EXAMPLE.splitlines(keepends=True)[:-1]), encoding="utf-8")
    assert run("import", "subs.csv", cwd=tmp_path).returncode == 0
    done = run("import", "rest.csv", "--snapshot", "--dry-run", cwd=tmp_path)
    assert "would end here (1)" in done.stdout and "250.00 EUR" in done.stdout


def test_an_import_is_taken_back(run: Run, tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(EXAMPLE, encoding="utf-8")
    run("import", "subs.csv", cwd=tmp_path)
    assert "Nothing was written" in run("retract", "1", "--dry-run", cwd=tmp_path).stdout
    assert "Import 1 is taken back: 8 rows" in run("retract", "1", cwd=tmp_path).stdout
    assert run("retract", "1", cwd=tmp_path).returncode == 2
    listed = rows(run("imports", "--format", "csv", cwd=tmp_path).stdout)
    assert [r["kind"] for r in listed] == ["import", "retract"]


def test_the_users_text_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(EXAMPLE + "\x1b[31mF,f,gold,never,,1.00,EUR\n", encoding="utf-8")
    assert "\x1b" not in run("import", "subs.csv", cwd=tmp_path).stdout


# --- demo ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "th"])
def test_the_overview_of_the_demo(run: Run, demo: Path, lang: str) -> None:
    done = run("demo", "--store", demo.name, "--lang", lang, cwd=demo.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    said = ("nothing was built", "Ties to the cent ✓") if lang == "en" else ("ไม่ได้สร้างใหม่", "ลงตัวทุกสตางค์ ✓")
    assert all(part in done.stdout for part in (*said, "MRR", "NDR", "GRR", "rollforward explain"))
    assert max(map(figures.width, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize("lang", ["en", "th"])
@pytest.mark.parametrize("name", [n for n in TABLES if n not in ("sources", "imports")])
def test_tables_fit_80_columns(run: Run, demo: Path, name: str, lang: str) -> None:
    done = run(*TABLES[name], "--store", demo.name, "--lang", lang, cwd=demo.parent)
    assert done.returncode == 0, done.stderr
    tables = [line for line in done.stdout.splitlines() if not line.startswith("  rollforward ")]
    assert [line for line in tables if figures.width(line) > 80] == []


def test_thai_tables_have_thai_months_and_words(run: Run, example: Path) -> None:
    done = run("mrr", *JANUARY, "--store", example, LANG="th_TH.UTF-8")
    assert "ม.ค. 2026" in done.stdout and "MRR ใหม่" in done.stdout
    assert "(ค.ศ.)" in done.stdout, "2026 is no year of the Buddhist era"
    help_ = run("mrr", "--help", "--lang=th")
    assert "สกุลเงิน" in help_.stdout and "ตัวเลือก:" in help_.stdout
    assert "วิธีใช้: rollforward mrr" in help_.stdout and "Show this" not in help_.stdout


def test_thai_has_words_for_kinds_and_for_what_did_not_move(run: Run, example: Path) -> None:
    imports = run("imports", "--store", example, "--lang", "th").stdout
    assert "นำเข้า" in imports and " import " not in imports and "(ค.ศ.)" in imports
    # definitions.md section 5: none of A, B, C stood still, so a window without a change: February
    movements = run("explain", "ndr_1", "--period", "2026-02", "--store", example)
    thai = run("explain", "ndr_1", "--period", "2026-02", "--store", example, "--lang", "th")
    assert "unchanged" in movements.stdout and "none" not in movements.stdout
    assert "ไม่เปลี่ยนแปลง" in thai.stdout and "none" not in thai.stdout


def test_a_ratio_opens_to_what_it_is_a_ratio_of(run: Run, example: Path) -> None:
    done = run("explain", "ndr_1", "--period", "2026-01", "--store", example)
    # definitions.md section 5: NDR = 1,800 / 1,900
    assert "1800.00 / 1900.00 = 0.9473684211: ndr_1, EUR = ndr_1 2026-01 ✓" in done.stdout, done.stdout
    grr = run("explain", "grr_1", "--period", "2026-01", "--store", example, "--lang", "th")
    assert "1300.00 / 1900.00 = 0.6842105263" in grr.stdout and "✓" in grr.stdout


def test_the_way_deeper_can_be_pasted_and_is_not_offered_from_nowhere(run: Run, tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(EXAMPLE.replace("A,a,", "A & Sons; $(x),a,"), encoding="utf-8")
    assert run("import", "subs.csv", "--store", "my store", cwd=tmp_path).returncode == 0
    asked = ("explain", "expansion", "--period", "2026-01", "--currency", "EUR", "--store", "my store")
    line = next(line for line in run(*asked, cwd=tmp_path).stdout.splitlines() if line.startswith("  rollforward "))
    args = shlex.split(line)
    assert args[args.index("--account") + 1] == "A & Sons; $(x)" and args[args.index("--store") + 1] == "my store"
    deeper = run(*args[1:], cwd=tmp_path)
    assert deeper.returncode == 0 and "500.00" in deeper.stdout, deeper.stderr
    nothing = run("explain", "churn", "--period", "2026-02", "--store", "my store", cwd=tmp_path)
    assert "deeper" not in nothing.stdout and "rollforward explain" not in nothing.stdout


def test_text_that_looks_like_a_formula_is_harmless_in_csv_of_every_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "subs.csv").write_text(EXAMPLE.replace("A,a,", "=cmd(),a,"), encoding="utf-8")
    assert run("import", "subs.csv", cwd=tmp_path).returncode == 0
    explain = ("explain", "expansion", "--period", "2026-01", "--format")
    (row,) = rows(run(*explain, "csv", cwd=tmp_path).stdout)
    assert row["account_id"] == "'=cmd()" and row["amount"] == "500.00"
    (record,) = json.loads(run(*explain, "json", cwd=tmp_path).stdout)
    assert record["account_id"] == "=cmd()"
    (asked,) = rows(
        run("sql", "select min(account_id) as a, -1 as n from account", "--format", "csv", cwd=tmp_path).stdout
    )
    assert asked == {"a": "'=cmd()", "n": "-1"}


# --- a store that does not tie ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def broken(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contraction of an account that never had anything: its balance would be below zero."""
    folder = tmp_path_factory.mktemp("broken")
    lines = "account_id,occurred_at,delta,currency\nA,2026-01-05,-50.00,EUR\nB,2026-01-07,80.00,EUR\n"
    (folder / "changes.csv").write_text(lines, encoding="utf-8")
    assert run("import", "changes.csv", "--kind", "changes", "--store", "store", cwd=folder).returncode == 0
    return folder / "store"


UNSOUND = ("mrr", "metrics", "expansion", "drivers", "retention", "explain", "sql", "check", "build")


@pytest.mark.parametrize("name", UNSOUND)
def test_no_answer_of_a_store_that_does_not_tie_looks_sound(run: Run, broken: Path, name: str) -> None:
    run("check", "--store", broken)
    args = {"build": ["build"], "explain": ["explain", "new", "--period", "2026-01"]}.get(name) or TABLES[name]
    done = run(*args, "--store", broken)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "not tie" in done.stdout + done.stderr and "Traceback" not in done.stderr
    if name not in ("build", "check"):
        as_json = run(*args, "--store", broken, "--format", "json")
        assert as_json.returncode == 1 and isinstance(json.loads(as_json.stdout), list)


def test_an_export_of_a_store_that_does_not_tie(run: Run, broken: Path, tmp_path: Path) -> None:
    done = run("export", tmp_path / "all", "--store", broken)
    assert done.returncode == 1 and "not tie" in done.stderr and Path(done.stdout.splitlines()[0]).is_file()


def test_violations_are_told_in_words(run: Run, broken: Path) -> None:
    english, thai = (run("check", "--store", broken, "--lang", lang) for lang in ("en", "th"))
    assert "balance_not_negative: No account's MRR falls below zero" in english.stdout
    assert "balance_not_negative: MRR ของลูกค้าทุกรายไม่ต่ำกว่าศูนย์" in thai.stdout
    assert "-5,000" in thai.stdout and "ที่ควรเป็น" in thai.stdout and "account_id" not in thai.stdout


def test_check_and_build_and_export(run: Run, example: Path, tmp_path: Path) -> None:
    done = run("check", "--store", example)
    assert done.returncode == 0 and "Ties to the cent ✓" in done.stdout
    assert run("build", "--store", example).returncode == 0
    listed = run("export", tmp_path / "all", "--store", example).stdout.splitlines()
    assert listed and all(Path(line).is_file() for line in listed)
