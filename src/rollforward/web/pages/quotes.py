"""Quotes: the price of a change for one account as one chooses it, kept ones and what became of them, and PDF."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from rollforward.answers.quoted import Quoted
from rollforward.api import Table
from rollforward.errors import Misuse, RollforwardError
from rollforward.numerals import is_whole
from rollforward.web.masking import HIDDEN, SEES, masked
from rollforward.web.page import Filled, Page
from rollforward.web.pages.access import to
from rollforward.web.pages.accounts import PLAIN, address_of, quote_address
from rollforward.web.permission import allow
from rollforward.web.quoting import TERMS, asked_for, of_one

router = APIRouter()

SHOWN = 50
"""Rows on a page of the list."""

LINES = (
    "quote_part", "plan_id", "quantity", "interval", "amount", "discount_share", "net_amount", "days_counted",
    "days_in_period", "prorated", "mrr",
)  # fmt: skip
"""Columns of a quote's lines."""

CHANNELS = ("email", "call", "meeting")
BINDING = ("policy", "basis", "as-of")
"""Filters that a form which keeps a quote hands on."""

Text = Annotated[str, Form(max_length=500)]


@router.get("/quotes")
@allow("restricted")
def quotes(page: Filled) -> Response:
    """The last version of each quote, or of one account's."""
    own = {"account": page.address.get("account"), "all": page.address.get("all")}
    table = page.ask("quotes", own)
    number = page.number()
    total = len(table)
    shown = Table(table.columns, table.rows[(number - 1) * SHOWN : number * SHOWN], table.notes)
    return page.show(
        "quotes.html", listed=page.grid(shown, "quotes", _opens(page), wide=False), number=number,
        more=number * SHOWN < total,
        values=page.settings.unit_values if page.visitor.may("admin") else "", done=page.address.get("done"),
    )  # fmt: skip


@router.get("/quotes/{number:number}")
@allow("restricted")
def kept(page: Filled, number: int) -> Response:
    """A quote as it was made, what became of it, and what can be done with it."""
    told = page.address.get("version")
    with page.store() as store:
        quote, found = store.kept_quote(number, int(told) if is_whole(told, 5) else 0)
        threshold = store.acting_rules().quote.approve_above
    listed = page.ask("quotes", {"account": quote.account_id, "all": "1"}).to_dicts()
    versions = [r for r in listed if r["quote"] == number]
    record = next(r for r in versions if r["quote_version"] == quote.version)
    return page.show(
        "quote_kept.html", quote=quote, record=record, versions=versions, parts=_parts(page, found),
        values=masked(found.values, page.visitor.role).to_dicts(), threshold=threshold,
        total=found.totals.to_dicts()[0], name=_name(page, found), channels=CHANNELS, done=page.address.get("done"),
        to_account=address_of(page, quote.account_id, show="signals"),
        days=contact_days(page, quote.account_id) if record["quote_status"] in ("draft", "sent") else [],
    )  # fmt: skip


@router.get("/quotes/{number:number}.pdf")
@allow("restricted", "export")
def kept_pdf(page: Filled, number: int) -> Response:
    """The last version of a quote as PDF, in the language in force."""
    with page.store() as store:
        quote, found = store.kept_quote(number)
        return _pdf(store.quote_pdf(_seen(page, found), number), f"quote-{number}-{quote.version}")


@router.get("/accounts/{account_id:path}/quote")
@allow("restricted")
def choose(page: Filled, account_id: str) -> Response:
    """The form, and what its choice would cost; all of it in the address."""
    account_id = page.address.get("id") or account_id
    terms = {name: page.address.get(name) for name in TERMS}
    plans = page.know(("plans", account_id, page.desk.version()), lambda store: store.quotable(account_id))
    if not any(terms[n] for n in ("plan", "seats", "add-on", "discount")):
        terms["plan"] = _next(page, account_id)
    found, error = None, None
    if any(terms[n] for n in ("plan", "seats", "add-on", "discount")):
        try:
            found = _asked(page, account_id, terms)
        except RollforwardError as refused:
            if refused.code == "unknown-account":
                raise
            error = refused
    return page.show(
        "quote.html", account=account_id, terms=terms, plans=plans, error=error, found=found,
        parts=_parts(page, found) if found else {}, total=found.totals.to_dicts()[0] if found else {},
        values=masked(found.values, page.visitor.role).to_dicts() if found else [],
        name=_name(page, found) if found else account_id, 
        binding=[(n, v) for n, v in page.address.pairs() if n in BINDING],
        here=quote_address(page, account_id), pdf=quote_address(page, account_id, ".pdf", **terms),
        to_account=address_of(page, account_id, show="signals"), days=contact_days(page, account_id),
        opportunities=_open(page, account_id), kept=[
            r for r in page.ask("quotes", {"account": account_id}).to_dicts() if r["quote_status"] in ("draft", "sent")
        ],
    )  # fmt: skip


@router.get("/accounts/{account_id:path}/quote.pdf")
@allow("restricted", "export")
def calculation(page: Filled, account_id: str) -> Response:
    """The same as PDF, not kept."""
    account_id = page.address.get("id") or account_id
    found = _asked(page, account_id, {name: page.address.get(name) for name in TERMS})
    with page.store() as store:
        return _pdf(store.quote_pdf(_seen(page, found)), "quote")


@router.post("/quotes/save")
@allow("analyst", "quote.save")
def save(
    page: Filled, account: Text = "", of: Text = "", asked: Text = "", opportunity: Text = "", plan: Text = "",
    seats: Text = "", add_on: Text = "", discount: Text = "", months: Text = "", on: Text = "", valid_days: Text = "",
) -> Response:  # fmt: skip
    """Keeps what the form says as a quote, or as another version of one."""
    given = (plan, seats, add_on, discount, months, on, valid_days)
    terms = asked_for(dict(zip(TERMS, given, strict=True)))
    with page.store() as store:
        made = store.save_quote(
            page.visitor.actor, account, **terms, number=_whole(of), asked_at=asked, opportunity=_whole(opportunity),
            **of_one(page.address.question()),
        )  # fmt: skip
    page.visitor.did(made.account_id, number=made.number)
    return to(page.address.page(f"/quotes/{made.number}", done="save"))


@router.post("/quotes/{number:number}/approve")
@allow("admin", "quote.approved")
def approve(page: Filled, number: int) -> Response:
    """An admin's word that its discount may be given."""
    with page.store() as store:
        store.approve_quote(page.visitor.actor, number)
    return to(page.address.page(f"/quotes/{number}", done="approved"))


@router.post("/quotes/{number:number}/send")
@allow("analyst", "quote.sent")
def send(page: Filled, number: int, channel: Text = "email") -> Response:
    """Writes down that it is sent, if the contact budget allows it."""
    with page.store() as store:
        store.send_quote(page.visitor.actor, number, channel)
    return to(page.address.page(f"/quotes/{number}", done="sent"))


@router.post("/quotes/{number:number}/answer")
@allow("analyst", "quote.answer")
def answer(page: Filled, number: int, step: Text = "") -> Response:
    """It was accepted, declined, or is taken back."""
    with page.store() as store:
        store.answer_quote(page.visitor.actor, number, step)
    return to(page.address.page(f"/quotes/{number}", done="answer"))


@router.post("/quotes/values")
@allow("admin", "settings")
def values(page: Filled, values: Annotated[str, Form(max_length=50_000)] = "") -> Response:
    """Keeps what a unit of use is worth to customers."""
    with page.store() as store:
        store.keep_unit_values(values.replace("\r\n", "\n").strip(), page.visitor.actor)
    return to(page.address.to("/quotes", done="values"))


def contact_days(page: Page, account_id: str) -> list[dict[str, Any]]:
    """By channel, from which day on an account may be offered something."""
    return page.ask("contact-days", {"account": account_id}).to_dicts()


def _asked(page: Page, account_id: str, terms: dict[str, str]) -> Quoted:
    given = asked_for(terms)
    today = page.desk.state.quotes.now().date()
    key = ("quoted", replace(page.address, own=(), span="12", by="month"), account_id, tuple(terms.items()), today)
    question = of_one(page.address.question())
    return page.know(key, lambda store: store.quote(account_id, **given, **question))


def _parts(page: Page, found: Quoted) -> dict[str, Any]:
    role = page.visitor.role
    shown = {"lines": [n for n in LINES if n != "discount_share" or any(r[n] for r in found.lines.to_dicts())]}
    views = {"lines": "quote", "totals": "quote-totals", "reasons": "quote-reasons", "values": "value"}
    return {
        name: page.grid(masked(getattr(found, name), role), view, wide=False, columns=shown.get(name, ()))
        for name, view in views.items()
    }


def _seen(page: Page, found: Quoted) -> Quoted:
    """The quote as the visitor may see it."""
    role = page.visitor.role
    return Quoted(
        found.account_id, _name(page, found), masked(found.lines, role), masked(found.totals, role),
        masked(found.reasons, role), masked(found.values, role),
    )  # fmt: skip


def _name(page: Page, found: Quoted) -> str:
    return found.name if page.visitor.may(SEES) or not found.name else HIDDEN


def _next(page: Page, account_id: str) -> str:
    """The tier next to its own, if there is one: what a quote begins with."""
    steps = page.ask("headroom-steps", {"account": account_id}, **PLAIN).to_dicts()
    return next((str(s["plan_id"]) for s in steps if s["kind"] == "upgrade" and s["is_next"]), "")


def _open(page: Page, account_id: str) -> list[Any]:
    return [o for o in page.desk.state.opportunities.all(account_id, is_open=True) if o.kind != "save"]


def _opens(page: Page) -> Any:
    def opens(record: Any, column: str) -> str:
        if column == "account_id":
            return address_of(page, str(record["account_id"]), show="signals")
        version = "" if record["quote_status"] != "replaced" else record["quote_version"]
        return page.address.page(f"/quotes/{record['quote']}", version=version) if column == "quote" else ""

    return opens


def _pdf(body: bytes, name: str) -> Response:
    named = {"content-disposition": f'inline; filename="{name}.pdf"'}
    return Response(body, media_type="application/pdf", headers=named)


def _whole(text: str) -> int:
    if text and not is_whole(text):
        raise Misuse("no-such-quote", number=text)
    return int(text or 0)
