"""Every stored table: columns, types, units and grain; the only place where they are written down.

Types are DuckDB's. Money is BIGINT in the currency's minor unit. Open ends are 9999-12-31 and "from the beginning" is
0001-01-01; empty text is '' and a missing key is 0: no NULL carries a meaning.
"""

from rollforward.schema.beside import BESIDE
from rollforward.schema.billing import BILLING
from rollforward.schema.closed import CLOSED
from rollforward.schema.table import Column, Table
from rollforward.schema.words import (
    BEGINNING,
    DRIVERS,
    FLOWS,
    FORMAT,
    MOVEMENTS,
    OPEN_END,
    RANK_CHANGE,
    RANK_CORRECTION,
    RANK_FILE,
    RANK_INVOICE,
    RANK_OBJECT,
    STATUSES,
)

__all__ = [
    "BEGINNING",
    "DRIVERS",
    "FACT",
    "FACTS",
    "FLOWS",
    "FORMAT",
    "MOVEMENTS",
    "OPEN_END",
    "RANK_CHANGE",
    "RANK_CORRECTION",
    "RANK_FILE",
    "RANK_INVOICE",
    "RANK_OBJECT",
    "STATUSES",
    "Column",
    "Table",
]

FACTS: tuple[Table, ...] = (*BILLING, *BESIDE, *CLOSED)

FACT: dict[str, Table] = {t.name: t for t in FACTS}
