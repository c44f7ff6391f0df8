"""A server that is killed while it receives or imports a file: the store is whole, and the next one goes on."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

import rollforward as rf

SERVE = """
import os, signal, sys
from rollforward.cli import main
from rollforward.store import Writing
append, finish = Writing.append, Writing.finish
def dying(self, name, *rest):
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
    return append(self, name, *rest)
Writing.append = dying
if sys.argv[2] == "finish":
    Writing.finish = lambda *a, **k: (finish(*a, **k), os.kill(os.getpid(), signal.SIGKILL))
main(["serve", "--port", "0", "--store", sys.argv[1]])
"""
FILE = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n" + "".join(
    f"a{n},s{n},p,2026-01-01,,10.00,USD\n" for n in range(500)
)


@contextmanager
def served(store: Path, dies_at: str = "") -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    command = [sys.executable, "-c", SERVE, str(store), dies_at]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = process.stdout.readline().split(":")[2].split("/")[0]
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, follow_redirects=True) as client:
                yield process, client
        finally:
            process.kill()


def token(client: httpx.Client) -> str:
    return client.get("/start").text.split('name="csrf" value="')[1].split('"')[0]


def send(client: httpx.Client) -> str:
    """Sends the file; the address of the page at which it waits."""
    sent = client.post("/data/upload", files={"csrf": (None, token(client)), "file": ("subs.csv", FILE)})
    assert sent.status_code == 200 and "/data/files/" in str(sent.url), sent.text
    return sent.url.path


def bring_in(client: httpx.Client, place: str) -> httpx.Response:
    form = {"csrf": token(client), "do": "import", "kind": "subscriptions", "toml": "[format]\n"}
    done = client.post(place, data=form)
    end = time.monotonic() + 60
    while ("/data/jobs/" in str(done.url) or done.status_code == 202) and time.monotonic() < end:
        time.sleep(0.1)
        done = client.get(done.url)
    return done


@pytest.mark.slow
@pytest.mark.parametrize("table", ["item_state", pytest.param("finish", marks=pytest.mark.long)])
def test_killed_while_it_imports(tmp_path: Path, table: str) -> None:
    store = tmp_path / "store"
    with served(store, table) as (process, client):
        place = send(client)
        with suppress(httpx.TransportError):
            bring_in(client, place)
        assert process.wait(60) == -signal.SIGKILL
    stands = 1 if table == "finish" else 0
    assert rf.open(store).version() == stands
    assert len(rf.open(store).imports()) == stands
    with served(store) as (_, client):
        done = bring_in(client, place)
        assert done.status_code == 200, "the file still waits"
    assert len(rf.open(store).imports()) == 1
    last = rf.open(store).mrr(start="2026-03", end="2026-03").to_dicts()
    assert [str(row["closing"]) for row in last] == ["5000.00"]
    assert not list((store / "tmp").glob("*")) and not list((store / "uploads").glob("*/*"))


@pytest.mark.slow
def test_killed_while_a_file_is_sent(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with served(store) as (process, client):
        body = FILE.encode()
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="subs.csv"\r\n\r\n'
        with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as line:
            asked = [
                "POST /data/upload HTTP/1.1", f"Host: {client.base_url.netloc.decode()}",
                "Content-Type: multipart/form-data; boundary=x", f"X-CSRF-Token: {token(client)}",
                *(f"Cookie: {name}={value}" for name, value in client.cookies.items()),
                f"Content-Length: {len(head) + 2 * len(body)}", "", "",
            ]  # fmt: skip
            line.sendall("\r\n".join(asked).encode() + head + body)
            end = time.monotonic() + 10
            while not list((store / "uploads").glob("*.part/*")) and time.monotonic() < end:
                time.sleep(0.01)
            assert list((store / "uploads").glob("*.part/*")), "it is being received"
            process.kill()
    with served(store) as (_, client):
        assert "subs.csv" not in client.get("/data").text
        assert not list((store / "uploads").glob("*.part"))
        assert "rows are in" in bring_in(client, send(client)).text
