"""Scores: chances learnt from looks at the past, calibrated on later looks and measured on the latest ones.

Comes in: rows of numbers (NaN = not told), each of one account at one look, and whether the outcome came. Goes out: a
Learnt, which tells the chance of rows and what moves it; what tests say of it. One seed: the same rows give the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from rollforward.errors import Misuse
from rollforward.stats.lift import Lift, lift

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

LOOKS = 6
"""Looks without which nothing is learnt."""

ENOUGH = (50, 20, 20)
"""Accounts with the outcome that are needed to learn, to calibrate and to test."""

MOST = 200_000
"""Rows learnt from; of more, so many are drawn."""

_SEED, _ISOTONIC, _Z = 20261122, 200, 1.959963984540054

_Z_OF_THREE = 2.3939797998185104
"""Normal quantile of 1 − 0.025 / 3: a verdict allows for three methods being judged (Bonferroni)."""


@dataclass(frozen=True)
class Parts:
    """Looks by what they are for; the outcome of every one but `tested` is known when the first of those is made."""

    trained: tuple[date, ...]
    calibrated: tuple[date, ...]
    tested: tuple[date, ...] = ()


@dataclass(frozen=True)
class Rows:
    """Rows of accounts at looks: day as an ordinal, account, values (a column a feature), outcome 0 or 1, and a number
    for the plan at the look (None: all are on one)."""

    day: Ints
    account: Ints
    values: Floats
    outcome: Floats
    plan: Ints | None = None

    def of(self, days: Sequence[date]) -> Rows:
        """Those of some looks."""
        import numpy as np

        kept = np.isin(self.day, [d.toordinal() for d in days])
        plan = None if self.plan is None else self.plan[kept]
        return Rows(self.day[kept], self.account[kept], self.values[kept], self.outcome[kept], plan)

    @property
    def came(self) -> int:
        """Accounts with the outcome."""
        return len(set(self.account[self.outcome > 0].tolist()))


@dataclass(frozen=True)
class Measured:
    """What a test says of chances: fractions, but `lift` (at the tenth with the highest). None: cannot be told.

    within: the lift of the tenth of each plan with the highest chance, against what is usual on its plan: who only
    knows which plans do what has 1.
    """

    pr_auc: float | None
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    brier: float
    skill: float | None
    lift: Lift
    within: Lift

    @property
    def has_skill(self) -> bool:
        """Whether chance lies below the intervals of AUC and lift, which are as wide as three methods ask for."""
        import math

        if self.auc is None or self.auc_low is None or not self.lift.lift or not self.lift.low:
            return False
        wider = _Z_OF_THREE / _Z
        auc_low = self.auc - wider * (self.auc - self.auc_low)
        return auc_low > 0.5 and math.log(self.lift.lift) > wider * math.log(self.lift.lift / self.lift.low)


def parts(days: Sequence[date], watched: int) -> Parts:
    """The latest quarter of the looks tests; the last third of those known by then calibrates, the rest trains."""
    tested = tuple(days[-max(1, len(days) // 4) :])
    known = [d for d in days if d + timedelta(days=watched) <= tested[0]]
    return Parts(*_learning(known, watched), tested)


def latest(days: Sequence[date], watched: int) -> Parts:
    """The same for the scores of today: all looks train or calibrate."""
    return Parts(*_learning(days, watched))


def _learning(known: Sequence[date], watched: int) -> tuple[tuple[date, ...], tuple[date, ...]]:
    if len(known) < 2:
        return tuple(known), ()
    cut = max(1, len(known) // 3)
    trained, calibrated = list(known[:-cut]), tuple(known[-cut:])
    if len(trained) >= 8:  # enough of them to keep outcomes of one from reaching into the other
        trained = [d for d in trained if d + timedelta(days=watched) <= calibrated[0]]
    return tuple(trained), calibrated


class Learnt:
    """A model and its calibration. kind: `model` (boosted trees) or `logistic`. Misuse `missing-extra`."""

    def __init__(self, trained: Rows, calibrated: Rows, kind: str = "model") -> None:
        self._model: Any = _trees() if kind == "model" else _logistic()
        import numpy as np

        draw = np.random.default_rng(_SEED)
        n = len(trained.outcome)
        picked = np.sort(draw.choice(n, MOST, replace=False)) if n > MOST else np.arange(n)
        told = trained.values[picked]
        self._told = ~np.isnan(told).all(axis=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _alone():
                self._model.fit(told[:, self._told], trained.outcome[picked])
        came = int(calibrated.outcome.sum())
        self.how = "isotonic" if came >= _ISOTONIC else "Platt"
        self._fix: Any = _calibration(self.how, self.raw(calibrated.values), calibrated.outcome)

    def raw(self, values: Floats) -> Floats:
        """Log-odds before calibration, for ranks."""
        import numpy as np

        with _alone() if len(values) < MOST else nullcontext():
            return np.asarray(self._model.decision_function(values[:, self._told]), dtype=float)

    def chance(self, raw: Floats) -> Floats:
        """Calibrated chances of log-odds, none of them 0 or 1."""
        import numpy as np

        found: Floats = np.clip(np.asarray(self._fix(raw), dtype=float), 0.0005, 0.9995)
        return found

    def moved(self, values: Floats, usual: Floats, raw: Floats) -> Floats:
        """By how much each value moves the log-odds against the usual one of its row's peers."""
        import numpy as np

        found = np.zeros_like(values)
        for nth in np.flatnonzero(self._told):
            other = ~((values[:, nth] == usual[:, nth]) | (np.isnan(values[:, nth]) & np.isnan(usual[:, nth])))
            if other.any():
                changed = values[other].copy()
                changed[:, nth] = usual[other, nth]
                found[other, nth] = raw[other] - self.raw(changed)
        return found


def rule(trained: Rows, tested: Floats, billed: int, renews: int, watched: int) -> Floats:
    """The naive rule: the past rate of the same billing interval, apart for those that renew in the time watched."""
    import numpy as np

    def group(values: Floats) -> Floats:
        soon = np.nan_to_num(values[:, renews], nan=1e6) <= watched
        return np.nan_to_num(values[:, billed], nan=-1.0) * 2 + soon

    known, asked = group(trained.values), group(tested)
    found = np.full(len(asked), trained.outcome.mean())
    for one in np.unique(known):
        found[asked == one] = trained.outcome[known == one].mean()
    return found


def measured(rows: Rows, chance: Floats, rank: Floats) -> Measured:
    """Chances held against what came; an account that is in several looks counts as one in the intervals."""
    import numpy as np

    y, n = rows.outcome, len(rows.outcome)
    base = float(y.mean()) if n else 0.0
    brier = float(((chance - y) ** 2).mean())
    _who, at = np.unique(rows.account, return_inverse=True)
    top = _tenth(rank)
    by = [np.bincount(at, weights=w).astype(float) for w in (np.ones(n), y, top, top * y)]
    found, within = lift(*by), _within(rows, rank)
    if not 0 < base < 1:
        return Measured(None, None, None, None, brier, None, found, within)
    auc, influence = _auc(y, rank)
    spread = _over_accounts(influence, at)
    skill = 1 - brier / (base * (1 - base))
    return Measured(_precision(y, rank), auc, auc - _Z * spread, auc + _Z * spread, brier, skill, found, within)


def over(rows: Rows, rank: Floats, other: Floats) -> tuple[float, float, float]:
    """By how much the AUC of one ranking is above that of another on the same rows, with 95 % limits for both methods
    that are compared (Bonferroni with the rule's own); paired, an account that is in several looks counts as one."""
    import numpy as np

    _who, at = np.unique(rows.account, return_inverse=True)
    (one, mine), (two, theirs) = (_auc(rows.outcome, r) for r in (rank, other))
    reach = _Z_OF_THREE * _over_accounts(mine - theirs, at)
    return one - two, one - two - reach, one - two + reach


def verdict(found: Measured, alike: float, ahead: tuple[float, float, float] | None = None) -> str:
    """What a test says of a method: skill, no more than the rule, or no skill.

    No skill: AUC or lift may be chance, or its chances are further from what came than one chance for all was, whose
    Brier score is `alike`. No more than the rule: not surely above the naive rule (`over`; None for the rule itself).
    """
    if not found.has_skill or found.brier >= alike:
        return "no skill"
    return "no more than the rule" if ahead is not None and ahead[1] <= 0 else "skill"


def deciles(rows: Rows, chance: Floats, rank: Floats) -> list[tuple[int, int, int, float, float, float, float]]:
    """By tenth of the rank, the highest first: rows, accounts, mean chance, share that came, its 95 % limits."""
    import numpy as np

    found = []
    order = np.lexsort((rows.account, -rank))
    for nth, picked in enumerate(np.array_split(order, 10), 1):
        if len(picked):
            n, share = len(set(rows.account[picked].tolist())), float(rows.outcome[picked].mean())
            middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
            half = _Z * float(np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))) / (1 + _Z**2 / n)
            found.append((nth, len(picked), n, float(chance[picked].mean()), share, middle - half, middle + half))
    return found


def _within(rows: Rows, rank: Floats) -> Lift:
    """The lift of the highest tenth of each plan against the plan's own base rate."""
    import numpy as np

    plan = np.zeros(len(rank), dtype=np.int64) if rows.plan is None else rows.plan
    _plans, of = np.unique(plan, return_inverse=True)
    top = np.zeros(len(rank))
    for one in range(len(_plans)):
        top[of == one] = _tenth(rank[of == one])
    pairs, cell = np.unique(np.stack([rows.account, of]), axis=1, return_inverse=True)
    weights = (np.ones(len(rank)), rows.outcome, top, top * rows.outcome)
    seen, came, shown, right = (np.bincount(cell.ravel(), weights=w).astype(float) for w in weights)
    return lift(seen, came, shown, right, pairs[0], pairs[1])


def _tenth(rank: Floats) -> Floats:
    """1 for the tenth with the highest rank; those equal at its edge share what is left of it."""
    import numpy as np

    want = max(1.0, len(rank) / 10)
    edge = np.sort(rank)[::-1][int(want) - 1]
    above, level = rank > edge, rank == edge
    return np.where(above, 1.0, np.where(level, (want - above.sum()) / level.sum(), 0.0))


def _auc(y: Floats, rank: Floats) -> tuple[float, Floats]:
    """The area under the ROC curve and the influence of each row on it (DeLong)."""
    import numpy as np

    came, not_ = np.sort(rank[y > 0]), np.sort(rank[y == 0])

    def below(sorted_: Floats, told: Floats) -> Floats:
        share: Floats = (np.searchsorted(sorted_, told, "left") + np.searchsorted(sorted_, told, "right")) / 2
        return share / len(sorted_)

    beats = below(not_, rank)
    auc = float(beats[y > 0].mean())
    return auc, np.where(y > 0, (beats - auc) / len(came), (1 - below(came, rank) - auc) / len(not_))


def _over_accounts(influence: Floats, at: Ints) -> float:
    """The standard error of what rows have such influence on, if accounts are what is drawn."""
    import numpy as np

    return float(np.sqrt((np.bincount(at, weights=influence) ** 2).sum()))


def _precision(y: Floats, rank: Floats) -> float:
    """The area under the precision-recall curve, as average precision; equal ranks are taken together."""
    import numpy as np

    values, at = np.unique(-rank, return_inverse=True)
    right, seen = (np.cumsum(np.bincount(at, weights=w, minlength=len(values))) for w in (y, np.ones(len(y))))
    return float((np.diff(right, prepend=0.0) * right / seen).sum() / right[-1])


def _calibration(how: str, raw: Floats, y: Floats) -> Any:
    import numpy as np

    if how == "isotonic":
        from sklearn.isotonic import IsotonicRegression

        return IsotonicRegression(out_of_bounds="clip").fit(raw, y).predict
    from sklearn.linear_model import LogisticRegression

    base = float(y.mean())
    if not 0 < base < 1:
        return lambda told: np.full(len(told), base)
    fitted = LogisticRegression(C=1e6, max_iter=1000).fit(raw[:, None], y)
    if fitted.coef_[0, 0] <= 0:  # upside down: nothing was learnt
        return lambda told: np.full(len(told), base)
    return lambda told: fitted.predict_proba(told[:, None])[:, 1]


def _alone() -> Any:
    """One thread: several wait for each other where others want the cores, and add up in another order."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)


def check_extra() -> None:
    """Misuse `missing-extra` where scikit-learn is not installed."""
    try:
        import sklearn.ensemble  # noqa: F401
    except ImportError as error:
        raise Misuse("missing-extra", package="scikit-learn", extra="predict") from error


def _trees() -> Any:
    check_extra()
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=0.06, max_iter=120, max_leaf_nodes=8, min_samples_leaf=40, l2_regularization=5.0,
        early_stopping=False, random_state=_SEED,
    )  # fmt: skip


def _logistic() -> Any:
    import numpy as np
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    return make_pipeline(
        FunctionTransformer(lambda told: np.sign(told) * np.log1p(np.abs(told))),
        SimpleImputer(strategy="median", add_indicator=True), StandardScaler(),
        LogisticRegression(C=0.1, max_iter=1000),
    )  # fmt: skip
