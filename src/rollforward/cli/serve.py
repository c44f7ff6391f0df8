"""`rollforward serve`: the web application on this machine."""

# Typer reads annotations as they are, so they are no texts (`from __future__`) here.

from typing import Annotated

import typer

from rollforward.cli.options import Lang, StoreAt
from rollforward.cli.terminal import flush, out
from rollforward.text import _

Host = Annotated[str, typer.Option("--host", help=_("Address to listen on; beyond this machine, users are needed."))]
AlsoHost = Annotated[
    list[str] | None,
    typer.Option("--also-host", metavar="NAME", help=_("Another name under which it is reached, as behind a proxy.")),
]
Port = Annotated[int, typer.Option("--port", help=_("Port to listen on; 0 takes a free one."))]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8765,
    also_host: AlsoHost = None,
    store: StoreAt = None,
    lang: Lang = None,
) -> int:
    """Serve the pages and the JSON API until stopped with Ctrl+C."""
    from rollforward.web import server

    def ready(address: str) -> None:
        out(_("rollforward is at {address} (Ctrl+C stops it)").format(address=address))
        flush()  # whoever reads a pipe or a file waits for this line, and no other follows

    server.run(store, host, port, ready, also_host or ())
    return 0
