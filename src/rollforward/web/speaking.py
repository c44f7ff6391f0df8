"""In which language a request is answered: `?lang=`, else what was chosen before, else what the browser asks for.

A pure ASGI layer: what it puts in force holds in the threads that answer the request.
"""

from __future__ import annotations

from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rollforward import text

COOKIE = "lang"
_YEAR = 31_536_000


class Speaking:
    """Puts the language of a request in force, and remembers one that was asked for by name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = SimpleCookie(headers.get("cookie", ""))
        said = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1]
        chosen = said if said in text.LANGUAGES else ""
        kept = cookies[COOKIE].value if COOKIE in cookies else ""
        text.use(chosen or (kept if kept in text.LANGUAGES else preferred(headers.get("accept-language", ""))))
        text.count_years("era" in cookies and cookies["era"].value == "buddhist")

        async def remember(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                headers.append((b"content-language", text.language().encode()))
                headers.append((b"vary", b"accept-language, cookie"))
                if chosen:
                    cookie = f"{COOKIE}={chosen}; Path=/; Max-Age={_YEAR}; SameSite=Lax; HttpOnly"
                    headers.append((b"set-cookie", cookie.encode()))
            await send(message)

        await self.app(scope, receive, remember)


def preferred(accepted: str) -> str:
    """The language of ours that an `Accept-Language` header likes best; English if it names none."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")):
        name, _semicolon, weight = part.strip().partition(";q=")
        try:
            liking = float(weight) if weight else 1.0
        except ValueError:
            continue
        if (short := name[:2].lower()) in text.LANGUAGES and liking > 0:
            found.append((-liking, place, short))
    return min(found)[2] if found else "en"
