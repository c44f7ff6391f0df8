"""The commands about policies: policy add, list, show, diff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from rollforward.cli.options import Format, Lang, Output, StoreAt
from rollforward.cli.output import Out, emit, write_text
from rollforward.cli.terminal import out
from rollforward.text import _

File = Annotated[Path, typer.Argument(metavar="FILE.toml", help=_("A policy as TOML."), show_default=False)]
Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help=_("A shipped or registered policy, or a path of a .toml."), show_default=False),
]
Shown = Annotated[
    Literal["table", "toml", "csv", "json", "parquet"] | None,
    typer.Option(
        "--format", help=_("A table to read, the policy as TOML, or another machine format (default: table).")
    ),
]


def add(file: File, store: StoreAt = None, lang: Lang = None) -> int:
    """Register a policy; it can then be named with --policy."""
    from rollforward import api

    rules, is_new = api.open(store, create=False).add_policy(file)
    said = (
        _("Registered {policy}, version {version}.") if is_new else _("{policy}, version {version}, is there already.")
    )
    out(said.format(policy=rules.name, version=rules.version))
    return 0


def list_(store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None) -> int:
    """List shipped and registered policies."""
    from rollforward import api

    return emit(api.open(store, create=False).policies(), Out(format, output))


def show(name: Name, store: StoreAt = None, format: Shown = None, output: Output = None, lang: Lang = None) -> int:
    """Show every setting of a policy beside the default's."""
    from rollforward import api

    asked = api.open(store, create=False)
    if format == "toml" or (format is None and output is not None and output.suffix == ".toml"):
        write_text(asked.policy_text(name).rstrip("\n"), output)
        return 0
    return emit(asked.policy(name), Out(format, output))


def diff(
    one: Name, other: Name, store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None
) -> int:
    """Show the settings in which two policies differ."""
    from rollforward import api

    return emit(api.open(store, create=False).policy_diff(one, other), Out(format, output))


app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
for name, command, says in (
    ("add", add, _("Register a policy of yours.")),
    ("list", list_, _("List shipped and registered policies.")),
    ("show", show, _("Show the settings of a policy.")),
    ("diff", diff, _("Show in which settings two policies differ.")),
):
    app.command(name, help=says)(command)
