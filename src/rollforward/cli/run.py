"""Runs the command line and turns everything that can go wrong into one clear message and an exit code.

0 done · 1 the data has problems or does not tie · 2 misuse · 3 an outside service failed · 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Sequence

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
from rollforward.cli.terminal import say
from rollforward.errors import RollforwardError
from rollforward.text import _

STOPPED = 130


def run(args: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = app(list(args), standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as err:
        # Typer leaves by SystemExit where whoever read us had enough (`| head`)
        if not isinstance(err, BrokenPipeError) and not isinstance(err.__context__, BrokenPipeError):
            raise
        # the interpreter must not complain again when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except NoArgsIsHelpError as err:
        say(err.format_message())
        return err.exit_code
    except ClickException as err:
        return _misused(err)
    except RollforwardError as err:
        what, remedy = text.sentences(err.code, err.params)
        _failed(what, remedy)
        return err.exit_code
    except KeyboardInterrupt:
        code = STOPPED
    except Exception as err:
        return _unexpected(err)
    if code == STOPPED:
        say(_("Stopped. What was not committed is not in the store."))
    return int(code or 0)


def _failed(what: str, remedy: str) -> None:
    say(_("Error: {what}").format(what=what))
    if remedy:
        say(remedy)


def _misused(err: ClickException) -> int:
    what = err.format_message()
    if isinstance(err, NoSuchOption):
        what = _("There is no option {name} here.").format(name=err.option_name)
        if err.possibilities:
            what += " " + _("Did you mean {names}?").format(names=", ".join(sorted(err.possibilities)))
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


def _hint(err: BadParameter) -> str:
    return err.param.get_error_hint().strip("'") if err.param else ""


def _unexpected(err: Exception) -> int:
    if os.environ.get("ROLLFORWARD_DEBUG") == "1":
        traceback.print_exc()
    what = " ".join(f"{type(err).__name__}: {err}".split())
    _failed(
        _("a fault in rollforward, not in your data: {what}").format(what=what[:300]),
        _("Please report it with what the same command prints under ROLLFORWARD_DEBUG=1."),
    )
    return 1
