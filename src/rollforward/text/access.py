"""What is said about users, tokens and what they may do: errors by code, as in `messages`."""

from __future__ import annotations

from rollforward.text import N_

ACCESS_ERRORS: dict[str, tuple[str, str]] = {
    "state-newer": (
        N_("{path} was made by a newer release (layout {format}; this one knows up to {known})."),
        N_("Upgrade with: pip install -U rollforward"),
    ),
    "state-busy": (
        N_("{path} is being written to by another program, for too long."),
        N_("Try again; if it stays so, look for a program that holds it open."),
    ),
    "bad-name": (N_("{value} cannot be a name."), N_("Write 1 to {most} characters on one line.")),
    "bad-password": (
        N_("This password cannot be used."),
        N_("It has {least} to {most} characters and is not the user's name; several words make a good one."),
    ),
    "passwords-differ": (N_("The two passwords differ."), N_("Nothing was changed. Type the same one twice.")),
    "no-terminal": (
        N_("There is no terminal to ask for the password."),
        N_("Give it on standard input with --password-stdin."),
    ),
    "user-exists": (N_("There is a user {name} already."), N_("Choose another name; capitals do not count.")),
    "first-is-admin": (
        N_("{name} would be the first user, and nobody could add others."),
        N_("Make an admin first (--role admin)."),
    ),
    "no-such-user": (N_("There is no user {name}."), N_("See them with: rollforward user list")),
    "last-admin": (
        N_("Nobody would be left who may add users."),
        N_("Make another user an admin first."),
    ),
    "bad-expiry": (N_("{value} is over already."), N_("Name a time to come (UTC).")),
    "no-such-token": (N_("There is no token {number}."), N_("See them with: rollforward token list")),
    "bad-note": (N_("This cannot be a note."), N_("Write 1 to {most} characters.")),
    "no-such-note": (N_("There is no note {number}."), N_("It may have been deleted for good.")),
    "not-yours": (N_("Only {author} or an admin may do that."), N_("Ask one of them.")),
    "bad-address": (N_("{value} is no address of this application."), N_("Keep a view from the page that shows it.")),
}
