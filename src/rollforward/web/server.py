"""The server process: one address, one store, told once it listens."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

import uvicorn

from rollforward import api
from rollforward.errors import Misuse
from rollforward.web.app import create
from rollforward.web.guard import check_listening


def run(
    store: str | os.PathLike[str] | None, host: str, port: int, ready: Callable[[str], None], hosts: Iterable[str] = ()
) -> None:
    """Serves `store` (default: as `api.open`) at `host:port` until interrupted; `ready` is told the address.

    `hosts`: further names under which it is reached, as behind a proxy. Misuse `no-users` where others could come in
    without a login, `cannot-listen` where the port is taken or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # with its protocol named, or asyncio would leave Nagle's delay of 40 ms on every answer
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise Misuse("cannot-listen", address=f"{host}:{port}", reason=error.strerror or str(error)) from error
        app = create(Path(store or os.environ.get("ROLLFORWARD_STORE") or api.DEFAULT_STORE), host, hosts)
        check_listening(app.state.desk.state, host)
        listener.listen()
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{listener.getsockname()[1]}/")
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, date_header=True)
        uvicorn.Server(config).run(sockets=[listener])
