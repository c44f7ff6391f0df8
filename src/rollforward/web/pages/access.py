"""Logging in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response

from rollforward.errors import Misuse
from rollforward.state import LANGUAGES, Actor
from rollforward.web.page import Any_, Page
from rollforward.web.permission import EVERYBODY, allow
from rollforward.web.speaking import COOKIE as LANGUAGE
from rollforward.web.speaking import YEAR
from rollforward.web.telling import status_of
from rollforward.web.visitor import SESSION, VISIT, cookie, cookie_name, cookies

router = APIRouter()

SESSION_SECONDS = 7 * 86_400


@router.get("/login")
@allow(EVERYBODY)
def login(page: Any_) -> Response:
    """The form; who is logged in already goes on."""
    if page.visitor.how:
        return to(within(page.address.get("next")))
    return page.show("login.html", wrong=None, name="", next=within(page.address.get("next")))


@router.post("/login")
@allow(EVERYBODY, "login", body=16 * 1024)
def log_in(
    page: Any_, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """A new session; for a wrong name and a wrong password the same answer after the same time."""
    state, address = page.desk.state, page.visitor.actor.address
    wait = state.attempts.begin(name, address)
    user = None if wait else state.users.checked(name, password)
    if user is None:
        wrong = Misuse("too-many-logins", seconds=wait) if wait else Misuse("wrong-login")
        if not wait:
            # a name that nobody has may be a password in the wrong field
            known = _known(page, name)
            state.audit.add(Actor("", "", address), "login.failed", known)
        answer = page.show("login.html", status_of(wrong), wrong=wrong, name=name, next=within(next))
        if wait:
            answer.headers["retry-after"] = str(wait)
        return answer
    state.attempts.succeeded(name, address)
    answer = to(within(next))
    begin(page, answer, user.user_id, Actor(user.name, user.role, address))
    return answer


@router.post("/logout")
@allow("restricted", "logout")
def log_out(page: Any_) -> Response:
    """Ends this session."""
    page.desk.state.sessions.end(page.visitor.actor, kept_secret(page))
    answer = to("/login")
    answer.headers.append("set-cookie", cookie(SESSION, "", page.request.scope, 0))
    return answer


def begin(page: Page, answer: Response, user_id: int, actor: Actor) -> None:
    """Logs a user in: a session and a cookie that were never seen before; what the browser had ends."""
    state, scope = page.desk.state, page.request.scope
    if old := kept_secret(page):
        state.sessions.end(actor, old)
    secret = state.sessions.begin(actor, user_id, page.request.headers.get("user-agent", ""))
    page.visitor.actor, page.visitor.fresh = actor, ""
    answer.headers.append("set-cookie", cookie(SESSION, secret, scope, SESSION_SECONDS))
    answer.headers.append("set-cookie", cookie(VISIT, "", scope, 0))
    remember(page, answer, user_id)


def remember(page: Page, answer: Response, user_id: int) -> None:
    """Lets the browser know what the user likes: language and theme."""
    likes = page.desk.state.settings.user(user_id)
    if likes.language in LANGUAGES:
        answer.headers.append("set-cookie", f"{LANGUAGE}={likes.language}; Path=/; Max-Age={YEAR}; SameSite=Lax")
    span = YEAR if likes.theme != "system" else 0
    answer.headers.append("set-cookie", f"theme={likes.theme}; Path=/; Max-Age={span}; SameSite=Lax")


def kept_secret(page: Page) -> str:
    """The session's secret in the request's cookie, '' for none."""
    return cookies(page.request.headers).get(cookie_name(SESSION, page.request.scope), "")


def _known(page: Page, name: str) -> str:
    """The user's name if there is one, else ''."""
    try:
        return page.desk.state.users.get(name).name
    except Misuse:
        return ""


def within(address: str) -> str:
    """`address` if it lies within the application, else its beginning."""
    is_ours = address.startswith("/") and address[1:2] not in ("/", "\\") and address.isprintable()
    return address if is_ours and not address.startswith(("/login", "/logout")) else "/"


def to(address: str) -> Response:
    """Goes on to another page of the application."""
    return Response(status_code=303, headers={"location": address})
