"""By which dimensions a question is cut into segments, and what models mean then (decision 0011).

Comes in: `--segment` and `--where`. Goes out: a Cut: the few rows of `asked_dimension`, and which models
answers are sums of instead of those of all accounts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rollforward import money
from rollforward.engines import Engine
from rollforward.policy import Bands, Policy

ITEMS = ("product", "plan", "family", "interval", "currency")
"""Dimensions of items: an account may stand in several of their values at once."""

DERIVED = {
    "size_band": "size_value",
    "lifecycle_stage": "stage_value",
    "plan_tier": "tier_value",
    "usage_level": "usage_value",
    "cohort": "cohort_value",
}
"""Dimensions of accounts that follow from the ledger or from use, and the model that says their values."""

NATIVE = {
    "native_movement": "movement_day", "native_driver": "driver_day", "native_count": "account_count",
    "native_newcomer": "newcomer", "native_involuntary": "involuntary_day", "native_step": "retention_step",
    "native_peak": "retention_peak",
    "native_line": "movement_day", "placed_day": "whole_day", "paired": "retention_pair", "item_value": "no_item",
    "judged_line": "judged_whole", "judged_cause": "whole_judged_cause", "joint_part": "joint_pair",
    "joint_line": "joint_retention", "native_cause": "segment_cause",
}  # fmt: skip
"""What answers are sums of, before any conversion: the name in the final models → the model behind it."""

INPUTS = ("asked_dimension", "dimension_value", "band", "currency_unit", "bridge_window")
"""Tables that build.py makes for a cut."""

Mode = Literal["flow", "frozen", "owned"]
"""flow: in time, with transfers; frozen: as at a moment; owned: each account's own part in each product."""


@dataclass(frozen=True)
class Cut:
    """`segment` '' is no split; `where` are (dimension, value), all of which must hold."""

    segment: str = ""
    where: tuple[tuple[str, str], ...] = ()
    mode: Mode = "flow"

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension named, once."""
        return tuple(dict.fromkeys(d for d in (self.segment, *(d for d, _ in self.where)) if d))

    @property
    def item(self) -> str:
        """The one dimension of items, '' = none."""
        return next((d for d in self.dimensions if d in ITEMS), "")

    def meaning(self) -> dict[str, str]:
        """Which model each name stands for that NATIVE leaves open; those not said keep their meaning."""
        if not self.dimensions:
            return {}
        owned = self.mode == "owned"
        inside = any(d != self.item for d in self.dimensions)
        split = bool(self.item) and self.mode == "flow"
        return {
            "native_movement": "segment_day",
            "native_line": "segment_day" if self.mode == "flow" else "retention_step",
            "native_driver": "item_driver_day" if split else "segment_driver_day",
            "native_cause": "item_cause" if split else "segment_cause",
            "placed_day": "segment_account_day",
            "split_day": "item_split_day" if split else "unsplit_day",
            "paired": "product_pair" if owned and not inside else "segment_pair",
            "base_pair": "product_pair" if owned else "retention_pair",
            "item_value": "item_dimension" if self.item else "no_item",
            "judged_line": "item_judged" if split else "segment_judged",
            "judged_cause": "item_judged_cause" if split else "whole_judged_cause",
            "joint_part": "product_joint" if owned else "joint_pair",
            "joint_line": "joint_placed" if inside or not owned else "joint_retention",
        }

    def values(self, closed: bool) -> tuple[str, ...]:
        """The models whose union is `dimension_value`; `closed`: days are, and keep the values of accounts."""
        frozen = ("dominant_value",) if self.item and self.mode == "frozen" else ()
        if closed:
            return ("placed_value", *frozen)
        derived = tuple(DERIVED[d] for d in self.dimensions if d in DERIVED)
        own = ("attribute_value",) if any(d not in DERIVED and d not in ITEMS for d in self.dimensions) else ()
        return own + derived + frozen

    def rows(self) -> list[tuple[int, str, str, int]]:
        """`asked_dimension`: nth (0 the split), dimension, wanted, of_items (0 of accounts, 1 of items, 2 frozen)."""
        of_items = 2 if self.mode == "frozen" else 1
        asked = [(self.segment, ""), *self.where]
        rows = [(n, d, wanted, of_items if d in ITEMS else 0) for n, (d, wanted) in enumerate(asked)]
        return rows if rows[0][3] != 1 else [(0, "", "", 0), *rows]

    def suffix(self, bands: object) -> str:
        """What the files of this cut are called by."""
        if not self.dimensions:
            return ""
        mode = self.mode if self.item else "flow"
        told = json.dumps([self.segment, self.where, mode, repr(bands)])
        readable = re.sub(r"[^a-z0-9_]", "", self.segment.lower())[:20]
        return f"@{readable}-{hashlib.sha256(told.encode()).hexdigest()[:10]}"


WHOLE = Cut()

_NO_VALUE = (
    "select cast(0 as bigint) as account_key, '' as dimension, '' as value, "
    "timestamp '0001-01-01' as from_at where false"
)
_NO_LIMIT = 10**13


class Segments:
    """The cut in force and the tables by which models/segments know it."""

    def __init__(self, engine: Engine, policy: Policy, need: Callable[[str], None], closed: bool) -> None:
        self._engine, self._bands, self._need, self._closed = engine, policy.bands, need, closed
        self.cut = WHOLE

    @property
    def variant(self) -> str:
        """What stored tables of this cut have in their name."""
        return self.cut.suffix(self._bands)

    def make(self, name: str) -> None:
        """Makes one of INPUTS."""
        if name == "dimension_value":
            values = self.cut.values(self._closed)
            for model in values:
                self._need(model)
            union = [f"select account_key, dimension, value, from_at from {model}" for model in values]
            self._engine.view(name, " union all ".join(union or [_NO_VALUE]))
        elif name == "asked_dimension":
            asked = ("nth bigint", "dimension varchar", "wanted varchar", "of_items bigint")
            self._table(name, asked, self.cut.rows())
        elif name == "band":
            columns = ("dimension varchar", "name varchar", "from_value bigint", "to_value bigint", "one bigint",
                       "metric varchar")  # fmt: skip
            self._table(name, columns, bands(self._bands))
        elif name == "bridge_window":
            self._need("retention_window")
            ends = "select 1 as side, min(w.window_end) as window_end from retention_window w"
            self._engine.view(name, f"{ends} union all {ends.replace('1 as', '2 as').replace('min(', 'max(')}")
        else:
            self._need("account_change")
            codes = [str(r[0]) for r in self._engine.run("select distinct currency from account_change")]
            units = [(c, 10 ** (4 - money.exponent(c))) for c in codes]
            self._table(name, ("currency varchar", "ten_thousandths bigint"), units)

    def _table(self, name: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
        cells = {c.split()[0]: [row[i] for row in rows] for i, c in enumerate(columns)}
        self._engine.table(name, cells, [c.split()[1] for c in columns])


def bands(of: Bands) -> list[tuple[object, ...]]:
    """The table `band`: dimension, name, its lowest value, the first above it, 1, the metric whose use is banded."""
    found: list[tuple[object, ...]] = []
    for dimension in ("size_band", "lifecycle_stage", "usage_level"):
        steps = getattr(of, dimension)
        for (name, lowest), above in zip(steps, [*(s[1] for s in steps[1:]), _NO_LIMIT], strict=False):
            found.append((dimension, name, lowest, above, 1, of.metric if dimension == "usage_level" else ""))
    return found
