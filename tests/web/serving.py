"""A server of the application in a thread of its own, asked over real HTTP."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from rollforward.web.app import create

WORDS = "correct horse battery"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


class Browser(httpx.Client):
    """A client that asks again as long as a page says that its tables are being made, as a browser does."""

    def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        """The answer, or after a minute the page that waits."""
        until = time.monotonic() + 60
        while (told := super().send(request, **how)).status_code == 202 and time.monotonic() < until:
            time.sleep(0.2)
        return told


@dataclass
class Serving:
    """A server that answers at `url`."""

    app: FastAPI
    url: str
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, **how: object) -> httpx.Client:
        """A browser without cookies; it follows no redirects."""
        made = Browser(base_url=self.url, timeout=60, **how)  # type: ignore[arg-type]
        self.clients.append(made)
        return made

    def logged_in(self, name: str, password: str = WORDS) -> httpx.Client:
        """A browser in which `name` is logged in."""
        client = self.client()
        done = client.post("/login", data={"csrf": csrf(client, "/login"), "name": name, "password": password})
        assert done.status_code == 303, done.text
        return client


def csrf(client: httpx.Client, path: str = "/settings") -> str:
    """The token of a form on a page."""
    found = CSRF.search(client.get(path).text)
    assert found is not None
    return found[1]


@contextmanager
def serving(
    store: Path, host: str = "127.0.0.1", hosts: tuple[str, ...] = (), is_warm: bool = False
) -> Iterator[Serving]:
    """Serves `store` on a free port; `host` is what the application is told, the port is always on loopback.

    Not `is_warm`: nothing is made before it is asked for. Tests that change facts would pay for it at each change.
    """
    app = create(store, host, hosts)
    if not is_warm:
        app.state.warm = ()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    made = Serving(app, f"http://127.0.0.1:{listener.getsockname()[1]}")
    try:
        yield made
    finally:
        for client in made.clients:
            client.close()
        server.should_exit = True
        thread.join(20)
        app.state.desk.state.close()
        listener.close()
