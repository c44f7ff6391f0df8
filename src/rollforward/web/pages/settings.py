"""Settings: what a person likes, how the store shows things, and who may use it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Response

from rollforward import money
from rollforward.errors import Misuse
from rollforward.state import NOBODY, Actor, time_zones
from rollforward.text import figures
from rollforward.web.page import Any_, Page
from rollforward.web.pages.access import begin, remember, to
from rollforward.web.permission import allow

router = APIRouter()

Text = Annotated[str, Form()]
Role = Literal["restricted", "viewer", "analyst", "admin"]

_OFFERED = ("viewer", "analyst", "admin", "restricted")


@router.get("/settings")
@allow("restricted")
def settings(page: Any_) -> Response:
    """Everything that the visitor may see or set."""
    return _shown(page)


@router.post("/settings/mine")
@allow("restricted", "preferences")
def mine(page: Any_, language: Text = "", theme: Text = "system") -> Response:
    """Language and theme of who asks; a language not chosen is the store's, or else the browser's."""
    page.desk.state.settings.set_user(page.visitor.user_id, language=language, theme=theme)
    page.visitor.did("preferences", language=language, theme=theme)
    answer = to("/settings?done=mine")
    if not language:
        answer.headers.append("set-cookie", "lang=; Path=/; Max-Age=0; SameSite=Lax")
    remember(page, answer, page.visitor.user_id)
    return answer


@router.post("/settings/store")
@allow("admin", "settings")
def store(
    page: Any_, language: Text = "", currency: Text = "", time_zone: Text = "UTC", policy: Text = "default",
    fiscal_year_start: Annotated[int, Form(ge=1, le=12)] = 1, buddhist_era: Text = "",
) -> Response:  # fmt: skip
    """How pages show the store, for everybody. A fiscal year that no policy has makes one that has it."""
    policy = _fiscal(page, policy, fiscal_year_start)
    page.desk.state.settings.set_store(
        page.visitor.actor, language=language, currency=currency, time_zone=time_zone, policy=policy,
        fiscal_year_start=fiscal_year_start, buddhist_era=buddhist_era == "1",
    )  # fmt: skip
    return to("/settings?done=store")


@router.post("/settings/password")
@allow("restricted", "user.password")
def password(page: Any_, old: Text = "", new: Text = "", again: Text = "") -> Response:
    """A new password for who asks, who proves to know the old one; their other sessions end."""
    state, asks = page.desk.state, page.visitor
    if asks.how != "session":
        raise Misuse("not-allowed", role="")
    if new != again:
        raise Misuse("passwords-differ")
    if wait := state.attempts.begin(asks.name, asks.actor.address):
        raise Misuse("too-many-logins", seconds=wait)
    if state.users.checked(asks.name, old) is None:
        raise Misuse("wrong-login")
    state.attempts.succeeded(asks.name, asks.actor.address)
    state.users.set_password(asks.actor, asks.name, new)
    answer = to("/settings?done=password")
    begin(page, answer, asks.user_id, Actor(asks.name, asks.role, asks.actor.address))
    return answer


@router.post("/settings/sessions")
@allow("restricted", "session.end")
def sessions(page: Any_) -> Response:
    """Ends all sessions of who asks but this one."""
    page.desk.state.sessions.end_others(page.visitor.actor, page.visitor.user_id, page.visitor.session_id)
    return to("/settings?done=sessions")


@router.post("/settings/users")
@allow("admin", "user.add")
def add_user(
    page: Any_, name: Text = "", role: Annotated[Role, Form()] = "viewer", password: Text = "", again: Text = ""
) -> Response:
    """A new user. Who makes the first one is logged in as it: from then on everybody logs in."""
    if password != again:
        raise Misuse("passwords-differ")
    state, asks = page.desk.state, page.visitor
    made = state.users.add(asks.actor, name, role, password)
    answer = to("/settings?done=user#users")
    if asks.how == "local":
        state.settings.set_user(made.user_id, **vars(state.settings.user(NOBODY)))
        begin(page, answer, made.user_id, Actor(made.name, made.role, asks.actor.address))
    return answer


@router.post("/settings/users/change")
@allow("admin", "user.role")
def change_user(
    page: Any_, name: Text, what: Annotated[Literal["role", "active", "password", "remove"], Form()],
    role: Annotated[Role, Form()] = "viewer", password: Text = "",
) -> Response:  # fmt: skip
    """Another role or password, let in or out, or taken away. Nobody takes themselves away."""
    users, by = page.desk.state.users, page.visitor.actor
    user = users.get(name)
    if what == "role":
        users.set_role(by, name, role)
    elif what == "password":
        users.set_password(by, name, password, page.visitor.session_id)
    elif user.user_id == page.visitor.user_id:
        raise Misuse("not-allowed", role="")
    elif what == "active":
        users.set_active(by, name, not user.is_active)
    else:
        users.remove(by, name)
    return to("/settings?done=user#users")


@router.post("/settings/tokens")
@allow("admin", "token.add")
def add_token(
    page: Any_, name: Text = "", role: Annotated[Role, Form()] = "viewer", owner: Text = "",
    days: Annotated[int, Form(ge=0, le=3650)] = 90,
) -> Response:  # fmt: skip
    """A new token, shown on this one page only."""
    until = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(days=days) if days else None
    token, secret = page.desk.state.tokens.add(page.visitor.actor, name, role, owner, until)
    return _shown(page, token=token.name, secret=secret)


@router.post("/settings/tokens/revoke")
@allow("admin", "token.revoke")
def revoke_token(page: Any_, number: Annotated[int, Form()]) -> Response:
    """Ends a token at once."""
    page.desk.state.tokens.revoke(page.visitor.actor, number)
    return to("/settings?done=token#tokens")


def _shown(page: Page, token: str = "", secret: str = "") -> Response:
    state, asks = page.desk.state, page.visitor
    is_admin = asks.may("admin")
    return page.show(
        "settings.html", store=state.settings.store(), mine=state.settings.user(asks.user_id),
        sessions=state.sessions.of(asks.user_id) if asks.session_id else [], is_admin=is_admin,
        users=state.users.all() if is_admin else [], tokens=state.tokens.all() if is_admin else [],
        offered=_OFFERED, token=token, secret=secret, done=page.address.get("done"),
        currencies=money.currencies() if is_admin else (), zones=time_zones() if is_admin else (),
        policies=[(name, name) for name in page.policies()] if is_admin else [],
        months=[(m, figures.month_name(m)) for m in range(1, 13)],
    )  # fmt: skip


def _fiscal(page: Page, policy: str, month: int) -> str:
    """A policy with the settings of `policy` whose years begin in `month`; registered if there is none yet."""
    with page.store() as store:
        text = store.policy_text(policy)
        told = re.search(r"^fiscal_year_start *= *(\d+)", text, re.MULTILINE)
        if int(told[1]) == month if told else month == 1:
            return policy
        name = f"{policy.partition('@')[0].partition('-fy')[0]}-fy{month:02}"
        if name in [str(row["policy"]) for row in store.policies().to_dicts()]:
            return name
        text = re.sub(r"^(name|version|fiscal_year_start) *=.*\n", "", text, flags=re.MULTILINE)
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"{name}.toml"
            head = f'name = "{name}"\nversion = 1\nfiscal_year_start = {month}\n'
            file.write_text(head + text, encoding="utf-8")
            store.add_policy(file)
    return name
