"""Charts of pages: which question each is drawn from, so that a chart at its own address is the one on the page.

Own parameters: `of` (currency), `period`, `window` (1, 3, 12 months), `measure` (of cohorts and segments), `dimension`
(a chart by segment on a page that is not split by one), `account` (of whose steps), `split` (of expansions).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rollforward import charts
from rollforward.api import Table
from rollforward.charts import Chart
from rollforward.errors import Misuse
from rollforward.text import _
from rollforward.text.cells import dimension, heading
from rollforward.web.grid import Grid, Opens
from rollforward.web.page import Page

OWN = ("of", "period", "window", "measure", "dimension", "account", "split")
DIMENSION = "size_band"
"""What figures are split by where nobody says."""

ROWS = 120
"""Rows of a table that stands behind a chart on the page; a longer one is a file."""

_LOSSES = ("expansion", "contraction", "churn")
_WINDOW = ("logo_retention", "accounts_opening", "accounts_lost", "largest_account_share")


@dataclass(frozen=True)
class Asked:
    """Own parameters of a chart, as its address says them."""

    page: Page
    of: str = ""
    period: str = ""
    window: str = ""
    measure: str = ""
    dimension: str = ""
    account: str = ""
    split: str = ""

    @property
    def by(self) -> str:
        """Day, week, month, quarter or year."""
        return self.page.address.by

    @property
    def currency(self) -> str | None:
        """The currency that is drawn; None: the first."""
        return self.of or None

    @property
    def months(self) -> str:
        """Months of a window. Misuse `no-such-window`."""
        if self.window not in ("", "1", "3", "12"):
            raise Misuse("no-such-window", window=self.window, known="1, 3, 12")
        return self.window or "12"

    @property
    def cut(self) -> str:
        """The dimension to split by."""
        return self.dimension or self.page.address.segment or DIMENSION

    @property
    def last(self) -> date:
        """The last day known."""
        return self.page.days().known_to - timedelta(days=1)

    def at(self) -> str:
        """The period that is drawn: the one named, else the last that is over."""
        return self.period or self.page.key(self.page.last_complete()[0])

    def kept(self, known: tuple[str, ...] = ("ndr", "grr")) -> str:
        """The measure of retention. Misuse `unknown-option`."""
        if self.measure not in ("", *known):
            raise Misuse("unknown-option", option="measure", value=self.measure, known=", ".join(known))
        return self.measure or known[0]

    def pairs(self) -> dict[str, str]:
        """As parameters of an address."""
        return {n: told for n in OWN if (told := getattr(self, n))}


@dataclass(frozen=True)
class Drawn:
    """A chart of a page: `grid` is the table behind it, of the currency that is drawn; None if it is too long.

    `policy` says whose figures it shows where several are asked about, and `beside` has the charts of the others.
    """

    name: str
    chart: Chart
    table: Table
    grid: Grid | None
    asked: Asked
    policy: str = ""
    beside: tuple[Drawn, ...] = ()

    def at(self, kind: str) -> str:
        """The address of the chart as svg, png, json (specification) or csv (its table)."""
        return self.asked.page.address.page(f"/charts/{self.name}.{kind}", **self.asked.pairs())


@dataclass(frozen=True)
class Draws:
    """How a chart is made: the question, the chart of its answer, and as which view its table is shown."""

    ask: Callable[[Asked], Table]
    chart: Callable[[Table, Asked], Chart]
    view: str
    columns: tuple[str, ...] = ()


def _windows(asked: Asked, **changes: str) -> Table:
    return asked.page.shown("retention", {"window": asked.months}, **changes)


def _last_month(asked: Asked) -> str:
    """The last month that is over in the page's time, for windows that end with months."""
    end = asked.page.last_complete()[1]
    return f"{end.replace(day=1) - timedelta(days=1):%Y-%m}"


def _cohorts(asked: Asked) -> Table:
    return asked.page.ask("cohorts", segment="", by=cohort_grain(asked.by))


def _of_months(by: str) -> str:
    """Spend is told by month."""
    return by if by in ("month", "quarter", "year") else "month"


def cohort_grain(by: str) -> str:
    """Cohorts are months or quarters."""
    return "quarter" if by in ("quarter", "year") else "month"


CHARTS: dict[str, Draws] = {
    "waterfall": Draws(
        lambda a: a.page.ask("mrr", segment="", start=a.at(), end=a.at()),
        lambda t, a: charts.waterfall(t, None, a.currency, a.by), "mrr",
    ),
    "movements": Draws(
        lambda a: a.page.shown("mrr", segment=""), lambda t, a: charts.movements(t, a.currency, a.by), "mrr",
    ),
    "losses": Draws(
        lambda a: a.page.shown("mrr", segment=""),
        lambda t, a: charts.movements(t, a.currency, a.by, _LOSSES, _("Expansion beside losses")),
        "", ("period", *_LOSSES, "churn_involuntary"),
    ),
    "trend": Draws(
        lambda a: a.page.shown("mrr", segment=""), lambda t, a: charts.trend(t, "closing", a.currency, a.by), "mrr",
    ),
    "drivers": Draws(
        lambda a: a.page.shown("expansion", segment=""), lambda t, a: charts.drivers(t, a.currency, a.by), "expansion",
    ),
    "driver-bars": Draws(
        lambda a: a.page.ask("expansion", segment="", start=a.at(), end=a.at()),
        lambda t, a: charts.driver_bars(t, None, a.currency, a.by), "expansion",
    ),
    "expansion-by": Draws(
        lambda a: a.page.ask("expansion", segment=a.cut, start=a.at(), end=a.at()),
        lambda t, a: charts.driver_split(t, a.cut, a.currency), "expansion",
    ),
    "retention": Draws(
        lambda a: _windows(a, segment=""),
        lambda t, a: charts.retention_trend(t, a.currency, a.by, ("ndr", "grr", "logo_retention")), "retention",
    ),
    "segments": Draws(
        lambda a: a.page.ask("retention", {"window": a.months}, segment=a.cut, start=a.at(), end=a.at()),
        lambda t, a: charts.segments(t, a.currency, a.kept(), a.by), "retention",
    ),
    "cohorts": Draws(
        _cohorts,
        lambda t, a: charts.cohorts(
            t, a.kept(("ndr", "grr", "logo_retention")), a.currency, cohort_grain(a.by)
        ),
        "",
    ),
    "bridge": Draws(
        lambda a: a.page.ask("bridge", {"window": a.months}, segment=a.cut, by="month", start="", end=_last_month(a)),
        lambda t, a: charts.bridge(t, a.currency), "bridge",
    ),
    "account": Draws(
        lambda a: a.page.account(a.account).steps,
        lambda t, a: charts.account_steps(t, a.currency, a.last), "movements",
    ),
    "durability": Draws(
        lambda a: a.page.ask("durability", {"split": a.split}),
        lambda t, a: charts.durability(
            t, a.currency, a.split or ("segment" if a.page.address.segment else ""), a.kept(("held", "money_held"))
        ),
        "durability",
    ),
    "ahead": Draws(
        lambda a: a.page.ask("forecast", segment="", by="month", start="", end=""),
        lambda t, a: charts.ahead(t, a.currency), "forecast",
    ),
    "costs": Draws(
        lambda a: a.page.shown("economics", segment="", where=(), by=_of_months(a.by)),
        lambda t, a: charts.costs(t, a.currency, _of_months(a.by)), "economics",
    ),
    "movers": Draws(
        lambda a: a.page.ask("explain", {"metric": "net_new", "period": a.at(), "level": "accounts", "limit": 400}),
        lambda t, a: charts.movers(t, a.currency), "accounts",
    ),
}  # fmt: skip


def draw(page: Page, name: str, **own: str) -> Drawn:
    """One chart of a page, with the page's filters and the chart's own parameters; of several policies, one of each.

    Raises Misuse `unknown-option` for a name that is none, and what its question raises.
    """
    if name not in CHARTS:
        raise Misuse("unknown-option", option="chart", value=name, known=", ".join(CHARTS))
    if len(page.whose) > 1:
        drawn = [replace(draw(page.under(one), name, **own), policy=one) for one in page.whose]
        return replace(drawn[0], beside=tuple(drawn[1:]))
    asked, how = Asked(page, **own), CHARTS[name]
    table = of_currency(how.ask(asked), asked.of)
    grid = None
    if len(table) <= ROWS:
        names = [c for c in how.columns if c in table.columns]
        grid = page.grid(table, how.view, opener(asked, name), columns=names)
    return Drawn(name, how.chart(table, asked), table, grid, asked)


def title(name: str, asked: Asked) -> str:
    """What stands over a chart while it is made."""
    told = {
        "segments": _("{measure} by segment").format(measure=heading(asked.measure or "ndr")),
        "cohorts": _("Cohorts: {measure}").format(measure=heading(asked.measure or "ndr")),
        "bridge": _("Bridge of NDR: rate and mix"),
        "expansion-by": _("Expansion MRR by {dimension}").format(dimension=dimension(asked.cut)),
    }
    return told.get(name, "")


def opener(asked: Asked, name: str) -> Opens:
    """How numbers of a chart's table open: those split by a dimension that the address does not name, too."""
    page = asked.page
    if name not in ("expansion-by", "segments"):
        return page.opens

    def opens(record: object, column: str) -> str:
        told = dict(record) if isinstance(record, dict) else {}
        value = told.pop("segment", None)
        address = page.opens(told, column)
        where = (*page.address.where, f"{asked.cut}={value}")
        if not address or value is None:
            return address
        months = told.get("months")
        metric = f"{column}_{months}" if column in ("ndr", "grr") else column
        plain = page.address.but(own=(), segment="", where=where, span="12", start="", end="")
        last = told["window_end"] - timedelta(days=1) if months else told["period"]
        assert isinstance(last, date)
        return plain.to("/open", metric=metric, period=page.key(last), of=told["currency"])

    return opens


def chosen(page: Page, codes: Sequence[str]) -> str:
    """The currency that a page shows: the one its address names (`of`), else the first of `codes`; '' without any."""
    wanted = page.address.get("of")
    return wanted if wanted in codes else (codes[0] if codes else "")


def of_currency(table: Table, currency: str, is_one: bool = True) -> Table:
    """The rows in one currency (all of them where none is named) and, with `is_one`, under the first policy."""
    rows = table.rows
    if currency and "currency" in table.columns:
        at = table.columns.index("currency")
        rows = [r for r in rows if r[at] == currency]
    if is_one and rows and "policy_version" in table.columns:
        name, number = table.columns.index("policy"), table.columns.index("policy_version")
        first = (rows[0][name], rows[0][number])
        rows = [r for r in rows if (r[name], r[number]) == first]
    found = Table(table.columns, rows, table.notes, table.kinds)
    found.calendars = table.calendars
    return found
