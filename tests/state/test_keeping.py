"""The file and what it keeps: rights, copies, two writers, kills, the chain of the log, settings, notes, views."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from clock import Clock
from rollforward.errors import Misuse, RollforwardError, StoreError
from rollforward.state import Actor, State

from .conftest import BY, WORDS

WRITE = """
import sys
from pathlib import Path
from rollforward.state import Actor, State
state = State(Path(sys.argv[1]))
print("ready", flush=True)
for n in range(int(sys.argv[3])):
    note = state.notes.add(Actor(sys.argv[2], "analyst"), "acme", f"{sys.argv[2]} {n}")
    print(note.note_id, flush=True)
"""


def writer(folder: Path, name: str, rows: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITE, str(folder), name, str(rows)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


# --- the file ------------------------------------------------------------------------------------------------------


def test_reading_makes_no_file(state: State) -> None:
    assert not state.users.exist() and state.users.all() == [] and state.audit.verify().rows == 0
    assert state.settings.store().time_zone == "UTC" and state.sessions.find("x") is None
    assert not state.path.exists()


def test_only_its_owner_reads_the_file(state: State) -> None:
    before = os.umask(0)
    try:
        state.audit.add(BY, "login")
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in state.path.parent.iterdir()}
    finally:
        os.umask(before)
    assert set(modes) == {"state.sqlite", "state.sqlite-wal", "state.sqlite-shm"} and set(modes.values()) == {0o600}
    state.close()
    state.path.chmod(0o644)  # as a backup may put it back
    fresh = State(state.path.parent)
    fresh.audit.add(BY, "login")
    fresh.close()
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("again", range(4))
def test_two_processes_and_many_threads_write_at_once(tmp_path: Path, again: int) -> None:
    processes = [writer(tmp_path, name, 20) for name in ("one", "two")]  # neither finds a file
    states = [State(tmp_path), State(tmp_path)]
    jobs = [lambda state=state: [state.audit.add(BY, "export") for _ in range(10)] for state in states * 2]
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    proof = states[0].audit.verify()
    assert (proof.rows, proof.broken) == (2 * 20 + 4 * 10, 0)
    assert len(states[1].notes.of("acme")) == 40
    for state in states:
        state.close()


@pytest.mark.parametrize("delay", [0.0, 0.004, 0.013, 0.03, 0.08])
def test_a_killed_writer_leaves_whole_writes(tmp_path: Path, delay: float) -> None:
    process = writer(tmp_path, "one", 100_000)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    told = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    state = State(tmp_path)
    notes, proof = state.notes.of("acme"), state.audit.verify()
    assert len(notes) == proof.rows and not proof.broken, "each note has its row of the log"
    assert len(told) <= proof.rows, "what was said to be written is there"
    state.notes.add(BY, "acme", "afterwards")
    assert state.audit.verify().rows == proof.rows + 1
    state.close()


def test_a_copy_of_the_folder_opens(state: State, tmp_path: Path) -> None:
    state.users.add(BY, "ann", "admin", WORDS)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in tmp_path.glob("state.sqlite*"):  # with what is only in the log of the file yet
        shutil.copy(file, copy)
    other = State(copy)
    assert [u.name for u in other.users.all()] == ["ann"]
    other.users.add(BY, "bob", "viewer", WORDS)
    assert len(state.users.all()) == 1
    other.close()


def test_a_file_put_back_from_a_backup_is_read_at_once(state: State, tmp_path: Path) -> None:
    state.users.add(BY, "ann", "admin", WORDS)
    state.close()
    kept = shutil.copy(state.path, tmp_path / "kept")
    state.users.add(BY, "bob", "viewer", WORDS)
    for file in tmp_path.glob("state.sqlite*"):
        file.unlink()
    shutil.copy(kept, tmp_path / "new")
    (tmp_path / "new").replace(state.path)
    assert [u.name for u in state.users.all()] == ["ann"]
    state.users.add(BY, "eve", "viewer", WORDS)
    assert len(State(tmp_path).users.all()) == 2


def test_a_damaged_and_a_newer_file_say_so(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError) as error:
        State(tmp_path).users.all()
    assert error.value.code == "store-damaged"
    (tmp_path / "state.sqlite").unlink()
    con = sqlite3.connect(tmp_path / "state.sqlite")
    con.execute("pragma user_version = 999")
    con.close()
    with pytest.raises(StoreError) as error:
        State(tmp_path).users.all()
    assert error.value.code == "state-newer"


# --- the log -------------------------------------------------------------------------------------------------------


def test_the_log_is_only_added_to(state: State) -> None:
    state.audit.add(BY, "import", "subs.csv")
    con = sqlite3.connect(state.path)
    for sql in (
        "delete from audit",
        "update audit set who = 'eve'",
        "insert or replace into audit select audit_id, at, 'eve', role, address, action, target, detail, digest "
        "from audit",
    ):
        with pytest.raises(sqlite3.Error):
            con.execute(sql)
    con.close()


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("update audit set who = 'eve' where audit_id = 3", 3),
        ("update audit set at = '2020-01-01 00:00:00.000000' where audit_id = 1", 1),
        ("update audit set detail = '{}' where audit_id = 5", 5),
        ("delete from audit where audit_id = 2", 2),
        ("delete from audit where audit_id >= 4", 4),
        ("delete from audit", 1),
    ],
)
def test_tampering_shows(state: State, sql: str, broken: int) -> None:
    for n in range(5):
        state.audit.add(BY, "import", f"file{n}", {"rows": n})
    assert state.audit.verify().broken == 0
    con = sqlite3.connect(state.path)
    con.execute("drop trigger audit_no_update")
    con.execute("drop trigger audit_no_delete")
    con.execute(sql)
    con.commit()
    con.close()
    assert state.audit.verify().broken == broken


def test_the_log_holds_no_secret_and_no_time_that_goes_back(state: State, clock: Clock) -> None:
    state.audit.add(
        BY, "form", "", {"new_password": "hunter2hunter2", "inner": {"csrf_token": "abc"}, "text": "x" * 999}
    )
    clock.on(days=-1)
    state.audit.add(BY, "later")
    later, first = state.audit.rows()
    assert later.at >= first.at and first.detail == {"inner": {}, "text": "x" * 500}
    assert not any(word.encode() in state.path.read_bytes() for word in ("hunter2", "abc"))


def test_the_log_can_be_searched(state: State, clock: Clock) -> None:
    for who, action in (("ann", "login"), ("bob", "login"), ("ann", "user.add"), ("ann", "user.remove")):
        state.audit.add(Actor(who, "admin"), action)
        clock.on(hours=1)

    def found(**asked: object) -> list[int]:
        return [act.audit_id for act in state.audit.rows(**asked)]  # type: ignore[arg-type]

    start = Clock().at
    assert found() == [4, 3, 2, 1] and found(who="ann") == [4, 3, 1] and found(action="user") == [4, 3]
    assert found(limit=2) == [4, 3] and found(limit=2, before=3) == [2, 1]
    assert found(start=start.replace(hour=13), end=start.replace(hour=14)) == [2]


def test_every_change_writes_its_row_and_one_that_fails_writes_none(state: State) -> None:
    by = Actor("root", "admin", "127.0.0.1")
    state.users.add(by, "ann", "admin", WORDS)
    with pytest.raises(Misuse):
        state.users.add(by, "ann", "admin", WORDS)
    with pytest.raises(Misuse):
        state.users.set_role(by, "ann", "viewer")
    state.settings.set_store(by, currency="THB")
    state.settings.set_store(by, currency="THB")  # nothing changes
    token, _ = state.tokens.add(by, "nightly", "viewer")
    state.tokens.revoke(by, token.token_id)
    state.tokens.revoke(by, token.token_id)
    acts = [(a.action, a.target, a.address) for a in reversed(state.audit.rows())]
    assert acts == [
        ("user.add", "ann", "127.0.0.1"),
        ("settings", "store", "127.0.0.1"),
        ("token.add", "nightly", "127.0.0.1"),
        ("token.revoke", "nightly", "127.0.0.1"),
    ]
    assert by.rows == 4 and state.audit.rows()[2].detail == {"currency": {"from": "", "to": "THB"}}


# --- settings, notes, views ----------------------------------------------------------------------------------------


def test_settings_are_kept_and_checked(state: State) -> None:
    state.settings.set_store(BY, currency="THB", time_zone="Asia/Bangkok", fiscal_year_start=4, buddhist_era=True)
    state.settings.set_user(theme="dark", language="th", seen_version=7)
    state.settings.set_user(3, theme="light")
    again = State(state.path.parent)
    store, mine = again.settings.store(), again.settings.user()
    assert (store.currency, store.time_zone, store.fiscal_year_start, store.buddhist_era) == (
        "THB",
        "Asia/Bangkok",
        4,
        True,
    )
    assert (store.language, mine.language, mine.theme, mine.seen_version) == ("", "th", "dark", 7)
    assert again.settings.user(3).theme == "light" and again.settings.user(4).theme == "system"
    again.close()
    for wrong in ({"currency": "XXX"}, {"time_zone": "Mars"}, {"fiscal_year_start": 13}, {"language": "fr"}):
        with pytest.raises(RollforwardError):
            state.settings.set_store(BY, **wrong)
    with pytest.raises(Misuse):
        state.settings.set_user(theme="pink")
    assert state.settings.store() == store


def test_a_note_can_be_deleted_and_had_back_by_its_author_or_an_admin(state: State, clock: Clock) -> None:
    ann, bob, root = Actor("ann", "analyst"), Actor("bob", "analyst"), Actor("root", "admin")
    note = state.notes.add(ann, "acme", " Calls every Friday.\r\n<b>Really</b> ")
    assert note.text == "Calls every Friday.\n<b>Really</b>"
    with pytest.raises(Misuse) as error:
        state.notes.delete(bob, note.note_id)
    assert error.value.code == "not-yours"
    assert state.notes.delete(ann, note.note_id).is_deleted and state.notes.of("acme") == []
    assert not state.notes.restore(root, note.note_id).is_deleted and len(state.notes.of("acme")) == 1
    state.notes.delete(root, note.note_id)
    clock.on(days=31)
    state.notes.add(ann, "other", "x")
    with pytest.raises(Misuse) as error:
        state.notes.restore(root, note.note_id)
    assert error.value.code == "no-such-note"
    assert "Friday" not in repr(state.audit.rows())
    for text in ("", " \n ", "x" * 10_001):
        with pytest.raises(Misuse):
            state.notes.add(ann, "acme", text)


def test_views_are_addresses_within_the_application(state: State) -> None:
    ann = Actor("ann", "analyst")
    state.views.save(ann, "Thailand", "/mrr?where=country%3DTH")
    view = state.views.save(ann, "Thailand", "/mrr?where=country%3DTH&by=quarter")
    own = state.views.save(ann, "Thailand", "/mrr", user_id=2)
    assert [v.address for v in state.views.of()] == ["/mrr?where=country%3DTH&by=quarter"] and view.is_shared
    assert [v.view_id for v in state.views.of(2)] == [view.view_id, own.view_id]
    assert [v.view_id for v in state.views.of(2, with_shared=False)] == [own.view_id] and state.views.of(3) == [view]
    with pytest.raises(Misuse, match="no-such-view"):
        state.views.remove(ann, view.view_id, user_id=2)
    state.views.save(ann, "Other", "/", user_id=2)
    with pytest.raises(Misuse, match="view-exists"):
        state.views.rename(ann, own.view_id, "Other", user_id=2)
    assert state.views.rename(ann, own.view_id, "Siam", user_id=2).name == "Siam"
    gone = state.views.remove(ann, view.view_id)
    assert (
        state.views.of() == [] and state.views.save(ann, gone.name, gone.address, gone.user_id).address == gone.address
    )
    acts = [a.action for a in state.audit.rows(action="view")]
    assert acts == ["view.add", "view.delete", "view.rename", "view.add", "view.add", "view.add", "view.add"]
    for address in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""):
        with pytest.raises(Misuse) as error:
            state.views.save(ann, "x", address)
        assert error.value.code == "not-an-address"
