"""The months of several builds and files side by side, by account: which accounts differ, and what each has.

Comes in: Builds and rows of a file. Goes out: minor units by account, currency and month. A measure that is a balance
(`mrr`) is kept as its changes, so that accounts alike in all books are found without writing out their months.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from rollforward import periods
from rollforward.build import Build, Progress
from rollforward.engines.duckdb import Engine, quote

MEASURES = ("mrr", "new", "expansion", "contraction", "churn", "reactivation")

Key = tuple[str, str]
"""account_id ('' = all accounts together), currency."""


class Books:
    """Numbered books over the months `first` … `last` (first days); amounts in minor units, losses negative."""

    def __init__(
        self, engine: Engine, measure: str, first: date, last: date, currency: str = "", whole: bool = False
    ) -> None:
        self.engine, self.measure, self.whole, self.currency = engine, measure, whole, currency
        self.months: list[date] = []
        at = first
        while at <= last:
            self.months.append(at)
            at = periods.add_months(at, 1)
        self.engine.run(
            "create table book (n integer, account_id varchar, currency varchar, month date, amount hugeint)"
        )

    def add(self, n: int, build: Build, progress: Progress | None = None, only: Sequence[Key] | None = None) -> None:
        """What `build` says, as book `n`; with `only`, of these accounts."""
        engine = build.need(["account_day", "account", "known"], progress)
        account = "''" if self.whole else "a.account_id"
        of = "true" if self.measure == "mrr" else f"d.movement = {quote(self.measure)}"
        with TemporaryDirectory(prefix="rollforward-") as folder:
            path = quote(str(Path(folder) / "book.parquet"))
            engine.run(
                f"copy (select {account} as account_id, d.currency, cast(date_trunc('month', d.on_date) as date) as "
                "month, cast(sum(d.amount) as bigint) as amount from account_day d join account a "
                f"on a.account_key = d.account_key cross join known k where {of} and d.on_date < k.known_to "
                f"group by all having sum(d.amount) <> 0) to {path} (format parquet)"
            )
            self._take(n, f"read_parquet({path})", only)

    def add_changes(self, n: int, relation: str) -> None:
        """Rows of `relation` (account_id, currency, month, amount) of this engine as book `n`: changes of a balance."""
        self._take(n, relation, None)

    def _take(self, n: int, relation: str, only: Sequence[Key] | None) -> None:
        if not self.months:
            return
        first, last = (f"date '{d}'" for d in (self.months[0], self.months[-1]))
        # what a balance was before the first month is in it
        month, since = (
            (f"greatest(month, {first})", "true") if self.measure == "mrr" else ("month", f"month >= {first}")
        )
        listed = ""
        if only is not None:
            self.engine.run(
                "create or replace temp table wanted as select unnest(cast(? as varchar[])) as account_id",
                [sorted({account for account, _ in only})],
            )
            listed = "and account_id in (select account_id from wanted)"
        paid = f"and currency = {quote(self.currency)}" if self.currency else ""
        self.engine.run(
            f"insert into book select {n}, account_id, currency, {month}, sum(amount) from {relation} "
            f"where {since} and month <= {last} {listed} {paid} group by all having sum(amount) <> 0"
        )

    def differing(self, numbers: Sequence[int]) -> list[Key]:
        """Accounts that are not the same in all of these books."""
        listed = ", ".join(map(str, numbers))
        rows = self.engine.run(
            "select distinct account_id, currency from (select account_id, currency, month from book "
            f"where n in ({listed}) group by all having count(*) < {len(numbers)} or min(amount) <> max(amount)) "
            "order by 1, 2"
        )
        return [(str(account), str(currency)) for account, currency in rows]

    def of(self, n: int, keys: Sequence[Key]) -> dict[Key, list[int]]:
        """What book `n` has for each of the accounts, month by month: balances at the ends, or what moved."""
        wanted = set(keys)
        found = {key: [0] * len(self.months) for key in keys}
        at = {month: i for i, month in enumerate(self.months)}
        for account, currency, month, amount in self.engine.run(
            "select account_id, currency, month, amount from book where n = ?", [n]
        ):
            key = (str(account), str(currency))
            if key in wanted and isinstance(month, date):
                found[key][at[month]] += int(str(amount))
        return {key: self._running(values) for key, values in found.items()}

    def totals(self, n: int) -> dict[str, list[int]]:
        """What book `n` has over all accounts, by currency and month."""
        found: dict[str, list[int]] = {}
        at = {month: i for i, month in enumerate(self.months)}
        for currency, month, amount in self.engine.run(
            "select currency, month, sum(amount) from book where n = ? group by all order by 1, 2", [n]
        ):
            values = found.setdefault(str(currency), [0] * len(self.months))
            if isinstance(month, date):
                values[at[month]] += int(str(amount))
        return {currency: self._running(values) for currency, values in found.items()}

    def _running(self, values: list[int]) -> list[int]:
        if self.measure != "mrr":
            return values
        total, found = 0, []
        for value in values:
            total += value
            found.append(total)
        return found


def month_of(day: date | datetime) -> date:
    """First day of its month."""
    return date(day.year, day.month, 1)


def months_known(builds: Sequence[Build]) -> tuple[date, date]:
    """First and last month of which any of the builds knows something to show."""
    ranges = [build.range() for build in builds]
    lasts = [
        r.known_to - timedelta(days=1) if r.is_live else min(r.last, r.known_to - timedelta(days=1)) for r in ranges
    ]
    return month_of(min(r.shown_from for r in ranges)), month_of(max(lasts))
