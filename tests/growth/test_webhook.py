"""The webhook: signed, nothing lost, none told of who is held out, never to where it must not go, no secret shown."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from clock import Clock
from rollforward.delivering import deliver, is_allowed, post
from rollforward.errors import Misuse
from rollforward.state import Actor, Found, Limits, Proposal, State, Webhook
from rollforward.state.database import utc
from rollforward.state.webhooks import LEASE, PAUSES

BY = Actor("ann", "admin")
SEND = """
import sys
from pathlib import Path
from rollforward.delivering import deliver
from rollforward.state import State
deliver(State(Path(sys.argv[1])))
"""


class Receiver(ThreadingHTTPServer):
    """Keeps what it gets; `answers` says with what status, None: it never answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answer: int | None = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((dict(self.headers), body))
                if receiver.answer is None:
                    time.sleep(30)
                    return
                self.send_response(receiver.answer)
                self.send_header("location", "http://127.0.0.1:1/")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)
        self.daemon_threads = True
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/in?key=s3cret"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.shutdown()
    made.server_close()


def refresh(state: State, *accounts: str, held_out: float = 0.0) -> None:
    told = [Proposal(a, "upsell", "limit:seats", "near_limit", "pro", "JPY", 10_000, 5_000, 0.25, "because", "เพราะ",
                     "kim", "sales" if a == "big" else "") for a in accounts]  # fmt: skip
    found = Found(1, told, {(a, "JPY"): 10_000 for a in accounts}, (), {})
    state.opportunities.refresh(BY, found, 30, 90, {"upsell": held_out})


def test_every_change_arrives_signed_and_says_what_changed(state: State, receiver: Receiver) -> None:
    refresh(state, "before")  # nobody asked to be told yet
    secret = state.webhooks.set(BY, receiver.address, is_private=True)
    refresh(state, "before", "big")
    state.opportunities.offer(BY, 2, "email", Limits())
    state.opportunities.move(BY, 2, "lost", "no money")
    assert deliver(state) == (4, 0) and deliver(state) == (0, 0)
    told = [json.loads(body) for _headers, body in receiver.got]
    assert [(t["event"], t.get("from"), t.get("to")) for t in told] == [
        ("opportunity.opened", None, None),
        ("opportunity.handed_over", "kim", "sales"),
        ("opportunity.stage", "open", "contacted"),
        ("opportunity.stage", "contacted", "lost"),
    ]
    assert told[0]["opportunity"] | {"due_on": ""} == {
        "opportunity": 2, "account_id": "big", "kind": "upsell", "stage": "open", "outcome": "", "owner": "kim",
        "currency": "JPY", "gain": "5000", "offered": "pro", "signals": ["near_limit"], "due_on": "",
    }  # fmt: skip
    assert told[3]["opportunity"]["outcome"] == "no money" and len({t["id"] for t in told}) == 4
    headers, body = receiver.got[3]
    parts = dict(p.split("=", 1) for p in headers["Rollforward-Signature"].split(","))
    digest = hmac.new(secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert parts["v1"] == digest and abs(time.time() - int(parts["t"])) < 60
    assert headers["Rollforward-Event"] == told[3]["id"]


def test_who_is_held_out_is_told_to_nobody(state: State, receiver: Receiver) -> None:
    state.webhooks.set(BY, receiver.address, is_private=True)
    refresh(state, *(f"a{n}" for n in range(60)), held_out=0.5)
    held = {a.account_id for a in state.trials.all() if a.arm == "hold_out"}
    deliver(state)
    told = {json.loads(body)["opportunity"]["account_id"] for _headers, body in receiver.got}
    assert 10 < len(held) < 50 and told == {f"a{n}" for n in range(60)} - held
    assert {d.account_id for d in state.webhooks.all() if d.state == "left_out"} == held


def test_what_fails_is_tried_again_later_and_later_then_given_up_and_sent_again_by_hand(
    state: State, clock: Clock, receiver: Receiver
) -> None:
    state.webhooks.set(BY, receiver.address, is_private=True)
    refresh(state, "acme")
    receiver.answer = 302  # not followed
    for n, pause in enumerate(PAUSES):
        assert deliver(state) == (0, 1), n
        clock.at += timedelta(seconds=pause - 1)
        assert deliver(state) == (0, 0), n
        clock.at += timedelta(seconds=1)
    assert deliver(state) == (0, 1)
    (kept,) = state.webhooks.all()
    assert (kept.state, kept.said, kept.tries) == ("given_up", "302", len(PAUSES) + 1)
    clock.at += timedelta(days=10)
    assert deliver(state) == (0, 0)
    receiver.answer = 204
    state.webhooks.again(BY, kept.delivery_id)
    assert deliver(state) == (1, 0) and len({json.loads(b)["id"] for _h, b in receiver.got}) == 1
    with pytest.raises(Misuse, match="no-such-delivery"):
        state.webhooks.again(BY, 99)


def test_a_process_killed_while_it_sends_loses_nothing(tmp_path: Path, receiver: Receiver) -> None:
    state = State(tmp_path)
    state.webhooks.set(BY, receiver.address, is_private=True)
    refresh(state, "acme")
    receiver.answer = None
    with subprocess.Popen([sys.executable, "-c", SEND, str(tmp_path)]) as process:
        while not receiver.got:
            time.sleep(0.02)
        assert state.webhooks.claim() is None  # nobody else sends it meanwhile
        os.kill(process.pid, signal.SIGKILL)
    receiver.answer = 200
    state._database.clock = lambda: utc() + LEASE  # type: ignore[attr-defined]
    assert deliver(state) == (1, 0)
    assert len(receiver.got) == 2 and len({json.loads(b)["id"] for _h, b in receiver.got}) == 1
    state.close()


def test_who_sends_at_once_sends_each_once(state: State, receiver: Receiver) -> None:
    state.webhooks.set(BY, receiver.address, is_private=True)
    refresh(state, *(f"a{n}" for n in range(20)))
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(deliver, state) for _ in range(3)]
        assert sum(a.result()[0] for a in asked) == 20
    assert len({json.loads(body)["id"] for _headers, body in receiver.got}) == len(receiver.got) == 20


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("93.184.216.34", True, True), ("10.0.0.1", False, True), ("127.0.0.1", False, True), ("::1", False, True),
        ("fd00::1", False, True), ("169.254.169.254", False, False), ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False), ("224.0.0.1", False, False), ("::ffff:127.0.0.1", False, True),
        ("::ffff:169.254.169.254", False, False), ("64:ff9b::7f00:1", False, True), ("2002:7f00:1::", False, True),
        ("2606:2800:220:1::1", True, True), ("100.64.0.1", False, True),
    ],
)  # fmt: skip
def test_where_events_may_go(address: str, public: bool, private: bool) -> None:
    assert (is_allowed(address, False), is_allowed(address, True)) == (public, private)


def test_an_address_that_is_none_or_private_is_refused_when_set_and_when_sent(state: State, receiver: Receiver) -> None:
    for wrong in ("http://example.com/", "ftp://example.com/", "https://", "https://u:p@example.com/", "https://a b/",
                  "https://example.com:99999/", "javascript:alert(1)", "https://example.com/#x"):  # fmt: skip
        with pytest.raises(Misuse, match="bad-address"):
            state.webhooks.set(BY, wrong)
    told = Webhook(receiver.address.replace("127.0.0.1", "localhost"), "s", False, datetime(2026, 1, 1))
    assert post(told, "e", b"{}") == (False, "private_address") and receiver.got == []
    gone = Webhook("https://nowhere.invalid/", "s", False, datetime(2026, 1, 1))
    assert post(gone, "e", b"{}") == (False, "no_such_host")


def test_no_secret_is_in_the_log_and_none_is_told(state: State, receiver: Receiver) -> None:
    secret = state.webhooks.set(BY, receiver.address, is_private=True)
    hook = state.webhooks.get()
    assert hook is not None and "s3cret" not in f"{hook} {hook.host}" and secret not in repr(hook)
    log = repr(state.audit.rows())
    assert "webhook.set" in log and "s3cret" not in log and secret not in log
    refresh(state, "acme")
    state.webhooks.remove(BY)
    assert state.webhooks.get() is None and deliver(state) == (0, 0)
    refresh(state, "acme", "bolt")
    assert [d.state for d in state.webhooks.all()] == ["given_up"]
