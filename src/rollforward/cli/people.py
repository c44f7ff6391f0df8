"""The commands about who may use a store, and what they did: user, token, audit."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import typer

from rollforward.cli.options import Format, Lang, Output, StoreAt
from rollforward.cli.output import Out, emit
from rollforward.cli.terminal import out, say
from rollforward.errors import Misuse
from rollforward.text import _, figures
from rollforward.text.views import VIEWS

DAYS = 90
"""How long a token lives, unless said otherwise."""

Name = Annotated[str, typer.Argument(metavar="NAME", help=_("Name of the user."), show_default=False)]
Role = Annotated[
    Literal["viewer", "analyst", "admin", "restricted"],
    typer.Option("--role", help=_("What they may do; restricted sees no names, e-mails and texts.")),
]
TokenRole = Annotated[
    Literal["viewer", "analyst", "admin", "restricted", "notice"],
    typer.Option("--role", help=_("What it may do; notice: only ask for in-app notices and record their answers.")),
]
NewRole = Annotated[
    Literal["viewer", "analyst", "admin", "restricted"],
    typer.Argument(metavar="ROLE", help=_("viewer, analyst, admin or restricted."), show_default=False),
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help=_("Read the password from standard input instead of asking."))
]
TokenName = Annotated[str, typer.Argument(metavar="NAME", help=_("What the token is for."), show_default=False)]
TokenNumber = Annotated[
    int,
    typer.Argument(metavar="NUMBER", help=_("Number of the token, from: rollforward token list."), show_default=False),
]
Owner = Annotated[
    str, typer.Option("--owner", metavar="NAME", help=_("The user whose token it is: it may never do more than they."))
]
Days = Annotated[int, typer.Option("--days", metavar="N", min=0, help=_("Days until it expires; 0: never."))]
Who = Annotated[str, typer.Option("--who", metavar="NAME", help=_("Only what this user or token did."))]
Action = Annotated[
    str, typer.Option("--action", metavar="ACTION", help=_("Only this, such as login or user (all about users)."))
]
Since = Annotated[str | None, typer.Option("--from", metavar="TIME", help=_("Only from this time on (UTC)."))]
Until = Annotated[str | None, typer.Option("--to", metavar="TIME", help=_("Only before this time (UTC)."))]
Verify = Annotated[bool, typer.Option("--verify", help=_("Check that no row was changed or taken out."))]


def add(
    name: Name, role: Role = "viewer", password_stdin: FromStdin = False, store: StoreAt = None, lang: Lang = None
) -> None:
    """Add a user who may log in to the web application. The first one is an admin."""
    from rollforward import api

    state = api.open(store, create=False).state
    told = _password(password_stdin)
    user = state.users.add(api.operator(), name, role, told)
    out(_("{name} may log in as {role}.").format(name=user.name, role=user.role))


def list_(store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None) -> int:
    """List the users."""
    from rollforward import api

    return emit(api.open(store, create=False).users(), Out(format, output), VIEWS["users"])


def role(name: Name, role: NewRole, store: StoreAt = None, lang: Lang = None) -> None:
    """Give a user another role; it holds at once."""
    from rollforward import api

    user = api.open(store, create=False).state.users.set_role(api.operator(), name, role)
    out(_("{name} is {role} now.").format(name=user.name, role=user.role))


def password(name: Name, password_stdin: FromStdin = False, store: StoreAt = None, lang: Lang = None) -> None:
    """Give a user a new password; they are logged out everywhere."""
    from rollforward import api

    users = api.open(store, create=False).state.users
    user = users.get(name)
    users.set_password(api.operator(), user.name, _password(password_stdin))
    out(_("{name} has a new password and is logged out everywhere.").format(name=user.name))


def remove(name: Name, store: StoreAt = None, lang: Lang = None) -> None:
    """Take a user away, with their sessions and tokens."""
    from rollforward import api

    users = api.open(store, create=False).state.users
    users.remove(api.operator(), name)
    out(_("{name} is removed.").format(name=name))
    if not users.exist():
        say(_("No user is left: the web application opens on this machine without a login."))


def add_token(
    name: TokenName, role: TokenRole = "viewer", owner: Owner = "", days: Days = DAYS, store: StoreAt = None,
    lang: Lang = None,
) -> None:  # fmt: skip
    """Make a token for the JSON API and show it, once."""
    from rollforward import api

    until = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(days=days) if days else None
    state = api.open(store, create=False).state
    made, secret = state.tokens.add(api.operator(), name, role, owner, until)
    out(secret)
    said = (
        _("Token {number} ({name}) asks as {role} until {day}. It is shown only now: keep it in a safe place.")
        if until
        else _(
            "Token {number} ({name}) asks as {role} and never expires. It is shown only now: keep it in a safe place."
        )
    )
    day = figures.day(until.date()) if until else ""
    say(said.format(number=made.token_id, name=made.name, role=made.role, day=day))


def list_tokens(store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None) -> int:
    """List the tokens, without their secrets."""
    from rollforward import api

    return emit(api.open(store, create=False).tokens(), Out(format, output), VIEWS["tokens"])


def revoke(number: TokenNumber, store: StoreAt = None, lang: Lang = None) -> None:
    """End a token at once."""
    from rollforward import api

    token = api.open(store, create=False).state.tokens.revoke(api.operator(), number)
    out(_("Token {number} ({name}) is revoked.").format(number=token.token_id, name=token.name))


def audit(
    verify: Verify = False, who: Who = "", action: Action = "", start: Since = None, end: Until = None,
    store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None,
) -> int:  # fmt: skip
    """Show who did what, the latest first; with --verify check the log (exit code 1 if it is not whole)."""
    from rollforward import api

    asked = api.open(store, create=False)
    if not verify:
        return emit(asked.audit(who, action, start, end), Out(format, output), VIEWS["audit"])
    found = asked.audit_proof()
    (proof,) = found.to_dicts()
    to = Out(format, output)
    if not to.reads:
        emit(found, to)
    elif proof["is_whole"]:
        out(_("The log is whole: {rows} rows, the last one's digest is {digest}.").format(**proof))
    else:
        emit(found, to)
    return 0 if proof["is_whole"] else 1


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""
    if sys.stdin is None or not sys.stdin.isatty():
        raise Misuse("no-terminal")
    import getpass

    told = getpass.getpass(_("Password: "), sys.stderr)
    if getpass.getpass(_("Once more: "), sys.stderr) != told:
        raise Misuse("passwords-differ")
    return told


users = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
for name, command, says in (
    ("add", add, _("Add a user.")),
    ("list", list_, _("List the users.")),
    ("role", role, _("Give a user another role.")),
    ("password", password, _("Give a user a new password.")),
    ("remove", remove, _("Take a user away.")),
):
    users.command(name, help=says)(command)

tokens = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
for title, make, tells in (
    ("add", add_token, _("Make a token and show it, once.")),
    ("list", list_tokens, _("List the tokens.")),
    ("revoke", revoke, _("End a token.")),
):
    tokens.command(title, help=tells)(make)
