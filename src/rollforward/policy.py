"""The settings that change meaning (definitions.md section 6), as one row that the models read.

Comes in: a policy's name. Goes out: the row of the table `policy`. Only the default policy exists yet; its settings are
columns already, so another policy is another row and no other SQL.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from datetime import datetime

from rollforward.errors import Misuse


@dataclass(frozen=True)
class Policy:
    """One policy. Switches are 0 or 1; month factors are fractions num/den."""

    name: str = "default"
    version: int = 1
    past_due_counts: int = 1
    paused_counts: int = 0
    discount_forever: int = 1
    discount_repeating: int = 1
    discount_once: int = 0
    week_num: int = 52
    week_den: int = 12
    day_num: int = 365
    day_den: int = 12
    netting: str = "day"

    def row_sql(self, as_of: datetime | None = None) -> str:
        """The one-row `select` that is the table `policy`; what takes effect after `as_of` is scheduled."""
        cells = [
            f"'{value}' as {f.name}" if isinstance(value, str) else f"cast({value} as bigint) as {f.name}"
            for f, value in zip(fields(self), astuple(self), strict=True)
        ]
        cells.append(f"timestamp '{(as_of or datetime(9999, 12, 31)).isoformat(sep=' ')}' as as_of")
        return "select " + ", ".join(cells)


DEFAULT = Policy()


def find(name: str) -> Policy:
    """The shipped policy of that name.

    Raises Misuse `unknown-policy` that lists what there is.
    """
    if name != DEFAULT.name:
        raise Misuse("unknown-policy", policy=name, known=DEFAULT.name)
    return DEFAULT
