"""Scores of accounts: the chance of a loss or of an expansion in the next 90 days, how good it is, and why.

Comes in: the facts, a Build of now and looks at past days (`looking`). Goes out: Tables. What is learnt is kept beside
the built tables: a Parquet file of scores and a JSON file of how they did in the test.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rollforward import text
from rollforward.answers import figures
from rollforward.answers.account import found
from rollforward.answers.figures import Asked
from rollforward.answers.listing import Wanted, conditions, source_of
from rollforward.answers.looking import WATCHED, looks, month_ends
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.cut import WHOLE
from rollforward.engines.duckdb import quote
from rollforward.errors import Misuse
from rollforward.stats import scores
from rollforward.text.scores import FEATURES, reasons

if TYPE_CHECKING:
    from rollforward.stats.scores import Floats

TARGETS = {
    "churn": "o.lost_on < date '9999-12-31'",
    "expansion": "o.gained_on < date '9999-12-31' and o.mrr_then > o.mrr",
}
"""What can be scored, and when it came true: contraction or churn; expansion that is not undone by the 90th day."""

MONTHS = 24
"""Looks at most."""

COLUMNS = ("target", "account_id", "name", "owner", "currency", "mrr", "probability", "base_rate", "mrr_likely",
           "reasons_en", "reasons_th")  # fmt: skip
REPORT = ("target", "method", "verdict", "seen", "came", "base_rate", "pr_auc", "auc", "auc_low", "auc_high", "brier",
          "skill", "lift", "lift_low", "lift_high", "within_lift", "within_low", "within_high", "over_rule",
          "over_rule_low", "over_rule_high", "calibrated_by", "looks_trained", "looks_calibrated",
          "looks_tested", "trained_from", "known_by", "tested_from", "tested_to")  # fmt: skip
DECILES = ("target", "decile", "seen", "accounts", "probability", "came_share", "came_low", "came_high")

_REASONED = 100_000
"""Accounts that get reasons, those with the most MRR at stake."""

_READ = 2_000_000
"""Rows of looks that are read; of more, whole accounts are left out."""

_UNTOLD = -1_000_000
_SELECT = (
    "select account_key, currency, '' as signal, cast(plan_key as varchar) as peers, "
    f"{', '.join(FEATURES)} from account_feature",
    ("account_feature",),
)

At = Callable[[datetime], Build]


@dataclass(frozen=True)
class Kept:
    """What was learnt of a target: the file of scores, and how they did."""

    file: Path
    told: Mapping[str, Any]

    @property
    def has_skill(self) -> bool:
        """Whether the scores were better than chance in the test."""
        return bool(self.told["methods"][0]["verdict"] != "no skill")


def risks(build: Build, at: At, asked: Asked, target: str, account: str = "", anyway: bool = False) -> Table:
    """A row an account, currency and chance; those with the most MRR at stake first. `score-thin` and others: `learn`.

    Scores that were no better than chance are not told unless `anyway`; a note says so.
    """
    kept = learn(build, at, asked, target)
    first = kept.told["methods"][0]
    base, low, high = (_short(first[n]) for n in ("base_rate", "auc_low", "auc_high"))
    none = Note("no-skill", {"base_rate": base, "auc": _short(first["auc"]), "auc_low": low, "auc_high": high})
    rows = _listed(build, asked, kept, account) if kept.has_skill or anyway else []
    spoken = text.language()
    said = {}
    for lang in text.LANGUAGES:
        text.use(lang)
        said[lang] = [reasons(json.loads(str(r[-1]))) for r in rows]
    text.use(spoken)
    told: list[tuple[object, ...]] = [
        (target, *r[:5], r[5], first["base_rate"], r[6], en, th)
        for r, en, th in zip(rows, said["en"], said["th"], strict=True)
    ]
    rule = next(row for row in kept.told["methods"] if row["method"] == "rule")
    plain = Note("like-the-rule", {"auc": _short(first["auc"]), "rule": _short(rule["auc"])})
    notes = [] if first["verdict"] == "skill" else [plain] if kept.has_skill else [none]
    return figures.finish(build, asked, COLUMNS, told, notes)


def report(build: Build, at: At, asked: Asked, target: str, part: str = "methods") -> Table:
    """How good the scores were on the latest looks: by method, or the tenths of the score (`part` deciles)."""
    kept = learn(build, at, asked, target)
    names = DECILES if part == "deciles" else REPORT
    rows = [tuple(row.get(n, target if n == "target" else None) for n in names) for row in kept.told[part]]
    return figures.finish(build, asked, names, rows)


def learn(build: Build, at: At, asked: Asked, target: str) -> Kept:
    """What was learnt, made where it is missing. Misuse as `Store.risks` says."""
    if target not in TARGETS:
        raise Misuse("unknown-option", option="--for", value=target, known=", ".join(TARGETS))
    build.cut(WHOLE)
    build.report("")
    days = month_ends(build, MONTHS)
    build.need(["account_feature"], asked.progress)
    recipe = (files("rollforward.stats") / "scores.py").read_bytes() + repr((tuple(FEATURES), TARGETS)).encode()
    at_last = f"{build.signals.rules.variant}@{build.range().known_to}"
    name = f"scores-{target}{at_last}-{hashlib.sha256(recipe).hexdigest()[:8]}"
    path, saying = build.folder / f"{name}.parquet", build.folder / f"{name}.json"
    if path.exists() and saying.exists():
        return Kept(path, json.loads(saying.read_text(encoding="utf-8")))
    scores.check_extra()  # before the looks are made, which may take minutes
    if len(days) < scores.LOOKS:
        _thin(len(days), ("", "", ""))
    seen = looks(build, at, days, asked, _SELECT, "-features")
    build.signals.look(seen)
    rows = _rows(build, target, [path for _, _, path in seen])
    tested = scores.parts(days, WATCHED)
    slices = [rows.of(d) for d in (tested.trained, tested.calibrated, tested.tested)]
    if any(s.came < least for s, least in zip(slices, scores.ENOUGH, strict=True)):
        _thin(len(days), tuple(s.came for s in slices))
    if asked.progress:
        asked.progress(f"scores {target}", 0.95)
    told = _test(tested, slices)
    last = scores.latest(days, WATCHED)
    model = scores.Learnt(rows.of(last.trained), rows.of(last.calibrated))
    build.folder.mkdir(parents=True, exist_ok=True)
    _score(build, model, path)
    _write(saying, lambda half: half.write_text(json.dumps(told, default=str), encoding="utf-8"))
    return Kept(path, json.loads(saying.read_text(encoding="utf-8")))


def _thin(looks: int, came: tuple[object, ...]) -> None:
    counts = dict(zip(("trained", "calibrated", "tested"), map(str, came), strict=True))
    least = dict(zip(("least_1", "least_2", "least_3"), map(str, scores.ENOUGH), strict=True))
    raise Misuse("score-thin", looks=str(looks), least=str(scores.LOOKS), **counts, **least)


def _rows(build: Build, target: str, paths: list[Path]) -> scores.Rows:
    import numpy as np

    build.need(["outcome"])
    listed = ", ".join(quote(str(p)) for p in paths)
    all_ = int(str(build.engine.run(f"select count(*) from read_parquet([{listed}])")[0][0]))
    few = f" and o.account_key % {all_ // _READ + 1} = 0" if all_ > _READ else ""
    union = " union all ".join(
        f"select date '{p.name[:10]}' as look_on, account_key, {', '.join(FEATURES)} from read_parquet({quote(str(p))})"
        for p in paths
    )
    got = build.engine.arrays(
        "select date_diff('day', date '0001-01-01', o.look_on) + 1 as day, o.account_key, "
        f"{', '.join(f'w.{f}' for f in FEATURES)}, "
        f"cast(o.peers as bigint) as plan_key, case when {TARGETS[target]} then 1.0 else 0.0 end as outcome "
        f"from ({union}) w "
        f"join outcome o on o.look_on = w.look_on and o.account_key = w.account_key{few} order by 1, 2"
    )
    return scores.Rows(
        np.asarray(got["day"], dtype=np.int64), np.asarray(got["account_key"], dtype=np.int64), _values(got),
        np.asarray(got["outcome"], dtype=float), np.asarray(got["plan_key"], dtype=np.int64),
    )  # fmt: skip


def _values(got: Mapping[str, Any]) -> Floats:
    import numpy as np

    told = np.column_stack([np.asarray(got[f], dtype=float) for f in FEATURES])
    told[told == _UNTOLD] = np.nan
    return told


def _test(days: scores.Parts, slices: list[scores.Rows]) -> dict[str, Any]:
    """How the model, a logistic regression, the naive rule and the constant did on the latest looks."""
    import numpy as np

    trained, calibrated, tested = slices
    said: dict[str, Any] = {
        "seen": len(tested.outcome), "came": int(tested.outcome.sum()), "base_rate": float(tested.outcome.mean()),
        "looks_trained": len(days.trained), "looks_calibrated": len(days.calibrated), "looks_tested": len(days.tested),
        "trained_from": f"{days.trained[0]}", "known_by": f"{days.calibrated[-1]}",
        "tested_from": f"{days.tested[0]}", "tested_to": f"{days.tested[-1]}",
    }  # fmt: skip
    rows: list[dict[str, Any]] = []
    tenths = []
    alike = np.full(len(tested.outcome), float(calibrated.outcome.mean()))
    names = list(FEATURES)
    ruled = scores.rule(trained, tested.values, names.index("billed_days"), names.index("days_to_renewal"), WATCHED)
    for method in ("model", "logistic", "rule", "constant"):
        how, ahead = "", None
        if method in ("model", "logistic"):
            learnt = scores.Learnt(trained, calibrated, method)
            rank, how = learnt.raw(tested.values), learnt.how
            chance, ahead = learnt.chance(rank), scores.over(tested, rank, ruled)
        else:
            rank = chance = ruled if method == "rule" else alike
        told = scores.measured(tested, chance, rank)
        rows.append(said | {
            "method": method, "verdict": scores.verdict(told, float(((alike - tested.outcome) ** 2).mean()), ahead),
            "pr_auc": told.pr_auc, "auc": told.auc, "auc_low": told.auc_low, "auc_high": told.auc_high,
            "brier": told.brier, "skill": told.skill, "lift": told.lift.lift, "lift_low": told.lift.low,
            "lift_high": told.lift.high, "within_lift": told.within.lift, "within_low": told.within.low,
            "within_high": told.within.high, "calibrated_by": how,
            **dict(zip(("over_rule", "over_rule_low", "over_rule_high"), ahead or (None,) * 3, strict=True)),
        })  # fmt: skip
        if method == "model":
            tenths = [dict(zip(DECILES[1:], row, strict=True)) for row in scores.deciles(tested, chance, rank)]
    return {"methods": rows, "deciles": tenths}


def _score(build: Build, model: scores.Learnt, path: Path) -> None:
    """Scores every account that pays, with the features that move its score most against peers on its tier."""
    import numpy as np

    got = build.engine.arrays(
        f"select account_key, mrr, {', '.join(FEATURES)} from account_feature order by account_key"
    )
    values, names = _values(got), list(FEATURES)
    raw = model.raw(values)
    chance = model.chance(raw)
    told = np.sort(np.argsort(-chance * np.asarray(got["mrr"], dtype=float), kind="stable")[:_REASONED])
    usual = _usual(values, values[:, names.index("tier")])[told]
    moved = model.moved(values[told], usual, raw[told])
    top = np.argsort(-np.abs(moved), axis=1, kind="stable")[:, :3]
    why = ["[]"] * len(raw)
    for nth, row in enumerate(told):
        why[row] = json.dumps([
            {"feature": names[f], "value": _number(values[row, f]), "usual": _number(usual[nth, f]),
             "effect": round(float(moved[nth, f]), 4)}
            for f in top[nth] if abs(moved[nth, f]) >= 0.05
        ])  # fmt: skip
    columns = {"account_key": got["account_key"].tolist(), "probability": chance.tolist(), "reasons": why}
    build.engine.table("scored_now", columns, ("BIGINT", "DOUBLE", "VARCHAR"))
    _write(path, lambda half: build.engine.run(f"copy scored_now to {quote(str(half))} (format parquet)"))


def _number(value: float) -> float | None:
    return None if value != value else round(float(value), 6)


def _usual(values: Floats, tier: Floats) -> Floats:
    """The median of each value among the accounts of the same tier; of all, where they are fewer than 20."""
    import warnings

    import numpy as np

    told = np.nan_to_num(tier, nan=-1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nobody's value is told
        found = np.tile(np.nanmedian(values, axis=0), (len(values), 1))
        for one in np.unique(told):
            if (peers := told == one).sum() >= figures.SMALL:
                found[peers] = np.nanmedian(values[peers], axis=0)
    return found


def _write(path: Path, make: Callable[[Path], object]) -> None:
    half = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    make(half)
    half.replace(path)


def _listed(build: Build, asked: Asked, kept: Kept, account: str) -> list[tuple[object, ...]]:
    """account_id, name, owner, currency, mrr, probability, their product, reasons as JSON."""
    codes = figures.currencies(build, asked)
    source = source_of(build, asked.progress)
    build.need(["account_now", "account_worth", "signal_account"], asked.progress)
    same = "w.currency = a.currency" if not build.conversion.currency else "true"
    met, values = [f"w.currency in ({', '.join(map(quote, codes))})"], list[object]()
    if account:
        met.append(f"s.account_key = {found(build, account)[0]}")
    if asked.cut.where:
        listed, more = conditions(build, asked.cut, Wanted(), codes)
        met.append(f"s.account_key in (select listed.account_key from {source} listed where {listed})")
        values += more
    page = f" limit {asked.limit or 2**62} offset {asked.skip}" if asked.limit or asked.skip else ""
    mrr = "case when w.unrated = 0 then w.mrr end"
    return build.engine.run(
        f"select n.account_id, n.name, n.owner, w.currency, {mrr}, s.probability, "
        f"cast(round({mrr} * s.probability) as bigint) as likely, s.reasons "
        f"from read_parquet({quote(str(kept.file))}) s join signal_account a on a.account_key = s.account_key "
        "join account_now n on n.account_key = a.account_key and n.currency = a.currency "
        f"join account_worth w on w.account_key = a.account_key and {same} where {' and '.join(met)} "
        f"order by w.currency, likely desc nulls last, s.account_key{page}",
        values,
    )


def _short(value: object) -> str:
    return f"{float(str(value)):.3f}" if value is not None else "–"
