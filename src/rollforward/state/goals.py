"""Goals: what is to be reached in a period, by whom; every version is kept."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rollforward.errors import Misuse
from rollforward.state.audit import Actor, Audit
from rollforward.state.database import Database, read, written

METRICS = ("expansion", "ndr", "grr")


@dataclass(frozen=True)
class Goal:
    """A version of a goal; `at` is UTC. target: MRR in major units of `currency`, or a fraction; None: removed.

    period: `2026-09`, `2026-Q3` or `2026`. where: `dimension=value`, '' all accounts. owner: whose, '' everybody's.
    """

    goal_id: int
    metric: str
    period: str
    where: str
    owner: str
    currency: str
    target: Decimal | None
    author: str
    at: datetime

    @property
    def subject(self) -> tuple[str, str, str, str, str]:
        """What the goal is about: its versions have this in common."""
        return self.metric, self.period, self.where, self.owner, self.currency


class Goals:
    """The goals of one store: the last version counts, those before it are its history."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def versions(self) -> list[Goal]:
        """Every version of every goal, the earliest first."""
        with self._database.reading() as con:
            return [_goal(row) for row in con.execute("select * from goal order by goal_id")]

    def standing(self) -> list[Goal]:
        """The last version of each goal that is not removed, by period, metric, segment and owner."""
        last = {goal.subject: goal for goal in self.versions()}
        kept = [goal for goal in last.values() if goal.target is not None]
        return sorted(kept, key=lambda g: (g.period, g.metric, g.where, g.owner, g.currency))

    def get(self, goal_id: int) -> Goal:
        """One version. Misuse `no-such-goal`."""
        found = next((g for g in self.versions() if g.goal_id == goal_id), None)
        if found is None:
            raise Misuse("no-such-goal", number=goal_id)
        return found

    def set(
        self, by: Actor, metric: str, period: str, target: Decimal | None, where: str = "", owner: str = "",
        currency: str = "",
    ) -> Goal:  # fmt: skip
        """A new version; target None removes the goal. Misuse `unknown-option`, `bad-goal`."""
        if metric not in METRICS:
            raise Misuse("unknown-option", option="--metric", value=metric, known=", ".join(METRICS))
        most = 10**13 if metric == "expansion" else 10
        if target is not None and not (target.is_finite() and 0 < target < most):
            raise Misuse("bad-goal", value=str(target))
        row = (metric, period, where, owner, currency,
               None if target is None else str(target), by.name, written(self._database.now()))  # fmt: skip
        names = "metric, period, cut, owner, currency, target, author, at"
        with self._database.writing() as con:
            made = con.execute(f"insert into goal ({names}) values (?, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid
            detail = {
                "period": period,
                "where": where,
                "owner": owner,
                "target": "-" if target is None else str(target),
            }
            self._audit.record(con, by, "goal.remove" if target is None else "goal.set", metric, detail)
            return _goal(con.execute("select * from goal where goal_id = ?", (made,)).fetchone())

    def last(self) -> int:
        """Number of the last version; 0 before the first."""
        with self._database.reading() as con:
            return int(con.execute("select coalesce(max(goal_id), 0) from goal").fetchone()[0])


def _goal(row: sqlite3.Row) -> Goal:
    target = None if row["target"] is None else Decimal(row["target"])
    return Goal(
        row["goal_id"], row["metric"], row["period"], row["cut"], row["owner"], row["currency"], target,
        row["author"], read(row["at"]),
    )  # fmt: skip
