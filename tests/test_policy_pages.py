"""The examples on the policies' pages, executed as cases: by the reference and by the product.

A block whose fence says ```case run is a case file (tests/casefile.py). On a profile's page it runs under the profile.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from casefile import Case, load
from rollforward import policy
from test_cases_product import test_case as ask_product
from test_cases_reference import test_case as ask_reference

PAGES = sorted((Path(__file__).resolve().parents[1] / "docs" / "policies").glob("*.md"))
EXAMPLES = [
    (page, number, text)
    for page in PAGES
    for number, text in enumerate(re.findall(r"^```case run\n(.*?)^```", page.read_text("utf-8"), re.M | re.S), start=1)
]
IDS = [f"{page.stem}-{number}" for page, number, _ in EXAMPLES]


def case(page: Path, text: str, folder: Path) -> Case:
    """The example as a case under the profile that the page is about, if it is about one."""
    file = folder / "example.case"
    file.write_text(text, encoding="utf-8")
    told = load(file)
    if page.stem == "README":
        return told
    profile = tomllib.loads(policy.shipped_text(page.stem))
    settings = {k: v for k, v in profile.items() if k not in ("name", "version", "title", "not_reproduced")}
    return replace(told, policy=settings | told.policy)


@pytest.mark.parametrize(("page", "number", "text"), EXAMPLES, ids=IDS)
def test_reference(page: Path, number: int, text: str, tmp_path: Path) -> None:
    ask_reference(case(page, text, tmp_path))


@pytest.mark.parametrize(("page", "number", "text"), EXAMPLES, ids=IDS)
def test_product(page: Path, number: int, text: str, tmp_path: Path) -> None:
    ask_product(case(page, text, tmp_path), tmp_path)


def test_every_profile_has_a_page_with_examples_and_what_it_lacks() -> None:
    assert {p.stem for p in PAGES} == {"README"} | {*policy.shipped()} - {"default"}
    for page in PAGES:
        assert page.stem in {p.stem for p, _, _ in EXAMPLES}
        for gap in policy.shipped()[page.stem].not_reproduced if page.stem != "README" else ():
            assert f"| `{gap.rule}` | {gap.effect} | {gap.source} |" in page.read_text("utf-8")


def test_every_setting_has_its_words_on_the_page() -> None:
    page = (PAGES[0].parent / "README.md").read_text("utf-8")
    heads = set(re.findall(r"\w+", " ".join(re.findall(r"^## (.*)$", page, re.M))))
    assert heads == {key.split(".")[0] for key in policy.DEFAULT.settings()} | {"not_reproduced"}
