"""What is said to programs that ask the JSON API: errors by code, as in `messages`."""

from __future__ import annotations

from rollforward.text import N_

API_ERRORS: dict[str, tuple[str, str]] = {
    "unknown-parameter": (
        N_("There is no parameter {name} here."),
        N_("[Did you mean {nearest}? ]Possible: {known}."),
    ),
    "missing-parameter": (N_("{name} is missing."), N_("It must be given; /developers has examples.")),
    "bad-value": (N_("{name} cannot be {value}."), N_("[It has to be: {known}.][It looks like this: {example}]")),
    "repeated-parameter": (N_("{name} was given more than once."), N_("Give it once.")),
    "bad-body": (N_("The body cannot be read."), N_("Send what /developers describes, as JSON in UTF-8.")),
    "other-media-type": (N_("A body of the type {given} is not taken here."), N_("Send {wanted}.")),
    "no-such-endpoint": (N_("Nothing lies at this address."), N_("All addresses are listed at /developers.")),
    "cursor-unreadable": (
        N_("This is no cursor."),
        N_("Send back `next` of the answer before as it is, or leave it out to begin anew."),
    ),
    "cursor-of-another": (
        N_("This cursor belongs to another question."),
        N_("Ask with the same parameters as in the answer that it came from."),
    ),
    "cursor-outdated": (
        N_("The store went from version {then} to {now}, so this cursor leads on no longer."),
        N_("Begin anew without a cursor; rows of two versions do not belong together."),
    ),
}
