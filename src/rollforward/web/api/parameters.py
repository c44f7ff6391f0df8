"""What can be asked of a question, as documented parameters of its address: the filters of every page, and its own.

One place says of each parameter what it is, what it can be and an example; addresses, their checks and the
documentation are made from it. A parameter that a question does not know is refused, never passed over.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, create_model

from rollforward.answers.explain import metrics
from rollforward.text import N_
from rollforward.web.questions import QUESTIONS

MOST = 10_000
"""Rows of one answer at most."""

USUAL = 1_000
"""Rows of one answer where nothing is said."""

PAGED = ("limit", "skip")
"""A question's own parameters that stand for `limit` and `cursor`."""

PERIOD = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?|-Q[1-4]|-W[0-5][0-9])?"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TEXT = r"[^\x00-\x1f\x7f]*"

By = Literal["day", "week", "month", "quarter", "year"]
Basis = Literal["reported", "restated"]
Format = Literal["json", "csv"]
Movement = Literal["new", "reactivation", "expansion", "contraction", "churn", "transfer", "adjustment"]
Level = Literal["accounts", "movements", "ledger", "sources"]


def _flag(value: object) -> object:
    # pydantic alone would also take on, yes, t, …: more than the schema says
    return {"true": True, "false": False}.get(str(value).lower(), value)


Flag = Annotated[bool, Strict(), BeforeValidator(_flag)]

Told = tuple[Any, Any]
"""A parameter as pydantic takes it: its type, and what is said of it."""


def text(description: str, example: str, pattern: str = TEXT, most: int = 200, required: bool = False) -> Told:
    """A text that matches `pattern`; '' = not said, unless it is required."""
    pattern = f"^{pattern}$" if required else f"^({pattern})?$"
    return str, Field(
        ... if required else "", description=description, examples=[example], pattern=pattern, max_length=most
    )


def word(choices: Any, description: str, usual: str) -> Told:
    """One of the words of a Literal."""
    return choices, Field(usual, description=description, examples=[usual])


FILTERS: dict[str, Told] = {
    "by": word(By, N_("Length of a period."), "month"),
    "from": text(N_("First period: 2026-03, 2026-Q1, 2026 or a date."), "2026-01", PERIOD),
    "to": text(N_("Last period, included."), "2026-06", PERIOD),
    "currency": text(
        N_("All in this currency, if there are rates; native: each as it was paid."), "USD", "native|[A-Za-z]{3}"
    ),
    "segment": text(N_("One row for each value of this dimension (see: dimensions)."), "country"),
    "where": (
        list[Annotated[str, Field(pattern=r"^[^=\x00-\x1f\x7f]+=[^\x00-\x1f\x7f]*$", max_length=300)]],
        Field([], description=N_("Only what has this value; may be given several times."), max_length=20,
              examples=[["country=TH"]]),
    ),
    "policy": text(
        N_("Rules under which to count; several: a,b."), "default", r"[\w.\-]+(@[0-9]+)?(,[\w.\-]+(@[0-9]+)?)*"
    ),
    "basis": word(
        Basis, N_("Closed periods as they were closed (reported), or all as known now (restated)."), "reported"
    ),
    "as-of": text(N_("Count only what was recorded up to this date or time (UTC)."), "2026-06-30", TIME),
    "minor": (Flag, Field(False, description=N_("Money as whole minor units (cents)."), examples=[False])),
}  # fmt: skip
"""The filters that pages have too, by their names in an address, and `minor`."""

_PRODUCT = (Flag, Field(False, description=N_("Each account's own part in each product, instead of all of it.")))

_OWN: dict[str, Told] = {
    "drivers.movement": word(Movement, N_("Movement whose drivers to show."), "expansion"),
    "retention.window": text(
        N_("1, 3 or 12 months, or two dates A..B, B excluded."), "12", rf"1|3|12|{DAY}\.\.{DAY}"
    ),
    **dict.fromkeys(
        ("bridge.window", "bridge-accounts.window", "bridge-concentration.window"),
        word(Literal["1", "3", "12"], N_("1, 3 or 12 months."), "12"),
    ),
    "rate": text(N_("Percent of what lasts of an expansion."), "5", r"[0-9]{1,3}(\.[0-9]{1,6})?"),
    "split": text(N_("Percent of it that is the owner's."), "100", r"[0-9]{1,3}(\.[0-9]{1,6})?"),
    "cap": text(N_("At most so much an owner and currency; 0: no limit."), "0", r"[0-9]{1,12}(\.[0-9]{1,6})?"),
    "claw": (int, Field(90, ge=1, le=3650, description=N_("Days in which a reversal is clawed back."), examples=[90])),
    "bridge-accounts.part": text(N_("Only this value of segment."), "TH"),
    **dict.fromkeys(
        ("bridge-accounts.of", "bridge-concentration.of"),
        text(N_("The only one of several currencies."), "USD", "[A-Za-z]{3}"),
    ),
    "product": _PRODUCT,
    "explain.metric": (
        Literal[tuple(metrics())],
        Field(..., description=N_("What to open: opening, new, expansion, …, closing, by_plan, …, ndr_12."),
              examples=["expansion"]),
    ),
    "explain.period": text(
        N_("2026-03, 2026-Q1, 2026, 2026-W12 or a date."), "2026-03", PERIOD, required=True
    ),
    "explain.of": text(N_("Currency of the cell, where there are several."), "USD", "[A-Za-z]{3}"),
    "explain.cohort": text(
        N_("Only accounts whose first MRR was in this month, quarter or year."), "2025-Q1",
        r"[0-9]{4}(-(0[1-9]|1[0-2])|-Q[1-4])?",
    ),
    "explain.level": word(Level, N_("How deep to look."), "movements"),
    "signals.kind": text(N_("Only these signals: near_limit,seats_full,…"), "near_limit", r"[a-z_]+(,[a-z_]+)*"),
    "headroom.ceiling": (Flag, Field(False, description=N_("Only accounts without any step left."))),
    "signals.all": (Flag, Field(False, description=N_("Also the signals that are switched off."))),
    "quote.account": text(N_("The account's id."), "acme", required=True),
    "value.account": text(N_("The account's id."), "acme", required=True),
    "contact-days.account": text(N_("The account's id."), "acme", required=True),
    "quotes.account": text(N_("Only this account."), "acme"),
    "quotes.all": (Flag, Field(False, description=N_("Also versions that later ones replaced."))),
    "quote.plan": text(N_("Plan, or product with one price that fits; else the plan it has."), "team"),
    "quote.seats": text(N_("Units from then on (default: as many)."), "10", "[0-9]{1,9}"),
    "quote.add-on": text(N_("Plans to add, PLAN or PLAN=N, with commas between."), "backup=2"),
    "quote.discount": text(N_("Discount on what changes, in percent."), "10", r"[0-9]{1,2}(\.[0-9]{1,4})?"),
    "quote.months": text(N_("How long the discount lasts."), "3", "[0-9]{1,3}"),
    "quote.on": text(N_("From which day it holds (default: today)."), "2026-07-05", DAY),
    "quote.valid-days": text(N_("For how many days it can be accepted."), "30", "[0-9]{1,4}"),
    "quote.part": word(Literal["lines", "totals", "reasons", "values"], N_("Which table of it."), "lines"),
    "days": (int, Field(90, ge=1, le=3650, description=N_("Within how many days it ends."), examples=[90])),
    "account": text(N_("Only this account."), "acme"),
    "since": text(N_("Only what was recorded from this date or time on."), "2026-06-01", TIME),
}  # fmt: skip
"""Parameters of single questions, as `question.name` or, for all that have it, `name`."""

PAGING: dict[str, Told] = {
    "limit": (int, Field(USUAL, ge=1, le=MOST, description=N_("Rows of one answer at most."), examples=[100])),
    "cursor": text(N_("The `next` of the answer before: what follows it."), "", r"[A-Za-z0-9_\-]*", 400),
    "format": word(Format, N_("json or csv; without it the header Accept says which."), "json"),
}
"""How much of an answer, and how."""


def parameters(name: str) -> dict[str, Told]:
    """What the question `name` can be told, in order."""
    asks = QUESTIONS[name]
    own = {n: _own(name, n) for n in asks.own if n not in PAGED}
    return own | {n: FILTERS[n] for n in FILTERS if n in asks.filters} | PAGING


@cache
def model(name: str) -> type[BaseModel]:
    """The parameters of the question `name`, as `asking` makes them."""
    return asking(name, parameters(name))


def asking(name: str, told: dict[str, Told]) -> type[BaseModel]:
    """A model that takes these parameters and refuses any other; its fields are named `p_…`."""
    names = {"p_" + n.replace("-", "_"): n for n in told}
    config = ConfigDict(extra="forbid", alias_generator=names.__getitem__)
    fields: Any = {field: told[n] for field, n in names.items()}
    made: type[BaseModel] = create_model(f"Asking_{name}", __config__=config, **fields)
    return made


def pairs(told: BaseModel) -> list[tuple[str, str]]:
    """What was told, as an address says it; what was not is left out."""
    found: list[tuple[str, str]] = []
    for name, value in told.model_dump(by_alias=True, exclude_unset=True).items():
        if isinstance(value, list):
            found += [(name, str(v)) for v in value]
        elif value not in (None, "", False):
            found.append((name, "1" if value is True else str(value)))
    return found


def _own(question: str, name: str) -> Told:
    return _OWN.get(f"{question}.{name}") or _OWN.get(name) or text(N_("See the page of the same name."), "")
