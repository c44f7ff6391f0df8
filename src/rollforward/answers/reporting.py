"""The store's reporting currency: the one that its exchange rates are told in (docs/decisions/0010)."""

from __future__ import annotations

from rollforward.build import Build


def reporting_currency(build: Build) -> str:
    """ISO 4217 code of the currency that the last import of rates named; '' if none ever did."""
    build.need(["fx_rate"])
    rows = build.engine.run(
        "select to_currency from fx_rate where to_currency <> '' order by commit_id desc, source_id desc, line desc "
        "limit 1"
    )
    return str(rows[0][0]) if rows else ""
