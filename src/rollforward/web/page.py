"""What every page has: the request, who asks, the question in its address, answers, and the way to show them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager, suppress
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Response

from rollforward.api import Account, Days, Progress, Question, Store, Table
from rollforward.errors import Misuse, RollforwardError
from rollforward.numerals import is_whole
from rollforward.periods import add_months
from rollforward.state import SavedView
from rollforward.text import figures
from rollforward.web.address import Address
from rollforward.web.desk import Desk, Working
from rollforward.web.grid import Grid, Opens, grid
from rollforward.web.masking import SEES, answer_for, check_cut, dimensions_for
from rollforward.web.questions import QUESTIONS, SHOWN
from rollforward.web.rendering import render
from rollforward.web.visitor import visitor_of

T = TypeVar("T")

METRICS = frozenset(
    ("new", "reactivation", "expansion", "contraction", "churn", "fx", "transfer", "adjustment", "restatement", "mrr",
     "arr", "opening", "closing", "net_new", "by_plan", "by_product", "by_add_on", "by_seats", "by_usage", "by_price",
     "by_discount", "by_other", "ndr_1", "ndr_3", "ndr_12", "grr_1", "grr_3", "grr_12")
)  # fmt: skip
"""Columns of tables by period that open."""

PATIENCE = 6.0
"""Seconds that a page waits for an answer before it says how far it is."""

FOR_FILES = 60.0
"""Seconds that a file waits: a browser would save the page that says how far it is."""

EVENTS = 100
"""Events of an account on a page."""

MOST_VALUES = 100
"""Values of an attribute that pages offer to split by; an address may name any."""

_PASSING = frozenset(("done", "undo", "other", "was", "new", "same", "saved", "job", "lang"))
"""Parameters that say what was just done, and are no part of a view."""

_OF_WINDOWS = ("ndr", "grr", "logo_retention", "net_churn")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}


class Page:
    """One request for a page."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.desk = cast(Desk, request.app.state.desk)
        self.settings = self.desk.state.settings.store()
        usual = {"currency": self.settings.currency, "policy": self.settings.policy}
        self.address = Address.of(request.query_params.multi_items(), usual)
        self.visitor = visitor_of(request)

    def under(self, policy: str) -> Page:
        """The same page as it is under one of several policies."""
        if policy == self.address.policy:
            return self
        found = copy(self)
        found.address = self.address.but(policy=policy)
        return found

    @property
    def whose(self) -> list[str]:
        """The policies that are asked about."""
        return self.address.policy.split(",")

    @cached_property
    def views(self) -> list[SavedView]:
        """The saved views that the visitor has; what others call accounts is not for who sees no names."""
        return self.desk.state.views.of(self.visitor.user_id, with_shared=self.visitor.may(SEES))

    def call(self, name: str) -> str:
        """The address of the JSON API for one of `QUESTIONS`, with what the page is asked."""
        asked = QUESTIONS[name]
        start = (self.start() or "") if name in SHOWN else self.address.start
        return self.address.but(start=start).call(f"/v1/{name}", asked.filters, asked.own)

    @property
    def here(self) -> str:
        """The address of this view, without what only tells of something just done."""
        kept = tuple((n, v) for n, v in self.address.own if n not in _PASSING)
        return self.address.to(self.path, own=kept)

    @property
    def path(self) -> str:
        """The page's path, without parameters, as it stands in an address: an account may be called `%2e%2e`."""
        return quote(str(self.request.scope["path"]))

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been imported yet."""
        return self.desk.version() == 0

    def local(self, moment: datetime | None) -> str:
        """A moment (UTC) as a person reads it, in the store's time zone; '' for none."""
        if moment is None:
            return ""
        here = self._here(moment)
        return f"{figures.day(here.date())} {here:%H:%M}"

    def _at(self, value: object) -> object:
        return self._here(value) if isinstance(value, datetime) and value.time() != time() else value

    def _here(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.settings.time_zone)).replace(tzinfo=None)

    # -- answers -----------------------------------------------------------------------------------------------

    def ahead(self, name: str, own: Mapping[str, object] | None = None, **changes: Any) -> None:
        """Lets somebody begin with a question that is going to be asked; what it refuses is told when it is."""
        with suppress(Working, RollforwardError):
            self._ask(name, own, changes, 0)

    def ask(self, name: str, own: Mapping[str, object] | None = None, **changes: Any) -> Table:
        """The answer to one of `QUESTIONS` with the page's filters, `changes` to them, and its own parameters."""
        return self._ask(name, own, changes, PATIENCE if self.visitor.action != "export" else FOR_FILES)

    def _ask(self, name: str, own: Mapping[str, object] | None, changes: Mapping[str, Any], patience: float) -> Table:
        asked = QUESTIONS[name]
        address = self.address.but(**{**changes, "own": (), "span": "all"}) if asked.filters else Address()
        mine = {k: str(v) for k, v in (own or {}).items() if v not in (None, "")}
        key = (name, address, tuple(sorted(mine.items())), self.desk.state.told() if asked.is_said else ())
        self.check_cut(address)

        def answer(store: Store, progress: Progress) -> Table:
            return asked.answer(store, address.question() | Question(progress=progress), mine)

        return answer_for(name, self.desk.follow(key, answer, patience), self._dimensions, self.visitor.role)

    def shown(self, name: str, own: Mapping[str, object] | None = None, **changes: Any) -> Table:
        """Like `ask`, of the periods that the page shows."""
        return self.ask(name, own, **({"start": self.start() or ""} | changes))

    def check_cut(self, address: Address) -> None:
        """Misuse `hidden-from-you` where an address splits or filters by what the visitor does not see."""
        if address.segment or address.where:
            check_cut(self._dimensions(), address.segment, address.where, self.visitor.role)

    def _dimensions(self) -> Table:
        return self.desk.ask("dimensions", lambda store: store.dimensions())

    def know(self, key: Hashable, question: Callable[[Store], T]) -> T:
        """Any other answer of the store, remembered under `key`.

        Nothing in it is masked; who may see less has answers of their own, that another's search is not theirs.
        """
        key = key if self.visitor.may(SEES) else ("less", key)
        return self.desk.follow(key, lambda store, progress: question(store), PATIENCE)

    def store(self) -> AbstractContextManager[Store]:
        """A Store for this thread alone, to change something: `with page.store() as store`."""
        return self.desk.store()

    def dimensions(self) -> list[str]:
        """What the figures are worth splitting by: not by what nearly every account has a value of its own."""
        told = dimensions_for(self.ask("dimensions"), self.visitor.role).to_dicts()
        fit = [str(row["dimension"]) for row in told if int(str(row["values"] or 0)) <= MOST_VALUES]
        return list(dict.fromkeys(fit))  # an attribute may be called as a dimension of ours

    def currencies(self) -> list[str]:
        """Currencies that can be asked for: the reporting one, those that customers pay in, and `native` for each."""
        return self.know("currencies", lambda store: store.currencies())

    def policies(self) -> list[str]:
        """Names of the policies under which can be counted."""
        return list(dict.fromkeys(str(row["policy"]) for row in self.ask("policies").to_dicts()))

    def of_account(self) -> Question:
        """The page's filters but for periods and segments, which accounts have none of."""
        plain = replace(self.address, start="", end="", segment="", where=(), by="month")
        return plain.question()

    def account(self, account_id: str, number: int = 1) -> Account:
        """All about one account, its events from the page `number` of them."""
        key = ("account", replace(self.address, own=(), span="12", by="month"), account_id, number)
        asked = self.of_account() | Question(limit=EVENTS, skip=(number - 1) * EVENTS)
        return self.know(key, lambda store: store.account(account_id, **asked))

    # -- periods -----------------------------------------------------------------------------------------------

    def days(self) -> Days:
        """The days that answers are about, under the page's policy and as-of moment."""
        address = Address(policy=self.address.policy.split(",")[0], basis=self.address.basis, as_of=self.address.as_of)

        def answer(store: Store, progress: Progress) -> Days:
            return store.days(**(address.question() | Question(progress=progress)))

        return self.desk.follow(("days", address), answer, PATIENCE)

    def start(self, periods: int = 0) -> str | None:
        """The first period that is shown: the one asked for, else so many before the first that is not over.

        `periods`: at least that many, even where fewer are asked for. None: from the beginning.
        """
        if self.address.start:
            return self.address.start
        if self.address.span == "all" and not periods:
            return None
        count = max(periods, int(self.address.span) if self.address.span != "all" else 0)
        by, end = self.address.by, self._end()
        if by in _DAYS:
            return self.key(end - timedelta(days=min(count * _DAYS[by], end.toordinal() - 1)))
        return self.key(add_months(end, -count * _MONTHS[by]))

    def last_complete(self) -> tuple[date, date]:
        """First day and first day after of the period that the page is about: the last one asked for that is over."""
        end = self._end()
        return self.days().calendar.start_of(self.address.by, end - timedelta(days=1)), end

    def _end(self) -> date:
        """The first day after the last period that is asked for and over."""
        calendar, end = self.days().calendar, self.days().complete_to
        if self.address.end:
            end = min(end, calendar.parse(self.address.end, "--to")[1])
        return calendar.start_of(self.address.by, end)

    def key(self, on: date) -> str:
        """The period that holds `on` as an address names it."""
        calendar = self.days().calendar
        return figures.key(on, self.address.by, calendar.week_start, calendar.fiscal_year_start)

    def label(self, on: date) -> str:
        """The period that holds `on` as a person reads it."""
        calendar = self.days().calendar
        return figures.period(on, self.address.by, calendar.week_start, calendar.fiscal_year_start)

    def number(self) -> int:
        """The page of a list that is asked for as `page`; 1 where that is none."""
        told = self.address.get("page")
        return max(1, int(told)) if is_whole(told, 6) else 1

    # -- showing -----------------------------------------------------------------------------------------------

    def opens(self, record: Mapping[str, Any], column: str) -> str:
        """The address that opens a number of a table by period or by window; '' if it does not open."""
        months = record.get("months")
        if "currency" not in record or column not in (_OF_WINDOWS if "months" in record else METRICS):
            return ""
        if "months" in record and months not in (1, 3, 12):
            return ""
        last = record["window_end"] - timedelta(days=1) if "months" in record else record.get("period")
        if last is None:
            return ""
        where, of = self.address.where, self.address.segment
        if "segment" in record and of:
            where = (*where, f"{of}={record['segment']}")
        asked = self.address.but(own=(), segment="", where=where, span="12", start="", end="")
        if "," in asked.policy:
            asked = asked.but(policy=str(record["policy"]))
        metric = f"{column}_{months}" if column in ("ndr", "grr") else column
        return asked.to("/open", metric=metric, period=self.key(last), of=record["currency"])

    def grid(self, table: Table, view: str = "", opens: Opens | None = None, **how: Any) -> Grid:
        """A table for the page; its numbers open as `opens` says, by default as figures by period do.

        Moments are in the store's time zone; those at midnight are days.
        """
        if datetime in table.types and self.settings.time_zone != "UTC":
            rows = [
                [self._here(v) if isinstance(v, datetime) and v.time() != time() else v for v in r] for r in table.rows
            ]
            there, table = table, Table(table.columns, rows, table.notes, table.kinds)
            table.calendars = there.calendars
        return grid(table, view, self.address.by, opens or self.opens, **how)

    def show(self, template: str, status: int = 200, **context: Any) -> Response:
        """The page as HTML."""
        return render(self, template, status, context)

    def bare(self) -> str:
        """This page without any filter, its own parameters kept."""
        return Address.of(self.address.own, dict(self.address.usual)).to(self.path)


def page(request: Request) -> Page:
    """The dependency of every page. Raises Misuse where the address asks what cannot be."""
    return Page(request)


def filled(request: Request) -> Page:
    """The dependency of every page that shows figures. Misuse `empty-store` without any, which leads to the start."""
    found = Page(request)
    if found.is_empty:
        raise Misuse("empty-store", path=str(found.desk.path))
    found.check_cut(found.address)
    return found


Any_ = Annotated[Page, Depends(page)]
Filled = Annotated[Page, Depends(filled)]
