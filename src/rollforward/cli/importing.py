"""The commands that change facts: import, retract, and the list imports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rollforward import text
from rollforward.cli.options import Format, Lang, Output, StoreAt
from rollforward.cli.output import Out, emit
from rollforward.cli.render import grid
from rollforward.cli.terminal import BOLD, GREEN, RED, YELLOW, out, progress, styled
from rollforward.money import to_major as major
from rollforward.text import _, figures
from rollforward.text.cells import printable
from rollforward.text.views import VIEWS

if TYPE_CHECKING:
    from rollforward.api import ImportReport
    from rollforward.errors import Problem

SHOWN = 10
"""Problems and ended items listed in full; the rest is counted."""

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help=_("CSV, CSV.gz, Parquet or JSON lines files."), show_default=False),
]
Kind = Annotated[
    str | None, typer.Option("--kind", metavar="KIND", help=_("What the rows are, where the header does not tell."))
]
Mapping = Annotated[
    Path | None, typer.Option("--mapping", metavar="FILE.toml", help=_("Which of your columns is which of ours."))
]
Snapshot = Annotated[
    bool, typer.Option("--snapshot", help=_("The files are the whole truth: items missing from them have ended."))
]
RecordedAt = Annotated[
    str | None,
    typer.Option("--recorded-at", metavar="TIME", help=_("When you were told, for rows that do not say (UTC).")),
]
Trust = Annotated[
    bool, typer.Option("--trust-valid-time", help=_("Assume that everything was known on the day it took effect."))
]
Coverage = Annotated[
    str | None,
    typer.Option(
        "--coverage", metavar="A..B", help=_("The time that the files cover, B excluded; either may be empty.")
    ),
]
As = Annotated[
    Literal["correction"] | None,
    typer.Option("--as", help=_("The rows are corrections: believed over every other source.")),
]
RatesIn = Annotated[
    str | None,
    typer.Option("--currency", metavar="CCY", help=_("The reporting currency, in which exchange rates are told.")),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=_("Say what would happen; write nothing."))]
Number = Annotated[
    int,
    typer.Argument(metavar="IMPORT", help=_("Number of the import, from: rollforward imports."), show_default=False),
]


def import_(
    files: Files,
    kind: Kind = None,
    mapping: Mapping = None,
    snapshot: Snapshot = False,
    recorded_at: RecordedAt = None,
    trust_valid_time: Trust = False,
    coverage: Coverage = None,
    as_: As = None,
    currency: RatesIn = None,
    dry_run: DryRun = False,
    store: StoreAt = None,
    lang: Lang = None,
) -> int:
    """Import and show what came of it; exit code 1 if a row was refused."""
    from rollforward import api

    path = store or Path(api.DEFAULT_STORE)
    with progress() as report, _nothing_left(dry_run and not path.exists()) as empty:
        done = api.open(empty or path).import_(
            *files,
            kind=kind,
            mapping=mapping,
            snapshot=snapshot,
            recorded_at=recorded_at,
            trust_valid_time=trust_valid_time,
            coverage=coverage,
            correction=as_ == "correction",
            currency=currency,
            dry_run=dry_run,
            progress=report,
        )
    out("\n".join(summary(done)))
    return 1 if any(f.refused for f in done.files) else 0


@contextmanager
def _nothing_left(wanted: bool) -> Iterator[Path | None]:
    # a dry run where there is no store yet must not leave one behind
    with TemporaryDirectory() if wanted else nullcontext() as folder:
        yield Path(folder) / "store" if folder else None


def retract(number: Number, dry_run: DryRun = False, store: StoreAt = None, lang: Lang = None) -> None:
    """Take import NUMBER back; as-of questions before now still see it."""
    from rollforward import api

    done = api.open(store, create=False).retract(number, dry_run=dry_run)
    rows = sum(f.accepted for f in done.files)
    said = (
        _("Would take back import {number}: {rows} rows. Nothing was written (--dry-run).")
        if dry_run
        else _("Import {number} is taken back: {rows} rows. The store is at version {version}.")
    )
    out(said.format(number=number, rows=figures.number(rows), version=done.version))
    if done.repeated:
        said = _("{rows} rows of later imports were known through this one; import those files again to keep them.")
        out(said.format(rows=figures.number(done.repeated)))


def imports(store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None) -> int:
    """One row an import or retraction."""
    from rollforward import api

    return emit(api.open(store, create=False).imports(), Out(format, output), VIEWS["imports"])


def summary(done: ImportReport) -> list[str]:
    """What a person reads after an import: files, problems, items that end, and what was written."""
    header = [_("File"), _("Kind"), _("Read"), _("Accepted"), _("Known"), _("Refused"), _("Remarks")]
    cells = [
        [f.name, f.kind, *map(figures.number, (f.rows, f.accepted, f.known, f.refused, f.noted))] for f in done.files
    ]
    lines = grid(header, cells, [False, False, True, True, True, True, True])
    if done.splits:
        said = _("Overlapping rows were split into items by product or plan: {names}.")
        lines += ["", said.format(names=_first(done.splits))]
    lines += problem_list(done.problems, done.problem_count)
    lines += _ended(done)
    return [*lines, "", _verdict(done)]


def problem_list(problems: list[Problem], count: int, shown: int = SHOWN) -> list[str]:
    """The first `shown` problems of `count`, each with place, reason, the user's row, remedy and money at stake."""
    lines: list[str] = []
    for p in problems[:shown]:
        what, remedy = text.problem(p)
        lines += ["", styled(f"{p.file}:{p.line}: ", BOLD) + styled(what, RED if p.severity == "refused" else YELLOW)]
        if p.row:
            lines.append(f"    {printable(p.row)}")
        if remedy:
            lines.append(f"    {remedy}")
        if p.amount_minor:
            at_stake = figures.money(major(p.amount_minor, p.currency), p.currency)
            lines.append("    " + _("At stake: {amount} a month.").format(amount=at_stake))
    if count > len(problems[:shown]):
        more = figures.number(count - len(problems[:shown]))
        lines += ["", _("{more} more: rollforward problems").format(more=more)]
    return lines


def _ended(done: ImportReport) -> list[str]:
    if not done.ends:
        return []
    would, did = (
        _("Items that would end here ({count}), with their MRR:"),
        _("Items that ended here ({count}), with their MRR:"),
    )
    said = would if done.dry_run else did
    cells = [
        [e.account_id, e.subscription_id, e.item_id, figures.money(major(e.mrr_minor, e.currency), e.currency)]
        for e in done.ends[:SHOWN]
    ]
    table = grid([_("Account"), _("Subscription"), _("Item"), _("MRR")], cells, [False, False, False, True])
    totals: dict[str, int] = {}
    for e in done.ends:
        totals[e.currency] = totals.get(e.currency, 0) + e.mrr_minor
    total = ", ".join(figures.money(major(v, c), c) for c, v in totals.items())
    return ["", said.format(count=figures.number(len(done.ends))), *table, _("Together: {total}").format(total=total)]


def _verdict(done: ImportReport) -> str:
    refused = sum(f.refused for f in done.files)
    if done.dry_run:
        said, colour = _("Nothing was written (--dry-run)."), YELLOW
    elif not done.commit_id:
        said, colour = _("Nothing new: the store already knows all of this (version {version})."), GREEN
    elif refused:
        said, colour = _("Import {number} is in the store, without the refused rows (version {version})."), RED
    else:
        said, colour = _("Import {number} is in the store (version {version})."), GREEN
    return styled(said.format(number=done.commit_id, version=done.version), colour)


def _first(names: list[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f", … (+{rest})" if rest > 0 else "")
