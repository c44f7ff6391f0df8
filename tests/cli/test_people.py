"""The commands user, token and audit, in processes of their own."""

from __future__ import annotations

import csv
import io
import os
import pty
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from rollforward.state import State

from .program import PROGRAM, Run


@pytest.fixture
def store(example: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(example, tmp_path / "store"))


def told(store: Path, password: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), *args, "--password-stdin", "--store", str(store), "--lang", "en"]
    return subprocess.run(command, input=password + "\n", capture_output=True, text=True, timeout=60)


def test_a_user_from_beginning_to_end(run: Run, store: Path) -> None:
    assert told(store, "correct horse battery", "user", "add", "ann").returncode == 2, "the first is an admin"
    assert told(store, "correct horse battery", "user", "add", "ann", "--role", "admin").returncode == 0
    assert told(store, "staple of the staff", "user", "add", "bob").returncode == 0
    assert told(store, "short", "user", "password", "bob").returncode == 2
    assert told(store, "another good one", "user", "password", "bob").returncode == 0
    assert run("user", "role", "bob", "analyst", "--store", store).returncode == 0
    listed = run("user", "list", "--store", store, "--format", "csv").stdout
    assert [line.split(",")[:3] for line in listed.splitlines()[1:]] == [
        ["ann", "admin", "true"],
        ["bob", "analyst", "true"],
    ]
    state = State(store)
    assert state.users.checked("bob", "another good one") is not None
    state.close()
    assert run("user", "remove", "ann", "--store", store).returncode == 2
    assert run("user", "remove", "bob", "--store", store).returncode == 0
    gone = run("user", "remove", "ann", "--store", store)
    assert gone.returncode == 0 and "without a login" in gone.stderr


def test_a_token_is_alone_on_standard_output(run: Run, store: Path) -> None:
    made = run("token", "add", "nightly", "--store", store)
    secret = made.stdout.strip()
    state = State(store)
    assert state.tokens.find(secret) is not None and secret not in made.stderr
    assert run("token", "revoke", "1", "--store", store).returncode == 0
    assert state.tokens.find(secret) is None
    state.close()
    said = run("audit", "--store", store, "--format", "csv").stdout + run("token", "list", "--store", store).stdout
    assert "nightly" in said and secret not in said


def test_the_log_is_shown_and_checked(run: Run, store: Path) -> None:
    run("token", "add", "=cmd()", "--store", store)
    run("token", "revoke", "1", "--store", store)
    rows = list(csv.DictReader(io.StringIO(run("audit", "--store", store, "--format", "csv").stdout)))
    assert [(r["action"], r["target"], r["role"]) for r in rows] == [
        ("token.revoke", "'=cmd()", "cli"),
        ("token.add", "'=cmd()", "cli"),
    ]
    whole = run("audit", "--verify", "--store", store)
    assert whole.returncode == 0 and "2 rows" in whole.stdout
    con = sqlite3.connect(store / "state.sqlite")
    con.execute("drop trigger audit_no_update")
    con.execute("update audit set who = 'nobody' where audit_id = 1")
    con.commit()
    con.close()
    broken = run("audit", "--verify", "--store", store)
    assert broken.returncode == 1 and "row 1" in broken.stderr
    assert run("audit", "--from", "soon", "--store", store).returncode == 2


def test_a_password_is_asked_twice_and_not_shown(store: Path) -> None:
    def typed(*words: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        command = [str(PROGRAM), "user", "add", "ann", "--role", "admin", "--store", str(store), "--lang", "en"]
        process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        said = b""
        for question, word in zip((b"Password: ", b"Once more: "), words, strict=True):
            while question not in said:
                said += os.read(ours, 1000)
            os.write(ours, word.encode() + b"\n")
        try:
            while more := os.read(ours, 1000):
                said += more
        except OSError:  # its end of a terminal that is closed
            pass
        os.close(ours)
        return process.wait(60), said.decode()

    code, said = typed("correct horse battery", "correct horse batter")
    assert code == 2 and "differ" in said and "horse" not in said
    code, said = typed("correct horse battery", "correct horse battery")
    assert code == 0 and "horse" not in said


def test_without_a_terminal_a_password_is_not_waited_for(run: Run, store: Path) -> None:
    done = run("user", "add", "ann", "--role", "admin", "--store", store)
    assert done.returncode == 2 and "--password-stdin" in done.stderr
