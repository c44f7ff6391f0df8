"""What a view is: which columns of a table a person sees."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """Which columns of a table a person sees, in this order.

    `columns` always (those of `unless_zero` only where some row is not 0); `wide` are added while there is room.
    """

    title: str
    columns: tuple[str, ...]
    unless_zero: frozenset[str] = frozenset()
    wide: tuple[str, ...] = ()


def view(title: str, columns: str, unless_zero: str = "", wide: str = "") -> View:
    """A view whose columns are told as words in one text each."""
    return View(title, tuple(columns.split()), frozenset(unless_zero.split()), tuple(wide.split()))
