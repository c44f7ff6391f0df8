"""Charts: valid for Altair's schema, the table's values to the digit, and a chart or a sentence for any table."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from rollforward import charts, text
from rollforward.answers.bridge import BRIDGE
from rollforward.answers.figures import EXPANSION, MRR, RETENTION
from rollforward.answers.segments import COHORTS
from rollforward.answers.table import Table
from rollforward.charts import Chart
from rollforward.charts.chart import short, ticks
from rollforward.money import exponent
from rollforward.periods import add_months

TAIL = ("policy", "policy_version")
BY = ("by_plan", "by_product", "by_add_on", "by_seats", "by_usage", "by_price", "by_discount", "by_other")
MOVES = ("restatement", "new", "reactivation", "expansion", "contraction", "churn", "fx", "transfer", "adjustment")


def table(columns: tuple[str, ...], rows: list[dict[str, object]]) -> Table:
    """A table with these columns; what a row does not say is 0 in columns of figures."""
    names = (*columns, *TAIL)
    base = dict.fromkeys(columns, Decimal(0)) | {"policy": "default", "policy_version": 1, "currency": "USD"}
    return Table(names, [[{**base, **r}[n] for n in names] for r in rows])


def rolled(months: int, opening: str = "1000", first: date = date(2024, 1, 1), **more: str) -> Table:
    rows, level = [], Decimal(opening)
    for i in range(months):
        moved = {"new": "123.45", "expansion": "67.89", "contraction": "-10.01", "churn": "-20.02"} | more
        row: dict[str, object] = {n: Decimal(v) for n, v in moved.items()}
        closing = level + sum((Decimal(v) for v in moved.values()), Decimal(0))
        row |= {"period": add_months(first, i), "opening": level, "closing": closing, "is_complete": i < months - 1}
        rows.append(row)
        level = closing
    return table(MRR, rows)


def expanded(months: int) -> Table:
    parts = {"by_seats": "70.30", "by_plan": "20.20", "by_discount": "-5.25", "expansion": "85.25"}
    told: dict[str, object] = {n: Decimal(v) for n, v in parts.items()}
    return table(
        EXPANSION, [told | {"period": add_months(date(2024, 1, 1), i), "is_complete": True} for i in range(months)]
    )


def parted(*rows: dict[str, object]) -> Table:
    told: dict[str, object] = {"by_seats": Decimal(8), "by_discount": Decimal(-3), "expansion": Decimal(5)}
    told |= {"period": date(2026, 1, 1), "expansion_rate": 0.0123, "is_complete": True}
    return table((*EXPANSION, "segment"), [told | r for r in rows])


def kept(windows: int, **more: object) -> Table:
    told = {"ndr": 1.0723, "ndr_low": 1.01, "ndr_high": 1.12, "grr": 0.8642, "grr_low": 0.82, "grr_high": 0.9}
    rows = [
        told
        | {"window_end": add_months(date(2025, 2, 1), i), "logo_retention": 0.79, "accounts_opening": 500}
        | {"opening": Decimal(100), "is_complete": True, **more}
        for i in range(windows)
    ]
    return table(RETENTION, rows)


def split(*rows: dict[str, object]) -> Table:
    told = {"ndr": 1.1, "ndr_low": 1.0, "ndr_high": 1.2, "accounts_opening": 50, "is_small": False, "is_complete": True}
    told |= {"window_end": date(2026, 1, 1), "opening": Decimal(10)}
    return table((*RETENTION, "segment", "is_small"), [told | r for r in rows])


def aged(cohorts: int) -> Table:
    rows: list[dict[str, object]] = []
    for c in range(cohorts):
        for age in range(cohorts - c):
            told = {"cohort": add_months(date(2010, 1, 1), c), "age": age, "accounts_start": 40, "accounts_left": 30}
            told |= {"mrr": Decimal("77.70"), "ndr": 1.0 + age / 100, "grr": 0.9, "logo_retention": 0.8}
            rows.append(told | {"is_complete": age < cohorts - c - 1, "is_small": c == 1})
    return table((*COHORTS, "is_small"), rows)


def bridged(*segments: tuple[str, float, float]) -> Table:
    columns = (*BRIDGE, "is_small", "window_end_before", "window_end_after")
    whole = ("total", sum(s[1] for s in segments), sum(s[2] for s in segments))
    rows: list[dict[str, object]] = [
        {"segment": n, "rate": r, "mix": m, "contribution": r + m, "ndr_before": 1.1, "ndr_after": 1.0}
        | {"is_small": False, "window_end_before": date(2025, 1, 1), "window_end_after": date(2026, 1, 1)}
        for n, r, m in (*segments, whole)
    ]
    return table(columns, rows if segments else [])


def moved(*rows: tuple[str, str, str]) -> Table:
    columns = ("on_date", "account_id", "movement", "amount", "before", "after", "currency", *BY)
    level, found = Decimal(0), list[dict[str, object]]()
    for i, (account, movement, amount) in enumerate(rows):
        before, level = level, level + Decimal(amount)
        told = {"account_id": account, "movement": movement, "amount": Decimal(amount), "by_seats": Decimal(amount)}
        found.append(told | {"before": before, "after": level, "on_date": add_months(date(2025, 1, 31), i)})
    return table(columns, found)


FEW: dict[str, object] = {"segment": "b", "ndr": 0.9, "ndr_low": None, "ndr_high": None, "is_small": True}

EVERY: dict[str, tuple[Callable[[Table], Chart], Table]] = {
    "waterfall": (charts.waterfall, rolled(14)),
    "movements": (charts.movements, rolled(14, fx="-3.33")),
    "trend": (lambda t: charts.trend(t, "closing"), rolled(14)),
    "drivers": (charts.drivers, expanded(14)),
    "driver_split": (charts.driver_split, parted({"segment": "a"}, {"segment": "b"})),
    "driver_bars": (charts.driver_bars, expanded(2)),
    "retention_trend": (lambda t: charts.retention_trend(t, measures=("ndr", "grr", "logo_retention")), kept(14)),
    "segments": (charts.segments, split({"segment": "a"}, FEW)),
    "cohorts": (charts.cohorts, aged(13)),
    "bridge": (charts.bridge, bridged(("a", 0.01, -0.002), ("b", -0.03, 0.001))),
    "movers": (charts.movers, moved(("x", "expansion", "50"), ("y", "churn", "-70"))),
    "account_steps": (charts.account_steps, moved(("x", "new", "50"), ("x", "churn", "-50"))),
}  # fmt: skip


@pytest.fixture(autouse=True)
def english() -> None:
    text.use("en")


def values(chart: Chart) -> list[dict[str, Any]]:
    """Data of all layers as a page reads them, numbers as decimals."""
    spec = json.loads(json.dumps(chart.spec), parse_float=Decimal)
    found = list(spec["data"]["values"])
    for layer in spec["layer"]:
        found += layer.get("data", {"values": []})["values"]
    return found


@pytest.mark.parametrize("name", EVERY)
def test_every_chart_is_valid_vega_lite(name: str) -> None:
    import altair

    make, told = EVERY[name]
    for chart in (make(told), make(Table(told.columns, []))):
        altair.LayerChart.from_dict(chart.spec, validate=True)
        assert chart.title and chart.says


def test_a_wrong_specification_is_caught() -> None:
    import altair
    from jsonschema import ValidationError

    spec = charts.movements(rolled(2)).spec
    spec["layer"][0]["encoding"]["y"]["colour"] = "red"
    with pytest.raises(ValidationError):
        altair.LayerChart.from_dict(spec, validate=True)


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("name", EVERY)
def test_a_table_without_rows_is_a_sentence(name: str, lang: str) -> None:
    text.use(lang)
    make, told = EVERY[name]
    chart = make(Table(told.columns, []))
    assert chart.is_empty
    assert chart.says == text._("No MRR yet." if name == "account_steps" else "Nothing in this time.")


def test_movements_are_the_tables_to_the_digit_and_the_line_is_what_remains() -> None:
    told = rolled(14, new="9007199254740.93", fx="-0.01")
    shown = values(charts.movements(told))
    for r in told.to_dicts():
        at = [v for v in shown if v["x"] == f"{r['period']:%Y-%m}"]
        parts = {v["k"]: v["v"] for v in at if "k" in v}
        assert parts == {n.title() if n != "fx" else "FX": r[n] for n in MOVES if r[n]}
        (net,) = [v["v"] for v in at if "k" not in v]
        assert net == r["closing"] - r["opening"] == sum(parts.values())


def test_a_waterfall_goes_from_opening_to_closing_without_a_gap() -> None:
    told = rolled(3, fx="-3.33")
    steps = values(charts.waterfall(told, date(2024, 2, 1)))
    names = ["opening", "new", "reactivation", "expansion", "contraction", "churn", "fx", "closing"]
    assert [s["n"] for s in steps] == names
    row = told.to_dicts()[1]
    assert steps[0]["a"] == steps[0]["b"] == row["opening"] == Decimal("1157.98")
    assert [s["b"] - s["a"] for s in steps[1:-1]] == [row[n] for n in names[1:-1]]
    assert all(after["a"] == before["b"] for before, after in pairwise(steps))
    assert steps[-1]["b"] == row["closing"]


def test_without_a_period_the_last_whole_one_is_shown() -> None:
    assert "2024-02" in charts.waterfall(rolled(3)).title
    assert "2024-01" in charts.waterfall(rolled(1)).title


def test_bars_start_at_zero_and_axes_that_do_not_say_so() -> None:
    for name, (make, told) in EVERY.items():
        text_of = json.dumps(make(told).spec)
        cut = '"zero": false' in text_of and "start at zero" not in text_of
        assert not cut or name == "account_steps", name  # there it is the axis of days
    for layer in charts.movements(rolled(5)).spec["layer"]:
        assert layer["encoding"]["y"].get("scale", {}).get("zero") is not False


def test_drivers_keep_their_signs_and_say_the_whole() -> None:
    shown = values(charts.drivers(expanded(1)))
    assert {v["k"]: v["v"] for v in shown} == {
        "Seats": Decimal("70.3"),
        "Plan": Decimal("20.2"),
        "Discount": Decimal("-5.25"),
    }
    assert shown[0]["tip"] == "2024-01\nSeats\t70.30 USD\nExpansion\t85.25 USD"
    bars = values(charts.driver_bars(expanded(1)))
    assert [b["t"] for b in bars] == ["70.30 · 82.5%", "20.20 · 23.7%", "-5.25 · -6.2%"]


def test_expansion_by_segment_keeps_signs_and_months_in_order() -> None:
    big: dict[str, object] = {"segment": "b", "expansion": Decimal(6), "by_plan": Decimal(1)}
    none: dict[str, object] = {"segment": "c", "expansion": Decimal(0)}
    shown = values(charts.driver_split(parted({"segment": "a"}, big, none), "country"))
    assert [(v["y"], v["k"], v["v"]) for v in shown if "k" in v] == [
        ("b", "Seats", 8), ("b", "Plan", 1), ("b", "Discount", -3), ("a", "Seats", 8), ("a", "Discount", -3),
    ]  # fmt: skip
    assert [(v["y"], v["v"], v["t"]) for v in shown if "k" not in v] == [("b", 9, "6 · 1.2%"), ("a", 8, "5 · 1.2%")]
    months = parted({"segment": "2025-02"}, {"segment": "2025-01"}, {"segment": "2024-01", "period": date(2025, 1, 1)})
    chart = charts.driver_split(months, "cohort")
    assert list(dict.fromkeys(v["y"] for v in values(chart))) == ["2025-01", "2025-02"]


def test_a_trend_parts_what_is_not_over() -> None:
    spec = charts.trend(rolled(4), "closing").spec
    whole, rest = (spec["layer"][i]["data"]["values"] for i in (1, 2))
    assert [v["x"] for v in whole] == ["2024-01", "2024-02", "2024-03"]
    assert [v["x"] for v in rest] == ["2024-03", "2024-04"]
    assert "not over yet" in rest[1]["tip"]
    assert "not over yet" not in rest[0]["tip"]


def test_intervals_are_the_tables_and_a_missing_one_is_no_band() -> None:
    (ndr, grr) = values(charts.retention_trend(kept(1)))[:2]
    assert (ndr["lo"], ndr["v"], ndr["hi"]) == (Decimal("1.01"), Decimal("1.0723"), Decimal("1.12"))
    assert (grr["lo"], grr["v"], grr["hi"]) == (Decimal("0.82"), Decimal("0.8642"), Decimal("0.9"))
    assert "Interval (95%)\t101.0–112.0%" in ndr["tip"]
    lone = values(charts.retention_trend(kept(1, ndr_low=None, ndr_high=None)))[0]
    assert lone["lo"] is None
    assert "Interval (95%)" not in lone["tip"]


def test_segments_are_those_of_the_last_window_and_few_accounts_are_marked() -> None:
    chart = charts.segments(split({"segment": "old", "window_end": date(2025, 12, 1)}, {"segment": "a"}, FEW))
    shown = values(chart)
    assert [(v["k"], v["small"], v["t"]) for v in shown] == [("a", False, "110.0%"), ("b", True, "~90.0%")]
    assert "fewer than 20" in chart.remark


def test_cohorts_hatch_what_is_not_over_and_mark_few_accounts() -> None:
    chart = charts.cohorts(aged(4))
    hatched = [layer for layer in chart.spec["layer"] if layer["mark"].get("fill") == "url(#hatch)"]
    assert [(v["y"], v["x"]) for v in hatched[0]["data"]["values"]] == [
        ("2010-01", 3), ("2010-02~", 2), ("2010-03", 1), ("2010-04", 0),
    ]  # fmt: skip
    assert "fewer than 20" in chart.remark
    cell = next(v for v in values(chart) if v["y"] == "2010-01" and v["x"] == 2)
    assert cell["v"] == Decimal("1.02")
    assert cell["tip"] == "2010-01\nAge\t2\nNDR\t102.00%\nMRR\t77.70 USD\nAccounts\t30 / 40"


def test_a_bridge_shows_points_and_ends_with_the_whole() -> None:
    shown = values(charts.bridge(bridged(("a", 0.01, -0.002), ("b", -0.03, 0.001))))
    assert [(v["k"], v["n"], v["t"]) for v in shown[-2:]] == [("Total", "Rate", "-2.00"), ("Total", "Mix", "-0.10")]
    assert shown[0]["v"] == Decimal("0.01")


def test_steps_last_until_the_next_and_tell_their_drivers() -> None:
    shown = values(charts.account_steps(moved(("x", "new", "50"), ("x", "expansion", "7.5"))))
    assert shown[1]["v"] == Decimal("57.5")
    assert shown[1]["tip"] == "2025-02-28\nexpansion\t7.5 USD\nDriver\tSeats\nMRR\t57.5 USD"


def test_movers_are_the_largest_whatever_their_sign() -> None:
    chart = charts.movers(moved(("x", "expansion", "50"), ("y", "churn", "-70"), ("z", "new", "1")), most=2)
    assert [(v["name"], v["t"]) for v in values(chart)] == [("y", "-70"), ("x", "+50")]
    assert chart.remark == "The 2 largest of 3; the table has all."


LONG = 6 * 365


def days(count: int) -> Table:
    told = {"new": Decimal(1), "opening": Decimal(5), "closing": Decimal(6), "is_complete": True}
    return table(MRR, [{**told, "period": date.fromordinal(730000 + i)} for i in range(count)])


@pytest.mark.parametrize(
    ("name", "make", "most"),
    [
        ("bars of days", lambda: charts.movements(days(LONG), by="day"), 120),
        ("line of days", lambda: charts.trend(days(LONG), "closing", by="day"), 700),
        ("200 cohorts", lambda: charts.cohorts(aged(200)), 400),
        ("one cohort", lambda: charts.cohorts(aged(1)), 20),
        ("900 segments", lambda: charts.segments(split(*({"segment": str(i)} for i in range(900)))), 20),
    ],
)
def test_long_series_stay_small(name: str, make: Callable[[], Chart], most: int) -> None:
    chart = make()
    assert len(json.dumps(chart.spec)) < most * 1000, name
    assert bool(chart.remark) == (name not in ("line of days", "one cohort")), name


def test_an_axis_names_a_dozen_round_periods() -> None:
    rows = [{"period": add_months(date(2020, 2, 1), i)} for i in range(60)]
    assert ticks(rows, "month") == [f"{2020 + i // 2}-{1 + i % 2 * 6:02}" for i in range(1, 11)]
    assert len(ticks([{"period": date.fromordinal(730000 + i)} for i in range(LONG)], "day")) <= 12
    assert ticks(rows[:1], "month") == ["2020-02"]


@pytest.mark.parametrize("opening", ["0", "-500", "0.01", "99999999999999"])
@pytest.mark.parametrize("months", [1, 2])
def test_odd_balances_are_charts(opening: str, months: int) -> None:
    nothing = {"new": "0", "expansion": "0", "contraction": "0", "churn": "0"}
    for told in (rolled(months, opening), rolled(months, opening, **nothing)):
        for chart in (charts.waterfall(told), charts.movements(told), charts.trend(told, "closing")):
            assert not chart.is_empty
            assert b"<svg" in charts.static(chart)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "0"),
        ("7.5", "7.50"),
        ("999", "999"),
        ("999.7", "1.00k"),
        ("17507.09", "17.5k"),
        ("-12345678", "-12.3M"),
        ("1e9", "1.00B"),
        ("999999999", "1.00B"),
    ],
)
def test_short_amounts(amount: str, said: str) -> None:
    assert short(Decimal(amount)) == said


def test_a_chart_takes_one_currency_and_one_policy() -> None:
    one = rolled(1)
    at, name = one.columns.index("currency"), one.columns.index("policy")
    other = [tuple("EUR" if i == at else v for i, v in enumerate(r)) for r in one.rows]
    strict = [tuple("strict" if i == name else v for i, v in enumerate(r)) for r in one.rows]
    both = Table(one.columns, [*one.rows, *other, *strict])
    assert len(values(charts.waterfall(both))) == 7
    assert "EUR" in charts.waterfall(both, currency="EUR").says
    assert charts.waterfall(both, currency="JPY").is_empty
    assert exponent("USD") == 2


def test_every_chart_speaks_thai() -> None:
    text.use("th")
    for name, (make, told) in EVERY.items():
        chart = make(told)
        assert any("ก" <= c <= "๛" for c in chart.says), name
        for words in ("Expansion", "Period", "Opening", "from 20", "not over"):
            assert words not in json.dumps(chart.spec, ensure_ascii=False).replace("break-paths", ""), (name, words)


def test_building_is_fast() -> None:
    told = rolled(37)
    charts.movements(told)
    start = time.process_time()
    for _ in range(5):
        charts.movements(told)
    assert (time.process_time() - start) / 5 < 0.015


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_have_the_fonts_and_the_themes_colours(theme: str) -> None:
    text.use("th")
    chart = charts.cohorts(aged(4))
    svg = charts.static(chart, theme=theme).decode()
    assert 'id="hatch"' in svg and "url(#hatch)" in svg
    assert ("#111113" in svg) == (theme == "dark")
    assert "IBM Plex Sans Thai" in svg
    png = charts.static(chart, "png", theme)
    assert png.startswith(b"\x89PNG") and len(png) > 10_000
    with pytest.raises(ValueError, match="pdf"):
        charts.static(chart, "pdf")
