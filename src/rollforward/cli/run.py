"""Runs the command line and turns everything that can go wrong into one clear message and an exit code.

0 done · 1 the data has problems or does not tie · 2 misuse · 3 an outside service failed · 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

# Typer ships Click under this name and exports no base class of its usage errors; its version is pinned.
from typer._click.exceptions import (
    BadParameter,
    ClickException,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)

from rollforward import text
from rollforward.cli.app import app
from rollforward.cli.terminal import drop, flush, say
from rollforward.errors import RollforwardError, StoreError
from rollforward.text import _

STOPPED = 130

ALIKE = 0.6
"""How alike an unknown option must be to one that is suggested, 0…1."""


def run(args: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (as long as the program)
    if sys.stdout is None:
        # refused at once: the next file that is opened would get the number of standard output
        sys.stdout = sys.stderr
        return _refused(RollforwardError("no-output"))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = app(list(args), standalone_mode=False)
        flush()
    except (BrokenPipeError, SystemExit) as err:
        # Typer leaves by SystemExit where whoever read us had enough (`| head`)
        if not isinstance(err, BrokenPipeError) and not isinstance(err.__context__, BrokenPipeError):
            raise
        drop()
        return 0
    except NoArgsIsHelpError as err:
        say(err.format_message())
        return err.exit_code
    except ClickException as err:
        return _misused(err)
    except RollforwardError as err:
        return _refused(err)
    except KeyboardInterrupt:
        code = STOPPED
    except Exception as err:
        return unexpected(err)
    if code == STOPPED:
        say(_("Stopped. What was not committed is not in the store."))
    return int(code or 0)


def _refused(err: RollforwardError) -> int:
    what, remedy = text.sentences(err.code, err.params)
    _failed(what, remedy)
    return err.exit_code


def _failed(what: str, remedy: str) -> None:
    say(_("Error: {what}").format(what=what))
    if remedy:
        say(remedy)


def _misused(err: ClickException) -> int:
    what = err.format_message()
    if isinstance(err, NoSuchOption):
        what = _("There is no option {name} here.").format(name=err.option_name)
        if near := _near(err):
            what += " " + _("Did you mean {names}?").format(names=", ".join(near))
    elif isinstance(err, MissingParameter) and err.param is not None:
        what = _("{name} is missing.").format(name=_hint(err))
    elif isinstance(err, BadParameter) and (choice := re.search(r"('.*') is not one of (.*?)\.?$", err.message)):
        what = _("{option} cannot be {value}. Possible: {known}.").format(
            option=_hint(err), value=choice[1].strip("'"), known=choice[2].replace("'", "")
        )
    elif isinstance(err, BadParameter) and "valid integer" in err.message:
        what = _("{name} must be a whole number.").format(name=_hint(err))
    command = err.ctx.command_path if isinstance(err, UsageError) and err.ctx else "rollforward"
    _failed(what, _("See: {command} --help").format(command=command))
    return err.exit_code


def _near(err: NoSuchOption) -> list[str]:
    # Click compares the dashes too, and so finds --help near to everything
    return sorted(
        name
        for name in err.possibilities or ()
        if SequenceMatcher(None, name.lstrip("-"), err.option_name.lstrip("-")).ratio() >= ALIKE
    )


def _hint(err: BadParameter) -> str:
    return err.param.get_error_hint().strip("'") if err.param else ""


def unexpected(err: Exception) -> int:
    """Say what no command expected: a lack of memory, a refusal of the system, or a fault of ours; the exit code."""
    duckdb = sys.modules.get("duckdb")
    if isinstance(err, MemoryError) or (duckdb is not None and isinstance(err, duckdb.OutOfMemoryException)):
        return _refused(StoreError("out-of-memory", detail=_first_line(err)))
    if isinstance(err, OSError) and os.environ.get("ROLLFORWARD_DEBUG") != "1":
        if err.filename is None:
            drop()  # it may have been standard output, which would fail again
        return _refused(RollforwardError("system-refused", path=err.filename or "", detail=err.strerror or str(err)))
    if os.environ.get("ROLLFORWARD_DEBUG") == "1":
        traceback.print_exc()
    what = " ".join(f"{type(err).__name__}: {err}".split())
    _failed(
        _("a fault in rollforward, not in your data: {what}").format(what=what[:300]),
        _("Please report it with what the same command prints under ROLLFORWARD_DEBUG=1."),
    )
    return 1


def _first_line(err: Exception) -> str:
    return (str(err).splitlines() or [type(err).__name__])[0]
