"""Renewals: what ends soon by month and one by one, the pack of one, the calls on it, and what became of past ones."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from rollforward.answers.renewals import HORIZONS
from rollforward.errors import Misuse
from rollforward.numerals import is_whole
from rollforward.state import CALLS, may
from rollforward.web.masking import SEES
from rollforward.web.page import Filled, Page
from rollforward.web.pages.access import to
from rollforward.web.pages.accounts import address_of
from rollforward.web.permission import allow

router = APIRouter()

SHOWN = 50
"""Rows on a page of the list."""

Text = Annotated[str, Form()]


@router.get("/renewals")
@allow("restricted")
def renewals(page: Filled) -> Response:
    """What ends within `days`, by month and one by one, a `page` at a time."""
    days, number = _days(page), page.number()
    listed = page.ask("renewals", {"days": days, "limit": SHOWN + 1, "skip": (number - 1) * SHOWN}, **_now())
    more = len(listed) > SHOWN
    listed.rows = listed.rows[:SHOWN]
    rows = listed.to_dicts()
    return page.show(
        "renewals.html", days=days, horizons=HORIZONS, number=number, more=more, listed=rows,
        called=[c for c in ("machine", "owner_call", "leader_call") if any(r[c] for r in rows)],
        remarks=page.grid(listed), to_account=lambda name: address_of(page, name, show="signals"),
        months=page.grid(page.ask("renewal-calendar", {"days": days}, **_now()), "renewal-calendar"),
    )  # fmt: skip


@router.get("/renewals/pack")
@allow("restricted")
def pack(page: Filled) -> Response:
    """All that is worth knowing before the talk about one renewal: `account`, `due`."""
    account, due = page.address.get("account"), page.address.get("due")
    if not account:
        return to(page.address.page("/renewals"))
    listed = page.ask("renewals", {"days": 36_500, "account": account}, **_now())
    rows = [r for r in listed.to_dicts() if str(r["due_on"]) == due]
    if not rows:
        raise Misuse("no-such-renewal", account=account, due=due)
    own = {"account": account}
    sees = may(page.visitor.role, SEES)
    calls = page.desk.state.calls.all(str(rows[0]["account_id"]), rows[0]["due_on"]) if sees else []  # type: ignore[arg-type]
    return page.show(
        "renewal.html", r=rows[0], rows=rows, account=account, due=due, calls=calls[::-1], choices=CALLS,
        signals=page.ask("signals", own, **_now()).to_dicts(),
        steps=page.grid(page.ask("headroom-steps", own, **_now()), "headroom_options"),
        past=page.grid(page.ask("renewals-past", own, segment=""), "renewals-past"),
        remarks=page.grid(listed), to_account=address_of(page, account),
    )  # fmt: skip


@router.get("/renewals/past")
@allow("restricted")
def past(page: Filled) -> Response:
    """Renewal rates by period, whose calls were right, and what became of each, a `page` at a time."""
    number = page.number()
    asked = {"limit": SHOWN + 1, "skip": (number - 1) * SHOWN}
    listed = page.ask("renewals-past", asked, segment="")
    more = len(listed) > SHOWN
    listed.rows = listed.rows[:SHOWN]

    def opens(record: Any, column: str) -> str:
        return address_of(page, str(record["account_id"])) if column == "account_id" else ""

    return page.show(
        "renewals_past.html", number=number, more=more, listed=page.grid(listed, "renewals-past", opens),
        rates=page.grid(page.ask("renewal-rate", segment=""), "renewal-rate"),
        scores=page.grid(page.ask("renewal-scores", segment=""), "renewal-scores"),
    )  # fmt: skip


@router.post("/renewals/call")
@allow("analyst", "renewal.call")
def call(
    page: Filled, account: Text = "", due: Text = "", voice: Text = "owner", said: Text = "", amount: Text = "",
    chance: Text = "",
) -> Response:  # fmt: skip
    """The owner's or the leader's call on a renewal; none withdraws the one before."""
    try:
        money = Decimal(amount.replace(",", "")) if amount.strip() else None
        share = float(Decimal(chance)) / 100 if chance.strip() else None
    except (InvalidOperation, ValueError):  # float takes no NaN that signals
        raise Misuse("bad-call") from None
    address = page.address
    with page.store() as store:
        store.call_renewal(
            page.visitor.actor, account, due, said, voice, money, share, policy=address.policy.split(",")[0],
            basis=address.basis, currency=address.currency or None,
        )  # fmt: skip
    page.visitor.did(account, due=due, voice=voice)
    return to(address.page("/renewals/pack", account=account, due=due) + "#calls")


@router.post("/renewals/keep")
@allow("analyst", "renewal.keep")
def keep(page: Filled, days: Text = "180") -> Response:
    """Keeps what the rules say now, to be scored later."""
    with page.store() as store:
        store.keep_calls(page.visitor.actor, int(days) if is_whole(days, 4) else 180)
    return to(page.address.page("/renewals/past", done="kept"))


def _days(page: Page) -> int:
    told = page.address.get("days") or "90"
    if not is_whole(told) or not 0 < int(told) <= 3650:
        raise Misuse("unknown-option", option="days", value=told, known="30, 90, 180, …")
    return int(told)


def _now() -> dict[str, Any]:
    """Filters that accounts as they stand have none of."""
    return {"start": "", "end": "", "segment": "", "by": "month"}
