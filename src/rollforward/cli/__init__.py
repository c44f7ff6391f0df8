"""The command line: one file a command or a small family; all they do is ask `api` and show the answer."""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Sequence

from rollforward import text


def main(argv: Sequence[str] | None = None) -> None:
    """Run `rollforward` and leave the process with its exit code.

    The language is settled before any command is imported, because help texts are translated on import.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    text.use(text.choose(_said_language(args), os.environ))
    # Typer's own words (Options, Commands, …) come through the process-wide gettext domain
    os.environ["LANGUAGE"] = text.language()
    gettext.bindtextdomain(text.DOMAIN, text.LOCALES)
    gettext.textdomain(text.DOMAIN)
    from rollforward.cli.run import run

    sys.exit(run(args))


def _said_language(args: Sequence[str]) -> str | None:
    for i, arg in enumerate(args):
        if arg == "--":
            break
        if arg.startswith("--lang="):
            return arg.removeprefix("--lang=")
        if arg == "--lang" and i + 1 < len(args):
            return args[i + 1]
    return None
