"""The two streams: results on standard output, everything said about them on standard error."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rollforward.errors import RollforwardError
from rollforward.text import _

BOLD, DIM, RED, GREEN, YELLOW = "1", "2", "31", "32", "33"


def width() -> int:
    """Columns of the terminal; 80 where there is none, COLUMNS if it is set."""
    return shutil.get_terminal_size((80, 24)).columns


def styled(text: str, *codes: str) -> str:
    """`text` in colour where standard output is a terminal that wants it (NO_COLOR switches it off)."""
    if not codes or not sys.stdout.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{';'.join(codes)}m{text}\033[0m"


def out(text: str = "") -> None:
    """One result line (or several) on standard output."""
    write(text + "\n")


def write(content: str | bytes) -> None:
    """`content` as it is on standard output. RollforwardError `cannot-write-output`, at the latest from `flush`."""
    with _reported():
        if isinstance(content, str):
            sys.stdout.write(content)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(content)


def flush() -> None:
    """Whatever was printed is out after this, or RollforwardError `cannot-write-output` is raised."""
    with _reported():
        sys.stdout.flush()


def drop() -> None:
    """Nothing more goes to standard output: the interpreter must not complain again when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # whoever read us had enough, which is no error
    except OSError as err:
        drop()
        raise RollforwardError("cannot-write-output", detail=err.strerror or str(err)) from err


def say(text: str) -> None:
    """A note, warning or error on standard error, after what was already printed."""
    flush()
    sys.stderr.write(text + "\n")


@contextmanager
def progress() -> Iterator[Callable[[str, float], None] | None]:
    """A bar on standard error while work goes on; nothing (None) where that is no terminal.

    What comes out is called with the stage's name and how much of it is done, 0…1.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: float) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(_(stage), total=1.0)
            bar.update(tasks[stage], completed=done)

        yield report
