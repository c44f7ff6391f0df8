"""In which language a request is answered: `?lang=`, else what was chosen before, else the store's, else the browser's.

Programs (/v1) are answered in the language of their `Accept-Language`, where they send one.

A pure ASGI layer: what it puts in force holds in the threads that answer the request.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rollforward import text
from rollforward.state import StoreSettings
from rollforward.web.visitor import API, cookies

COOKIE = "lang"
YEAR = 31_536_000


class Speaking:
    """Puts the language of a request in force, and remembers one that was asked for by name."""

    def __init__(self, app: ASGIApp, usual: Callable[[], StoreSettings]) -> None:
        """`usual`: what the store's settings say; language '' = what the browser asks for."""
        self.app, self._usual = app, usual

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        kept = cookies(headers)
        said = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1]
        chosen = said if said in text.LANGUAGES else ""
        usual = self._usual()
        accepted = headers.get("accept-language", "")
        # a program says in the header what it wants; a browser sends what it was installed with
        known = chosen or (preferred(accepted, "") if str(scope["path"]).startswith(API + "/") else "")
        known = known or kept.get(COOKIE, "")
        text.use(known if known in text.LANGUAGES else usual.language or preferred(accepted))
        text.count_years(usual.buddhist_era)

        async def remember(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                headers.append((b"content-language", text.language().encode()))
                headers.append((b"vary", b"accept-language, cookie"))
                if chosen:
                    cookie = f"{COOKIE}={chosen}; Path=/; Max-Age={YEAR}; SameSite=Lax; HttpOnly"
                    headers.append((b"set-cookie", cookie.encode()))
            await send(message)

        await self.app(scope, receive, remember)


def preferred(accepted: str, otherwise: str = "en") -> str:
    """The language of ours that an `Accept-Language` header likes best; `otherwise` if it names none."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")):
        name, _semicolon, weight = part.strip().partition(";q=")
        try:
            liking = float(weight) if weight else 1.0
        except ValueError:
            continue
        if (short := name[:2].lower()) in text.LANGUAGES and liking > 0:
            found.append((-liking, place, short))
    return min(found)[2] if found else otherwise
