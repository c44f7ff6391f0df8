"""Column declarations → SQL: text → typed value, and what makes a value wrong.

Every field `f` has the text `x_f` and, unless it is text, the value `v_f`. The first read only asks whether a row is
sound (`reject`); which problem it is (`code`) is worked out afterwards, for the refused rows alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rollforward import money
from rollforward.sources.header import Layout
from rollforward.sources.kinds import Field
from rollforward.sources.mapping import Mapping

OPEN = "timestamp '9999-12-31'"
START = "timestamp '0001-01-01'"
_CLOCK = r"[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?"
_NAIVE = rf"^\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}{_CLOCK}$"
_ZONED = rf"^\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}{_CLOCK} ?(Z|UTC|[+-]\d{{2}}(:?\d{{2}})?)$"
_GROUPED = r"[+-]?\d{1,3}(,\d{3})+\.\d*|[+-]?\d{1,3}(,\d{3}){2,}"
_NUMBER = r"regexp_full_match({}, '[+-]?\d+(\.\d*)?|[+-]?\.\d+')"
# holds: type, decimals, condition on a sound value
_DECIMAL = {
    "quantity": ("decimal(18,6)", 6, ">= 0"),
    "rate": ("decimal(28,10)", 10, "between 0.0000000001 and 1000000000"),
}
_MONTH_FORMS = ("%b %Y", "%B %Y", "%b-%Y", "%B-%Y", "%m/%Y")


def lit(text: str) -> str:
    """A SQL text literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Fault:
    """One way in which a row can be wrong. `reject`, `code` and `value` are SQL.

    `severity`: refused; note (accepted with a remark); skip (a remark, and the row is not staged: it says nothing).
    """

    reject: str
    code: str
    column: str
    value: str = "''"
    severity: str = "refused"
    allowed: str = ""


@dataclass(frozen=True)
class Typed:
    """A field as SQL. `value` over the x_ texts; `faults` over x_ and v_."""

    field: Field
    text: str
    value: str
    faults: tuple[Fault, ...]


def text_of(layout: Layout, mapping: Mapping, field: Field, column: str | None = None) -> str:
    """The trimmed text of a field: its column or constant, theirs → ours, the default where it is empty."""
    name = field.name
    if column is not None:
        text = f"trim(coalesce({column}, ''))"
    elif name in layout.places:
        text = f"trim(coalesce(c{layout.places[name]}, ''))"
    else:
        text = lit(layout.constants.get(name, ""))
    if swaps := mapping.values.get(name):
        cases = " ".join(f"when {lit(theirs)} then {lit(ours)}" for theirs, ours in swaps.items())
        text = f"(case {text} {cases} else {text} end)"
    if field.holds in ("word", "currency"):
        text = f"lower({text})" if field.holds == "word" else f"upper({text})"
    if field.aliases and layout.has(name):
        cases = " ".join(f"when {lit(a)} then {lit(b)}" for a, b in field.aliases)
        text = f"(case {text} {cases} else {text} end)"
    return text if not field.default else f"coalesce(nullif({text}, ''), {lit(field.default)})"


def typed(field: Field, text: str, mapping: Mapping, form: tuple[str, ...], optional: bool) -> Typed:
    """A field as SQL. `form` are strptime formats of this column (empty: ISO); `optional` lifts `required`."""
    x, v = f"x_{field.name}", f"v_{field.name}"
    faults: list[Fault] = []
    if field.required and not optional:
        faults.append(Fault(f"{x} = ''", "'missing-value'", field.name))
    value = x
    if field.holds in ("date", "month"):
        value = _date(x, form, field.holds == "month")
        sound = f"({v} >= timestamp '1970-01-01' and {v} < timestamp '2201-01-01')"
        sound = f"({sound} or {v} = {OPEN})" if field.opens else sound
        code = f"case when {v} is null then 'bad-date' else 'year-out-of-range' end"
        faults.append(Fault(f"{x} <> '' and ({v} is null or not {sound})", code, field.name, x))
    elif field.holds in ("amount", "delta"):
        value = minor(number(x, mapping), mapping.round, "1" if mapping.minor else "v_factor")
        faults.append(
            Fault(
                f"{x} <> '' and v_factor is not null and ({v} is null or abs({v}) > {money.MAX_MINOR})",
                _number_code(x, mapping),
                field.name,
                x,
            )
        )
        if field.holds == "amount":
            faults.append(Fault(f"{v} < 0", lit(field.code or "negative-amount"), field.name, x))
    elif field.holds == "minor":
        value = f"try_cast(case when {_digits(x)} then {x} end as bigint)"
        code = f"case when {v} is null then 'bad-number' else 'amount-too-large' end"
        faults.append(Fault(f"{x} <> '' and ({v} is null or abs({v}) > {money.MAX_MINOR})", code, field.name, x))
    elif field.holds == "count":
        whole = f"try_cast(case when {_digits(x)} then {x} end as bigint)"
        value = f"case when {x} = '' then 0 else {whole} end"
        low, high = field.low, field.high
        faults.append(
            Fault(f"{x} <> '' and ({v} is null or {v} < {low} or {v} > {high})", lit(field.code), field.name, x)
        )
    elif field.holds == "percent":
        y = number(x, mapping)
        value = (
            f"case when {x} = '' then 0 when {_fine(y)} and try_cast({y} as decimal(28,10)) between 0 and 100 "
            f"and (try_cast({y} as decimal(28,10)) * 10000) % 1 = 0 "
            f"then cast(try_cast({y} as decimal(28,10)) * 10000 as integer) end"
        )
        faults.append(Fault(f"{v} is null", lit(field.code), field.name, x))
    elif field.holds in _DECIMAL:
        kind, scale, sound = _DECIMAL[field.holds]
        y = number(x, mapping)
        value = f"case when {_fine(y, scale)} then try_cast({y} as {kind}) end"
        code = f"case when {_NUMBER.format(y)} then {lit(field.code)} else {_misread(x)} end"
        faults.append(Fault(f"{x} <> '' and ({v} is null or not {v} {sound})", code, field.name, x))
    elif field.holds == "word":
        # no IN: from some length on it is a join, and a join loses the rows' order
        words = " ".join(f"when {lit(w)} then false" for w in ("", *field.words))
        faults.append(
            Fault(f"case {x} {words} else true end", lit(field.code), field.name, x, allowed=", ".join(field.words))
        )
    elif field.holds == "currency":
        decimals = "v_factor" if field.name == "currency" else factor(x)
        faults.append(Fault(f"{x} <> '' and {decimals} is null", "'bad-currency'", field.name, x))
    return Typed(field, text, value, tuple(faults))


def factor(currency: str) -> str:
    """Minor units in one major unit of the currency in this text; NULL for an unknown code.

    A CASE, the most used codes first: later branches see only the rows left, and a join would lose the rows' order.
    """
    cases = " ".join(f"when {lit(c)} then {10 ** money.exponent(c)}" for c in money.currencies())
    return f"cast(case {currency} {cases} end as smallint)"


def number(x: str, mapping: Mapping) -> str:
    """The text with the mapping's symbol and separators taken out; the decimal sign is a point."""
    if mapping.symbol:
        x = f"trim(replace({x}, {lit(mapping.symbol)}, ''))"
    if mapping.thousands:
        group, point = re.escape(mapping.thousands), re.escape(mapping.decimal)
        shape = rf"[+-]?(\d{{1,3}}({group}\d{{3}})+|\d+)({point}\d*)?"
        # 12.50 in a file of 1.234,56 is a mistake, not 1250
        whole = f"replace({x}, {lit(mapping.thousands)}, '')"
        x = f"case when regexp_full_match({x}, {lit(shape)}) then {whole} else '?' end"
    return f"replace(replace({x}, '.', '?'), ',', '.')" if mapping.decimal == "," else x


def _digits(x: str) -> str:
    return f"regexp_full_match({x}, '[+-]?\\d+(\\.0*)?')"


def _fine(x: str, scale: int = 10) -> str:
    """No exponent, no underscore, at most `scale` decimals: what a cast to such a decimal keeps to the digit."""
    return (
        f"(not contains({x}, 'e') and not contains({x}, 'E') and not contains({x}, '_') "
        f"and (not contains({x}, '.') or strlen(rtrim({x}, '0')) - strpos({x}, '.') <= {scale}))"
    )


def minor(x: str, round_half_up: bool, factor: str = "v_factor") -> str:
    """Minor units of an amount in units of `factor` (1: in minor units), NULL if it is no number or is finer than they.

    Short texts with up to four decimals take a 64-bit decimal, four times as fast as the 128-bit one.
    """

    def whole(number: str) -> str:
        scaled = f"{number} * {factor}"
        return (
            f"try_cast({scaled} as bigint)"
            if round_half_up
            else f"case when ({scaled}) % 1 = 0 then try_cast({scaled} as bigint) end"
        )

    short = f"strlen({x}) <= 10 and (not contains({x}, '.') or strlen({x}) - strpos({x}, '.') <= 4)"
    plain = f"not contains({x}, 'e') and not contains({x}, 'E') and not contains({x}, '_')"
    return (
        f"case when {short} and {plain} then {whole(f'try_cast({x} as decimal(18,4))')} "
        f"when {_fine(x)} then {whole(f'try_cast({x} as decimal(28,10))')} end"
    )


def _number_code(x: str, mapping: Mapping) -> str:
    y, factor = number(x, mapping), "1" if mapping.minor else "v_factor"
    return (
        f"case when {_NUMBER.format(y)} then case "
        f"when abs(coalesce(try_cast({y} as double), 0)) * {factor} > {money.MAX_MINOR} then 'amount-too-large' "
        f"else 'amount-too-fine' end else {_misread(x)} end"
    )


def _misread(x: str) -> str:
    """The code for a text that is no number as it stands."""
    return (
        f"case when regexp_full_match({x}, '{_GROUPED}') then 'thousands-separator' "
        f"when regexp_full_match({x}, '[+-]?[0-9.]*,\\d+') then 'decimal-comma' else 'bad-number' end"
    )


def readable(x: str, mapping: Mapping) -> str:
    """Best reading of an amount in minor units, for the amount at stake of a refused row; 0 where there is none."""
    y = number(x, mapping)
    factor = "1" if mapping.minor else "coalesce(v_factor, 0)"
    return f"coalesce(try_cast(try_cast({y} as decimal(28,10)) * {factor} as bigint), 0)"


def _iso(x: str) -> str:
    return (
        f"case when ascii({x}) not between 48 and 57 then null "  # epoch, infinity
        f"when strlen({x}) <= 10 then try_cast(try_cast({x} as date) as timestamp) "
        f"when regexp_matches({x}, '{_NAIVE}') then try_cast({x} as timestamp) "
        f"when regexp_matches({x}, '{_ZONED}') then timezone('UTC', try_cast({x} as timestamptz)) end"
    )


def _date(x: str, form: tuple[str, ...], month: bool) -> str:
    value = _iso(x)
    if form:
        told = f"try_strptime({x}, [{', '.join(lit(f) for f in form)}])"
        # beside a format that starts with the year, an ISO reading could swap day and month
        value = told if any(f.startswith(("%Y", "%G")) for f in form) else f"coalesce({told}, {value})"
    if month:
        names = ", ".join(lit(f) for f in _MONTH_FORMS)
        value = (
            f"date_trunc('month', case when regexp_full_match({x}, '\\d{{4}}[-/]\\d{{2}}') "
            f"then try_cast({x} || '-01' as timestamp) else coalesce({value}, try_strptime({x}, [{names}])) end)"
        )
    return value


def is_plain(x: str) -> str:
    """Whether the text is a date without a time of day (an empty one counts)."""
    return f"(not contains({x}, ':'))"
