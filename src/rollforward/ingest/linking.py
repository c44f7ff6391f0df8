"""Linking two accounts, and taking that back: one row of a links file, imported as a commit of its own."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from rollforward.errors import Misuse
from rollforward.ingest.links import Played, stored
from rollforward.ingest.report import ImportOptions, ImportReport
from rollforward.ingest.run import import_files
from rollforward.store import FactStore

KINDS = ("same", "acquired")


def link(store: FactStore, source: str, target: str, kind: str, on: date | None) -> ImportReport:
    """Let the account `source` go on as `target`; a link that is there already changes nothing (commit_id 0).

    `target` may be an account that no fact names yet. Misuse: `unknown-account`, `unknown-option` (kind),
    `link-needs-date`, `link-without-date`, `bad-time`, `link-to-itself`, `already-linked`, `link-ring`.
    """
    if kind not in KINDS:
        raise Misuse("unknown-option", option="--kind", value=kind, known=", ".join(KINDS))
    if kind == "acquired" and on is None:
        raise Misuse("link-needs-date", source=source, target=target)
    if kind == "same" and on is not None:
        raise Misuse("link-without-date", on=on.isoformat())
    if on is not None and not 1970 <= on.year <= 2200:
        raise Misuse("bad-time", option="--on", value=on.isoformat())
    if source == target:
        raise Misuse("link-to-itself", source=source)
    if not target:
        raise Misuse("unknown-account", account=target)
    _known(store, source)
    return _say(store, "link", source, target, kind, on.isoformat() if on else "", "false")


def unlink(store: FactStore, source: str, target: str) -> ImportReport:
    """Take the link of `source` to `target` back: it never was. Misuse `unknown-account`, `no-such-link`."""
    con, keys = _known(store, source)
    held = Played(stored(con), []).force.get(keys[source])
    if held is None or held.target != keys.get(target):
        raise Misuse("no-such-link", source=source, target=target)
    since = held.since.date().isoformat() if held.kind == "acquired" else ""
    return _say(store, "unlink", source, target, held.kind, since, "true")


def _known(store: FactStore, account: str) -> tuple[duckdb.DuckDBPyConnection, dict[str, int]]:
    con = duckdb.connect()
    store.attach(con)
    keys = dict(con.execute("select account_id, min(account_key) from account group by account_id").fetchall())
    if account not in keys:
        raise Misuse("unknown-account", account=account)
    return con, keys


def _say(store: FactStore, said: str, source: str, target: str, kind: str, since: str, removed: str) -> ImportReport:
    with TemporaryDirectory(prefix="rollforward-") as folder:
        file = Path(folder) / f"{said}.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(
                (("from_id", "to_id", "kind", "valid_from", "removed"), (source, target, kind, since, removed))
            )
        for dry_run in (True, False):  # what is refused is said, and not kept as a problem of a file
            options = ImportOptions(kind="links", dry_run=dry_run, commit_kind=said)
            done = import_files(store, [file], options)
            if refused := [p for p in done.problems if p.severity == "refused"]:
                ring = refused[0].code == "link-ring"
                raise Misuse("link-ring" if ring else "already-linked", source=source, target=target)
    return done
