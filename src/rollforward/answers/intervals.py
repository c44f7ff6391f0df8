"""Intervals of NDR and GRR for rows of retention (decision 0008): sums of blocks of accounts, drawn again and again.

Comes in: a Build, rows of retention. Goes out: the same rows with their intervals, bands included.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from rollforward import remembered
from rollforward.build import Build


def add(build: Build, records: list[dict[str, object]]) -> None:
    """Adds ndr_low … grr_high, band and ndr_includes_reactivation to rows of retention; none under 20 accounts."""
    from rollforward.stats import bootstrap

    for code in sorted({str(r["currency"]) for r in records}):
        mine = [r for r in records if r["currency"] == code]
        enough = [r for r in mine if int(str(r["accounts_opening"])) >= bootstrap.LEAST_ACCOUNTS]
        ends = _ends(build, code, [(str(r["segment"]), int(str(r["seq"]))) for r in enough]) if enough else {}
        for r in mine:
            ndr = r["ndr"]
            low, high, grr_low, grr_high = ends.get((str(r["segment"]), int(str(r["seq"]))), (None,) * 4)
            r |= {
                "ndr_low": low,
                "ndr_high": high,
                "grr_low": grr_low,
                "grr_high": grr_high,
                "ndr_includes_reactivation": build.policy.reactivation_in_expansion,
            }
            r["band"] = bootstrap.band(ndr if isinstance(ndr, float) else None, low, high)


Ends = Mapping[tuple[str, int], tuple[float | None, ...]]
"""(segment, number of a window) → low and high end of NDR, low and high end of GRR."""


def _ends(build: Build, shown_in: str, cells: list[tuple[str, int]]) -> Ends:
    """What `_draw` says, kept beside the table that it is drawn from: drawing is most of a question's time."""
    build.need(["native_step"])
    of = build.file(build.native["native_step"])
    asked = hashlib.sha256(json.dumps([str(of), build.conversion.variant, shown_in, cells]).encode()).hexdigest()
    path = build.folder / f"intervals-{asked[:16]}.json"

    def draw() -> list[tuple[float | None, ...]]:
        drawn = _draw(build, shown_in, cells)
        return [drawn[cell] for cell in cells]

    def is_sound(told: object) -> bool:
        return (
            isinstance(told, list)
            and len(told) == len(cells)
            and all(isinstance(e, list) and len(e) == 4 for e in told)
        )

    told = remembered.found(path, draw, is_sound)
    return {cell: tuple(ends) for cell, ends in zip(cells, told, strict=True)}


def _draw(build: Build, shown_in: str, cells: list[tuple[str, int]]) -> Ends:
    """Ends of the intervals of `cells`, each a segment and the number of a window.

    Blocks are summed over currencies at the rates of the window.
    """
    import numpy as np

    from rollforward.stats import bootstrap

    converted = build.conversion.currency != ""
    build.need(["native_step", "joint_line", "account_block", "rate_day", "reporting", "retention_window"])
    of = "several = 0" if converted else f"currency = '{shown_in}'"
    steps = build.engine.arrays(
        "select block, seq, segment, currency, cast(opening as double) as opening, cast(closing as double) as closing, "
        f"cast(kept as double) as kept from native_step where {of}"
    )
    joint = build.engine.arrays(
        "select b.block, j.seq, j.segment, cast(j.opening as double) as opening, "
        "cast(j.closing as double) as closing, cast(least(j.opening, j.closing) as double) as kept "
        "from joint_line j join account_block b on b.account_key = j.account_key"
    )
    last = max(seq for _, seq in cells)
    blocks, row_of = np.unique(np.concatenate([steps["block"], joint["block"]]), return_inverse=True)
    mine, others = row_of[: len(steps["block"])], row_of[len(steps["block"]) :]
    rates = {str(c): _rates(build, str(c), last) if converted else 1.0 for c in np.unique(steps["currency"])}
    running: dict[str, list[Any]] = {"opening": [], "closing": [], "kept": []}
    order: list[tuple[str, int]] = []
    for segment in dict.fromkeys(segment for segment, _ in cells):
        seqs = [seq for s, seq in cells if s == segment]
        order += [(segment, seq) for seq in seqs]
        for column, found in running.items():
            total = np.zeros((len(blocks), last + 1))
            for code, rate in rates.items():
                inside = (steps["seq"] <= last) & (steps["currency"] == code) & (steps["segment"] == segment)
                sums = np.zeros((len(blocks), last + 1))
                np.add.at(sums, (mine[inside], steps["seq"][inside]), steps[column][inside])
                total += np.cumsum(sums, axis=1) * rate
            shown = (joint["seq"] <= last) & (joint["segment"] == segment)
            np.add.at(total, (others[shown], joint["seq"][shown]), joint[column][shown])
            found.append(total[:, seqs])
    opening, closing, kept = (np.concatenate(parts, axis=1) for parts in running.values())
    ndr, grr = bootstrap.intervals([closing, kept], opening)
    ends = np.stack([*ndr, *grr], axis=1)
    return {cell: tuple(float(v) for v in ends[i]) for i, cell in enumerate(order)}


def _rates(build: Build, code: str, last: int) -> Any:
    """The rate of the day before each window 0 … `last`; the window 0 does not exist."""
    import numpy as np

    found = np.zeros(last + 1)
    for seq, rate in build.engine.run(
        "select w.seq, r.rate from retention_window w join rate_day r on r.on_date = w.opening_day "
        "where r.currency = ? and w.seq <= ?",
        [code, last],
    ):
        found[int(str(seq))] = float(str(rate))
    return found
