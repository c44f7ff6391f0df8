"""What stands before every request: who may ask what, from where, and how much; and what every answer carries.

A pure ASGI layer, and the only place that lets anybody in. In this order: the host that was asked for (against DNS
rebinding), who asks, the route's permission, the size of the body, where a form comes from, then the route, then the
row of the audit log. A route without a permission is closed.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import secrets
import socket
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, quote

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rollforward.errors import Misuse, RollforwardError
from rollforward.state import State
from rollforward.web.permission import EVERYBODY, SAFE, Permission, Route, routes, size
from rollforward.web.visitor import API, VISIT, Visitor, cookie, visitor

log = logging.getLogger("rollforward.web")

STATIC = "/static/"
HEADER = "x-csrf-token"
"""Where a script says a form's token; a plain form has it in its first field, `csrf`."""

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""On every answer."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_PEEK = 16 * 1024
_TOKEN = re.compile(rb'(?:(?:^|&)csrf=|name="csrf"\r\n\r\n)([0-9a-f]+)')

Told = Callable[[Request, Exception], Response]


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and reached by nobody else."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_listening(state: State, host: str) -> None:
    """Misuse `no-users` where a server at `host` would be open to others and nobody could or need log in."""
    if not is_loopback(host) and not state.users.exist() and not state.tokens.any_valid():
        raise Misuse("no-users", host=host)


class Guard:
    """The layer. `host`: the address listened on; `hosts`: further names that may be asked for.

    `refused` makes the answer to an error of ours, `failed` that to a fault.
    """

    def __init__(
        self, app: ASGIApp, inner: FastAPI, state: State, refused: Told, failed: Told, host: str = "127.0.0.1",
        hosts: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.app = app
        self._inner, self._state, self._refused, self._failed = inner, state, refused, failed
        self._is_local = is_loopback(host)
        self._hosts = {h.lower() for h in (host, *hosts)}
        if not self._is_local:
            self._hosts |= {socket.gethostname().lower()}
        self._routes: list[Route] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await _Guarded(self, scope, receive, send).run()

    def permission(self, method: str, path: str) -> tuple[bool, Permission | None]:
        """Whether some route takes the request, and what it needs."""
        if not self._routes:
            self._routes = list(routes(self._inner))
        method = "GET" if method == "HEAD" else method
        for route in self._routes:
            if method in route.methods and route.pattern.match(path):
                return True, route.permission
        return False, None

    def check_host(self, headers: Headers, client: str) -> None:
        """Misuse `wrong-host`, `not-for-others`."""
        host = _host_of(headers.get("host", ""))
        if not (is_loopback(host) or host in self._hosts or (not self._is_local and _is_ip(host))):
            raise Misuse("wrong-host", host=host)
        if self._is_local and _is_ip(client) and not is_loopback(client):
            raise Misuse("not-for-others")

    def who(self, scope: Scope) -> Visitor:
        """Who asks. Misuse `not-for-others` where a proxy would let others in as this machine's owner."""
        found = visitor(self._state, scope, self._is_local)
        if found.how == "local" and any(name in Headers(scope=scope) for name in _FORWARDED):
            raise Misuse("not-for-others")
        return found

    def told(self, scope: Scope, error: Exception) -> Response:
        """The answer to an error, in the way of the page or of the API."""
        make = self._refused if isinstance(error, RollforwardError) else self._failed
        return make(Request(scope), error)

    def note_refusal(self, asks: Visitor, scope: Scope) -> None:
        """The row of the audit log about somebody who is known and tried what their role may not."""
        self._state.audit.add(asks.actor, "refused", str(scope["path"]), {"method": scope["method"]})

    def record(self, asks: Visitor, permission: Permission, scope: Scope) -> None:
        """The row of the audit log, unless what was done has written its own."""
        if asks.actor.rows or not permission.action:
            return
        if permission.action == "export" and Headers(scope=scope).get("sec-fetch-dest") == "image":
            return  # a picture that stands in a page, where no script draws it
        detail = asks.detail or dict(parse_qsl(scope["query_string"].decode("latin-1")))
        self._state.audit.add(asks.actor, permission.action, asks.target or str(scope["path"]), detail)


class _Guarded:
    """One request on its way through."""

    def __init__(self, guard: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        self.guard, self.scope, self._receive, self._send = guard, scope, receive, send
        self.headers = Headers(scope=scope)
        self.request_id = scope.setdefault("state", {})["request_id"] = secrets.token_hex(8)
        self.is_started = self.is_too_large = False
        self.permission = Permission(EVERYBODY)
        self.asks: Visitor | None = None
        self._taken = 0
        self._peeked: list[Message] = []

    async def run(self) -> None:
        """Lets the request through, or answers it."""
        try:
            await self._let_in()
            await self.guard.app(self.scope, self._bounded, self._answer)
            if self.is_too_large and not self.is_started:
                raise Misuse("too-large", most=size(self.permission.body))
        except _Redirect as to:
            await self._respond(to.response)
        except Exception as error:
            if self.is_started:
                raise
            if isinstance(error, RollforwardError) and error.code == "not-allowed" and self.asks and self.asks.how:
                await run_in_threadpool(self.guard.note_refusal, self.asks, self.scope)
            self.is_too_large = False
            await self._respond(self.guard.told(self.scope, error))

    async def _respond(self, response: Response) -> None:
        self.permission = Permission(EVERYBODY)  # what was refused is not written as done
        await response(self.scope, self._receive, self._answer)

    async def _let_in(self) -> None:
        scope, method, path = self.scope, self.scope["method"], str(self.scope["path"])
        self.guard.check_host(self.headers, str((scope.get("client") or ("", 0))[0]))
        if path.startswith(STATIC):
            return
        asks = self.asks = await run_in_threadpool(self.guard.who, scope)
        scope["state"]["visitor"] = asks
        is_known, permission = self.guard.permission(method, path)
        self.permission = permission or Permission("admin")
        asks.action = self.permission.action
        if is_known and permission is None:
            log.error("%s %s says not who may use it: nobody may", method, path)
            raise Misuse("not-allowed", role="")
        if self.permission.role != EVERYBODY:
            if not asks.how:
                self._to_login()
            if is_known and not asks.may(self.permission.role):
                raise Misuse("not-allowed", role=self.permission.role)
        if int(self.headers.get("content-length") or 0) > self.permission.body:
            raise Misuse("too-large", most=size(self.permission.body))
        self._check_origin(method)
        is_program = asks.how == "token" or (asks.how == "local" and path.startswith(API + "/"))
        if is_known and method not in SAFE and not is_program:
            await self._check_form(asks)

    def _to_login(self) -> None:
        path, query = str(self.scope["path"]), self.scope["query_string"].decode("latin-1")
        if path.startswith(API + "/") or "authorization" in self.headers:
            raise Misuse("not-logged-in")
        back = path + (f"?{query}" if query else "")
        if self.scope["method"] not in SAFE:
            back = "/"
        login = f"/login?next={quote(back, safe='/')}" if back != "/" else "/login"
        if "hx-request" in self.headers and "hx-boosted" not in self.headers:
            raise _Redirect(Response(status_code=401, headers={"hx-redirect": login}))
        raise _Redirect(Response(status_code=303, headers={"location": login}))

    def _check_origin(self, method: str) -> None:
        # browsers send both with every form; what sends none is no browser, and has no other's cookies
        mode = self.headers.get("sec-fetch-mode", "navigate")
        if method in SAFE and mode == "navigate":
            return  # a link on another site may lead here
        site, origin = self.headers.get("sec-fetch-site", "none"), self.headers.get("origin")
        own = self.headers.get("host", "").lower()
        is_own = origin is None or origin.lower() in (f"http://{own}", f"https://{own}")
        if site not in ("same-origin", "none") or not is_own:
            raise Misuse("foreign-form")

    async def _check_form(self, asks: Visitor) -> None:
        if not asks.signed(self.headers.get(HEADER, "")):
            body = b""
            while len(body) < _PEEK:
                message = await self._receive()
                self._peeked.append(message)
                body += message.get("body", b"")
                if not message.get("more_body"):
                    break
            found = _TOKEN.search(body[:_PEEK])
            if found is None or not asks.signed(found[1].decode()):
                raise Misuse("old-form")

    async def _bounded(self) -> Message:
        """The body's next part; nothing more once there was too much of it."""
        if self.is_too_large:
            return {"type": "http.disconnect"}
        message = self._peeked.pop(0) if self._peeked else await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > self.permission.body:
            self.is_too_large = True
            return {"type": "http.disconnect"}
        return message

    async def _answer(self, message: Message) -> None:
        if self.is_too_large:
            return  # whatever the route makes of half a body
        if message["type"] == "http.response.start":
            if self.asks is not None and message["status"] < 400 and not self.is_started:
                await run_in_threadpool(self.guard.record, self.asks, self.permission, self.scope)
            self.is_started = True
            self._dress(MutableHeaders(scope=message))
        await self._send(message)

    def _dress(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        is_static = str(self.scope["path"]).startswith(STATIC)
        headers["x-request-id"] = self.request_id
        headers.setdefault("cache-control", "no-cache" if is_static else "no-store")
        if self.asks is not None and self.asks.fresh:
            headers.append("set-cookie", cookie(VISIT, self.asks.fresh, self.scope))


class _Redirect(Exception):
    def __init__(self, response: Response) -> None:
        self.response = response


def _host_of(header: str) -> str:
    """The host of a Host header, without its port and brackets, in lower case."""
    found = re.fullmatch(r"\[([0-9a-fA-F:.]+)\](?::\d+)?|([^:\[\]/@\s]+)(?::\d+)?", header)
    return (found[1] or found[2] or "").lower().rstrip(".") if found else ""


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
