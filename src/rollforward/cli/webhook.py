"""The commands webhook: where events of opportunities are sent, and what became of them."""

from __future__ import annotations

from typing import Annotated

import typer

from rollforward.cli.options import Format, Lang, Output, StoreAt
from rollforward.cli.output import Out, emit
from rollforward.cli.terminal import out, say
from rollforward.text import _
from rollforward.text.views import VIEWS

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help=_("Where to: https://HOST/PATH."))]
Private = Annotated[bool, typer.Option("--private", help=_("It may be http, and of this machine or its network."))]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help=_("Number of the delivery."))]


def set_(address: Address, private: Private = False, store: StoreAt = None, lang: Lang = None) -> None:
    """Send events there from now on, and show the secret that signs them, once."""
    from rollforward import api

    webhooks = api.open(store, create=False).state.webhooks
    out(webhooks.set(api.operator(), address, private))
    say(_("Events go to that address from now on. The secret is shown only now: keep it in a safe place."))


def remove(store: StoreAt = None, lang: Lang = None) -> None:
    """Send nothing any more."""
    from rollforward import api

    api.open(store, create=False).state.webhooks.remove(api.operator())
    out(_("Nothing is sent any more."))


def list_(store: StoreAt = None, format: Format = None, output: Output = None, lang: Lang = None) -> int:
    """List what was or is to be sent, the latest first."""
    from rollforward import api

    return emit(api.open(store, create=False).deliveries(), Out(format, output), VIEWS["deliveries"])


def send(store: StoreAt = None, lang: Lang = None) -> int:
    """Send now what waits; exit code 1 if something did not arrive."""
    from rollforward import api

    arrived, failed = api.open(store, create=False).deliver()
    out(_("Delivered: {arrived}; not delivered: {failed}").format(arrived=arrived, failed=failed))
    return 1 if failed else 0


def again(number: Number, store: StoreAt = None, lang: Lang = None) -> None:
    """Send one once more, under the same id."""
    from rollforward import api

    api.open(store, create=False).state.webhooks.again(api.operator(), number)
    out(_("Delivery {number} waits to be sent.").format(number=number))


app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
for name, command, says in (
    ("set", set_, _("Set where events are sent and show the secret, once.")),
    ("remove", remove, _("Send nothing any more.")),
    ("list", list_, _("List what was or is to be sent.")),
    ("send", send, _("Send now what waits.")),
    ("again", again, _("Send one once more.")),
):
    app.command(name, help=says)(command)
