"""The ordered tuple of models, and what each file's header says.

A model is one `select` in a portable subset of SQL. Its header is read here and checked by the tests:

    -- name: one sentence            what the table is
    -- grain: a, b                   columns that name a row
    -- reads: t, u                   earlier models, facts (schema.py) or tables made by build.py
    -- ties: check                   the file in checks/ that proves it, or -
    -- only: gap_days > 0            where it is there: the model has no rows under the other policies, and is not run
    -- columns: a bigint, b date     its columns, with `only`
    -- sorted: a desc                how its rows are stored, so that most questions read few of them
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# (path, stored). A stored model is written once for a store's version; the others are steps inside one query.
# Up to mrr_change they make the ledger, after it what is read off it.
_ORDER = (
    ("ledger/contested", True),
    ("ledger/local_time", True),
    ("ledger/instant_local", True),
    ("ledger/state_local", False),
    ("ledger/event_local", False),
    ("ledger/charge_local", False),
    ("ledger/charge_month", False),
    ("ledger/charge_known", True),
    ("ledger/believed", False),
    ("ledger/plan_current", False),
    ("ledger/product_current", False),
    ("ledger/event_stretch", False),
    ("ledger/gap_start", True),
    ("ledger/paying_before", True),
    ("ledger/covered", False),
    ("ledger/charge_item", True),
    ("ledger/charge_stretch", True),
    ("ledger/past_due_end", True),
    ("ledger/paid_end", True),
    ("ledger/counted_span", True),
    ("ledger/stretch", False),
    ("ledger/factor", False),
    ("ledger/pause", False),
    ("ledger/priced", False),
    ("ledger/gap_end", True),
    ("ledger/handed", True),
    ("ledger/kept_from", True),
    ("ledger/item_mrr", False),
    ("ledger/fallback", True),
    ("ledger/netting_window", True),
    ("ledger/handed_window", True),
    ("movements/account_change", True),
    ("movements/several_currencies", True),
    ("movements/apart", True),
    ("movements/currency_day", False),
    ("movements/account_window", True),
    ("movements/reclass", True),
    ("movements/account_day", False),
    ("movements/involuntary", True),
    ("ledger/terms", True),
    ("ledger/item_step", True),
    ("ledger/ended_by", True),
    ("ledger/edge", True),
    ("ledger/candidate", True),
    ("ledger/swap", True),
    ("ledger/change", False),
    ("ledger/tier_price", True),
    ("ledger/change_exact", False),
    ("ledger/change_driver", True),
    ("ledger/leftover", True),
    ("ledger/item_change", False),
    ("ledger/item_edge", False),
    ("ledger/mrr_change", True),
    ("movements/movement_day", True),
    ("segments/whole_day", False),
    ("movements/account_count", True),
    ("movements/involuntary_day", True),
    ("movements/newcomer", True),
    ("movements/driver_day", True),
    ("segments/attribute_value", False),
    ("segments/first_mrr", False),
    ("segments/restated_shift", True),
    ("segments/item_kind", False),
    ("segments/item_dimension", False),
    ("segments/kind_change", False),
    ("segments/item_shift", False),
    ("segments/valued_change", False),
    ("segments/item_day", True),
    ("segments/restated_item", True),
    ("segments/closed_window", False),
    ("segments/balance_window", False),
    ("segments/cohort_value", False),
    ("segments/stage_value", False),
    ("segments/size_value", False),
    ("segments/tier_value", False),
    ("segments/usage_value", False),
    ("segments/dominant_value", False),
    ("segments/placed_value", False),
    ("segments/member_span", False),
    ("segments/member", True),
    ("segments/unsplit_day", False),
    ("segments/item_split_day", True),
    ("segments/segment_account_day", True),
    ("segments/segment_day", True),
    ("segments/segment_cause", False),
    ("segments/segment_driver_day", True),
    ("segments/item_change_value", False),
    ("segments/item_driver", False),
    ("segments/item_cause", False),
    ("segments/item_driver_day", True),
    ("segments/segment_movement", False),
    ("segments/segment_ledger", False),
    ("movements/movement", False),
    ("movements/account_balance", True),
    ("ledger/ledger", False),
    ("movements/account_block", True),
    ("accounts/attribute_now", True),
    ("accounts/held_item", True),
    ("accounts/account_stand", False),
    ("accounts/account_item", False),
    ("accounts/account_known", False),
    ("accounts/term_now", False),
    ("accounts/account_now", True),
    ("metrics/retention_told", False),
    ("metrics/retention_merged", True),
    ("metrics/retention_back", False),
    ("metrics/retention_pair", True),
    ("segments/product_pair", True),
    ("segments/segment_pair", True),
    ("metrics/retention_step", True),
    ("metrics/retention_peak", True),
    ("metrics/retention_level", False),
    ("metrics/retention_account", False),
    ("accounts/account_worth", False),
    ("expansion/base_item", True),
    ("expansion/signal_account", True),
    ("expansion/usage_told", False),
    ("expansion/usage_plain", True),
    ("expansion/usage_month", True),
    ("expansion/plan_limit_now", False),
    ("expansion/limit_now", False),
    ("expansion/limit_state", True),
    ("expansion/trend_month", False),
    ("expansion/trend_now", False),
    ("expansion/feature_now", True),
    ("expansion/breadth_now", False),
    ("expansion/signal_near_limit", False),
    ("expansion/signal_over_limit", False),
    ("expansion/signal_limit_repeated", False),
    ("expansion/signal_limit_ahead", False),
    ("expansion/signal_seats_full", False),
    ("expansion/signal_usage_rising", False),
    ("expansion/signal_usage_falling", False),
    ("expansion/signal_feature_reliance", False),
    ("expansion/signal_adoption_broad", False),
    ("expansion/signal_adoption_narrow", False),
    ("expansion/signal_discount_ending", False),
    ("expansion/term", False),
    ("expansion/paid_year", False),
    ("expansion/signal_renewal_coming", False),
    ("expansion/signal_contraction", False),
    ("expansion/signal_payment_trouble", False),
    ("expansion/signal_silent", False),
    ("expansion/signal_owner_missing", False),
    ("expansion/plan_sale", True),
    ("expansion/offer_plan", True),
    ("expansion/usual_quantity", False),
    ("expansion/offer", False),
    ("expansion/offer_price", False),
    ("expansion/headroom_option", True),
    ("expansion/line_span", False),
    ("expansion/trait", True),
    ("expansion/line_added", True),
    ("expansion/cross_rule", True),
    ("expansion/cross_sell", True),
    ("expansion/signal_similar_hold", False),
    ("expansion/signal", True),
    ("expansion/headroom", False),
    ("expansion/headroom_total", False),
    ("expansion/outcome", False),
    ("expansion/signal_outcome", False),
    ("expansion/look_account", False),
    ("expansion/event_now", False),
    ("expansion/renewal_next", False),
    ("expansion/feature_use", False),
    ("expansion/account_feature", True),
    ("currency/fx_day", False),
    ("currency/judged_window", True),
    ("currency/judged_whole", False),
    ("segments/judged_crossing", True),
    ("segments/segment_judged", False),
    ("segments/item_judged_split", True),
    ("segments/item_judged", False),
    ("currency/moved", False),
    ("currency/judged_driver_window", False),
    ("currency/whole_judged_cause", False),
    ("segments/item_judged_driver", False),
    ("segments/item_judged_cause", False),
    ("currency/judged_driver", True),
    ("currency/driven", False),
    ("currency/newly", False),
    ("currency/counted", False),
    ("currency/converted_movement", False),
    ("currency/joint_pair", True),
    ("segments/product_joint", True),
    ("currency/joint_retention", True),
    ("segments/joint_placed", False),
    ("currency/retained", False),
    ("currency/peaked", False),
    ("metrics/retention_total", False),
    ("segments/cohort_step", True),
    ("segments/cohorts", False),
    ("segments/bridge", False),
    ("metrics/flow", False),
    ("metrics/roll_forward", False),
    ("metrics/driver_period", False),
    ("metrics/expansion", False),
    ("metrics/logo_lost", False),
    ("metrics/metrics", False),
    ("expansion/renewal", False),
    ("expansion/renewal_term", False),
    ("expansion/renewal_part", False),
    ("expansion/renewal_worth", False),
    ("expansion/renewal_history", False),
    ("expansion/uplift_step", True),
    ("expansion/uplift_discount", True),
    ("expansion/uplift", True),
    ("expansion/uplift_loss", True),
    ("expansion/uplift_fate", False),
    ("expansion/crossing", False),
    ("expansion/attended", False),
    ("expansion/begun", False),
    ("expansion/voiced", False),
    ("expansion/engaged", False),
    ("expansion/plan_move", False),
    ("expansion/plan_move_use", False),
    ("expansion/limit_fit", False),
    ("expansion/plan_exposure", False),
    ("expansion/plan_watch", False),
    ("expansion/rerate_use", False),
    ("expansion/rerate_plan", False),
    ("expansion/rerated", False),
    ("expansion/price_step", False),
    ("expansion/wish", False),
    ("expansion/extra_held", False),
    ("expansion/spend_period", False),
    ("expansion/unit_cost", False),
    ("expansion/lifetime", False),
)

# What questions ask for by period: of all accounts together a few rows, which are stored as well.
_ANSWERS = frozenset(("retention_total", "roll_forward", "driver_period", "expansion", "metrics"))

# Once periods are closed, these take the place of the models of the same name; they read them as `known_…`.
_CLOSED = (
    ("closing/closed_row", False),
    ("closing/known_day", False),
    ("closing/several_currencies", True),
    ("closing/apart", True),
    ("closing/restated", True),
    ("closing/account_window", True),
    ("closing/account_day", False),
    ("closing/involuntary", True),
    ("closing/mrr_change", True),
    ("closing/restatement", False),
    ("closing/restatement_driver", False),
    ("closing/item_day", True),
)


@dataclass(frozen=True)
class Model:
    """One model: its header and its text."""

    name: str
    doc: str
    grain: tuple[str, ...]
    reads: tuple[str, ...]
    ties: str
    only: str
    columns: tuple[tuple[str, str], ...]
    sorted: str
    stored: bool
    sql: str
    folder: str

    @property
    def is_answer(self) -> bool:
        """Its rows are told as they are; stored where that spares much and the question is not cut (build.py)."""
        return self.name in _ANSWERS

    @property
    def is_by_period(self) -> bool:
        """Its rows are periods or windows of all accounts together: few, whatever the store."""
        return self.grain[0] in ("period", "months") and not {"account_key", "account_id"} & set(self.grain)


_HEADER = re.compile(r"^-- (\w+): *(.*?) *$", re.MULTILINE)


def _load(path: str, stored: bool) -> Model:
    text = (files("rollforward.models") / f"{path}.sql").read_text(encoding="utf-8")
    folder, name = path.split("/")
    said = dict(reversed(_HEADER.findall(text)))  # the first of a name counts
    grain, reads = (
        tuple(t.strip() for t in said.get(field, "").split(",") if t.strip()) for field in ("grain", "reads")
    )
    columns = tuple((c.split()[0], c.split()[1]) for c in said.get("columns", "").split(",") if c.strip())
    ties, only = said.get("ties", ""), said.get("only", "")
    return Model(
        name, said.get(name, ""), grain, reads, ties, only, columns, said.get("sorted", ""), stored, text, folder
    )


@cache
def of_cuts() -> frozenset[str]:
    """Models that exist only where segments are asked for."""
    return frozenset(m.name for m in models().values() if m.folder == "segments" and m.name != "whole_day")


@cache
def ledger() -> frozenset[str]:
    """Names of the models that make the ledger: with closed periods, it is made of today's facts beside them."""
    names = [path.rsplit("/", 1)[-1] for path, _ in _ORDER]
    return frozenset(names[: names.index("mrr_change") + 1])


@cache
def models(closed: bool = False) -> dict[str, Model]:
    """All models by name, each after what it reads; `closed`: those of a store with closed periods (decision 0012)."""
    found = [_load(path, stored) for path, stored in _ORDER]
    if closed:
        standing_in = {m.name: m for m in (_load(path, stored) for path, stored in _CLOSED)}
        at = next(i for i, m in enumerate(found) if m.name == "mrr_change")
        before, after = [m for m in found[:at] if m.name not in standing_in], found[at + 1 :]
        of_cuts = {m.name for m in after if m.name in standing_in}
        found = [*before, *(m for m in standing_in.values() if m.name not in of_cuts)]
        found += [standing_in.get(m.name, m) for m in after]
    return {m.name: m for m in found}


def overlaid() -> frozenset[str]:
    """Names of the models that stand in for others once periods are closed, and those that they need."""
    return frozenset(path.rsplit("/", 1)[-1] for path, _ in _CLOSED)
