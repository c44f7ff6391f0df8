"""Every SQL file keeps to the portable subset, its header tells the truth, and each rule catches its violation."""

from __future__ import annotations

from pathlib import Path

import pytest

from check_sql import header_faults, portable

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "rollforward"
MODELS = sorted((PACKAGE / "models").rglob("*.sql"))
CHECKS = sorted((PACKAGE / "checks").rglob("*.sql"))

GOOD = """
with held as (
  select t.a, cast(sum(t.x) over w as bigint) as s, lag(t.x, 1, 0) over w as b,
    dense_rank() over (order by t.a) as n
  from t
  window w as (partition by t.a order by t.k rows between unbounded preceding and current row)
)
select
  h.a, h.s // 2 as half, coalesce(u.x, 0) as x, cast(h.s as double) / nullif(h.b, 0) as r,
  cast(date_trunc('month', h.d) as date) as m
from held h left join u on u.a = h.a
"""

BAD = [
    ("star", "select * from t"),
    ("star", "select t.* from t"),
    ("lag", "select lag(a) over (order by k) as b from t"),
    ("lag", "select lead(a, 1) over (order by k) as b from t"),
    ("outer", "select t.a, u.b from t left join u on u.a = t.a"),
    ("outer", "select t.a from t left join u on u.a = t.a where u.b is null"),
    ("outer", "select t.a from t left join u on u.a = t.a left join v on v.b = u.b"),
    ("outer", "select a from t left join u on u.a = t.a"),
    ("join", "select t.a from t full join u on u.a = t.a"),
    ("join", "select t.a from t right join u on u.a = t.a"),
    ("join", "select t.a from t asof join u on t.a >= u.a"),
    ("filter", "select count(*) filter (where a > 0) as n from t"),
    ("date-trunc", "select date_trunc('month', a) as m from t"),
    ("date-trunc", "select cast(date_trunc('month', a) as timestamp) as m from t"),
    ("series", "select a from generate_series(1, 3) as t(a)"),
    ("series", "select a from range(3) as t(a)"),
    ("series", "select unnest(a) as a from t"),
    ("series", "select a from unnest([1, 2]) as t(a)"),
    ("ignore-nulls", "select lag(a ignore nulls, 1, 0) over (order by k) as b from t"),
    ("arg-max", "select arg_max(a, k) as a from t"),
    ("arg-max", "select min_by(a, k) as a from t"),
    ("bool-or", "select bool_or(a) as a from t"),
    ("bool-or", "select bool_and(a) as a from t"),
    ("time-zone", "select a at time zone 'UTC' as a from t"),
    ("any-value", "select any_value(a) as a from t"),
    ("by-all", "select a, count(*) as n from t group by all"),
    ("by-all", "select a from t order by all"),
    ("qualify", "select a from t qualify row_number() over (order by k) = 1"),
    ("round", "select round(cast(a as double), 6) as a from t"),
    ("sample", "select a from t using sample 10%"),
    ("window", "select row_number() over (partition by a) as n from t"),
    ("window", "select dense_rank() over (partition by a) as n from t"),
    ("window", "select first_value(a) over (order by k) as b from t"),
    ("window", "select lag(a, 1, 0) over (partition by a) as b from t"),
    ("window", "select cast(sum(a) over (order by k) as bigint) as s from t"),
    ("window", "select cast(sum(a) over (rows between 1 preceding and current row) as bigint) as s from t"),
    ("window", "select cast(sum(a) over (order by k range between 1 preceding and current row) as bigint) as s from t"),
    ("window", "select cast(sum(a) over w as bigint) as s from t window w as (order by k)"),
    ("sum", "select sum(a) as a from t"),
    ("sum", "select cast(sum(a) + 1 as bigint) as a from t"),
    ("sum", "select cast(sum(a) as hugeint) as a from t"),
    ("sum", "select coalesce(sum(a), 0) as a from t"),
    ("ratio", "select a / b as r from t"),
    ("ratio", "select a / nullif(b, 0) as r from t"),
    ("ratio", "select cast(a as double) / b as r from t"),
    ("ratio", "select cast(a as double) / nullif(b, 1) as r from t"),
    ("clock", "select now() as a"),
    ("clock", "select current_date as a"),
    ("clock", "select a from t where a < current_timestamp"),
    ("one-select", "select a from t; select b from t"),
    ("one-select", "create table u as select a from t"),
    ("one-select", ""),
    ("parse", "select from where"),
    ("ctes", "with a as (select 1 as x), b as (select 1 as x), c as (select 1 as x), d as (select 1 as x), "
             "e as (select 1 as x), f as (select 1 as x) select f.x from f"),
    ("lines", "select a\n" + "\n" * 80 + "from t"),
]  # fmt: skip

HEADED = """\
-- t_sum: what t adds up to.
-- grain: a
-- reads: t
-- ties: t_adds_up
select t.a, count(*) as n from t group by t.a
"""


@pytest.mark.parametrize("path", MODELS + CHECKS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_file_is_portable(path: Path) -> None:
    faults = portable(path.read_text(encoding="utf-8"))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("rule", "text"), BAD)
def test_rule_catches_its_violation(rule: str, text: str) -> None:
    assert {fault.split(":")[0] for fault in portable(text)} == {rule}


def test_portable_text_has_no_faults() -> None:
    assert portable(GOOD) == []


@pytest.mark.parametrize("path", MODELS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_header_tells_the_truth(path: Path) -> None:
    faults = header_faults(path.read_text(encoding="utf-8"), path.stem, {p.stem for p in CHECKS})
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("rule", "said", "instead"),
    [
        ("header", "-- t_sum: what", "-- what"),
        ("header", "-- t_sum: what", "-- u_sum: what"),
        ("header", "-- grain: a\n", ""),
        ("header", "-- ties: t_adds_up", "-- ties:"),
        ("reads", "-- reads: t\n", "-- reads: t, u\n"),
        ("reads", "from t ", "from t join u on u.a = t.a "),
        ("grain", "-- grain: a", "-- grain: a, b"),
        ("ties", "-- ties: t_adds_up", "-- ties: nothing"),
    ],
)
def test_header_catches_its_violation(rule: str, said: str, instead: str) -> None:
    assert header_faults(HEADED, "t_sum", {"t_adds_up"}) == []
    assert said in HEADED
    faults = header_faults(HEADED.replace(said, instead), "t_sum", {"t_adds_up"})
    assert {fault.split(":")[0] for fault in faults} == {rule}


@pytest.mark.parametrize("closed", [False, True])
def test_catalogue_lists_every_model_after_what_it_reads(closed: bool) -> None:
    from rollforward.models.catalog import ledger, models

    own = {p.stem for p in MODELS if p.parent.name != "closing"}
    listed = list(models(closed))
    assert set(listed) == own | ({p.stem for p in MODELS} if closed else set())
    for place, model in enumerate(models(closed).values()):
        # The ledger is made beside closed periods, of models that know nothing of them.
        later = set(listed[place:]) - (ledger() if closed else set())
        assert not set(model.reads) & later, f"{model.name} reads a model that comes later"
