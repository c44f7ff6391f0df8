"""The policies of a store: registered as facts beside the shipped ones, shown, compared, and answers under several.

Comes in: a FactStore and names. Goes out: Policies and Tables. A registered policy never changes: another text is
another version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from rollforward import policy
from rollforward.answers.figures import approximate
from rollforward.answers.table import Table
from rollforward.build import Build, Progress
from rollforward.engines.duckdb import Engine, quote
from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.policy import Policy
from rollforward.schema import FACT
from rollforward.store import FactStore


def registered(store: FactStore) -> list[tuple[Policy, str]]:
    """Policies that were added to the store, in that order, each with its text."""
    rows = sorted(store.rows("policy_text", ("commit_id", "name", "version", "text")))
    return [(policy.parse(str(text), f"{name}@{version}"), str(text)) for _, name, version, text in rows]


def find(store: FactStore, name: str) -> Policy:
    """The policy called `name` in this store (see policy.find)."""
    return policy.find(name, lambda: [rules for rules, _ in registered(store)])


def several(store: FactStore, names: str) -> list[Policy]:
    """The policies that `a,b` names, each once."""
    found = [find(store, name) for name in dict.fromkeys(n.strip() for n in names.split(",")) if name]
    if not found:
        raise Misuse("unknown-policy", policy=names, known=", ".join(policy.shipped()))
    return found


def add(store: FactStore, path: Path) -> tuple[Policy, bool]:
    """Registers the policy in a TOML file, as one commit; False if the very same is there already.

    Misuse: what policy.read raises, `policy-shipped` for the name of a shipped one, `policy-registered` where its
    version is there with other settings.
    """
    text = policy.read_text(path)
    rules = policy.parse(text, str(path))
    if rules.name in policy.shipped():
        raise Misuse("policy-shipped", file=str(path), policy=rules.name)
    with store.writing() as writing:
        mine = [known for known, _ in registered(store) if known.name == rules.name]
        if rules in mine:
            return rules, False
        if rules.version in {known.version for known in mine}:
            following = max(known.version for known in mine) + 1
            raise Misuse(
                "policy-registered", file=str(path), policy=rules.name, version=rules.version, following=following
            )
        con = duckdb.connect()
        row = [rules.name, rules.version, text]
        con.execute("create temp table row as select ? as name, ? as version, ? as text", row).fetchall()
        writing.append("policy_text", con, "select name, version, text from row")
        writing.finish("policy", rows_read=1, rows_accepted=1, note=f"{rules.name}@{rules.version}")
    return rules, True


def text_of(store: FactStore, name: str) -> str:
    """The TOML of a policy as it was shipped, registered, or lies in a file."""
    rules = find(store, name)
    if name.endswith(".toml"):
        return policy.read_text(Path(name))
    if rules.name in policy.shipped():
        return policy.shipped_text(rules.name)
    return next(text for known, text in registered(store) if known == rules)


def listed(store: FactStore) -> Table:
    """Every policy: shipped ones first; `not_reproduced` counts the rules that an approximate one lacks."""
    columns = ("policy", "policy_version", "source", "title", "not_reproduced")
    found = [(rules, "shipped") for rules in policy.shipped().values()]
    found += [(rules, "registered") for rules, _ in registered(store)]
    return Table(columns, [(p.name, p.version, source, p.title, len(p.not_reproduced)) for p, source in found])


def shown(store: FactStore, name: str) -> Table:
    """Every setting of a policy beside the default's; what it does not reproduce follows as `not_reproduced.RULE`."""
    rules = find(store, name)
    table = _settings(rules, policy.DEFAULT, everything=True)
    table.rows += [(f"not_reproduced.{gap.rule}", gap.effect, "") for gap in rules.not_reproduced]
    if rules.is_approximate:
        table.notes.append(approximate(rules))
    return table


def choices() -> dict[str, tuple[tuple[str, ...], str]]:
    """What each setting may be: its words where they are few, and what is allowed as a person reads it."""
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for key, (allowed, test) in policy.CHECKS.items():
        words = tuple(word for word in allowed.split(", ") if test(_value(word)))
        found[key] = (words if len(words) > 1 and len(words) == len(allowed.split(", ")) else (), allowed)
    for kind in policy.KINDS:
        found[f"discounts.{kind}"] = (("true", "false"), "true, false")
    return found


def written(name: str, version: int, title: str, settings: Mapping[str, str], gaps: Sequence[policy.Gap] = ()) -> str:
    """The TOML of a policy with these settings, by their keys (`discounts.once`); `policy.parse` judges it."""
    head: dict[str, object] = {"name": name, "version": version, "title": title}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    for key, text in settings.items():
        path = ".".join(part if part.isidentifier() and part.isascii() else json.dumps(part) for part in key.split("."))
        lines.append(f"{path} = {json.dumps(_value(text.strip()), ensure_ascii=False)}")
    for gap in gaps:
        lines += ["", "[[not_reproduced]]"]
        lines += [f"{n} = {json.dumps(getattr(gap, n), ensure_ascii=False)}" for n in ("rule", "source", "effect")]
    return "\n".join(lines) + "\n"


def _value(text: str) -> object:
    """A setting as TOML has it: true and false, whole numbers, else text."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if is_whole(text.removeprefix("-"), 15) else text


def compared(store: FactStore, one: str, other: str) -> Table:
    """The settings in which two policies differ, and the rules that just one of them lacks."""
    first, second = find(store, one), find(store, other)
    table = _settings(first, second, everything=False)
    lacks = [{gap.rule: gap.effect for gap in p.not_reproduced} for p in (first, second)]
    for rule in dict.fromkeys([*lacks[0], *lacks[1]]):
        if lacks[0].get(rule) != lacks[1].get(rule):
            table.rows.append((f"not_reproduced.{rule}", lacks[0].get(rule, ""), lacks[1].get(rule, "")))
    return table


def together(tables: Sequence[Table]) -> Table:
    """The rows of one question under several policies, one policy after the other, and each remark once."""
    first = tables[0]
    for other in tables[1:]:
        first.rows += other.rows
        first.notes += [note for note in other.notes if note not in first.notes]
        first.calendars |= other.calendars
    return first


def side_by_side(
    store: FactStore, builds: Sequence[Build], names: Sequence[str], folder: Path, progress: Progress | None
) -> Engine:
    """An engine on which each of the tables `names` has the rows of every build, told apart by a column `policy`.

    Facts are there once, without it. What is not stored is written into `folder`, which must outlive the engine.
    """
    engine = Engine(store.path / "spill")
    if set(names) & set(FACT):
        store.attach(engine.con, builds[0].version)
    models = [name for name in names if name not in FACT]
    parts: dict[str, list[str]] = {name: [] for name in models}
    for number, build in enumerate(builds):
        build.need(models, progress)
        for name in models:
            path = build.file(name)
            if path is None:
                path = folder / f"{number}-{name}.parquet"
                build.engine.run(f'copy (from "{name}") to {quote(str(path))} (format parquet)')
            rules = quote(build.policy.name)
            parts[name].append(f"select {rules} as policy, * from read_parquet({quote(str(path))})")
    for name, selects in parts.items():
        engine.view(name, " union all by name ".join(selects))
    return engine


def _settings(rules: Policy, other: Policy, everything: bool) -> Table:
    mine, theirs = rules.settings(), other.settings()
    rows = [
        (key, _told(mine.get(key)), _told(theirs.get(key)))
        for key in dict.fromkeys([*mine, *theirs])
        if everything or mine.get(key) != theirs.get(key)
    ]
    names = [p.name if rules.name != other.name else f"{p.name}@{p.version}" for p in (rules, other)]
    return Table(("setting", *names) if rules != other else ("setting", names[0], "default"), rows)


def _told(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
