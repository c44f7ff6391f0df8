"""Questions cut by dimensions: what can be asked, and the answers that only segments have (decision 0011).

Comes in: a Build and what was asked. Goes out: a Cut, or a Table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rollforward import remembered
from rollforward.answers import figures
from rollforward.answers.figures import Asked
from rollforward.answers.table import Table
from rollforward.build import Build
from rollforward.cut import DERIVED, ITEMS, Cut
from rollforward.errors import Misuse


def cut_of(build: Build, segment: str | None, where: Iterable[str] | None) -> Cut:
    """The cut that `--segment` and `--where dimension=value` ask for.

    Raises Misuse `bad-where`, `unknown-dimension` with those there are, `several-item-dimensions`, `no-usage-level`.
    """
    asked = []
    for text in where or ():
        dimension, equals, value = str(text).partition("=")
        if not equals or not dimension.strip():
            raise Misuse("bad-where", value=str(text))
        asked.append((dimension.strip(), value.strip() or "unknown"))
    cut = Cut(segment or "", tuple(asked))
    if not cut.dimensions:
        return cut
    own = [d for d in cut.dimensions if d not in ITEMS and d not in DERIVED]
    if own and (missing := sorted(set(own) - set(attributes(build)))):
        raise Misuse("unknown-dimension", dimension=missing[0], known=", ".join(names(build)))
    if "usage_level" in cut.dimensions and not build.policy.bands.usage_level:
        raise Misuse("no-usage-level", policy=build.policy.name)
    if len(items := [d for d in cut.dimensions if d in ITEMS]) > 1:
        raise Misuse("several-item-dimensions", dimensions=", ".join(items))
    return cut


def attributes(build: Build) -> list[str]:
    """Names of attributes, remembered beside the built tables: an answered question opens no fact table again."""

    def told() -> list[str]:
        rows = build.need(["account_attribute"]).run("select distinct dimension from account_attribute order by 1")
        return [str(row[0]) for row in rows]

    def is_sound(found: object) -> bool:
        return isinstance(found, list) and all(isinstance(name, str) for name in found)

    return list(remembered.found(build.folder / "attributes.json", told, is_sound))


def names(build: Build) -> list[str]:
    """Every dimension that can be asked for."""
    return [*attributes(build), *DERIVED, *ITEMS]


def dimensions(build: Build) -> Table:
    """Dimensions: attributes with their number of values and accounts, derived ones, those of items."""

    def find() -> list[tuple[object, ...]]:
        return build.need(["account_attribute"]).run(
            "select dimension, 'account', count(distinct value), count(distinct account_key) from account_attribute "
            "group by dimension order by dimension"
        )

    found = remembered.found(build.folder / "dimensions.json", find, lambda told: isinstance(told, list))
    told: list[tuple[object, ...]] = [tuple(row) for row in found]
    derived: list[tuple[object, ...]] = [(d, "derived", None, None) for d in DERIVED]
    items: list[tuple[object, ...]] = [(d, "item", None, None) for d in ITEMS]
    return Table(("dimension", "kind", "values", "accounts"), [*told, *derived, *items])


def owned(asked: Asked) -> Asked:
    """The question about each account's own part in each product."""
    if asked.cut.segment or asked.cut.item:
        raise Misuse("several-item-dimensions", dimensions=", ".join(("product", *asked.cut.dimensions)))
    return replace(asked, cut=Cut("product", asked.cut.where, "owned"))


COHORTS = (
    "cohort", "age", "currency", "accounts_start", "accounts_left", "opening", "mrr", "ndr", "grr", "logo_retention",
    "is_complete",
)  # fmt: skip


def cohorts(build: Build, asked: Asked) -> Table:
    """What is left of the accounts that began in one period, one row an age; ages that have not begun have none."""
    if asked.by not in ("month", "quarter"):
        raise Misuse("unknown-option", option="--by", value=asked.by, known="month, quarter")
    if asked.cut.dimensions:
        asked = replace(asked, cut=replace(asked.cut, mode="frozen"))
    wanted = ", ".join(f"'{c}'" for c in figures.currencies(build, asked))
    build.cut(asked.cut)
    build.calendar(asked.by)
    build.need(["cohorts"], asked.progress)
    bounds = [f"c.cohort >= date '{asked.start}'"] if asked.start else []
    bounds += [f"c.cohort < date '{asked.end}'"] if asked.end else []
    columns = asked.columns(COHORTS)
    rows = build.engine.run(
        f"select {', '.join(f'c.{c}' for c in columns)}, c.accounts_start < {figures.SMALL} from cohorts c "
        f"where {' and '.join([f'c.currency in ({wanted})', *bounds])} order by c.currency, c.segment, c.cohort, c.age"
    )
    return figures.finish(build, asked, (*columns, "is_small"), rows)
