"""What an error of reading a file or a mapping says: code → (what happened and where, what to do). See `messages`."""

from __future__ import annotations

from rollforward.text import N_

_MEANT = N_("[Did you mean {nearest}? ]Possible: {known}.")

FILE_ERRORS: dict[str, tuple[str, str]] = {
    "no-such-file": (N_("There is no file {file}."), N_("Check the path; quote it if it has spaces.")),
    "is-directory": (N_("{file} is a folder, not a file."), N_("Name the files in it, such as {file}/*.csv")),
    "not-readable": (N_("{file} cannot be read: {detail}."), N_("Check its permissions.")),
    "empty-file": (N_("{file} is empty."), N_("Export it again: it needs a header and at least one row.")),
    "binary-file": (
        N_("{file} is no text file ({what})."),
        N_("Save it as CSV (UTF-8), Parquet or JSON lines and import that."),
    ),
    "web-page": (
        N_("{file} is a web page (HTML), not the data that was to be exported."),
        N_("Download it again while you are logged in there, as CSV."),
    ),
    "bad-gzip": (N_("{file} is damaged and cannot be unpacked: {detail}."), N_("Copy or download it again.")),
    "not-utf8": (
        N_("{file} is not in UTF-8: byte {position} cannot be read."),
        N_('Save it as "CSV UTF-8", or name its encoding in a mapping file: [format] encoding = "cp1252"'),
    ),
    "unknown-encoding": (
        N_("{mapping}:{line}: there is no encoding {value}."),
        N_("Write one such as utf-8, cp1252, cp874 or utf-16."),
    ),
    "bad-encoding": (
        N_("{file} is not in {encoding}: byte {position} cannot be read."),
        N_("Correct the encoding in the mapping file, or save the file as UTF-8."),
    ),
    "not-json-lines": (
        N_("{file} holds one JSON list, not JSON lines."),
        N_("Write one object a line: jq -c '.[]' {file}"),
    ),
    "header-only": (
        N_("{file} has a header but no rows: {header}"),
        N_("Export it again, or leave it out."),
    ),
    "bad-parquet": (N_("{file} is damaged and cannot be read as Parquet: {detail}"), N_("Write or copy it again.")),
    "ambiguous-date": (
        N_("{file}: dates in {column} can be day/month or month/day, as in {value}."),
        N_('It is never guessed. Say it in a mapping file (--mapping): [format] date = "{first}" or "{second}"'),
    ),
    "mixed-dates": (
        N_("{file}: {column} has dates as day/month and as month/day, as in {value}."),
        N_("Write them in one form, best as 2026-03-05."),
    ),
    "file-changed": (
        N_("{path} changed while it was read."),
        N_("Nothing was imported. Run the same command again once the file is finished."),
    ),
    "correction-of-changes": (
        N_("{file}: Change rows cannot be corrected by more change rows: they would add up."),
        N_("Take the import back with rollforward retract, or correct the item with a subscriptions file."),
    ),
    "correction-of-charges": (
        N_("{file}: Charges cannot be corrected by more charges: they would add up."),
        N_("Take the import back with rollforward retract, or give the difference as a charge of its own."),
    ),
    "currency-without-rates": (
        N_("--currency {currency} says what exchange rates are told in, but no file here has any."),
        N_("Leave it out, or name the file of rates (--kind fx)."),
    ),
    "no-files": (N_("No file was named."), N_("Name at least one: rollforward import FILE")),
    "unclosed-quote": (
        N_("{file}:{line}: a quote opens here and never closes."),
        N_("Close it, or double it if it belongs to the text. Nothing was imported."),
    ),
    "unknown-kind": (
        N_("{file}: what its rows are cannot be told from its header[ (several kinds fit: {kind})]: {header}"),
        N_("Say it with --kind, or name your columns in a mapping file (--mapping). Kinds and what they need: {kinds}"),
    ),
    "missing-columns": (
        N_("{file}: {kind} needs columns that are not there: {columns}."),
        N_("Add them, or say in a mapping file which of yours they are[ (perhaps {nearest})]. Yours: {header}"),
    ),
    "duplicate-header": (
        N_("{file}: two columns are called {header}, so {column} could be either."),
        N_("Rename one of them, or say in a mapping file which is meant."),
    ),
    "bad-header": (
        N_("The first line of {file} is no header: {detail}"),
        N_("Put the names of the columns there, and the rows below."),
    ),
    "header-too-wide": (
        N_("{file} has {columns} columns; at most {most} can be shown."),
        N_("Leave out what does not belong to customers and money, and try again."),
    ),
    "unpacks-too-large": (
        N_("{file} unpacks to more than {most} MB."),
        N_("Split it, or import it with the command line: rollforward import FILE"),
    ),
    "bad-mapping-name": (
        N_("A mapping cannot be called {value}."),
        N_("Use up to 60 letters, digits, spaces, points and hyphens, and begin with a letter or a digit."),
    ),
    "no-such-mapping": (N_("There is no mapping file {mapping}."), N_("Check the path given with --mapping.")),
    "bad-mapping": (
        N_("{mapping}:{line}: this is not TOML: {detail}"),
        N_("Correct that line; the manual has an example."),
    ),
    "unknown-mapping-key": (N_("{mapping}:{line}: {key} is no setting."), _MEANT),
    "bad-mapping-value": (N_("{mapping}:{line}: {key} cannot be {value}."), N_("The manual lists what it can be.")),
    "unknown-mapping-column": (N_("{mapping}:{line}: {kind} has no column {column}."), _MEANT),
    "missing-mapped-column": (
        N_("{mapping}:{line}: {column} is to come from {header}, which the file does not have."),
        N_("[Did you mean {nearest}? ]Columns of the file: {known}."),
    ),
    "bad-currency": (
        N_("{value} is no currency of ISO 4217."),
        N_("Use its three letters, such as USD, EUR or THB."),
    ),
    "amount-too-fine": (
        N_("{value} is finer than the smallest unit of {currency}."),
        N_("Round it to the currency's own decimals."),
    ),
}

UPLOAD_ERRORS: dict[str, tuple[str, str]] = {
    "no-upload": (N_("No file was chosen."), N_("Choose at least one, or drop it on the field.")),
    "no-such-upload": (
        N_("This file does not wait here any more."),
        N_("It was imported or removed, perhaps in another window. Choose it again if it is still to be imported."),
    ),
    "bad-upload": (
        N_("What was sent is no form with files: {detail}"),
        N_("Choose the files on the page and send again."),
    ),
    "upload-too-large": (
        N_("More than {most} MB cannot be sent at once."),
        N_("Send fewer files, pack them with gzip, or use the command line: rollforward import FILE"),
    ),
    "too-many-files": (N_("At most {most} files can be sent at once."), N_("Send the others afterwards.")),
    "no-such-job": (
        N_("Nothing is known of this piece of work any more."),
        N_("The server was started anew. What was finished is in the list of imports; start the rest again."),
    ),
    "job-failed": (
        N_("Something went wrong in the program (reference {job})."),
        N_("Nothing was changed. The server's log says more under this reference."),
    ),
    "not-empty": (N_("The store in {path} has data already."), N_("The demo company needs a store of its own.")),
}
