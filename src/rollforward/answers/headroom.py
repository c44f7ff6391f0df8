"""Headroom: how much MRR accounts could still add, by which steps, and how much has nowhere to go.

Comes in: a Build and what was asked. Goes out: Tables; money in the currency of the answer, of steps as it is paid.
"""

from __future__ import annotations

from rollforward.answers import figures
from rollforward.answers.account import found
from rollforward.answers.figures import Asked
from rollforward.answers.listing import Wanted, conditions, source_of
from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.cut import WHOLE
from rollforward.engines.duckdb import quote

COLUMNS = (
    "account_id", "name", "owner", "currency", "mrr", "headroom", "next_tier", "top_tier", "add_ons", "products",
    "options", "is_ceiling",
)  # fmt: skip
OPTIONS = ("account_id", "kind", "plan_id", "product_id", "tier", "quantity", "currency", "gain", "is_next")
CROSS_SELL = (
    "account_id", "offered", "plan_id", "kind", "currency", "gain", "trait", "accounts", "added", "added_90", "days",
    "share", "base_share", "lift", "lift_low", "lift_high",
)  # fmt: skip
TOTAL = (
    "currency", "accounts", "mrr", "headroom", "next_tier", "add_ons", "products", "accounts_at_ceiling",
    "mrr_at_ceiling", "ceiling_share",
)  # fmt: skip


def headroom(build: Build, asked: Asked, account: str = "", ceiling: bool = False) -> Table:
    """A row an account that pays, the most headroom first; `ceiling`: only those with none, the largest first."""
    codes, where, values = _where(build, asked, account)
    build.need(["headroom", "account_now"], asked.progress)
    build.engine.view(
        "headroom_listed",
        "select h.account_key, n.account_id, n.name, n.owner, h.currency, "
        "case when h.unrated = 0 then h.mrr end as mrr, h.headroom, h.next_tier, h.top_tier, h.add_ons, h.products, "
        "h.options, h.options = 0 as is_ceiling from headroom h join (select account_key, account_id, name, owner "
        "from account_now qualify row_number() over (partition by account_key order by mrr desc, currency) = 1) n "
        "on n.account_key = h.account_key",
    )
    met = f"currency in ({codes}) and {where}" + (" and is_ceiling" if ceiling else "")
    page = f" limit {asked.limit or 2**62} offset {asked.skip}" if asked.limit or asked.skip else ""
    rows = build.engine.run(
        f"select {', '.join(COLUMNS)} from headroom_listed where {met} order by currency, headroom desc "
        f"nulls last, mrr desc nulls last, account_key{page}",
        values,
    )
    return figures.finish(build, asked, COLUMNS, rows, _notes(build))


def options(build: Build, asked: Asked, account: str = "") -> Table:
    """A row a step: upgrade (is_next: the one next to its own), add_on or product; gain as it is paid."""
    _, where, values = _where(build, asked, account)
    build.need(["headroom_option", "account", "plan", "product"], asked.progress)
    page = f" limit {asked.limit or 2**62} offset {asked.skip}" if asked.limit or asked.skip else ""
    rows = build.engine.run(
        "select a.account_id, o.kind, p.plan_id, coalesce(d.product_id, ''), o.tier, o.quantity, o.currency, o.gain, "
        "o.is_next = 1 from headroom_option o join account a on a.account_key = o.account_key "
        "join plan p on p.plan_key = o.plan_key left join product d on d.product_key = o.product_key "
        f"where {where.replace('account_key', 'o.account_key')} order by a.account_key, o.gain desc, p.plan_id{page}",
        values,
    )
    return figures.finish(build, asked, OPTIONS, rows, _notes(build))


def cross_sell(build: Build, asked: Asked, account: str = "") -> Table:
    """A row an account and something that it lacks and could be offered, the most often added by its like first."""
    _, where, values = _where(build, asked, account)
    build.need(["cross_sell", "account", "plan", "signal_rule"], asked.progress)
    page = f" limit {asked.limit or 2**62} offset {asked.skip}" if asked.limit or asked.skip else ""
    rows = build.engine.run(
        "select a.account_id, c.offered, p.plan_id, c.kind, c.currency, c.gain, c.trait, c.accounts, c.added, "
        "c.added_90, r.similar_days, c.share, c.base_share, c.lift, c.low, c.high from cross_sell c "
        "cross join signal_rule r join account a on a.account_key = c.account_key join plan p "
        f"on p.plan_key = c.plan_key where {where.replace('account_key', 'c.account_key')} "
        f"order by a.account_key, c.share desc, c.offered{page}",
        values,
    )
    return figures.finish(build, asked, CROSS_SELL, rows, _notes(build))


def total(build: Build, asked: Asked) -> Table:
    """A row a currency: all headroom, and the share of MRR with nowhere to go."""
    codes, _, _ = _where(build, asked, "")
    build.need(["headroom_total"], asked.progress)
    rows = build.engine.run(
        f"select {', '.join(TOTAL)} from headroom_total where currency in ({codes}) order by currency"
    )
    return figures.finish(build, asked, TOTAL, rows, _notes(build))


def _where(build: Build, asked: Asked, account: str) -> tuple[str, str, list[object]]:
    """The currencies of the answer, and what accounts meet, with its values."""
    codes = figures.currencies(build, asked)
    met, values = ["true"], list[object]()
    if account:
        met.append(f"account_key = {found(build, account)[0]}")
    if asked.cut.where:
        source = source_of(build, asked.progress)
        listed, values = conditions(build, asked.cut, Wanted(), codes)
        met.append(f"account_key in (select listed.account_key from {source} listed where {listed})")
    build.cut(WHOLE)
    return ", ".join(map(quote, codes)), " and ".join(met), values


def _notes(build: Build) -> list[Note]:
    build.need(["plan_entry"])
    return [] if build.engine.run("select 1 from plan_entry limit 1") else [Note("no-catalogue")]
