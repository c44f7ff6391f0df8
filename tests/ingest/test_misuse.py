"""Calls that cannot be carried out: said before anything is written, and no store is left where there was none."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

import rollforward as rf
from ingest.conftest import Shop
from rollforward.errors import Misuse
from rollforward.ingest import ImportOptions, import_files
from rollforward.store import FactStore

SUBS = "account_id,subscription_id,plan,start_date,amount,currency\nA,s1,p,2026-01-01,10,USD\n"
CHANGES = "account_id,subscription_id,occurred_at,delta,currency\nA,s1,2026-01-01,10,USD\n"


def test_a_failed_first_import_leaves_no_store(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="no-such-file"):
        rf.open(tmp_path / "new").import_(tmp_path / "missing.csv")
    for wrong in ({"recorded_at": "soon"}, {"coverage": "always"}, {"recorded_at": "2999-01-01"}):
        with pytest.raises(Misuse):
            rf.open(tmp_path / "new").import_(tmp_path / "missing.csv", **wrong)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_before_stays(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    FactStore.open(tmp_path / "made", create=True)
    for name in ("empty", "made"):
        with pytest.raises(Misuse, match="no-such-file"):
            import_files(FactStore.open(tmp_path / name, create=True), [tmp_path / "missing.csv"])
    assert list((tmp_path / "empty").iterdir()) == []
    assert FactStore.open(tmp_path / "made").version() == 0


def test_the_first_import_that_succeeds_is_import_1(tmp_path: Path) -> None:
    file = tmp_path / "subs.csv"
    file.write_text(SUBS)
    store = FactStore.open(tmp_path / "store", create=True)
    for _ in range(2):
        with pytest.raises(Misuse, match="no-such-file"):
            import_files(store, [file, tmp_path / "missing.csv"])
    assert import_files(store, [file]).commit_id == 1
    assert FactStore.open(tmp_path / "store").version() == 1
    with pytest.raises(Misuse, match="no-such-file"):
        import_files(store, [tmp_path / "missing.csv"])
    assert FactStore.open(tmp_path / "store").version() == 1


def test_recorded_at_must_have_been(shop: Shop) -> None:
    now = datetime(2026, 10, 1, 12)
    with pytest.raises(Misuse, match="recorded-at-in-future") as err:
        shop.add(SUBS, now=now, recorded_at=datetime(2026, 10, 1, 12, 0, 1))
    assert err.value.params == {"recorded_at": "2026-10-01 12:00:01", "now": "2026-10-01 12:00:00"}
    assert shop.add(SUBS, now=now, recorded_at=now).commit_id == 1


@pytest.mark.parametrize("last", [date(2025, 12, 31), date(2026, 1, 1)])
def test_coverage_must_last(shop: Shop, last: date) -> None:
    with pytest.raises(Misuse, match="bad-coverage") as err:
        shop.add(SUBS, coverage=(date(2026, 1, 1), last))
    assert err.value.params == {"value": f"2026-01-01..{last}"}
    assert shop.add(SUBS, coverage=(date(2026, 1, 1), date(2026, 1, 2))).commit_id == 1


def test_changes_are_not_corrected_by_changes(shop: Shop) -> None:
    with pytest.raises(Misuse, match="correction-of-changes"):
        shop.add(CHANGES, correction=True)
    assert shop.add(CHANGES).commit_id == 1
    with pytest.raises(Misuse, match="correction-of-changes"):
        import_files(shop.store, [shop.file(CHANGES)], ImportOptions(correction=True, dry_run=True))


@pytest.mark.parametrize(
    ("encoding", "said"), [("cp874", "windows-874"), ("utf-16-le", "utf-16-le"), ("cp932", "cp932"), ("utf-8", "")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_users_own_row_comes_back(shop: Shop, encoding: str, said: str, end: str) -> None:
    name = "ร้าน" if encoding == "cp874" else "店ソ"
    rows = ["account_id,subscription_id,plan,start_date,amount,currency", f'A,"s{end}1",p,2026-01-01,10,USD']
    rows += [f"{name},s2,p,2026-01-01,10,USD", f"{name},s3,p,2026-02-01,20,USD"]
    path, mapping = shop.folder / "own.csv", shop.folder / "own.toml"
    path.write_bytes((end.join(rows) + end).encode(encoding))
    mapping.write_text(f'[format]\nencoding = "{said}"\n' if said else "")
    import_files(shop.store, [path], ImportOptions(mapping=mapping))
    lines = dict(shop.rows("select subscription_id, line from item_state join item using (item_key)"))
    (source,) = shop.rows("select source_id from source_file")[0]
    assert shop.store.source_row(source, lines["s2"]) == rows[2]
    assert shop.store.source_row(source, lines["s3"]) == rows[3]
    assert shop.store.source_row(source, 2) == rows[1]
