"""Who is asking: from the cookie or the token of a request to a name and a role."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from rollforward.state import NOBODY, Actor, State, may

SESSION = "session"
"""Cookie of who is logged in."""

VISIT = "visitor"
"""Cookie of a browser that is not: its forms are told from those of other sites by it."""

LOCAL = "local"
"""Name of whoever uses a store without users on their own machine."""

API = "/v1"
"""Where tokens count."""

_SALT = 16


@dataclass
class Visitor:
    """Who asks, for one request. `how`: local, session, token, or '' = nobody who may anything.

    `key` makes the tokens of forms; `fresh` is the cookie to be set with it, '' = the browser has one. `action` is
    what the audit log calls what is asked for, '' = it is not told.
    """

    actor: Actor
    how: str = ""
    user_id: int = NOBODY
    session_id: int = 0
    key: str = field(default="", repr=False)
    fresh: str = field(default="", repr=False)
    action: str = ""
    target: str = ""
    detail: dict[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The user's or token's name."""
        return self.actor.name

    @property
    def role(self) -> str:
        """One of `ROLES`; '' for nobody."""
        return self.actor.role

    def may(self, role: str) -> bool:
        """Whether the visitor may do what needs `role`."""
        return may(self.role, role)

    @property
    def csrf(self) -> str:
        """A token for a form of this page, another each time: what is compressed with it does not give it away."""
        salt = secrets.token_hex(_SALT)
        return salt + _seal(self.key, salt)

    def signed(self, token: str) -> bool:
        """Whether a form's token was made for this visitor."""
        salt, seal = token[: 2 * _SALT], token[2 * _SALT :]
        return bool(self.key) and len(salt) == 2 * _SALT and hmac.compare_digest(seal, _seal(self.key, salt))

    def did(self, target: str = "", **detail: object) -> None:
        """What the audit log says of this request beside its action: on what, and how."""
        self.target, self.detail = target, self.detail | detail


def visitor(state: State, scope: Scope, is_local: bool) -> Visitor:
    """Who asks. `is_local`: the server answers this machine only, so that without users everybody is its owner."""
    headers = Headers(scope=scope)
    address = str((scope.get("client") or ("", 0))[0])
    nobody = Visitor(Actor("", "", address))
    authorization = headers.get("authorization", "")
    if authorization:
        scheme, _blank, text = authorization.partition(" ")
        is_bearer = scheme.lower() == "bearer" and str(scope["path"]).startswith(API + "/")
        token = state.tokens.find(text.strip()) if is_bearer else None
        return Visitor(Actor(f"token {token.name}", token.role, address), "token") if token else nobody
    kept = cookies(headers)
    if (secret := kept.get(cookie_name(SESSION, scope), "")) and (found := state.sessions.find(secret)):
        actor = Actor(found.user, found.role, address)
        return Visitor(actor, "session", found.user_id, found.session_id, found.csrf)
    nobody.key = kept.get(cookie_name(VISIT, scope), "")
    if not nobody.key:
        nobody.key = nobody.fresh = secrets.token_urlsafe(32)
    if is_local and not state.users.exist():
        nobody.actor, nobody.how = Actor(LOCAL, "admin", address), "local"
    return nobody


def visitor_of(request: Request) -> Visitor:
    """Who makes this request; nobody where the guard has turned it away before it knew."""
    return request.scope.get("state", {}).get("visitor") or Visitor(Actor("", ""))


def cookies(headers: Headers) -> Mapping[str, str]:
    """The request's cookies; none where they cannot be read."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def cookie_name(name: str, scope: Scope) -> str:
    """A cookie's name at the server's port: cookies know no ports, and servers of one machine must not share them."""
    port = (scope.get("server") or ("", 0))[1] or 0
    secured = "__Host-" if scope.get("scheme") == "https" else ""
    return f"{secured}rollforward-{name}-{port}"


def cookie(name: str, value: str, scope: Scope, seconds: int | None = None) -> str:
    """The header that sets a cookie which no script reads; without `seconds` it ends with the browser's session."""
    told = f"{cookie_name(name, scope)}={value}; Path=/; HttpOnly; SameSite=Lax"
    if seconds is not None:
        told += f"; Max-Age={seconds}"
    return told + ("; Secure" if scope.get("scheme") == "https" else "")


def _seal(key: str, salt: str) -> str:
    return hmac.new(key.encode(), salt.encode(), hashlib.sha256).hexdigest()
