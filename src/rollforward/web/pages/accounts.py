"""Accounts: the list, searched as one types; all about one account; notes, links, and taking both back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Response
from fastapi.responses import StreamingResponse

from rollforward.answers.effect import Effect
from rollforward.api import Account, Listing, Question, Store, Table
from rollforward.text import _
from rollforward.text.cells import heading
from rollforward.web.drawing import draw
from rollforward.web.masking import attributes_for, masked
from rollforward.web.page import EVENTS, Filled, Page
from rollforward.web.pages.access import to
from rollforward.web.permission import allow
from rollforward.web.waiting import Later, answer

router = APIRouter()

OWN = ("q", "state", "sort", "plan", "owner")
"""What the list's address says beside the filters."""

SHOWS = ("", "signals", "history", "links", "sources")
"""Parts of an account's page: what it pays and has, signals, events and notes, attributes and links, rows of files."""

PARTS = {
    "items": "product_id plan_id status quantity unit_price interval discount_share? discount_amount? discount_ends? "
             "mrr since cancel_on? source_ref",
    "usage": "period metric quantity limit share",
    "contracts": "contract_id starts ends days_to_end notice_on days_to_notice auto_renew amount owner source_ref",
    "events": "at kind person? channel? tag? text? value? outcome? discount_share? source_ref",
    "scheduled": "on_date movement amount before after",
    "kept": "cohort opening mrr ndr grr",
}  # fmt: skip
"""Tables of an account's page and their columns; those with a `?` only where anything is in them."""

SIMILAR = ("offered", "trait", "accounts", "added", "share", "base_share", "lift", "lift_interval")
"""Columns of what accounts like this one add next."""

STEPS = ("kind", "plan_id", "quantity", "gain", "is_next")
"""Columns of what it could add."""

HANDED = ("handed_at", "opportunity", "from_owner", "to_owner", "comment")
"""Columns of hand-overs."""

PLAIN = {"start": "", "end": "", "segment": "", "where": (), "by": "month"}
"""Filters that signals of one account have none of."""

ROWS = EVENTS
"""Source rows on a page."""

CHUNK = 20_000
"""Rows of an export that are held at once."""

Text = Annotated[str, Form()]


@router.get("/accounts")
@allow("restricted")
def accounts(page: Filled) -> Response:
    """The list: words searched, state, order, plan, owner and the page's filters, all in the address."""
    found = _found(page)
    return page.show(
        "accounts.html", rows=masked(found.table, page.visitor.role).to_dicts(), found=found,
        notes=page.grid(found.table), sort=page.address.get("sort") or "-mrr",
        to_account=lambda name: address_of(page, name), several=len(found.mrr) > 1,
    )  # fmt: skip


def foremost(page: Page) -> None:
    """Asks what the page of the first account of the list is going to ask, and looks for it."""
    if rows := _found(page).table.to_dicts():
        name = str(rows[0]["account_id"])
        page.account(name)
        page.know(("accounts", "foremost"), lambda store: store.accounts(name, **page.of_account() | Question(limit=1)))


def _found(page: Page) -> Listing:
    after = page.address.get("after")
    # what somebody finds who may see no names is another answer
    key = ("accounts", page.address.but(by="month", span="12"), page.visitor.may("viewer"))
    return page.know(key, lambda store: _listed(page, store, after=after or None))


@router.get("/accounts.csv")
@allow("restricted", "export")
def export(page: Filled) -> Response:
    """The whole list as a file, however long."""
    return StreamingResponse(
        _lines(page), media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="accounts.csv"'},
    )  # fmt: skip


def _lines(page: Page) -> Iterator[str]:
    after, first = "", True
    while first or after:
        with page.store() as store:
            found = _listed(page, store, limit=CHUNK, after=after or None)
        heads = [heading(c) for c in found.table.columns]
        told = Table(heads, masked(found.table, page.visitor.role).rows).to_csv()
        # a spreadsheet takes a file without the mark for one of an old Windows page, and spoils Thai
        yield "\ufeff" + told if first else told[len(Table(heads, []).to_csv()) :]
        after, first = found.next, False


def _listed(page: Page, store: Store, limit: int = 50, after: str | None = None) -> Listing:
    """What the address asks for; who may see no names searches ids alone, in an order that tells none."""
    told = {name: page.address.get(name) for name in OWN}
    sees = page.visitor.may("viewer")
    question = page.of_account()
    question["limit"] = limit
    question["where"] = list(page.address.where) or None
    return store.accounts(
        told["q"], told["state"] or None, told["sort"] or "-mrr", after, told["plan"] or None,
        told["owner"] or None if sees else None, is_blind=not sees, **question,
    )  # fmt: skip


def address_of(page: Page, account_id: str, **own: object) -> str:
    """The page of an account: its id is the end of the path, or a parameter where browsers would change a path."""
    parts = account_id.split("/")
    is_plain = account_id and all(p not in ("", ".", "..") for p in parts) and parts[-1] not in ("quote", "quote.pdf")
    if is_plain:
        return page.address.page("/accounts/" + quote(account_id, safe=""), **own)
    return page.address.page("/accounts/-", id=account_id, **own)


def quote_address(page: Page, account_id: str, ending: str = "", **own: object) -> str:
    """The address of what a change would cost an account, with its terms."""
    base, _sign, query = address_of(page, account_id, **own).partition("?")
    return f"{base}/quote{ending}" + (f"?{query}" if query else "")


# -- one account ---------------------------------------------------------------------------------------------------


@router.get("/accounts/{account_id:path}")
@allow("restricted")
def account(page: Filled, account_id: str) -> Response:
    """All about one account, or about the one that it is the same as."""
    account_id = page.address.get("id") or account_id
    show = page.address.get("show")
    number = page.number()
    found = page.account(account_id, number if show == "history" else 1)
    name = found.account_id
    sources, count = Table((), []), 0
    if show == "sources":
        ref = page.address.get("ref")
        told = page.of_account() | Question(limit=ROWS, skip=(number - 1) * ROWS)
        sources, count = page.know(
            ("sources", replace(page.address, own=(), span="12", by="month"), account_id, number, ref),
            lambda store: store.account_sources(name, tuple(ref.split(", ")) if ref else (), **told),
        )
    seen = steps_left = similar = worth = days = handed = Table((), [])
    if show == "signals":
        own = {"account": name}
        seen, steps_left, similar = (page.ask(q, own, **PLAIN) for q in ("signals", "headroom-steps", "cross-sell"))
        worth, days = (page.ask(q, own, **PLAIN) for q in ("value", "contact-days"))
        with page.store() as store:
            handed = store.handovers(account=name)
    role = page.visitor.role
    stand = masked(found.stand, role).to_dicts()
    codes = list(dict.fromkeys(str(r["currency"]) for r in found.steps.to_dicts()))
    of = page.address.get("of") if page.address.get("of") in codes else (codes[-1] if codes else "")
    if stand and len(codes) > 1 and not page.address.get("of"):
        of = str(max(stand, key=lambda r: float(str(r["mrr"] or 0)))["currency"]) or of
    pages = -(-(count if show == "sources" else found.events_total) // ROWS)
    return page.show(
        "account.html", found=found, name=name, stand=stand, record=stand[0] if stand else {},
        show=show if show in SHOWS else "", of=of, codes=codes, at=lambda **own: address_of(page, name, **own),
        chart=draw(page, "account", account=name, of=of) if codes and not show else None,
        steps=page.grid(
            _of(found.steps, of, newest=True), "steps", opens=_step(page, name),
            columns=("on_date", "movement", "amount", "after", "drivers", "source_ref"),
        ),
        parts={n: page.grid(masked(getattr(found, n), role), n, opens=_placed(page, name), columns=_filled(found, n))
               for n in PARTS},
        attributes=page.grid(
            attributes_for(found.attributes, page.ask("dimensions"), role), "attributes", opens=_placed(page, name)
        ),
        links=masked(found.links, role).to_dicts(), use=_use(found.usage),
        signals=page.grid(seen, "signals", columns=("signal", "sentence", "since", "due_on")) if seen.rows else None,
        similar=page.grid(similar, "cross_sell", columns=SIMILAR) if similar.rows else None,
        steps_left=page.grid(steps_left, "headroom_options", columns=STEPS) if steps_left.rows else None,
        worth=page.grid(worth, "value"), days=days.to_dicts(), quote=quote_address(page, name),
        handed=page.grid(masked(handed, role), "handovers", columns=HANDED) if handed.rows else None,
        sources=masked(sources, role).to_dicts(), count=count, number=number, pages=pages,
        notes=page.desk.state.notes.of(name) if page.visitor.may("viewer") else [],
        done=page.address.get("done"), undo=page.address.get("undo"), linked_to=page.address.get("other"),
    )  # fmt: skip


def _filled(found: Account, part: str) -> list[str]:
    """The columns of a part that a page shows: those of PARTS, some only where anything is in them."""
    table: Table = getattr(found, part)
    rows = table.to_dicts()
    names = PARTS[part].split()
    return [n.rstrip("?") for n in names if not n.endswith("?") or any(r[n[:-1]] for r in rows)]


def _of(table: Table, currency: str, newest: bool = False) -> Table:
    at = table.columns.index("currency")
    rows = [r for r in table.rows if r[at] == currency]
    return Table(table.columns, rows[::-1] if newest else rows, table.notes)


def _step(page: Page, account_id: str) -> Any:
    """Amounts of a step open to the ledger rows of its day, places to the rows of the files."""
    placed = _placed(page, account_id)

    def opens(record: Any, column: str) -> str:
        if column != "amount":
            return str(placed(record, column))
        day = replace(page.address, by="day", start="", end="", segment="", where=())
        metric = "fx" if record["movement"] == "fx" else "net_new"
        return day.page(
            "/open",
            metric=metric,
            period=str(record["on_date"]),
            account=account_id,
            level="ledger",
            of=record["currency"],
        )

    return opens


def _placed(page: Page, account_id: str) -> Any:
    """A place in a file opens to the row there."""

    def opens(record: Any, column: str) -> str:
        if column == "source_ref" and record["source_ref"]:
            return address_of(page, account_id, show="sources", ref=record["source_ref"])
        return ""

    return opens


def _use(usage: Table) -> list[dict[str, Any]]:
    """By metric: its months, and the last one beside the limit."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in usage.to_dicts():
        found.setdefault(str(row["metric"]), []).append(row)
    return [
        {"metric": metric, "last": rows[-1], "trend": [float(str(r["quantity"])) for r in rows], "rows": rows}
        for metric, rows in found.items()
    ]


# -- notes and links -----------------------------------------------------------------------------------------------


@router.post("/account/note")
@allow("analyst", "note.add")
def add_note(page: Filled, account: Text = "", text: Text = "") -> Response:
    """A new note on an account."""
    page.desk.state.notes.add(page.visitor.actor, account, text)
    return to(address_of(page, account, show="history", done="note"))


@router.post("/account/note/delete")
@allow("analyst", "note.delete")
def delete_note(page: Filled, note: Annotated[int, Form()] = 0) -> Response:
    """Takes a note away; the page that follows offers to bring it back."""
    gone = page.desk.state.notes.delete(page.visitor.actor, note)
    return to(address_of(page, gone.account_id, show="history", done="note-deleted", undo=str(note)))


@router.post("/account/note/restore")
@allow("analyst", "note.restore")
def restore_note(page: Filled, note: Annotated[int, Form()] = 0) -> Response:
    """Brings a note back."""
    back = page.desk.state.notes.restore(page.visitor.actor, note)
    return to(address_of(page, back.account_id, show="history", done="note"))


@router.get("/account/link")
@allow("analyst")
def preview_link(page: Filled) -> Response:
    """What a link, or taking it back (`undo=1`), would do: what the two accounts pay, what moves, and the figures."""
    source, target = page.address.get("from-account"), page.address.get("account")
    kind = "acquired" if page.address.get("kind") == "acquired" else "same"
    on, is_undo = page.address.get("on") or str(date.today()), page.address.get("undo") == "1"
    with page.store() as store:
        day = date.fromisoformat(on) if kind == "acquired" and not is_undo else None
        mine, theirs = (store.account(name, **page.of_account()) for name in (source, target))

    def work(store: Store, progress: Any) -> Effect:
        told = Question(policy=page.address.policy.split(",")[0], progress=progress)
        return store.effect_of_link(source, target, kind, day, is_undo, **told)

    try:
        found = answer(page, _("What linking {source} would change").format(source=source), work, "/data/links")
    except Later as later:
        return later.response
    return page.show(
        "link.html", source=source, target=target, kind=kind, on=on, mine=mine, theirs=theirs, is_undo=is_undo,
        effect=found, months=page.grid(found.months, opens=_shut), accounts=page.grid(found.accounts, opens=_shut),
    )  # fmt: skip


def _shut(record: Any, column: str) -> str:
    return ""


@router.post("/account/link")
@allow("analyst", "link")
def link(
    page: Filled, source: Text = "", target: Text = "", kind: Annotated[Literal["same", "acquired"], Form()] = "same",
    on: Text = "",
) -> Response:  # fmt: skip
    """Lets one account go on as another."""
    with page.store() as store:
        store.link(source, target, kind, on if kind == "acquired" else None)
    page.visitor.did(source, to=target, kind=kind)
    return to(address_of(page, target, show="links", done="link", undo=source, other=target))


@router.post("/account/unlink")
@allow("analyst", "unlink")
def unlink(
    page: Filled, source: Text = "", target: Text = "", kind: Annotated[Literal["same", "acquired"], Form()] = "same",
    on: Text = "",
) -> Response:  # fmt: skip
    """Takes a link back; the page that follows offers to make it again."""
    with page.store() as store:
        store.unlink(source, target)
    page.visitor.did(source, to=target)
    return to(address_of(page, target, show="links", done="unlink", undo=source, other=target, was=kind, on=on))
