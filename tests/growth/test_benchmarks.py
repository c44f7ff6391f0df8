"""Published figures beside one's own: what is shipped, what is compared, and what is not."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import rollforward as rf
from rollforward import published
from rollforward.api import Store
from rollforward.errors import Misuse
from rollforward.text.words import CODED, WORDS

HEAD = "metric,value,unit,statistic,data_year,publisher,segment_type,segment,sample\n"


def test_only_confirmed_rows_are_shipped_each_with_its_source() -> None:
    rows = published.shipped()
    assert {b.trust for b in rows} == {"A", "B"}
    assert all(
        b.publisher and b.report and b.source.startswith("https://") and b.sample in published.SAMPLES for b in rows
    )
    assert {b.sample for b in rows if b.segment_type == "company"} == {"filing"}


@pytest.mark.parametrize(
    ("segment", "band"),
    [
        ("<$1M", (0.0, 1e6)), ("$5-20M", (5e6, 20e6)), (">$50M", (50e6, float("inf"))), ("$25-50k", (25e3, 50e3)),
        ("mid-market $12-50k", (12e3, 50e3)), ("ARR $50-100M", (50e6, 100e6)), (">$1,000 a month", (1e3, float("inf"))),
        (">= $5M", (5e6, float("inf"))), ("<$300k", (0.0, 3e5)), ("all", None), ("B2B SaaS", None),
    ],
)  # fmt: skip
def test_bands_are_read_as_they_are_written(segment: str, band: tuple[float, float] | None) -> None:
    assert published.bounds(segment) == band


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Thirty accounts that pay 100 from 2024; on 2025-03-01 nine go to 150 and three leave: NDR 105 %, GRR 90 %."""
    folder = tmp_path_factory.mktemp("benchmarks")
    lines = ["account_id,subscription_id,plan,start_date,end_date,amount,currency"]
    for n in range(30):
        end = "2025-03-01" if n < 12 else ""
        lines.append(f"a{n},s{n},p,2024-01-01,{end},100,USD")
        if n < 9:
            lines.append(f"a{n},s{n},q,2025-03-01,,150,USD")
    (folder / "s.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = rf.open(folder / "store")
    made.import_(folder / "s.csv", coverage="2024-01-01..2026-01-01")
    return made


def mine(folder: Path, *rows: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(HEAD + "".join(f"{r}\n" for r in rows), encoding="utf-8")
    return path


def test_own_figures_stand_beside_those_of_the_same_definition_and_year(store: Store, tmp_path: Path) -> None:
    file = mine(
        tmp_path, "NRR,50,percent,median,2025,Me,all,all,survey", "NRR,140,percent,median,2026,Me,all,all,survey",
        "NRR,104,percent,median,2024,Me,all,all,survey", "NRR,104,percent,p75,2023,Me,all,all,survey",
        "GRR,99.9,percent,median,2025,Me,all,all,billing", "magic,2,ratio,median,2025,Me,all,all,survey",
        "NRR,70,percent,company,2025,Me,all,all,filing", "blended_CAC_ratio,1.5,ratio,median,2025,Me,all,all,survey",
    )  # fmt: skip
    rows = [r for r in store.benchmarks(file=file).to_dicts() if r["publisher"] == "Me"]
    found = {(r["metric"], r["published"], r["year"]): r["standing"] for r in rows}
    assert found == {
        ("NRR", 0.5, 2025): "above", ("NRR", 1.4, 2026): "below", ("NRR", 1.04, 2024): "inside",
        ("NRR", 1.04, 2023): "other year", ("GRR", 0.999, 2025): "inside", ("magic", 2.0, 2025): "other definition",
        ("NRR", 0.7, 2025): "other definition", ("blended_CAC_ratio", 1.5, 2025): "no own figure",
    }  # fmt: skip
    # 27 of 30 stay: one draw in 24 has all of them, so 100 % is inside the interval of GRR
    nrr = next(r for r in rows if r["metric"] == "NRR")
    assert (nrr["own"], nrr["own_period"]) == (pytest.approx(1.05), "2025-01..2025-12")
    grr = next(r for r in rows if r["metric"] == "GRR")
    assert grr["own"] == pytest.approx(0.9)


def test_only_the_bands_that_one_is_in(store: Store) -> None:
    # ARR 12 × (9 × 150 + 18 × 100) = 37,800 of 27 accounts: 1,400 a year each
    rows = store.benchmarks().to_dicts()
    assert {r["segment_type"] for r in rows} <= {"all", "ARR", "ACV", "ARPA"}
    assert {r["peer_segment"] for r in rows if r["segment_type"] == "ARR"} <= {"<$1M", "<$300k", "<$5M"}
    assert {r["peer_segment"] for r in rows if r["segment_type"] == "ACV"} <= {"<$5k", "<$12k", "SMB <$12k"}
    assert len(store.benchmarks(is_all=True)) == len(published.shipped())


def test_nothing_stands_in_for_what_is_not_published(store: Store) -> None:
    table = store.benchmarks(like=["model=Cheese SaaS"])
    assert table.rows == [] and [n.code for n in table.notes][:1] == ["nothing-published"]
    assert {r["peer_segment"] for r in store.benchmarks(like=["pricing=seat-based"]).to_dicts()} == {"seat-based"}


def test_costs_are_per_one_of_arr_of_twelve_whole_months(store: Store, tmp_path: Path) -> None:
    months = [date(2025, m, 1) for m in range(1, 13)]
    rows = [f"{m},expansion,45,USD" for m in months] + [f"{m},new,10,USD" for m in months]
    (tmp_path / "spend.csv").write_text("month,kind,amount,currency\n" + "\n".join(rows) + "\n", encoding="utf-8")
    copy = rf.open(tmp_path / "store")
    (tmp_path / "s.csv").write_text(
        "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
        "a,s,p,2024-01-01,2025-03-01,100,USD\na,s,q,2025-03-01,,550,USD\n",
        encoding="utf-8",
    )
    copy.import_(tmp_path / "s.csv", coverage="2024-01-01..2026-01-01")
    copy.import_(tmp_path / "spend.csv")
    own = {r["metric"]: r["own"] for r in copy.benchmarks(is_all=True).to_dicts()}
    assert own["expansion_CAC_ratio"] == pytest.approx(540 / (12 * 450))
    assert own["new_customer_CAC_ratio"] is None, "nothing new was won"
    assert own["blended_CAC_ratio"] == pytest.approx(660 / (12 * 450))
    assert own["expansion_share_of_new_ARR"] == 1.0
    assert months[-1] + timedelta(days=31) == date(2026, 1, 1)


def test_what_cannot_be_asked_or_read(store: Store, tmp_path: Path) -> None:
    broken = mine(tmp_path, "NRR,lots,percent,median,2025,Me,all,all,survey")
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    for wrong in ({"metric": "magic"}, {"like": ["model"]}, {"like": ["taste=good"]}, {"segment": "cohort"},
                  {"file": broken}, {"file": other}, {"file": tmp_path / "none.csv"}):  # fmt: skip
        with pytest.raises(Misuse):
            store.benchmarks(**wrong)  # type: ignore[arg-type]


def test_every_shipped_statistic_has_a_word() -> None:
    assert {b.statistic for b in published.shipped()} <= set(CODED["statistic"]) <= set(WORDS)
