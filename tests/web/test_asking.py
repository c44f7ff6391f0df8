"""What stands between a request and a Store: the question in the address, the desk, the language, periods."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollforward import text
from rollforward.api import Store
from rollforward.errors import Misuse, ServiceError
from rollforward.text import figures
from rollforward.web import warming
from rollforward.web.address import SPANS, Address
from rollforward.web.app import WARM
from rollforward.web.desk import Desk, Working
from rollforward.web.speaking import preferred

from .serving import serving
from .small import small

PLAIN = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12).map(str.strip).filter(bool)


@pytest.fixture(scope="module")
def desk(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(Path(shutil.copytree(demo, tmp_path_factory.mktemp("asking") / "store")))
    yield made
    made.close()


# --- the address ---------------------------------------------------------------------------------------------------


@given(
    st.builds(
        Address,
        by=st.sampled_from(["day", "month", "year"]),
        span=st.sampled_from(SPANS),
        start=st.sampled_from(["", "2026-01"]),
        currency=st.sampled_from(["", "EUR", "native"]),
        segment=st.one_of(st.just(""), PLAIN),
        where=st.lists(PLAIN, max_size=3, unique=True).map(tuple),
        policy=st.sampled_from(["default", "default,chartmogul", "ours@2"]),
        as_of=st.sampled_from(["", "2026-03-01"]),
        own=st.lists(st.tuples(st.sampled_from(["metric", "account"]), PLAIN), max_size=2).map(tuple),
    )
)
def test_an_address_reads_back_as_it_was_written(address: Address) -> None:
    from urllib.parse import parse_qsl, urlsplit

    query = urlsplit(address.to("/roll-forward")).query
    assert Address.of(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))) == address


def test_what_is_at_its_default_is_left_out() -> None:
    assert Address().to("/") == "/"
    assert Address(by="quarter", own=(("metric", "new"),)).page("/expansion") == "/expansion?by=quarter"
    assert Address(own=(("page", "3"),)).but(page=4).get("page") == "4"
    assert Address(own=(("page", "3"),)).but(page="").own == ()


@pytest.mark.parametrize("policy", ["/etc/passwd", "ours.toml", "../x", "a,/b", "a b", "", "default,x.toml"])
def test_no_address_opens_a_file_by_the_name_of_a_policy(policy: str) -> None:
    if not policy:
        assert Address.of([("policy", policy)]).policy == "default"
        return
    with pytest.raises(Misuse):
        Address.of([("policy", policy)])


def test_a_span_that_is_none_is_refused() -> None:
    with pytest.raises(Misuse) as refused:
        Address.of([("span", "13")])
    assert refused.value.params["known"] == "6, 12, 24, 36, all"


# --- the desk ------------------------------------------------------------------------------------------------------


def test_a_question_is_asked_once_and_its_answer_kept(desk: Desk) -> None:
    asked: list[int] = []

    def slowly(store: Store) -> int:
        asked.append(1)
        time.sleep(0.2)
        return store.version()

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(desk.ask("once", slowly))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 8 and len(asked) == 1
    assert desk.ask("once", slowly) == 1 and len(asked) == 1


def test_who_is_impatient_learns_how_far_it_is_and_finds_the_answer_later(desk: Desk) -> None:
    go = threading.Event()

    def long(store: Store, progress: object) -> str:
        assert callable(progress)
        progress("movement_day", 0.25)
        go.wait(20)
        return "done"

    with pytest.raises(Working) as told:
        for _ in range(50):  # until the worker has said how far it is
            try:
                desk.follow("long", long, 0.05)
            except Working as working:
                if working.stage:
                    raise
    assert (told.value.stage, told.value.done) == ("movement_day", 0.25)
    go.set()
    assert desk.follow("long", long, 20) == "done"


def test_an_error_is_everybodys_and_not_kept(desk: Desk) -> None:
    calls: list[int] = []

    def fails(store: Store) -> None:
        calls.append(1)
        raise Misuse("bad-period", option="--period", value="x")

    for _ in range(2):
        with pytest.raises(Misuse):
            desk.ask("fails", fails)
    assert len(calls) == 2


def test_a_new_commit_makes_old_answers_old(tmp_path: Path) -> None:
    made = Desk(tmp_path / "store")
    assert made.ask("version", lambda store: store.version()) == 0
    file = tmp_path / "subscriptions.csv"
    file.write_text(
        "account_id,subscription_id,plan,start_date,end_date,amount,currency\na,s,p,2026-01-01,,10.00,USD\n",
        encoding="utf-8",
    )
    with made.store() as store:
        store.import_(file)
    assert made.ask("version", lambda store: store.version()) == 1
    made.close()
    with pytest.raises(ServiceError):
        made.ask("late", lambda store: store.version())


def test_a_desk_that_closes_ends_what_is_asked(demo: Path, tmp_path: Path) -> None:
    made = Desk(Path(shutil.copytree(demo, tmp_path / "store")))
    begun = threading.Event()

    def forever(store: Store) -> object:
        build, _ = store._ask({})
        store._builds[next(iter(store._builds))] = build
        begun.set()
        return build.engine.run(
            "select count(*) from range(100000) a, range(100000) b, range(1000) c where a.range > 5"
        )

    with pytest.raises(Working):
        made.follow("forever", lambda store, progress: forever(store), 0.05)
    assert begun.wait(20)
    started = time.monotonic()
    made.close()
    assert time.monotonic() - started < 8


def test_two_questions_at_the_same_time_have_a_store_each(desk: Desk) -> None:
    both = threading.Barrier(2, timeout=20)
    stores: list[int] = []

    def meet(store: Store) -> None:
        stores.append(id(store))
        both.wait()

    threads = [threading.Thread(target=desk.ask, args=(f"meet{n}", meet)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(stores)) == 2


def test_first_views_are_made_before_anybody_asks_and_again_when_facts_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = threading.Semaphore(0)
    monkeypatch.setattr(warming, "EVERY", 0.05)
    monkeypatch.setattr("rollforward.web.app.WARM", (*WARM, ("/", lambda page: rounds.release())))
    with serving(small(tmp_path), is_warm=True) as site:
        desk = site.app.state.desk
        assert rounds.acquire(timeout=60)
        made = set(desk._kept)
        for path in ("/", "/roll-forward", "/accounts"):
            assert site.client().get(path).status_code == 200
        assert made and {key for *_, key in set(desk._kept) - made} <= {"currencies"}, "but for the menu's"
        with desk.store() as store:
            store.unlink("bolt", "acme")
        assert rounds.acquire(timeout=60)
        assert len(desk._kept) > len(made)


# --- language and years --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"), ("th", "th"), ("th-TH,th;q=0.9,en;q=0.8", "th"), ("en;q=0.5,th;q=0.7", "th"), ("fr,de", "en"),
        ("fr,th;q=0.1", "th"), ("th;q=0,en", "en"), ("th;q=x,en", "en"), ("en-GB,th", "en"),
    ],
)  # fmt: skip
def test_the_language_that_the_browser_likes_best(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


def test_years_of_the_buddhist_era_are_for_readers_of_thai_only() -> None:
    try:
        text.count_years(True)
        text.use("th")
        assert figures.day(date(2026, 3, 5)) == "5 มี.ค. 2569"
        assert figures.period(date(2026, 3, 5), "month") == "มี.ค. 2569"
        assert "2569" in figures.period(date(2026, 3, 5), "quarter")
        assert figures.period(date(2026, 3, 5), "year") == "2569"
        assert figures.key(date(2026, 3, 5), "month") == "2026-03"
        text.use("en")
        assert figures.day(date(2026, 3, 5)) == "2026-03-05"
    finally:
        text.count_years(False)
        text.use("en")


def test_a_file_is_never_the_page_that_says_how_far_it_is(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rollforward.web.page.FOR_FILES", 0.0)
    with serving(Path(shutil.copytree(demo, tmp_path / "store"))) as site:
        got = site.client().get("/tables/cohorts.csv")
        assert got.status_code == 503 and "attachment" not in got.headers.get("content-disposition", "")
        assert not [row for row in site.app.state.desk.state.audit.rows() if "cohorts" in str(row)]
