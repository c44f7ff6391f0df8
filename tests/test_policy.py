"""Policies: what TOML may say, what the row of `policy` holds, and which policy a name means."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from rollforward import policy, text
from rollforward.errors import Misuse

HEAD = 'name = "mine"\nversion = 3\n'


def row(rules: policy.Policy, as_of: datetime | None = None) -> dict[str, object]:
    found = duckdb.connect().execute(rules.row_sql(as_of))
    return dict(zip([c[0] for c in found.description], found.fetchone(), strict=True))


def test_the_default_row_is_the_default_of_definitions_6() -> None:
    assert row(policy.DEFAULT) == {
        "name": "default", "version": 1, "past_due_days": -1, "paused_counts": 0,
        "paused_active": 0, "free_active": 0, "discount_forever": 1, "discount_repeating": 1, "discount_once": 0,
        "churn_on": "ended", "active_from": "period_start", "usage": "exclude", "week_num": 52, "week_den": 12,
        "day_num": 365, "day_den": 12, "netting": "day", "netting_seconds": 0, "gap_days": 0,
        "reactivation_days": 1_000_000, "reactivation_month_end": 0, "reactivation_as": "own",
        "reactivation_in_expansion": 0, "same_month_neither": 0, "minor_movement": 0, "fx": "month_end",
        "fx_on": date(1, 1, 1), "fx_lag_days": 0, "logo_churn_base": "opening", "time_zone": "UTC",
        "as_of": datetime(9999, 12, 31),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("says", "column", "value"),
    [
        ('past_due = "does_not_count"', "past_due_days", 0),
        ("past_due = 0", "past_due_days", 0),
        ("past_due = 30", "past_due_days", 30),
        ('past_due = "counts"', "past_due_days", -1),
        ('paused = "counts"', "paused_counts", 1),
        ('paused = "active"', "paused_active", 1),
        ('free_account = "active"', "free_active", 1),
        ("discounts = { once = true }", "discount_once", 1),
        ("discounts = { once = true }", "discount_forever", 1),
        ("[discounts]\nrepeating = false", "discount_repeating", 0),
        ('netting = "minutes:60"', "netting_seconds", 3600),
        ('netting = "minutes:60"', "netting", "minutes"),
        ('netting = "second"', "netting", "second"),
        ("reactivation_days = 90", "reactivation_days", 90),
        ("reactivation_needs_month_end_at_zero = true", "reactivation_month_end", 1),
        ('same_month_new_and_churn = "neither"', "same_month_neither", 1),
        ('week_factor = "4/1"', "week_num", 4),
        ('day_factor = "30/1"', "day_den", 1),
        ('week_factor = "4"', "week_num", 4),
        ("day_factor = 30", "day_num", 30),
        ('fx = "constant:2024-01-01"', "fx", "constant"),
        ('fx = "constant:2024-01-01"', "fx_on", date(2024, 1, 1)),
        ('time_zone = "Asia/Bangkok"', "time_zone", "Asia/Bangkok"),
    ],
)
def test_a_setting_is_a_column(says: str, column: str, value: object) -> None:
    assert row(policy.parse(HEAD + says, "mine.toml"))[column] == value


def test_the_as_of_moment_stands_at_the_clock_of_the_policys_zone() -> None:
    rules = policy.parse(HEAD + 'time_zone = "Asia/Bangkok"', "mine.toml")
    assert row(rules, datetime(2026, 3, 31, 20))["as_of"] == datetime(2026, 4, 1, 3)
    assert row(policy.DEFAULT, datetime(2026, 3, 31, 20))["as_of"] == datetime(2026, 3, 31, 20)


@pytest.mark.parametrize(
    ("says", "code", "key"),
    [
        ("past_due = -1", "bad-policy-value", "past_due"),
        ("past_due = true", "bad-policy-value", "past_due"),
        ('past_due = "count"', "bad-policy-value", "past_due"),
        ("discounts = { never = true }", "bad-policy-value", "discounts"),
        ("discounts = { once = 1 }", "bad-policy-value", "discounts"),
        ('churn_on = "asked"', "bad-policy-value", "churn_on"),
        ("gap_days = 1.5", "bad-policy-value", "gap_days"),
        ('netting = "minutes:0"', "bad-policy-value", "netting"),
        ('netting = "hour"', "bad-policy-value", "netting"),
        ("netting = 60", "bad-policy-value", "netting"),
        ('week_factor = "52/0"', "bad-policy-value", "week_factor"),
        ("week_factor = 4.33", "bad-policy-value", "week_factor"),
        ('fx = "constant"', "bad-policy-value", "fx"),
        ('fx = "constant:2024-02-30"', "bad-policy-value", "fx"),
        ('fx = "constant:20240101"', "bad-policy-value", "fx"),
        ("fx_lag_days = 2", "bad-policy-value", "fx_lag_days"),
        ('time_zone = "Mars/Olympus"', "bad-policy-value", "time_zone"),
        ('time_zone = "../etc/passwd"', "bad-policy-value", "time_zone"),
        ('week_start = "Monday"', "bad-policy-value", "week_start"),
        ("fiscal_year_start = 13", "bad-policy-value", "fiscal_year_start"),
        ('reactivation_in_expansion = "yes"', "bad-policy-value", "reactivation_in_expansion"),
        ("past_dues = 3", "unknown-policy-key", "past_dues"),
        ("[bands.sizes]\nsmall = 0", "unknown-policy-key", "bands.sizes"),
        ("[bands.size_band]\nsmall = 5", "bad-policy-value", "bands.size_band"),
        ("[bands.size_band]\nsmall = 0\nlarge = 0", "bad-policy-value", "bands.size_band"),
        ("[bands.size_band]\nsmall = -1", "bad-policy-value", "bands.size_band.small"),
        ("[bands.usage_level]\nlow = 0", "bad-policy-value", "bands.usage_level.metric"),
        ('[[not_reproduced]]\nrule = "a"\nsource = "b"', "bad-policy-value", "not_reproduced.effect"),
        ('[[not_reproduced]]\nwhy = "a"', "unknown-policy-key", "not_reproduced.why"),
        ("not_reproduced = 1", "bad-policy-value", "not_reproduced"),
    ],
)
def test_a_bad_value_is_refused_by_key_value_and_what_is_allowed(says: str, code: str, key: str) -> None:
    with pytest.raises(Misuse) as err:
        policy.parse(HEAD + says, "mine.toml")
    assert (err.value.code, err.value.params["key"]) == (code, key)
    assert key in text.error(err.value) and str(err.value.params["known"]) in text.error(err.value)
    assert "mine.toml" in text.error(err.value, "th")


@pytest.mark.parametrize(
    ("whole", "code"),
    [
        ("version = 1", "missing-policy-key"),
        ('name = "mine"', "missing-policy-key"),
        ('name = "Mine, too"\nversion = 1', "bad-policy-value"),
        ('name = "mine"\nversion = 0', "bad-policy-value"),
        ('name = "mine"\nversion = ', "bad-policy"),
    ],
)
def test_a_policy_has_a_name_and_a_version(whole: str, code: str) -> None:
    with pytest.raises(Misuse) as err:
        policy.parse(whole, "mine.toml")
    assert err.value.code == code


def test_bands_and_gaps_are_kept() -> None:
    says = """
        [bands.size_band]
        big = 1000
        tiny = 0
        [bands.usage_level]
        metric = "calls"
        low = 0
        high = 500
        [[not_reproduced]]
        rule = "rebates"
        source = "their page"
        effect = "lower MRR"
    """
    rules = policy.parse(HEAD + says, "mine.toml")
    assert rules.bands.size_band == (("tiny", 0), ("big", 1000))
    assert rules.bands.lifecycle_stage == policy.DEFAULT.bands.lifecycle_stage
    assert (rules.bands.metric, rules.bands.usage_level) == ("calls", (("low", 0), ("high", 500)))
    assert rules.is_approximate and rules.not_reproduced == (policy.Gap("rebates", "their page", "lower MRR"),)


def test_a_name_is_shipped_registered_or_a_file(tmp_path: Path) -> None:
    one, two = (policy.parse(f'name = "mine"\nversion = {n}\ngap_days = {n}', "") for n in (1, 2))
    file = tmp_path / "own.toml"
    file.write_text('name = "own"\nversion = 7', encoding="utf-8")
    assert policy.find("default") is policy.DEFAULT
    assert policy.find("mine", lambda: [two, one]) is two
    assert policy.find("mine@1", lambda: [two, one]) is one
    assert policy.find(str(file)).version == 7
    for name in ("mine@3", "theirs", "default@2"):
        with pytest.raises(Misuse) as err:
            policy.find(name, lambda: [two, one])
        assert err.value.code == "unknown-policy"
    with pytest.raises(Misuse) as err:
        policy.find(str(tmp_path / "none.toml"))
    assert err.value.code == "no-such-file"


# --- the shipped ones ----------------------------------------------------------------------------------------------

PEERS = ("baremetrics", "chargebee", "chartmogul", "maxio", "profitwell", "recurly", "stripe")


def test_the_shipped_default_says_every_setting() -> None:
    assert tuple(policy.shipped()) == ("default", *PEERS)
    assert policy.shipped()["default"] == policy.DEFAULT
    said = tomllib.loads(policy.shipped_text("default"))
    assert {*said} == {f.name for f in fields(policy.Policy)} - {"not_reproduced"}


@pytest.mark.parametrize("name", PEERS)
def test_a_profile_says_what_it_sets_what_nobody_speaks_of_and_what_it_lacks(name: str) -> None:
    text_of = policy.shipped_text(name)
    settings = {f.name for f in fields(policy.Policy)} - {"name", "version", "title", "not_reproduced"}
    remark = " ".join(line.removeprefix("#").strip() for line in text_of.splitlines() if line.startswith("#"))
    unsaid = set(re.findall(r"\w+", remark.split("they stay the default:")[1]))
    assert unsaid | {*tomllib.loads(text_of)} >= settings and not unsaid & {*tomllib.loads(text_of)}
    assert policy.shipped()[name].name == name
    assert policy.shipped()[name].is_approximate
    rules = [gap.rule for gap in policy.shipped()[name].not_reproduced]
    assert len(rules) == len(set(rules)) and all(re.fullmatch(r"[a-z0-9_]+", rule) for rule in rules)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        # worked_examples.md: W05, W21 and A05, W37, W07, A31 and W11, W25, W25, W13
        ("stripe", "churn_on", "requested"),
        ("stripe", "netting", "second"),
        ("chartmogul", "netting", "minutes:60"),
        ("chartmogul", "logo_churn_base", "excluding_joiners"),
        ("baremetrics", "past_due", 30),
        ("profitwell", "same_month_new_and_churn", "neither"),
        ("recurly", "day_factor", "30/1"),
        ("recurly", "reactivation_needs_month_end_at_zero", True),
        ("maxio", "reactivation_days", 90),
        ("chargebee", "reactivation_as", "expansion"),
        ("chargebee", "usage", "billed_month"),
    ],
)
def test_a_profile_has_the_rules_that_its_vendor_publishes(name: str, setting: str, value: object) -> None:
    assert policy.shipped()[name].settings()[setting] == value
