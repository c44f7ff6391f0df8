"""Community beside matched others: told apart before a fixed day, a planted difference is found, and no other."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import rollforward as rf
from rollforward.api import Store

END = date(2025, 1, 1)
"""First day that is not known; the fixed day is 180 days before it, 5 July 2024."""
DAY = END - timedelta(days=180)


def made(folder: Path, subscriptions: list[str], events: list[str]) -> Store:
    store = rf.open(folder / "store")
    for name, head, rows in (
        ("subscriptions", "account_id,subscription_id,plan,start_date,end_date,amount,currency", subscriptions),
        ("events", "account_id,at,kind", events),
    ):
        if rows:
            (folder / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
            store.import_(folder / f"{name}.csv", coverage=f"2022-01-01..{END}" if name == "subscriptions" else None)
    return store


def test_a_planted_difference_is_told_and_size_is_matched_away(tmp_path: Path) -> None:
    """Large accounts take part more often and never leave; a tenth of the small ones that took part leaves, half of
    the others. Nobody grows but three that took part."""
    draw, subscriptions, events = random.Random(2), [], []
    for n in range(600):
        large = n % 3 == 0
        amount = draw.randint(900, 1100) if large else draw.randint(90, 110)
        part = draw.random() < (0.5 if large else 0.25)
        leaves = not large and draw.random() < (0.1 if part else 0.5)
        begin = date(2023, 2, 1) + timedelta(days=n % 40)
        grows = part and n < 12
        end = DAY + timedelta(days=60) if leaves or grows else ""
        subscriptions.append(f"a{n},s{n},p,{begin},{end},{amount},USD")
        if grows and not leaves:
            subscriptions.append(f"a{n},s{n},p,{end},,{2 * amount},USD")
        if part:
            events.append(f"a{n},{DAY - timedelta(days=1 + n % 150)},community")
        elif n % 5 == 0:
            events.append(f"a{n},{DAY + timedelta(days=1)},community")  # after the day: no part in it
    store = made(tmp_path, subscriptions, events)
    rows = {r["what_came"]: r for r in store.voice("community").to_dicts()}
    stayed, grew = rows["still_pays"], rows["pays_more"]
    part = sum(1 for e in events if e.split(",")[1] < str(DAY))
    assert stayed["engaged"] == part and stayed["paired"] > 0.9 * part
    assert stayed["matched_verdict"] == "higher" and stayed["apart_low"] > 0
    # about 0.4 of the small ones, which are half of those that took part
    assert 0.1 < stayed["share_apart"] < 0.3
    assert grew["matched_verdict"] == "cannot tell" and grew["apart_low"] < 0 < grew["apart_high"]
    alike = {r["alike_in"]: r for r in store.voice("alike").to_dicts()}
    assert abs(alike["mrr"]["apart_before"]) > 0.3 > 0.1 > abs(alike["mrr"]["apart_after"])
    assert all(r["is_alike"] for r in alike.values())


def test_groups_that_are_not_alike_are_refused(tmp_path: Path) -> None:
    """All that took part pay ten times as much: no match, and no difference is told."""
    subscriptions = [f"a{n},s{n},p,2023-02-01,,{1000 if n < 40 else 100},USD" for n in range(120)]
    store = made(tmp_path, subscriptions, [f"a{n},{DAY - timedelta(days=9)},community" for n in range(40)])
    table = store.voice("community")
    row = table.to_dicts()[0]
    assert (row["matched_verdict"], row["share_apart"], row["engaged_share"]) == ("few pairs", None, None)
    assert {n.code for n in table.notes} == {"matched-by", "not-alike"}


def test_without_community_it_says_what_to_import(tmp_path: Path) -> None:
    store = made(tmp_path, ["a,s,p,2023-02-01,,10,USD"], [f"a,{DAY},community"])  # on the day: too late
    for view in ("community", "alike"):
        assert (store.voice(view).rows, [n.code for n in store.voice(view).notes]) == ([], ["no-community"])


def test_no_word_of_it_says_why() -> None:
    from rollforward.text.explained import EXPLAINED_NOTES, LABELS, VIEWS, WORDS
    from rollforward.web.pages.voice import VIEWS as PAGES

    said = [*EXPLAINED_NOTES.values(), *LABELS.values(), *WORDS.values(), *(v.title for v in VIEWS.values())]
    said += [text for pair in PAGES.values() for text in pair]
    for causal in ("because", "leads to", "causes", "thanks to", "due to", "effect of", "keeps accounts"):
        assert not [text for text in said if causal in text.lower()], causal
