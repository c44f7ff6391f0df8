"""Whether expansion lasts: by number and by money, split by what made it, and the expansions to watch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response

from rollforward.errors import Misuse
from rollforward.text import N_, _
from rollforward.text.cells import cell
from rollforward.web.drawing import chosen, draw, of_currency
from rollforward.web.page import Filled, Page
from rollforward.web.pages.accounts import address_of
from rollforward.web.permission import allow

router = APIRouter()

SPLITS = (("driver", N_("Driver")), ("discount", N_("Discount")), ("channel", N_("Channel")), ("offer", N_("Offer")))
STATES = (
    ("watched", N_("Still to watch")), ("unsustainable", N_("Unsustainable")), ("ended", N_("Ended")),
    ("held", N_("Held")), ("all", N_("All")),
)  # fmt: skip
AGES = (3, 6, 12, 24)
SHOWN = 50
"""Expansions on a page of the list."""


@dataclass(frozen=True)
class Held:
    """A share held after so many months: as text, with its interval, and how many are watched for longer."""

    months: int
    by_money: str
    interval: str
    by_number: str


@router.get("/durability")
@allow("restricted")
def durability(page: Filled) -> Response:
    """How long expansions last; own parameters `of` (currency), `split`, `measure`, `state` and `page` of the list."""
    split, state = page.address.get("split") or "driver", page.address.get("state") or "watched"
    if split not in (known := [name for name, _label in SPLITS]):
        raise Misuse("unknown-option", option="split", value=split, known=", ".join(known))
    table = page.ask("durability")
    codes = list(dict.fromkeys(str(r["currency"]) for r in table.to_dicts()))
    made = {str(r["currency"]): int(str(r["made"])) for r in table.to_dicts()}
    codes.sort(key=lambda code: -made[code])
    of = chosen(page, codes)
    rows = {r["age_months"]: r for r in of_currency(table, of).to_dicts()} if not page.address.segment else {}
    part = "" if page.address.segment else split
    number = page.number()
    listed = page.ask("uplifts", {"state": state, "limit": SHOWN + 1, "skip": (number - 1) * SHOWN})
    more = len(listed) > SHOWN
    listed.rows = listed.rows[:SHOWN]
    by_part = {"split": part, "months": ",".join(map(str, AGES))}
    return page.show(
        "durability.html", of=of, currencies=codes, split=split, splits=SPLITS, state=state, states=STATES,
        held=[_held(rows[n]) for n in (3, 6, 12) if n in rows],
        whole=draw(page, "durability", of=of) if not page.address.segment else None,
        parts=draw(page, "durability", of=of, split=part, measure=page.address.get("measure")),
        table=page.grid(of_currency(page.ask("durability", by_part), of), "durability"),
        bad=page.grid(of_currency(page.ask("unsustainable", {"split": part}), of), "unsustainable"),
        listed=page.grid(listed, "uplifts", opener(page)), number=number, more=more, is_empty=not codes,
    )  # fmt: skip


def _held(row: Mapping[str, Any]) -> Held:
    interval = cell("money_interval", dict(row), "") if row["money_low"] is not None else ""
    return Held(
        row["age_months"], cell("money_held", dict(row), ""),
        _("interval (95%): {interval}").format(interval=interval) if interval else "", cell("held", dict(row), ""),
    )  # fmt: skip


def opener(page: Page, level: str = "movements") -> Any:
    """An expansion opens as what `level` has of its day, what was clawed back and the account as its page."""

    def opens(record: Mapping[str, Any], column: str) -> str:
        if column in ("account_id", "clawed_back"):
            return address_of(page, str(record["account_id"]))
        if column != "uplift":
            return ""
        plain = page.address.but(own=(), segment="", where=(), by="day", span="12", start="", end="")
        return plain.to(
            "/open", metric="expansion", period=str(record["made_on"]), of=record["currency"],
            account=record["account_id"], level=level,
        )  # fmt: skip

    return opens
