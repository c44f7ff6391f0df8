"""The one face of the program: every command, notebook and page asks here and gets the same numbers.

    import rollforward as rf
    store = rf.open("acme")
    store.import_("subscriptions.csv")
    store.retention(window=12).to_polars()

Money is in major units (Decimal) unless `minor=True`. Errors are `errors.RollforwardError` with a code, never a guess.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from rollforward import periods, zones
from rollforward.accounts import Accounts
from rollforward.aiming import Aiming
from rollforward.answers import asking, check, figures, policies, segments
from rollforward.answers.account import Account
from rollforward.answers.asking import Progress, Question
from rollforward.answers.everything import BuildReport
from rollforward.answers.figures import Asked
from rollforward.answers.listing import Listing
from rollforward.answers.overview import CurrencyOverview, Overview
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.comparing import Comparing
from rollforward.errors import Misuse, Problem
from rollforward.judging import Judging
from rollforward.keeping import Keeping, operator
from rollforward.measuring import Measuring
from rollforward.onboarding import Onboarding, Preview, Target
from rollforward.past import Past
from rollforward.policy import DEFAULT, Policy
from rollforward.quoting import Quoting
from rollforward.renewing import Renewing
from rollforward.store import FactStore
from rollforward.trust import Days, Trust

if TYPE_CHECKING:
    from rollforward.ingest import ImportReport as ImportReport

__all__ = [
    "Account",
    "BuildReport",
    "CurrencyOverview",
    "Days",
    "Listing",
    "Note",
    "Overview",
    "Preview",
    "Problem",
    "Progress",
    "Question",
    "Store",
    "Table",
    "Target",
    "demo",
    "open",
    "operator",
]

DEFAULT_STORE = "rollforward-store"

_BUILDS = 3
"""Builds that a Store keeps open beside the one that answers: of other policies or as-of moments."""


def open(path: str | os.PathLike[str] | None = None, create: bool = True) -> Store:
    """The store in the folder `path` (default: ROLLFORWARD_STORE, else ./rollforward-store), made if `create`.

    Raises StoreError if the folder is something else, damaged, or of a newer release.
    """
    return Store(FactStore.open(path or os.environ.get("ROLLFORWARD_STORE") or DEFAULT_STORE, create))


def demo(path: str | os.PathLike[str], progress: Progress | None = None) -> Store:
    """A store at `path` with the shipped company's data; what is there already is not imported again."""
    from rollforward.demo import AS_OF, files

    store = open(path)
    if store.version() == 0:
        store.import_(*files(), trust_valid_time=True, coverage=(None, date.fromisoformat(AS_OF)), progress=progress)
        store.build(progress)
    return store


class Store(Trust, Past, Comparing, Keeping, Onboarding, Accounts, Measuring, Judging, Quoting, Renewing, Aiming):
    """A store and the questions it answers."""

    def __init__(self, facts: FactStore) -> None:
        self._facts = facts
        self._builds: dict[tuple[int, Policy, datetime | None, date, bool, str], Build] = {}

    @property
    def path(self) -> Path:
        """The store's folder."""
        return self._facts.path

    def interrupt(self) -> None:
        """Ends the statement that another thread's question is at; that question fails."""
        for build in tuple(self._builds.values()):
            build.engine.interrupt()

    def release(self) -> None:
        """Lets go of what its answers were made with; the next question makes it anew."""
        self._builds = {}

    def version(self) -> int:
        """Number of the last commit; 0 in an empty store."""
        return self._facts.version()

    # -- facts in ----------------------------------------------------------------------------------------------

    def import_(
        self,
        *paths: str | os.PathLike[str],
        kind: str | None = None,
        mapping: str | os.PathLike[str] | None = None,
        snapshot: bool = False,
        recorded_at: str | datetime | None = None,
        trust_valid_time: bool = False,
        coverage: str | tuple[date | None, date | None] | None = None,
        correction: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
        currency: str | None = None,
    ) -> ImportReport:
        """Files into facts: one commit, whole or not at all; repeats change nothing; faults are listed, not raised.

        `coverage` is (from, to), `to` exclusive, or the text `A..B`; an open side is None or empty. `currency` is the
        one that the exchange rates in the files are told in, from then on the store's reporting currency.
        """
        from rollforward.ingest import ImportOptions, import_files

        with self._facts.tried():
            span = asking.coverage(coverage) if isinstance(coverage, str) else coverage
            told = asking.moment(recorded_at, "--recorded-at")
        options = ImportOptions(
            kind=kind,
            mapping=Path(mapping) if mapping else None,
            snapshot=snapshot,
            recorded_at=told,
            trust_valid_time=trust_valid_time,
            coverage=(span[0] or date(1, 1, 1), span[1] or date(9999, 12, 31)) if span else None,
            correction=correction,
            dry_run=dry_run,
            currency=(currency or "").upper(),
        )
        return import_files(self._facts, [Path(p) for p in paths], options, progress)

    def retract(self, commit_id: int, dry_run: bool = False) -> ImportReport:
        """Takes an import back, as if it never was; as-of questions before now still see it."""
        from rollforward.ingest import retract

        return retract(self._facts, commit_id, dry_run)

    def link(self, from_id: str, to_id: str, kind: str = "same", on: str | date | None = None) -> ImportReport:
        """Lets the account `from_id` go on as `to_id`, always (`same`) or from the day `on` (`acquired`)."""
        from rollforward.ingest import link

        told = asking.moment(on, "--on") if isinstance(on, str) else on
        return link(self._facts, from_id, to_id, kind, told.date() if isinstance(told, datetime) else told)

    def unlink(self, from_id: str, to_id: str) -> ImportReport:
        """Takes a link back, as if it never was; as-of questions before now still see it."""
        from rollforward.ingest import unlink

        return unlink(self._facts, from_id, to_id)

    def reporting_currency(self) -> str:
        """ISO 4217 code of the currency that the last imported rates are told in; '' if none was named."""
        build, _ = self._ask(Question(), empty=True)
        return build.conversion.said()

    def currencies(self) -> list[str]:
        """Currencies in which can be asked: the reporting one and `native` where rates are known, those paid in."""
        build, _ = self._ask(Question())
        paid, said = build.range().paid_in, build.conversion.said()
        return [said, "native", *(c for c in paid if c != said)] if said else list(paid)

    # -- questions ---------------------------------------------------------------------------------------------

    def mrr(self, **asked: Unpack[Question]) -> Table:
        """The roll-forward: by, start, end, currency, as_of, policy, minor (see `Asked`)."""
        return self._each(asked, figures.mrr)

    def metrics(self, **asked: Unpack[Question]) -> Table:
        """One row a period: MRR, ARR, accounts, ARPA, NDR and GRR of 1, 3 and 12 months, churn, ratios, LTV.

        `ltv` is ARPA / logo churn of the same period, before costs (gross margin 100 %).
        """
        return self._each(asked, figures.metrics)

    def expansion(self, **asked: Unpack[Question]) -> Table:
        """Expansion MRR (of movements) and what it is made of."""
        return self._each(asked, figures.expansion)

    def drivers(self, movement: str = "expansion", **asked: Unpack[Question]) -> Table:
        """What any movement is made of."""
        return self._each(asked, lambda build, question: figures.drivers(build, question, movement))

    def retention(
        self, window: int | str | tuple[date, date] = 12, product: bool = False, **asked: Unpack[Question]
    ) -> Table:
        """NDR, GRR and logo retention with 95 % intervals; `window` is 1, 3 or 12 months, or two dates (`A..B`).

        `product`: each account's own part in each product, instead of all of it.
        """

        def answer(build: Build, question: Asked) -> Table:
            return figures.retention(build, segments.owned(question) if product else question, asking.window(window))

        return self._each(asked, answer)

    def cohorts(self, **asked: Unpack[Question]) -> Table:
        """What is left, at each age in months or quarters, of the accounts that began in one of them."""
        return self._each(asked, segments.cohorts)

    def dimensions(self) -> Table:
        """What `segment` and `where` can name: dimension, kind, number of values and of accounts that have one."""
        return segments.dimensions(self._ask(Question())[0])

    def explain(
        self, metric: str, period: str, account: str | None = None, level: str = "movements", product: bool = False,
        of: str | None = None, cohort: str | None = None, **asked: Unpack[Question],
    ) -> Table:  # fmt: skip
        """The rows behind one cell; their sum is the cell.

        product: a cell of `retention(product=True)`. of: the currency of the cell where there are several. cohort: only
        accounts whose first MRR was in this month, quarter or year; not for ratios. Misuse `bad-period`.
        """
        if cohort:
            return self._of_cohort(metric, period, account, level, of, cohort, asked)
        from rollforward.answers.explain import explain

        build, question = self._ask(asked)
        question = segments.owned(question) if product else question
        start, end = build.policy.calendar.parse(period)
        asking.check_netting(build.policy, start, end, "--period", period)
        return self._sound(build, explain(build, self._facts, question, metric, start, end, account, level, of))

    def _of_cohort(
        self, metric: str, period: str, account: str | None, level: str, of: str | None, cohort: str, asked: Question
    ) -> Table:
        from rollforward.answers import began, explain

        if metric in explain.ratios():
            raise Misuse("unknown-metric", metric=metric, known=", ".join(explain.amounts()))
        limit, skip = asked.get("limit", 0), asked.get("skip", 0)
        calendar, where = self._ask(asked)[0].policy.calendar, asked.get("where") or ()
        several = [asked | Question(where=[*where, f"cohort={m}"], limit=0, skip=0) for m in calendar.months(cohort)]
        told = [self.explain(metric, period, account, level, of=of, **each) for each in several]
        return began.together(told, limit, skip)

    def sql(
        self, query: str, progress: Progress | None = None, policy: str = "default", limit: int = 0,
        seconds: int = 300,
    ) -> Table:  # fmt: skip
        """Rows of one SELECT over the documented tables (docs/tables.md), the first `limit` (0 = all); money in minor
        units. Stopped after `seconds`.

        Under several policies (`a,b`) all tables but the facts have the rows of each, with a column `policy`.
        """
        from rollforward.answers import sql

        builds = [self._new_build(rules, None) for rules in policies.several(self._facts, policy)]
        for build in builds:
            build.signals.by(self.signal_rules())
        table = self._sound(builds[0], sql.run(builds, self._facts, query, progress, limit, seconds))
        table.notes += [figures.approximate(b.policy) for b in builds if b.policy.is_approximate]
        return table

    def tables(self) -> tuple[str, ...]:
        """Names of the tables that `sql` can read, in order."""
        from rollforward.answers import sql

        return tuple(sorted(sql.tables()))

    # -- policies ----------------------------------------------------------------------------------------------

    def policies(self) -> Table:
        """Every policy that has a name: the shipped ones, then those registered in this store."""
        return policies.listed(self._facts)

    def policy(self, name: str) -> Table:
        """Every setting of a policy beside the default's, and the rules that it does not reproduce."""
        return policies.shown(self._facts, name)

    def policy_text(self, name: str) -> str:
        """A policy as TOML."""
        return policies.text_of(self._facts, name)

    def policy_diff(self, one: str, other: str) -> Table:
        """The settings in which two policies differ."""
        return policies.compared(self._facts, one, other)

    def add_policy(self, path: str | os.PathLike[str]) -> tuple[Policy, bool]:
        """Registers the policy in a TOML file as a fact; False beside it if it is there already. Raises Misuse."""
        return policies.add(self._facts, Path(path))

    # -- inside ------------------------------------------------------------------------------------------------

    def _new_build(
        self, rules: Policy, as_of: datetime | None, scheduled: bool = False, basis: str = "reported"
    ) -> Build:
        now = datetime.now(UTC).replace(tzinfo=None)
        return Build(self._facts, rules, as_of, zones.local(now, rules.time_zone).date(), scheduled, basis)

    def _each(self, asked: Question, answer: Callable[[Build, Asked], Table]) -> Table:
        """One table with the answers under each policy asked for (`a,b`)."""
        names = policies.several(self._facts, str(asked.get("policy") or "default"))
        found = []
        for rules in names:
            build, question = self._ask(asked, rules=rules)
            found.append(self._sound(build, answer(build, question)))
        return policies.together(found)

    def _ask(self, asked: Question, empty: bool = False, rules: Policy | None = None) -> tuple[Build, Asked]:
        if unknown := sorted(set(asked) - set(Question.__annotations__)):
            raise Misuse("unknown-option", option=unknown[0], value="", known=", ".join(Question.__annotations__))
        rules = rules or policies.find(self._facts, str(asked.get("policy") or "default"))
        now = datetime.now(UTC).replace(tzinfo=None)
        as_of = asking.moment(asked.get("as_of"), "--as-of")
        version = self._facts.version()
        if version == 0 and not empty:
            raise Misuse("empty-store", path=str(self.path))
        notes: list[Note] = []
        if as_of is not None:
            notes = self._as_of_notes(as_of, now)
        scheduled = bool(asked.get("scheduled"))
        basis = asking.basis(asked.get("basis"))
        key = (version, rules, as_of, zones.local(now, rules.time_zone).date(), scheduled, basis)
        if key not in self._builds:
            kept = [k for k in self._builds if k[0] == version][-_BUILDS:]
            self._builds = {k: self._builds[k] for k in kept} | {key: self._new_build(rules, as_of, scheduled, basis)}
        by = str(asked.get("by") or "month")
        if by not in periods.GRAINS:
            raise Misuse("unknown-option", option="--by", value=by, known=", ".join(periods.GRAINS))
        asking.check_grain(rules, by)
        calendar = rules.calendar
        start, end = (
            asking.bound(calendar, asked.get("start"), "--from", 0),
            asking.bound(calendar, asked.get("end"), "--to", 1),
        )
        if start is not None and end is not None and start >= end:
            raise Misuse("bad-range", start=str(asked.get("start")), end=str(asked.get("end")))
        return self._builds[key], Asked(
            by=by,
            start=start,
            end=end,
            currency=asked.get("currency"),
            minor=bool(asked.get("minor")),
            as_of_text=figures.as_of_text(as_of, now),
            notes=tuple(notes),
            progress=asked.get("progress"),
            cut=segments.cut_of(self._builds[key], asked.get("segment"), asked.get("where")),
            limit=max(0, asked.get("limit") or 0),
            skip=max(0, asked.get("skip") or 0),
        )

    def _as_of_notes(self, as_of: datetime, now: datetime) -> list[Note]:
        first = self._facts.first_recorded()
        if first is not None and as_of < first:
            raise Misuse("as-of-before-first", as_of=as_of.isoformat(), first=first.isoformat())
        if as_of > now:
            raise Misuse("as-of-in-future", as_of=as_of.isoformat())
        build = self._new_build(DEFAULT, None)
        build.need(["source_file"])
        trusted = build.engine.run("select count(*) from source_file where trusted")[0][0]
        return [Note("as-of-assumed")] if trusted else []

    def _sound(self, build: Build, table: Table) -> Table:
        """Adds the warning that every answer of a store that does not tie carries."""

        if found := check.known_violations(build):
            table.notes.insert(0, Note("does-not-tie", {"violations": str(found)}))
        return table
