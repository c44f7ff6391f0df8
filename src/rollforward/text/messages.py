"""What an error says: one entry for every code, (what happened and where, what to do).

The values in braces are the `params` given where the error is raised; `tests/test_text.py` holds the two together. A
part in square brackets is left out where its value is empty.
"""

from __future__ import annotations

from rollforward.text import N_
from rollforward.text.access import ACCESS_ERRORS
from rollforward.text.acting import ACTING_ERRORS, WORDS
from rollforward.text.foreseen import FORESEEN_ERRORS
from rollforward.text.goals import GOAL_ERRORS
from rollforward.text.programs import API_ERRORS
from rollforward.text.quotes import QUOTE_ENDS, QUOTE_ERRORS
from rollforward.text.reading import FILE_ERRORS, UPLOAD_ERRORS
from rollforward.text.renewals import RENEWAL_ERRORS

_KNOWN = N_("Possible: {known}.")

_MEANT = N_("[Did you mean {nearest}? ]Possible: {known}.")

STORE_ERRORS: dict[str, tuple[str, str]] = {
    "not-a-store": (
        N_("{path} is a folder, but not a store of rollforward."),
        N_("Name the store with --store, or choose a new folder."),
    ),
    "store-is-file": (
        N_("{path} is a file; a store is a folder."),
        N_("Name the store with --store. To take the file in: rollforward import FILE"),
    ),
    "no-store": (
        N_("There is no store in {path}."),
        N_("Make one with: rollforward demo, or: rollforward import FILE. Another place is named with --store."),
    ),
    "store-newer": (
        N_("The store in {path} was made by a newer release (layout {format}; this one knows up to {known})."),
        N_("Upgrade with: pip install -U rollforward"),
    ),
    "store-damaged": (
        N_("The store is damaged at {file}: {detail}."),
        N_("Nothing was computed. Restore that file from a backup, or import your files into a new store."),
    ),
    "store-path": (
        N_("A store cannot lie in {path}: {found} in its name cannot be used."),
        N_("Choose a folder without brackets, backslashes and percent signs."),
    ),
    "cannot-read": (N_("{where} cannot be read."), N_("Check its permissions and the disk.")),
    "cannot-write": (
        N_("The store in {path} cannot be written: {reason}."),
        N_("Nothing was committed. Make room or give permission, then run the same command again."),
    ),
    "no-such-version": (
        N_("The store has no version {version}; its last is {last}."),
        N_("Ask for a version up to {last}."),
    ),
    "out-of-memory": (
        N_("There is not enough memory for this: {detail}"),
        N_("Set ROLLFORWARD_MEMORY to more (4GB, say), ask for fewer periods, or import fewer rows at once."),
    ),
    "amounts-too-large": (
        N_("Amounts are too large to be summed exactly: {detail}"),
        N_('Look for a wrong amount: rollforward sql "select * from item_state order by amount desc limit 5"'),
    ),
}

QUESTION_ERRORS: dict[str, tuple[str, str]] = {
    "too-many-rows": (
        N_("{rows} rows are too many to be listed at once; at most {most} are."),
        N_("Open one account, ask for accounts (--level accounts), or a shorter period; export and sql have all rows."),
    ),
    "empty-store": (N_("The store in {path} holds no facts yet."), N_("Import a file first: rollforward import FILE")),
    "no-such-import": (N_("There is no import {commit}."), N_("See their numbers with: rollforward imports")),
    "links-clash": (
        N_("Import {commit} cannot be taken back: the links of {source} and {target} would contradict each other."),
        N_("Take the later link back first: rollforward unlink {source} {target}"),
    ),
    "link-to-itself": (N_("{source} cannot be linked to itself."), N_("Name two accounts.")),
    "already-linked": (
        N_("{source} is linked already, to another account or in another way."),
        N_("Take that link back first: rollforward unlink FROM TO. The links are in the table account_link."),
    ),
    "link-ring": (
        N_("Linking {source} to {target} would close a ring: {target} goes on as {source} already."),
        N_("Take the other link back first: rollforward unlink FROM TO"),
    ),
    "link-needs-date": (
        N_("Linking {source} to {target} as acquired needs the day on which it happened."),
        N_("Name it: --on 2026-03-05"),
    ),
    "link-without-date": (
        N_("A link of the kind same holds at all times, so it cannot begin on {on}."),
        N_("Leave --on out, or use --kind acquired."),
    ),
    "no-such-link": (
        N_("There is no link from {source} to {target}."),
        N_('See them with: rollforward sql "select * from account_link"'),
    ),
    "already-retracted": (
        N_("Import {commit} was taken back already."),
        N_("To have it again, import its files again."),
    ),
    "unknown-policy": (N_("There is no policy {policy}."), _KNOWN),
    "policy-shipped": (
        N_("{file}: the name {policy} belongs to a policy of the program."),
        N_("Choose another name; rollforward policy show {policy} --format toml is a start for one of yours."),
    ),
    "policy-registered": (
        N_("{file}: version {version} of {policy} is registered with other settings."),
        N_("A registered policy never changes. Write version = {following} and add it again."),
    ),
    "below-netting": (
        N_("{option} {value} is shorter than the netting window of {policy} ({netting})."),
        N_("Ask for months, quarters or years, or under a policy that nets by the day."),
    ),
    "bad-policy": (N_("{file}: this is not TOML: {detail}"), N_("Correct that line; the manual has an example.")),
    "unknown-policy-key": (N_("{file}: {key} is no setting of a policy."), _MEANT),
    "missing-policy-key": (N_("{file}: {key} is missing."), N_("A policy says its name and its version (1, 2, …).")),
    "bad-policy-value": (N_("{file}: {key} cannot be {value}."), _KNOWN),
    "interrupted": (N_("The question was ended before it was answered."), N_("Ask again.")),
    "busy": (
        N_("All hands are full: nothing was free to answer within a minute."),
        N_("Try again in a moment."),
    ),
    "cannot-listen": (
        N_("Cannot listen on {address}: {reason}."),
        N_("Choose another port with --port, or 0 for a free one."),
    ),
    "unknown-option": (N_("{option} cannot be {value}."), _KNOWN),
    "no-pyspark": (N_("Spark is not installed."), N_("Install it: pip install 'rollforward[spark]'")),
    "no-java": (
        N_("Spark needs Java, and there is none."),
        N_("Install Java {least} or newer (Debian: apt-get install default-jre-headless), or set JAVA_HOME."),
    ),
    "other-master": (
        N_("A Spark session runs at {running} already, not at {master}."),
        N_("Stop it, or leave --master out to use it."),
    ),
    "master-without-spark": (N_("--master {master} is of no use without Spark."), N_("Add --engine spark.")),
    "spark-unreachable": (
        N_("Spark at {master} does not start: {detail}"),
        N_("Check the address and that its master and workers run the same release of Spark."),
    ),
    "spark-failed": (
        N_("Spark stopped: {detail}"),
        N_("Check that every worker sees the store's folder under the same path and may write there, and its log."),
    ),
    "unknown-currency": (N_("The store has no amounts in {currency}."), _KNOWN),
    "unknown-account": (
        N_("There is no account {account} in the store."),
        N_('Capitals count. See: rollforward sql "select account_id from account"'),
    ),
    "unknown-metric": (N_("{metric} cannot be opened."), _KNOWN),
    "no-such-window": (N_("There is no window {window}."), _KNOWN),
    "bad-cursor": (
        N_("{value} is no place in this list."),
        N_("Take the cursor that the page before gave, with the same order; or leave it out for the first page."),
    ),
    "bad-where": (N_("{value} is no condition."), N_("Write --where dimension=value, as in --where country=TH.")),
    "unknown-dimension": (
        N_("There is no dimension {dimension}. There are: {known}."),
        N_("Attributes come from the columns of an accounts file; rollforward dimensions lists them all."),
    ),
    "no-usage-level": (
        N_("The policy {policy} does not say of which metric usage_level is the use, and from how much on."),
        N_('Set both: [bands.usage_level] metric = "seats", low = 0, high = 50.'),
    ),
    "several-item-dimensions": (
        N_("{dimensions} are dimensions of items: one question can have one of them."),
        N_("Ask by one of them, and narrow it with --where by dimensions of accounts."),
    ),
    "bridge-needs-segment": (
        N_("A bridge needs --segment: the dimension whose values moved NDR."),
        N_("There are: {known}."),
    ),
    "bad-range": (
        N_("--from {start} begins after the end of --to {end}."),
        N_("Name the earlier period with --from, the later one with --to."),
    ),
    "period-not-over": (
        N_("The period ends on {end}, but everything is known only up to {known}."),
        N_("Close it when it is over; name an earlier period."),
    ),
    "several-rows-a-month": (
        N_("{file} has several rows for one month and currency."),
        N_("Export the roll-forward by month, without segments."),
    ),
    "nothing-to-compare": (
        N_("{file} has no {measure} that can be read."),
        N_("Name what it has with --measure, or its columns in a mapping file (--mapping)."),
    ),
    "not-closed": (
        N_("{period} is not closed; the first open day is {open_from}."),
        N_("See what is closed with: rollforward imports"),
    ),
    "close-unsound": (
        N_("The store does not tie ({violations} violations), and such figures are not closed."),
        N_("See them with: rollforward check"),
    ),
    "bad-period": (
        N_("{option}: {value} is no period."),
        N_("Write 2026, 2026-Q1, 2026-03, 2026-W12 or 2026-03-05."),
    ),
    "bad-time": (
        N_("{option}: {value} is no date or time."),
        N_("Write 2026-03-05 or 2026-03-05T14:30, in UTC, or with its offset: 2026-03-05T14:30+07:00."),
    ),
    "bad-coverage": (
        N_("{value} is no stretch of time."),
        N_("Write two dates, the second excluded: 2025-01-01..2026-01-01. Either may be empty."),
    ),
    "recorded-at-in-future": (
        N_("--recorded-at: {recorded_at} lies in the future; it is {now} (UTC)."),
        N_("Write when you were told, in UTC or with its offset: 2026-03-05T14:30+07:00."),
    ),
    "as-of-before-first": (
        N_("Nothing had been recorded by {as_of}: the store's first fact was recorded at {first}."),
        N_("Ask as of then or later. If your files say when things were so, import with --trust-valid-time."),
    ),
    "as-of-in-future": (N_("{as_of} lies in the future."), N_("Leave --as-of out to count all that is known now.")),
    "sql-not-select": (
        N_("Only one SELECT can be asked, not: {query}"),
        N_("The store is a folder of open tables: any engine can read it for other questions."),
    ),
    "sql-unknown-table": (N_("There is no table {table}."), _KNOWN),
    "sql-error": (N_("The SELECT cannot be answered: {detail}"), N_("The tables and columns are in docs/tables.md.")),
    "sql-too-long": (
        N_("The SELECT was stopped after {seconds} seconds."),
        N_("Ask for fewer rows, or read the open tables of the store with an engine of your own."),
    ),
    "one-split": (
        N_("Rows cannot be split by {split} and by {segment} at once."),
        N_("Ask for one of them; the other may stand in --where."),
    ),
    "spend-not-split": (
        N_("What was spent is not told by {dimension}."),
        N_("Ask without --segment and --where: spend is of the whole company."),
    ),
    "no-cut-here": (
        N_("This is of all accounts, and not by {dimension}."),
        N_("Ask without --segment and --where."),
    ),
    "cannot-read-benchmarks": (
        N_("{file}, line {line}, holds no benchmark: {detail}"),
        N_("Its columns: metric, value, unit, statistic, data_year, publisher, segment_type, segment, and others."),
    ),
    "no-split-here": (
        N_("This cannot be split by {dimension}."),
        N_("Ask with --where for one value of it: --where {dimension}=VALUE"),
    ),
    "plays-without-costs": (
        N_("Nobody said what {play} costs, so it cannot be ranked."),
        N_("Give each play a cost above 0: for a year, in the currency of the answer."),
    ),
    "bad-play": (
        N_("Line {line} is no play: {detail}"),
        N_("Its columns: play, lever (expansion, contraction, churn), reach, effect_low, effect_high (0 to 1), cost."),
    ),
    "dimension-of-items": (
        N_("{dimension} is a dimension of items, and this follows whole accounts."),
        N_("Ask by a dimension of accounts; see: rollforward dimensions"),
    ),
    "missing-extra": (N_("{package} is not installed."), N_("Install it with: pip install 'rollforward[{extra}]'")),
    "not-a-folder": (N_("{path} is no folder."), N_("Name a new or an empty folder.")),
    "folder-not-empty": (
        N_("The folder {path} is not empty."),
        N_("Name a new or an empty folder: nothing of yours is overwritten."),
    ),
    "cannot-write-file": (N_("{path} cannot be written: {reason}."), N_("Choose another place with --output.")),
    "cannot-write-folder": (
        N_("{path} cannot be written: {detail}."),
        N_("Name a folder in a place where you may write and that has room."),
    ),
    "cannot-write-output": (
        N_("The answer cannot be written to standard output: {detail}."),
        N_("Make room where it is sent, or write into a file with --output."),
    ),
    "no-output": (
        N_("Standard output is closed: there is nowhere to write the answer."),
        N_("Nothing was done. Run the command again with standard output open."),
    ),
    "system-refused": (
        N_("The system refused an operation[ on {path}]: {detail}."),
        N_("Check the permissions, the disk and its room, then run the same command again."),
    ),
    "binary-on-terminal": (
        N_("{format} is binary and would garble the terminal."),
        N_("Name a file with --output, or send it on with a pipe."),
    ),
}

ERRORS = (
    FILE_ERRORS
    | UPLOAD_ERRORS
    | STORE_ERRORS
    | QUESTION_ERRORS
    | ACCESS_ERRORS
    | ACTING_ERRORS
    | FORESEEN_ERRORS
    | RENEWAL_ERRORS
    | GOAL_ERRORS
    | QUOTE_ERRORS
    | API_ERRORS
)

REASONS: dict[str, str] = {
    "disk-full": N_("the disk is full"),
    "permission": N_("permission denied"),
    "other": N_("the disk reported an error"),
    **{code: WORDS[code] for code in ("budget", "cool_down", "at_risk", "save", "owner_busy", "hold_out", "closed")},
    **QUOTE_ENDS,
}
"""Values of the param `reason`."""
