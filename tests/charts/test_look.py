"""Colours keep apart for everybody, and each has one for the dark."""

from __future__ import annotations

import itertools
import json
import math

import pytest

from rollforward.charts.look import CONFIG, DARK, DRIVER_COLOURS, KINDS, MEASURES, themed

# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB
SIGHT = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)

Rows = tuple[tuple[float, ...], ...]


def _times(rows: Rows, v: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, v, strict=True)) for row in rows)


def seen(colour: str, sight: str) -> tuple[float, ...]:
    """A colour in OKLab, as it is seen."""
    linear = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in linear]
    cones = _times(TO_LMS, tuple(min(1.0, max(0.0, c)) for c in _times(SIGHT[sight], tuple(linear))))
    return _times(TO_LAB, tuple(math.cbrt(c) if hasattr(math, "cbrt") else c ** (1 / 3) for c in cones))


def nearest(colours: dict[str, str], sight: str) -> float:
    """Distance of the two colours that are most alike, in hundredths of OKLab."""
    return min(100 * math.dist(seen(a, sight), seen(b, sight)) for a, b in itertools.combinations(colours.values(), 2))


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "colours", [KINDS, DRIVER_COLOURS, MEASURES | {"mrr": "#000000"}], ids=["kinds", "drivers", "measures"]
)
def test_colours_are_told_apart(colours: dict[str, str], theme: str, sight: str) -> None:
    shown = {n: DARK.get(c, c) if theme == "dark" else c for n, c in colours.items()}
    assert nearest(shown, sight) > 8


def test_colours_that_are_alike_are_caught() -> None:
    alike = {"red": "#c92a2a", "green": "#5c7a1e"}
    assert nearest(alike, "usual") > 8 > nearest(alike, "no green")


def test_the_dark_theme_has_every_colour_and_leaves_data_alone() -> None:
    every = {*KINDS.values(), *DRIVER_COLOURS.values(), *MEASURES.values()}
    assert every <= DARK.keys()
    assert not DARK.keys() & set(DARK.values()) - {"#ffffff"}
    spec = {"config": CONFIG, "data": {"values": [{"k": "#1c2024"}]}}
    dark = json.dumps(themed(spec, "dark"))
    assert "#edeef0" in dark
    assert dark.count("#1c2024") == 1
    assert themed(spec, "light") == spec
