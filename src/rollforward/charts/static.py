"""Charts as pictures, SVG or PNG, with the shipped fonts; no browser and no network."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rollforward.charts.chart import Chart
from rollforward.charts.look import DARK, PAPER, hatch, themed

FONTS = Path(__file__).parents[1] / "web" / "static" / "vendor" / "plex"
FORMATS = ("svg", "png")
_WIDTH, _SCALE = 760, 2
_VERSION = "6.4"
"""Vega-Lite of vl-convert; the pages load the same release (tools/vendor.lock)."""


def static(chart: Chart, format: str = "svg", theme: str = "light", width: int = _WIDTH) -> bytes:
    """The chart as SVG (UTF-8) or PNG (twice `width` pixels wide), with its title, on the theme's paper.

    Raises `ValueError` for another format.
    """
    if format not in FORMATS:
        raise ValueError(f"no such format: {format}")
    vl_convert = _ready()
    spec = themed(chart.spec, theme)
    spec |= {
        "width": width,
        "title": chart.title,
        "padding": 16,
        "background": PAPER if theme == "light" else DARK[PAPER],
    }
    if chart.remark:
        spec["title"] = {
            "text": chart.title,
            "subtitle": chart.remark,
            "subtitleColor": spec["config"]["axis"]["labelColor"],
        }
    svg = vl_convert.vegalite_to_svg(spec, vl_version=_VERSION, allowed_base_urls=[])
    head, close, body = svg.partition(">")
    drawn = f"{head}{close}{hatch(theme)}{body}"
    return drawn.encode() if format == "svg" else vl_convert.svg_to_png(drawn, scale=_SCALE)


@cache
def _ready():  # type: ignore[no-untyped-def]
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert
