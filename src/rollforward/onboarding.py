"""Data into a store, as a part of `api.Store`: previews, mappings, imports made again, effects, proposals of links."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from collections.abc import Mapping as Settings
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Unpack

import duckdb

from rollforward import policy
from rollforward.answers import policies
from rollforward.answers.asking import Progress, Question
from rollforward.answers.table import Table
from rollforward.errors import Misuse, RollforwardError
from rollforward.money import to_major
from rollforward.part import Part

if TYPE_CHECKING:  # what reads files stays off the path of a question
    from rollforward.answers.effect import Effect
    from rollforward.ingest import ImportReport, ProblemGroup
    from rollforward.sources.kinds import Field
    from rollforward.sources.look import Head
    from rollforward.sources.mapping import Mapping
    from rollforward.sources.suggest import Suggestion
    from rollforward.store import KeptFile

SAMPLES = 5
_MAPPINGS = "mappings"
_NAME = re.compile(r"[^\W_][\w .-]{0,59}")


@dataclass(frozen=True)
class Column:
    """A column of the user's file: its first different values, and the column of ours that reads it ('' = none)."""

    header: str
    samples: tuple[str, ...]
    read_as: str


@dataclass(frozen=True)
class Target:
    """A column of ours: the header that it is read from or its value for all rows ('' = neither).

    `how` says why: same, synonym, alike, content, mapping or constant; '' = it is not read.
    """

    name: str
    holds: str
    required: bool
    header: str
    constant: str
    how: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What a file would be read as. `mapping` is the TOML of the mapping used or proposed, `is_needed` whether the file
    is read otherwise without it, `saved` the name of the kept one that it is.

    `kinds`: what it may be, likeliest first. `missing`: columns that need a header or a value. `date_formats`: the
    forms that its dates can have, where only a person can tell (`date_example`). `outcome`: what importing it would do;
    None where `error` says why it cannot be tried, or something is missing.
    """

    name: str
    format: str
    bytes: int
    kind: str
    kinds: tuple[str, ...]
    columns: tuple[Column, ...]
    targets: tuple[Target, ...]
    missing: tuple[str, ...]
    unread: tuple[str, ...]
    date_formats: tuple[str, ...]
    date_example: str
    mapping: str
    settings: Mapping
    is_needed: bool
    saved: str
    outcome: ImportReport | None
    error: RollforwardError | None


@dataclass(frozen=True)
class SavedMapping:
    """A mapping kept in the store's folder `mappings`; `path` is what `import_` takes."""

    name: str
    kind: str
    path: Path
    headers: frozenset[str]


class Onboarding(Part):
    """How data comes into a store, and what comes of changing it."""

    # -- before an import --------------------------------------------------------------------------------------

    def preview(
        self, path: str | os.PathLike[str], kind: str | None = None, mapping: str | os.PathLike[str] | None = None,
        dry_run: bool = True, progress: Progress | None = None,
    ) -> Preview:  # fmt: skip
        """What a file is and what importing it would do, without writing. Reads a megabyte; with `dry_run`, all.

        Without `mapping` one kept in the store that fits the headers is used, else one is proposed. Misuse: what says
        that the file is none (`empty-file`, `binary-file`, …), or the mapping; what else is wrong is `error`.
        """
        from rollforward.ingest import ImportOptions, import_files
        from rollforward.sources.look import look
        from rollforward.sources.mapping import Mapping, read_mapping, write_mapping
        from rollforward.sources.suggest import suggest

        with self._facts.tried():
            given = read_mapping(Path(mapping)) if mapping else None
            head = look(Path(path), given or Mapping())
        saved = "" if given or kind else self._fitting(head)
        if saved:
            given = read_mapping(self._mapping(saved))
        found = suggest(head, given, kind)
        told = write_mapping(found.mapping) if given is None or not given.text else given.text
        outcome: ImportReport | None = None
        error: RollforwardError | None = None
        if dry_run and not found.missing and (len(found.dates.formats) < 2 or found.mapping.date):
            with TemporaryDirectory(prefix="rollforward-") as folder:
                options = ImportOptions(kind=kind or None, dry_run=True)
                if found.is_needed:
                    place = Path(folder) / "mapping.toml"
                    place.write_text(told, encoding="utf-8")
                    options = ImportOptions(kind=kind or None, mapping=place, dry_run=True)
                try:
                    outcome = import_files(self._facts, [Path(path)], options, progress)
                except RollforwardError as err:
                    error = err
        return _preview(head, found, told, saved, outcome, error)

    @staticmethod
    def unpacked_size(path: str | os.PathLike[str], most: int) -> int:
        """Bytes of a file once unpacked. Misuse `unpacks-too-large` beyond `most`, `bad-gzip`; stops reading there."""
        from rollforward.sources.look import unpacked

        return unpacked(Path(path), most)

    def mappings(self) -> list[SavedMapping]:
        """The mappings kept in the store, by name; files that are none are passed over."""
        from rollforward.sources.mapping import read_mapping

        found = []
        for path in sorted((self._facts.path / _MAPPINGS).glob("*.toml")):
            try:
                told = read_mapping(path)
            except Misuse:
                continue
            found.append(SavedMapping(path.stem, told.kind, path, frozenset(told.columns.values())))
        return found

    def save_mapping(self, name: str, mapping: str) -> Path:
        """Keeps the TOML of a mapping under a name, in place of another of that name; returns its path.

        Misuse: `bad-mapping-name`, and what reading a mapping raises.
        """
        from rollforward.sources.mapping import read_mapping

        target = self._mapping(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_suffix(f".{os.getpid()}.new")
        try:
            half.write_text(mapping, encoding="utf-8")
            read_mapping(half)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
        return target

    def drop_mapping(self, name: str) -> None:
        """Removes a kept mapping. Misuse `bad-mapping-name`, `no-such-mapping`."""
        try:
            self._mapping(name).unlink()
        except FileNotFoundError as err:
            raise Misuse("no-such-mapping", mapping=name) from err

    def _mapping(self, name: str) -> Path:
        if not _NAME.fullmatch(name.strip()) or name.strip().endswith("."):
            raise Misuse("bad-mapping-name", value=name)
        return self._facts.path / _MAPPINGS / f"{name.strip()}.toml"

    def _fitting(self, head: Head) -> str:
        """The kept mapping that names the most headers of a file, all of which it has; '' if none does."""
        have = set(head.header)
        fitting = [m for m in self.mappings() if m.headers and m.headers <= have]
        return max(fitting, key=lambda m: len(m.headers)).name if fitting else ""

    # -- after an import ---------------------------------------------------------------------------------------

    def problem_groups(self, commit: int | None = None) -> list[ProblemGroup]:
        """The problems of all imports that stand, or of one, counted by code and column, the most money first."""
        from rollforward.ingest import problems

        with duckdb.connect() as con:
            self._facts.attach(con)
            of = f"where p.commit_id = {int(commit)}" if commit is not None else ""
            relation = f"(select p.*, f.name as file from problem p left join source_file f using (source_id) {of})"
            return problems.groups(con, relation.replace("using (source_id)", "on f.source_id = p.source_id"))

    def import_files_of(self, commit_id: int) -> list[KeptFile]:
        """The kept files of an import, also of one that was taken back. Misuse `no-such-import`."""
        files = self._facts.kept_files(commit_id)
        if not files:
            raise Misuse("no-such-import", commit=commit_id)
        return files

    def import_mrr(self) -> dict[int, list[tuple[str, Decimal]]]:
        """MRR of today that each import's rows stand for, by currency in major units: the sum of its ledger rows."""
        build, _ = self._ask(Question())
        rows = build.need(["mrr_change"]).run(
            "select source_id // 100000, currency, sum(delta) from mrr_change where source_id > 0 "
            f"and on_date <= date '{build.today}' group by all having sum(delta) <> 0 order by all"
        )
        found: dict[int, list[tuple[str, Decimal]]] = {}
        for number, code, minor in rows:
            found.setdefault(int(str(number)), []).append((str(code), to_major(int(str(minor)), str(code))))
        return found

    def import_again(
        self, commit_id: int, mapping: str | os.PathLike[str] | None = None, replaces: int | None = None,
        dry_run: bool = False, progress: Progress | None = None,
    ) -> ImportReport:  # fmt: skip
        """Imports the kept files of an import again, read through `mapping` (default: as they were), in its place.

        It takes the import `replaces` back in the same commit (default: that import itself if it stands, 0 = none), so
        that nothing is ever half done. A row is believed as of the time when it was first told; as-of questions before
        the new import still see the old one. Misuse: `no-such-import`, `already-retracted`, what `import_` raises.
        """
        from rollforward.ingest import ImportOptions, import_files

        files = self.import_files_of(commit_id)
        stands, made = self._standing(commit_id)
        if replaces is None:
            replaces = commit_id if stands else 0
        with _as_given(files, mapping) as (paths, place):
            first = files[0]
            spoken = first.kind != "monthly" and first.snapshot != "sighting"  # theirs follows from the rows
            span = (first.covered_from.date(), first.covered_to.date()) if spoken else None
            options = ImportOptions(
                kind=first.kind if len({f.kind for f in files}) == 1 and not place else None,
                mapping=place,
                snapshot=bool(first.snapshot),
                recorded_at=made if first.trusted else min(f.recorded_at for f in files),
                trust_valid_time=first.trusted,
                coverage=span,
                correction=self._facts.is_correction(commit_id),
                dry_run=dry_run,
                replaces=replaces,
            )
            return import_files(self._facts, paths, options, progress)

    def effect_of_retract(self, commit_id: int, **asked: Unpack[Question]) -> Effect:
        """What taking an import back would do to the figures. Misuse `no-such-import`, `already-retracted`."""
        from rollforward.answers.effect import effect
        from rollforward.ingest import retract

        retract(self._facts, commit_id, dry_run=True)
        build, question = self._ask(asked)
        now = type(build)(
            self._facts.without(commit_id), build.policy, build.as_of, build.today, build.scheduled, build.basis
        )
        return effect(build, now, question)

    def _standing(self, commit_id: int) -> tuple[bool, datetime]:
        """Whether an import has not been taken back, and when it was made."""
        with duckdb.connect() as con:
            self._facts.attach(con)
            gone = con.execute('select count(*) from "commit" where retracts = ?', [commit_id]).fetchall()[0][0]
            made = con.execute('select committed_at from "commit" where commit_id = ?', [commit_id]).fetchall()[0][0]
        return not gone, made

    # -- accounts that are one, policies -----------------------------------------------------------------------

    def link_proposals(self) -> Table:
        """Pairs of accounts that look like one, each with evidence and the MRR that a link would move; see
        `answers.proposals`. Nothing is linked."""
        from rollforward.answers import proposals

        build, _ = self._ask(Question())
        return self._sound(build, proposals.proposals(build))

    def effect_of_link(
        self, from_id: str, to_id: str, kind: str = "same", on: date | None = None, is_undo: bool = False,
        **asked: Unpack[Question],
    ) -> Effect:  # fmt: skip
        """What a link, or taking it back, would do to the figures. Misuse: what `link` and `unlink` raise."""
        from rollforward.answers.effect import effect
        from rollforward.ingest import link, unlink

        build, question = self._ask(asked)
        with self._facts.trial() as facts:
            if is_undo:
                unlink(facts, from_id, to_id)
            else:
                link(facts, from_id, to_id, kind, on)
            after = type(build)(facts, build.policy, build.as_of, build.today, build.scheduled, build.basis)
            return effect(build, after, question)

    def links(self) -> Table:
        """The links of accounts that hold: from_id, to_id, kind, began_on (the day of an acquisition)."""
        from rollforward.answers import proposals

        return proposals.linked(self._ask(Question(), empty=True)[0])

    def policy_choices(self) -> dict[str, tuple[tuple[str, ...], str]]:
        """What each setting of a policy may be: its words where they are few, and what is allowed in words."""
        return policies.choices()

    def policy_written(self, base: str, name: str, version: int, title: str, settings: Settings[str, str]) -> str:
        """The TOML of the policy `base` under another name and version, with `settings` (all of them, by key)."""
        gaps = policies.find(self._facts, base).not_reproduced if base else ()
        return policies.written(name, version, title, settings, gaps)

    def next_version(self, name: str) -> int:
        """The version that the next policy of this name has."""
        mine = [int(str(r[1])) for r in policies.listed(self._facts).rows if r[0] == name]
        return max(mine, default=0) + 1

    def effect_of_policy(self, text: str, **asked: Unpack[Question]) -> Effect:
        """What the policy that a TOML text says would do to the figures under `policy` (default: the default).

        Misuse: what a policy's text raises (`bad-policy`, `bad-policy-value`, …).
        """
        from rollforward.answers.effect import effect

        rules = policy.parse(text, "policy.toml")
        build, question = self._ask(asked)
        other = self._new_build(rules, build.as_of, build.scheduled, build.basis)
        return effect(build, other, question)

    def register_policy(self, text: str) -> tuple[policy.Policy, bool]:
        """Registers the policy that a TOML text says; False beside it if it is there. Misuse: see `add_policy`."""
        with TemporaryDirectory(prefix="rollforward-") as folder:
            path = Path(folder) / "policy.toml"
            path.write_text(text, encoding="utf-8")
            return policies.add(self._facts, path)


def _preview(
    head: Head, found: Suggestion, told: str, saved: str, outcome: ImportReport | None, error: RollforwardError | None
) -> Preview:
    settings = found.mapping
    reads: dict[str, list[str]] = {}
    for name, header in settings.columns.items():
        reads.setdefault(header, []).append(name)
    columns = tuple(
        Column(h, tuple(head.column(i)[:SAMPLES]), ", ".join(reads.get(h, []))) for i, h in enumerate(head.header)
    )

    def target(field: Field) -> Target:
        return Target(
            field.name, field.holds, field.required, settings.columns.get(field.name, ""),
            settings.constants.get(field.name, ""), found.how.get(field.name, ""), field.words,
        )  # fmt: skip

    several = found.dates.formats if len(found.dates.formats) > 1 else ()
    return Preview(
        head.name, head.format, head.bytes, found.kind, found.kinds, columns, tuple(map(target, found.fields)),
        found.missing, found.unread, several, found.dates.example, told, settings, found.is_needed, saved, outcome,
        error,
    )  # fmt: skip


@contextmanager
def _as_given(
    files: list[KeptFile], mapping: str | os.PathLike[str] | None
) -> Iterator[tuple[list[Path], Path | None]]:
    """The kept files under the names they had, and the mapping to read them through."""
    with TemporaryDirectory(prefix="rollforward-") as name:
        paths = []
        for n, file in enumerate(files):
            path = Path(name) / str(n) / Path(file.name).name
            path.parent.mkdir()
            try:
                path.symlink_to(file.path.resolve())
            except OSError:
                shutil.copyfile(file.path, path)
            paths.append(path)
        place = Path(mapping) if mapping else None
        if not place and files[0].mapping:
            place = Path(name) / "mapping.toml"
            place.write_text(files[0].mapping, encoding="utf-8")
        yield paths, place
