"""Every coded word that a column can hold has a text: what schema, files, models and answers can say is in `CODED`."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import rollforward
from rollforward import api, text
from rollforward.answers import close, listing, reasons
from rollforward.schema import FLOWS, STATUSES
from rollforward.sources.kinds import KINDS
from rollforward.text.cells import cell
from rollforward.text.words import CODED, WORDS

MODELS = Path(rollforward.__file__).parent / "models"

NOT_SHOWN = {
    "role", "tiers_mode", "counts", "removed", "auto_renew", "cancel_reason", "driver", "billing", "discount_kind",
    "discount_kind_2",
}  # fmt: skip
"""Words of files that no table for people holds as they are (yes and no, prices, and causes that rules name)."""


def test_every_coded_value_reads_as_words_in_both_languages() -> None:
    codes = {value for values in CODED.values() for value in values}
    assert codes <= set(WORDS) and set(WORDS) - codes == set()
    text.use("th")
    latin = {value for value in codes if not re.search("[ก-๛]", str(text._(WORDS[value])))}
    text.use("en")
    assert latin == {"mrr", "ndr", "grr"}


def test_words_of_files_and_of_the_schema_are_coded() -> None:
    assert {*STATUSES} <= {*CODED["status"]} and {*FLOWS} <= {*CODED["movement"]} & {*CODED["measure"]}
    for kind in KINDS:
        for field in kind.fields:
            if field.words and field.name not in NOT_SHOWN and kind.name != "spend":
                assert {*field.words} <= {*CODED[field.name]}, (kind.name, field.name)


def test_the_rules_that_models_name_are_coded() -> None:
    said = set()
    for path in MODELS.rglob("*.sql"):
        sql = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
        said |= set(re.findall(r"'([a-z_ ]+)' as rule\b", sql))
        for made in re.findall(r"\bcase\b((?:(?!\bcase\b).)*?)\bend as rule\b", sql, re.DOTALL):
            said |= set(re.findall(r"(?:then|else) '([a-z_ ]+)'", made))
    assert said and said <= {*CODED["rule"]}, said - {*CODED["rule"]}


def test_words_that_answers_make_are_coded() -> None:
    named = {v for n, v in vars(reasons).items() if n.isupper() and isinstance(v, str) and not n.startswith("_")}
    assert named <= {*CODED["reason"]}
    assert {*listing.STATES} <= {*CODED["state"]}
    causes = set(re.findall(r"['\"](fact|rate|tier|policy|model)['\"]", Path(close.__file__).read_text("utf-8")))
    assert causes <= {*CODED["cause"]}


def test_words_beside_figures_read_in_thai() -> None:
    text.use("th")
    told = {"statistic": "p25", "peer_segment": "all", "comment": "above_threshold", "used_metric": "seats"}
    assert [cell(n, told, "day") for n in told] == ["ควอร์ไทล์ล่าง", "ทุกบริษัท", "สูงกว่าเกณฑ์", "ที่นั่ง"]
    assert text.note("refreshed", {"day": "2026-11-23"}).count("23 พ.ย. 2026") == 1
    assert cell("used_metric", {"used_metric": "calls"}, "day") == "calls"
    text.use("en")


@pytest.mark.parametrize("lang", ["en", "th"])
def test_the_tables_of_a_store_hold_no_code_without_words(lang: str, tmp_path: Path) -> None:
    store = api.open(tmp_path / "store")
    rows = "\n".join(f"s{n},a{n},i1,pro,2026-01-01,10.00,USD,month,{status}" for n, status in enumerate(STATUSES))
    (tmp_path / "s.csv").write_text(
        f"subscription_id,account_id,item_id,plan,start_date,amount,currency,interval,status\n{rows}\n",
        encoding="utf-8",
    )
    store.import_(tmp_path / "s.csv", trust_valid_time=True)
    text.use(lang)
    for n, status in enumerate(STATUSES):
        for row in store.account(f"a{n}").items.to_dicts():
            for column in ("status", "interval"):
                assert row[column] in CODED[column]
                assert cell(column, row, "month") == text._(WORDS[str(row[column])]), status
    text.use("en")


def test_no_column_or_word_reads_in_two_ways() -> None:
    """Parts of the texts are laid over each other: what two of them name alike they must call alike."""
    folder = Path(text.__file__).parent
    told: dict[tuple[str, str], set[object]] = {}
    for path in sorted(folder.glob("*.py")):
        part = import_module(f"rollforward.text.{path.stem}") if path.stem != "__init__" else text
        for kind in ("LABELS", "WORDS", "CODED"):
            for name, said in getattr(part, kind, {}).items():
                told.setdefault((kind, name), set()).add(said)
    assert {key: said for key, said in told.items() if len(said) > 1} == {}
