"""Whole numbers as people and addresses write them."""

from __future__ import annotations


def is_whole(text: str, digits: int = 9) -> bool:
    """Whether a text is a whole number from 0 on of at most so many digits, 0 to 9 alone.

    `str.isdigit` takes '²' too, which `int` does not; and a number without end fits neither a table nor a database.
    """
    return text.isascii() and text.isdecimal() and len(text) <= digits
