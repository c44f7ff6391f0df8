"""How charts look: what a colour means, in light and dark; fonts, axes, legends."""

from __future__ import annotations

from typing import Any

from rollforward.schema import DRIVERS

Spec = dict[str, Any]

FONT = "IBM Plex Sans Thai"
TEXT, MUTED, GRID, ACCENT, PAPER = "#1c2024", "#60646c", "#e8e8ec", "#3b5bdb", "#ffffff"

KINDS = {
    "new": "#1d5fb0",
    "reactivation": "#86b0f0",
    "expansion": "#1f8f86",
    "contraction": "#f79a1e",
    "churn": "#c9430f",
    "fx": "#7a3b1a",
    "transfer": "#9463e8",
    "restatement": "#34305a",
    "adjustment": "#c9aaa2",
}
"""Movements. Told apart with red-green and blue-yellow blindness too (tests/charts/test_look.py)."""

DRIVER_COLOURS = dict(
    zip(
        ("seats", "plan", "add_on", "product", "usage", "price", "discount", "other"),
        ("#4a45cc", "#1a8c7d", "#f59b1e", "#8a2a78", "#86c4c0", "#4f2a0c", "#dc3f2a", "#9f8ad8"),
        strict=True,
    )
)
assert set(DRIVER_COLOURS) == set(DRIVERS)

MEASURES = {"mrr": ACCENT, "ndr": ACCENT, "grr": "#8a6d00", "logo_retention": MUTED}
RATE, MIX = ACCENT, "#a3a6b0"
WORSE, EVEN, BETTER = "#d0693a", "#f4f4f6", "#2f9a91"
"""A heat map's colours around 100 %."""
INK, INK_ON_COLOUR = TEXT, "#fffffe"
"""Text in the cells of a heat map, on pale and on strong colours."""

DARK = {
    TEXT: "#edeef0",
    MUTED: "#b0b4ba",
    GRID: "#2e3135",
    ACCENT: "#8da2fb",
    PAPER: "#111113",
    "#1d5fb0": "#6393e6",
    "#86b0f0": "#b3e6fa",
    "#1f8f86": "#1fc0aa",
    "#f79a1e": "#f2c14e",
    "#c9430f": "#d9633a",
    "#7a3b1a": "#95492a",
    "#9463e8": "#7d5bd0",
    "#34305a": "#fdf6c0",
    "#c9aaa2": "#6b4676",
    "#4a45cc": "#5478f5",
    "#1a8c7d": "#18c4c0",
    "#f59b1e": "#f5dd45",
    "#8a2a78": "#ad62a0",
    "#86c4c0": "#bff5f7",
    "#4f2a0c": "#d4603f",
    "#dc3f2a": "#f2a35c",
    "#9f8ad8": "#56505e",
    "#8a6d00": "#d9bf4a",
    MIX: "#6b6f7a",
    WORSE: "#a8512a",
    EVEN: "#1d2024",
    BETTER: "#1f8078",
    INK_ON_COLOUR: "#ffffff",
}
"""Each colour of a specification and what stands for it in the dark; a page translates by the same table."""

_AXIS: Spec = {
    "domainColor": GRID,
    "gridColor": GRID,
    "tickColor": GRID,
    "labelColor": MUTED,
    "titleColor": MUTED,
    "labelFontSize": 11,
    "titleFontSize": 11,
    "titleFontWeight": 400,
    "labelPadding": 6,
    "labelFontWeight": 400,
}

CONFIG: Spec = {
    "font": FONT,
    "background": "transparent",
    "aria": False,
    "view": {"stroke": None},
    "axis": _AXIS,
    "axisX": {"grid": False, "labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 8},
    # the title of an upright axis lies above it: nobody has to turn the head
    "axisY": {
        "domain": False,
        "ticks": False,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "start",
        "titleBaseline": "bottom",
        "titleX": 0,
        "titleY": -8,
    },
    "axisYBand": {"grid": False, "labelColor": TEXT, "labelFontSize": 12, "labelLimit": 150},
    "legend": {
        "orient": "top",
        "title": None,
        "labelColor": MUTED,
        "labelFontSize": 11,
        "symbolType": "square",
        "symbolSize": 80,
        "columnPadding": 14,
        "rowPadding": 4,
        "columns": 6,
        "offset": 28,
    },
    "title": {"color": TEXT, "fontSize": 14, "fontWeight": 600, "anchor": "start", "frame": "group", "offset": 14},
    "text": {"color": TEXT, "fontSize": 11},
    "rule": {"color": MUTED},
    "line": {"strokeWidth": 2, "strokeCap": "round", "strokeJoin": "round"},
}
"""Vega-Lite's configuration for the light theme."""

THOUSANDS = "abs(datum.value) < 1 ? format(datum.value, '~g') : replace(format(datum.value, '~s'), 'G', 'B')"
"""Labels of an axis of amounts: 1.2M, 50k, alike in English and Thai."""

PERCENTS = "format(datum.value, '~%')"
POINTS = "format(datum.value * 100, '+~g')"

HATCH = "url(#hatch)"
"""Fill of what is not over yet; the pattern stands in the page, or in the picture (`hatch`)."""

FADED = 0.4
"""Opacity of what is not over yet."""


def hatch(theme: str = "light") -> str:
    """SVG of the pattern that `HATCH` names: thin diagonal lines of the paper's colour."""
    colour = PAPER if theme == "light" else DARK[PAPER]
    return (
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="2.5" height="6" fill="{colour}" fill-opacity="0.75"/></pattern></defs>'
    )


def themed(spec: Spec, theme: str) -> Spec:
    """A copy of `spec` for the theme `light` or `dark`; the data stay as they are."""
    found = _translated(spec, DARK if theme == "dark" else {})
    assert isinstance(found, dict)
    return found


def _translated(part: object, colours: dict[str, str]) -> object:
    if isinstance(part, dict):
        return {k: v if k in ("data", "usermeta") else _translated(v, colours) for k, v in part.items()}
    if isinstance(part, list):
        return [_translated(p, colours) for p in part]
    return colours.get(part, part) if isinstance(part, str) else part
