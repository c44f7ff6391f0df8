"""Python files stay within 400 lines, SQL files within 80."""

from __future__ import annotations

from pathlib import Path

from check_tree import sources, too_long

ROOT = Path(__file__).resolve().parents[2]


def test_files_are_short() -> None:
    faults = too_long(sources(*(ROOT / f for f in ("src", "tests", "tools", "benchmarks"))))
    assert not faults, "\n".join(faults)


def test_long_files_are_caught(tmp_path: Path) -> None:
    for name, lines in (("a.py", 400), ("b.py", 401), ("c.sql", 80), ("d.sql", 81)):
        (tmp_path / name).write_text("x\n" * lines, encoding="utf-8")
    assert [f.split(":")[0] for f in too_long(sources(tmp_path))] == [str(tmp_path / "b.py"), str(tmp_path / "d.sql")]
