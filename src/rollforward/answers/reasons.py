"""Why a month of an account is not the same in another tool's file: a setting, a fact, rounding, or nothing we know.

Comes in: balances (or movements) of ours and theirs, month by month. Goes out: one reason for each difference, the
first that holds in the order of decision 0014: not read, rounding, a rule that a profile names as not reproduced, a
setting, a fact, unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from rollforward import periods
from rollforward.answers.books import Books, Key
from rollforward.answers.peer import Peer
from rollforward.answers.switches import neighbours
from rollforward.build import Build, Progress
from rollforward.policy import Policy

UNEXPLAINED = "unexplained"
ROUNDING = "rounding"
TWICE = "counted twice"
PAID = "paid period over"
NOT_READ = "not read"
ONLY_OURS, ONLY_THEIRS = "only in ours", "only in theirs"
LATER, EARLIER, CURRENCY = "a month later", "a month earlier", "other currency"

_STATE = "from believed s where s.valid_from < m.month_end and s.valid_to > m.month"
_CREDIT = "from charge s where s.amount < 0 and s.service_from < m.month_end and s.service_to > m.month"
_USED = "from charge s where s.service_from < m.month_end and s.service_to > m.month"

_EVIDENCE: dict[str, tuple[int, str]] = {
    "limited_coupon_on_yearly": (
        -1, f"{_STATE} and s.interval = 'year' and 'repeating' in (s.discount1_kind, s.discount2_kind)",
    ),
    "add_on_with_cycles": (
        1, f"{_STATE} and s.valid_to < timestamp '9999-12-31' and s.product_key in "
           "(select product_key from product_current where role = 'add_on')",
    ),
    "tiered_usage": (-1, _USED),
    "mid_period_component": (1, "from believed s where s.valid_from > m.month and s.valid_from < m.month_end"),
    "prorated_seat": (1, "from believed s where s.valid_from > m.month and s.valid_from < m.month_end"),
    "refunds_rewrite": (1, _CREDIT),
    "negative_lines": (1, _CREDIT),
    "annual_refund": (
        1, f"{_STATE} and s.interval = 'year' and s.paid_through > s.valid_to "
           "and s.paid_through < timestamp '9999-12-31'",
    ),
}  # fmt: skip
"""Rules that profiles do not reproduce → the sign of ours − theirs that they make, facts of an account that show it."""


@dataclass
class Line:
    """One account in one currency: balances by month, what is still to name, and the reasons named."""

    key: Key
    ours: list[int]
    theirs: list[int]
    left: list[int]
    reasons: list[dict[str, int]] = field(default_factory=list)

    def name(self, i: int, reason: str) -> None:
        """Books all that is left of month `i` under `reason`."""
        if self.left[i]:
            self.reasons[i][reason] = self.reasons[i].get(reason, 0) + self.left[i]
            self.left[i] = 0


class Reasons:
    """Names what is left of `lines`, whose figures under the rules compared are `base`."""

    def __init__(
        self, books: Books, peer: Peer, build: Build, lines: list[Line],
        base: dict[Key, list[int]], make: Callable[[Policy], Build],
    ) -> None:  # fmt: skip
        self.books, self.peer, self.build, self.base, self._make = books, peer, build, base, make
        self.lines = {line.key: line for line in lines}
        self.months = books.months
        self._of: dict[str, list[Line]] = {}
        for line in lines:
            self._of.setdefault(line.key[0], []).append(line)

    def find(self, gaps: Sequence[str], progress: Progress | None) -> None:
        """Every month gets its reasons; nothing is left."""
        for line in self.lines.values():
            for i in self._open(line):
                if self.peer.is_unread(line.key[0], self.months[i]):
                    line.name(i, NOT_READ)
        slack = self._slack()
        for line in self.lines.values():
            for i in self._open(line):
                if abs(line.left[i]) <= slack[line.key][i]:
                    line.name(i, ROUNDING)
            for i in self._open(line):
                once = self.peer.once.get((*line.key, self.months[i])) if self.books.measure == "mrr" else None
                if once is not None and abs(once - self.base[line.key][i]) <= slack[line.key][i]:
                    line.name(i, TWICE)
        for rule in gaps:
            if rule in _EVIDENCE and not self.books.whole:
                self._not_reproduced(rule)
        self._settings(slack, progress)
        if self.books.measure == "mrr" and not self.books.whole:
            self._paid_periods(slack)
        for line in self.lines.values():
            for i in self._open(line):
                line.name(i, self._fact(line, i, slack[line.key][i]))

    def _open(self, line: Line) -> list[int]:
        return [i for i, left in enumerate(line.left) if left]

    def _waiting(self) -> list[Key]:
        return [key for key, line in self.lines.items() if any(line.left)]

    def _months_view(self) -> str:
        rows = ", ".join(f"(date '{m}', date '{periods.add_months(m, 1)}')" for m in self.months)
        return f"(values {rows}) m(month, month_end)"

    def _slack(self) -> dict[Key, list[int]]:
        """By how much rounding can make a month differ: one minor unit for each item not whole in them."""
        found = {key: [0] * len(self.months) for key in self.lines}
        waiting = self._waiting()
        if not waiting:
            return found
        account, join = "''", ""
        if not self.books.whole:
            self._ask_for(waiting)
            account = "a.account_id"
            join = "join account a on a.account_key = i.account_key join asked_account q on q.account_id = a.account_id"
        engine = self.build.need(["item_mrr", "factor", "account"])
        rows = engine.run(
            f"select {account}, i.currency, m.month, count(*) from item_mrr i join factor f on f.per = i.per {join} "
            f"join {self._months_view()} on i.from_at < m.month_end and i.to_at >= m.month_end where i.counted = 1 and "
            "(cast(i.amount as hugeint) * f.num * i.kept - cast(i.cut as hugeint) * f.num * 1000000000000) "
            "% (cast(f.den as hugeint) * 1000000000000) <> 0 group by all"
        )
        at = {month: i for i, month in enumerate(self.months)}
        for account_id, currency, month, count in rows:
            key = (str(account_id), str(currency))
            if key in found and isinstance(month, date):
                found[key][at[month]] = int(str(count))
        if self.books.measure != "mrr":
            found = {key: [n + before for n, before in zip(v, [0, *v], strict=False)] for key, v in found.items()}
        return found

    def _ask_for(self, keys: Sequence[Key]) -> None:
        self.build.engine.run(
            "create or replace temp table asked_account as select unnest(cast(? as varchar[])) as account_id",
            [sorted({account for account, _ in keys})],
        )

    def _not_reproduced(self, rule: str) -> None:
        sign, condition = _EVIDENCE[rule]
        waiting = self._waiting()
        if not waiting:
            return
        self._ask_for(waiting)
        engine = self.build.need(["believed", "charge", "product_current", "account"])
        shown = {
            (str(account), month)
            for account, month in engine.run(
                f"select distinct a.account_id, m.month from asked_account q join account a on a.account_id = "
                f"q.account_id cross join {self._months_view()} where exists (select 1 {condition} "
                "and s.account_key = a.account_key)"
            )
        }
        for key in waiting:
            line = self.lines[key]
            for i in self._open(line):
                if (key[0], self.months[i]) in shown and line.left[i] * sign > 0:
                    line.name(i, f"not_reproduced: {rule}")

    def _paid_periods(self, slack: dict[Key, list[int]]) -> None:
        """Months in which theirs is what is left if each item ends with its paid period, whatever renews."""
        waiting = self._waiting()
        if not waiting:
            return
        self._ask_for(waiting)
        at = {month: i for i, month in enumerate(self.months)}
        rows = self.build.need(["item_mrr", "item_state", "account"]).run(
            "select a.account_id, i.currency, m.month, sum(case when p.paid >= m.month_end then i.mrr else 0 end) "
            "from item_mrr i join account a on a.account_key = i.account_key "
            "join asked_account q on q.account_id = a.account_id "
            "join (select item_key, source_id, line, max(paid_through) as paid from item_state group by all) p "
            "on p.item_key = i.item_key and p.source_id = i.source_id and p.line = i.line "
            f"join {self._months_view()} on i.from_at < m.month_end and i.to_at >= m.month_end group by all "
            "having min(p.paid) < max(m.month_end)"
        )
        for account, currency, month, left in rows:
            line = self.lines.get((str(account), str(currency)))
            if not line or not isinstance(month, date):
                continue
            if abs(int(str(left)) - line.theirs[at[month]]) <= slack[line.key][at[month]]:
                line.name(at[month], PAID)

    def _settings(self, slack: dict[Key, list[int]], progress: Progress | None) -> None:
        known = self._known()
        for number, (setting, rules) in enumerate(neighbours(self.build, self.books.measure), start=100):
            waiting = [key for key in self._waiting() if self.books.whole or key[0] in known]
            if not waiting:
                return
            if progress:
                progress(setting, 0.5)
            self.books.add(number, self._make(rules), None, None if self.books.whole else waiting)
            found = self.books.of(number, waiting)
            for key in waiting:
                line, base = self.lines[key], self.base[key]
                for i in self._open(line):
                    if found[key][i] != base[i] and abs(found[key][i] - line.theirs[i]) <= slack[key][i]:
                        line.name(i, setting)

    def _known(self) -> set[str]:
        self._ask_for(self._waiting())
        rows = self.build.need(["account"]).run(
            "select a.account_id from account a join asked_account q on q.account_id = a.account_id"
        )
        return {str(r[0]) for r in rows}

    def _fact(self, line: Line, i: int, slack: int) -> str:
        ours, theirs = self.base[line.key], line.theirs
        account = line.key[0]
        month = self.months[i]
        for other in self._of[account]:
            if other is line:
                continue
            if not theirs[i] and not self.base[other.key][i] and other.theirs[i]:
                return CURRENCY
            if not ours[i] and self.base[other.key][i] and not other.theirs[i]:
                return CURRENCY
        if account and account not in self.peer.there:
            return ONLY_OURS
        last = len(self.months) - 1

        def same(mine: int, yours: int) -> bool:
            return not (0 <= mine <= last and 0 <= yours <= last) or abs(ours[mine] - theirs[yours]) <= slack

        if i > 0 and same(i - 1, i) and same(i, i + 1):
            return LATER
        if i < last and same(i + 1, i) and same(i, i - 1):
            return EARLIER
        if not theirs[i] and not self.peer.lists(account, month):
            return ONLY_OURS
        if not ours[i] and theirs[i]:
            return ONLY_THEIRS
        return UNEXPLAINED
