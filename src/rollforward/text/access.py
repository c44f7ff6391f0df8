"""What is said about users, tokens and what they may do: errors by code, as in `messages`."""

from __future__ import annotations

from rollforward.text import N_, _

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
    "no-such-view": (N_("There is no such saved view."), N_("Somebody may have deleted it.")),
    "view-exists": (N_("There is a view called {name} already."), N_("Choose another name.")),
    "not-yours": (N_("Only {author} or an admin may do that."), N_("Ask one of them.")),
    "wrong-login": (
        N_("Name or password is wrong."),
        N_("Try again. An admin can give you a new password."),
    ),
    "too-many-logins": (
        N_("There were too many failed logins."),
        N_("Wait {seconds} seconds, then try again."),
    ),
    "not-logged-in": (
        N_("This needs a valid token."),
        N_("Send the header: Authorization: Bearer rf_… (make one with: rollforward token add)"),
    ),
    "not-allowed": (
        N_("You may not do that[: it needs the role {role}]."),
        N_("Ask an admin for it."),
    ),
    "hidden-from-you": (N_("You cannot split or filter by {what}."), N_("Your role sees no names and persons.")),
    "wrong-host": (
        N_("This server does not answer for {host}."),
        N_("Ask for the address that it told when it started; add other names with --also-host NAME."),
    ),
    "not-for-others": (
        N_("This server has no users, so it answers its own machine only, and directly."),
        N_("Add a user first: rollforward user add NAME --role admin"),
    ),
    "no-users": (
        N_("At {host} others could reach the store, and it has no users."),
        N_("Add one first: rollforward user add NAME --role admin. Or leave --host out: then only this machine can."),
    ),
    "foreign-form": (
        N_("This form came from another site, so nothing was done."),
        N_("Open the page here and try again. Behind a proxy, let it pass the Host header on."),
    ),
    "old-form": (
        N_("This page is older than your login, so nothing was done."),
        N_("Load it again, then repeat what you did."),
    ),
    "too-large": (N_("This is too large: at most {most} are taken."), N_("Send less, or use: rollforward import")),
    "no-such-page": (N_("There is no such page."), N_("Choose one from the menu.")),
    "wrong-method": (N_("This address does not take {method}."), N_("Open it in the browser.")),
    "bad-parameter": (
        N_("[{name}: ]this cannot be understood: {detail}"),
        N_("Correct it, or start again from the menu."),
    ),
    "internal": (
        N_("Something went wrong in the program. Reference: {reference}"),
        N_("The server's log says more under this reference."),
    ),
    "not-an-address": (
        N_("{value} is no address of this application."),
        N_("Keep a view from the page that shows it."),
    ),
}

ROLES: dict[str, str] = {
    "viewer": N_("Viewer"),
    "analyst": N_("Analyst"),
    "admin": N_("Admin"),
    "restricted": N_("Without names"),
    "notice": N_("Notices only"),
    "cli": N_("command line"),
}
"""Roles as a page says them."""

MAY: dict[str, str] = {
    "viewer": N_("sees everything"),
    "analyst": N_("also imports, links, closes periods, adds policies and writes notes"),
    "admin": N_("also takes imports back, reopens periods, and manages settings, users and tokens"),
    "restricted": N_("sees figures, but no names, e-mails, persons, texts and rows of files"),
}
"""What each role may do."""

ACTIONS: dict[str, str] = {
    "login": N_("Logged in"),
    "login.failed": N_("Failed to log in"),
    "logout": N_("Logged out"),
    "session.end": N_("Ended sessions"),
    "user.add": N_("Added a user"),
    "user.role": N_("Changed a role"),
    "user.active": N_("Let a user in or out"),
    "user.password": N_("Set a password"),
    "user.remove": N_("Removed a user"),
    "token.add": N_("Made a token"),
    "token.revoke": N_("Revoked a token"),
    "webhook.set": N_("Set where events are sent"),
    "webhook.remove": N_("Sends nothing any more"),
    "webhook.again": N_("Sent an event once more"),
    "settings": N_("Changed settings"),
    "preferences": N_("Changed own preferences"),
    "export": N_("Exported"),
    "import": N_("Imported"),
    "upload": N_("Uploaded a file"),
    "upload-drop": N_("Dropped an uploaded file"),
    "mapping": N_("Matched columns"),
    "retract": N_("Took an import back"),
    "link": N_("Linked accounts"),
    "unlink": N_("Took a link back"),
    "close": N_("Closed a period"),
    "reopen": N_("Reopened a period"),
    "policy": N_("Added a policy"),
    "note.add": N_("Wrote a note"),
    "note.delete": N_("Deleted a note"),
    "note.restore": N_("Restored a note"),
    "renewal.call": N_("Made a call on a renewal"),
    "renewal.keep": N_("Kept the rules' calls"),
    "quote.save": N_("Made a quote"),
    "quote.approved": N_("Approved a discount"),
    "quote.sent": N_("Sent a quote"),
    "quote.answer": N_("Noted the answer to a quote"),
    "quote.accepted": N_("A quote was accepted"),
    "quote.declined": N_("A quote was declined"),
    "quote.withdrawn": N_("Withdrew a quote"),
    "goal.set": N_("Set a goal"),
    "goal.remove": N_("Removed a goal"),
    "opportunity.refresh": N_("Looked for opportunities"),
    "opportunity.offer": N_("Made an offer"),
    "opportunity.answer": N_("Noted the answer to an offer"),
    "opportunity.stage": N_("Moved an opportunity"),
    "opportunity.owner": N_("Handed an opportunity over"),
    "notice": N_("Showed a notice or noted its answer"),
    "view.add": N_("Saved a view"),
    "view.rename": N_("Renamed a view"),
    "view.delete": N_("Deleted a view"),
    "refused": N_("Was refused"),
}
"""Actions of the audit log as a page says them; what `@allow` calls an action stands here."""

ENDS: dict[str, str] = {
    "done": N_("finished"),
    "refused": N_("refused, nothing was changed"),
    "failed": N_("broke off"),
}
"""How work in the background ended: what stands behind the action that asked for it (`import.done`)."""


def action(code: str) -> str:
    """An action of the log in the language in force; an unknown one as it is."""
    asked, dot, end = code.rpartition(".")
    if dot and end in ENDS and asked in ACTIONS:
        return f"{_(ACTIONS[asked])}: {_(ENDS[end])}"
    return _(ACTIONS[code]) if code in ACTIONS else code
