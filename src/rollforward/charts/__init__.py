"""Charts: from an answer's Table to a Vega-Lite specification, the same in a page, a notebook and a picture.

    from rollforward import charts
    chart = charts.movements(store.mrr(currency="USD"))
    chart.altair()                                    # in a notebook
    charts.static(chart, format="png", theme="dark")  # a picture

A chart shows figures of its table and makes none. Each takes the rows of one currency: the one named, else the first.
Words are in the language in force. Specifications are dictionaries rather than objects of Altair: those take 45 ms a
chart, these less than one; the tests hold them against Altair's schema.
"""

from rollforward.charts.ahead import ahead
from rollforward.charts.chart import Chart
from rollforward.charts.cohorts import cohorts
from rollforward.charts.costs import costs
from rollforward.charts.flows import driver_bars, drivers, movements, movers, waterfall
from rollforward.charts.lasting import durability
from rollforward.charts.levels import account_steps, trend
from rollforward.charts.look import CONFIG, DARK, themed
from rollforward.charts.retained import bridge, retention_trend, segments
from rollforward.charts.split import driver_split
from rollforward.charts.static import static

__all__ = [
    "CONFIG",
    "DARK",
    "Chart",
    "account_steps",
    "ahead",
    "bridge",
    "cohorts",
    "costs",
    "driver_bars",
    "driver_split",
    "drivers",
    "durability",
    "movements",
    "movers",
    "retention_trend",
    "segments",
    "static",
    "themed",
    "trend",
    "waterfall",
]
