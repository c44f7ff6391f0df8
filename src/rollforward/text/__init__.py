"""What a person reads, in English and Thai: the language in force, and sentences for codes.

English strings in the code are the message ids; `locale/th/LC_MESSAGES/rollforward.po` holds the Thai. Machine formats
(CSV, JSON, Parquet) never pass through here. After a change of strings, in the repository's root:

    pybabel extract -F src/rollforward/text/babel.cfg -o all.pot src/rollforward
    pybabel update -i all.pot -d src/rollforward/text/locale -D rollforward
    pybabel compile -d src/rollforward/text/locale -D rollforward -l th
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rollforward.errors import Problem, RollforwardError

LANGUAGES = ("en", "th")
DOMAIN = "rollforward"
LOCALES = Path(__file__).parent / "locale"

_OPTIONAL = re.compile(r"\[(?!\{\w+\}\])([^\[\]]*\{(\w+)\}[^\[\]]*)\]")

_in_force: ContextVar[str] = ContextVar("language", default="en")
"""Each request of a server has its own."""

_era: ContextVar[int] = ContextVar("era", default=0)

_catalogue: dict[str, Callable[[str], str]] = {"en": str}


def choose(option: str | None, environ: Mapping[str, str]) -> str:
    """Pick a language: the option, else ROLLFORWARD_LANG, else Thai where the locale is Thai, else English.

    A value that is no language of ours is passed over here; the command line refuses it by name.
    """
    for said in (option, environ.get("ROLLFORWARD_LANG")):
        if said in LANGUAGES:
            return said
    locale = environ.get("LC_ALL") or environ.get("LANG") or ""
    return "th" if locale.lower().startswith("th") else "en"


def use(lang: str) -> None:
    """Speak `lang` from here on, in this thread or task. Raises `ValueError` for what is not in `LANGUAGES`."""
    _translator(lang)
    _in_force.set(lang)


def count_years(buddhist: bool) -> None:
    """Write years of Thai dates in the Buddhist era (2569) or the common one (2026), in this thread or task."""
    _era.set(543 if buddhist else 0)


def era() -> int:
    """What is added to the year of a date as it is written: 543 in Thai with Buddhist-era years."""
    return _era.get() if language() == "th" else 0


def language() -> str:
    """The language in force: `en` or `th`."""
    return _in_force.get()


def _(message: str) -> str:
    """`message` in the language in force; the message itself where there is no translation."""
    return _translator(_in_force.get())(message)


def N_(message: str) -> str:
    """Mark a string for the catalogue that is translated later, when it is shown."""
    return message


def fill(template: str, params: Mapping[str, object], lang: str | None = None) -> str:
    """`template` translated, with its `{placeholders}` filled; one without a value shows as `…`.

    A part in square brackets is left out where a value in it is empty: "[Did you mean {nearest}? ]Possible: {known}".
    Brackets around a value alone are brackets: "rollforward[{extra}]". A `day` reads as days do in the language.
    """
    said = _translator(lang or _in_force.get())(template)
    said = _OPTIONAL.sub(lambda part: part[1] if params.get(part[2]) else "", said)
    return said.format_map(
        _Params({key: (_day if key == "day" else _one_line)(value) for key, value in params.items()})
    )


def sentences(code: str, params: Mapping[str, object], lang: str | None = None) -> tuple[str, str]:
    """What happened and what to do, for any error code; an unknown code speaks for itself.

    Beside the error's own params a text may use `{where}`: the path, file or table that the error names.
    """
    from rollforward.text.messages import ERRORS, REASONS

    what, remedy = ERRORS.get(code, ("{code}: {detail}", ""))
    where = next((params[key] for key in ("path", "file", "mapping", "table") if params.get(key)), "")
    detail = ", ".join(f"{k}={v}" for k, v in params.items())
    known = {"code": code, "where": where, "detail": detail, **params}
    if params.get("reason") in REASONS:
        known["reason"] = fill(REASONS[str(params["reason"])], {}, lang)
    return fill(what, known, lang), fill(remedy, known, lang) if remedy else ""


def error(err: RollforwardError, lang: str | None = None) -> str:
    """One sentence on what happened and where, and on the next line one on what to do."""
    return "\n".join(part for part in sentences(err.code, err.params, lang) if part)


def problem(problem: Problem, lang: str | None = None) -> tuple[str, str]:
    """What is wrong with a row, and what to do about it. The place (file:line) is not repeated in either."""
    from rollforward.text.problems import PROBLEMS

    what, remedy = PROBLEMS.get(problem.code, (problem.code, ""))
    return fill(what, problem.params, lang), fill(remedy, problem.params, lang) if remedy else ""


def note(code: str, params: Mapping[str, object], lang: str | None = None) -> str:
    """The remark that a table carries underneath."""
    from rollforward.text.notes import NOTES

    return fill(NOTES.get(code, code), params, lang)


def _day(value: object) -> object:
    from rollforward.text import figures

    try:
        return figures.day(date.fromisoformat(str(value)))
    except ValueError:
        return _one_line(value)


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


class _Params(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def _translator(lang: str) -> Callable[[str], str]:
    if lang not in LANGUAGES:
        raise ValueError(f"no such language: {lang}")
    if lang not in _catalogue:
        _catalogue[lang] = gettext.translation(DOMAIN, LOCALES, [lang]).gettext
    return _catalogue[lang]
