"""What an account has and uses: its items with their terms, and its use beside the limits of their plans.

Comes in: a Build, an account's key, the spans in which facts are its own. Goes out: columns and rows, money in minor
units.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from rollforward import periods
from rollforward.build import Build

Span = tuple[int, datetime, datetime]
Told = tuple[tuple[str, ...], list[tuple[object, ...]]]

ITEMS = (
    "subscription_id", "item_id", "product_id", "product_name", "plan_id", "status", "quantity", "unit_price", "amount",
    "currency", "interval", "discount_share", "discount_amount", "discount_ends", "mrr", "since", "terms_since",
    "cancel_on", "source_ref",
)  # fmt: skip
MONTHS = 12
_UNITS = {1: "day", 2: "week", 3: "month", 4: "year"}


def items(build: Build, key: int, spans: list[Span], day: date) -> Told:
    """What it has at the end of `day`: items that count, then those that are held and count for nothing."""
    build.need(["held_item", "item_state", "item", "product_current", "plan", "plan_current", "source_file"])
    keys = ", ".join(str(k) for k in dict.fromkeys([key, *(k for k, _, _ in spans)]))
    end = f"timestamp '{day + timedelta(days=1)}'"
    newer = (
        "(n.rank > t.rank or (n.rank = t.rank and n.recorded_at > t.recorded_at) or "
        "(n.rank = t.rank and n.recorded_at = t.recorded_at and n.commit_id > t.commit_id))"
    )
    rows = build.engine.run(
        f"with said as materialized (select t.* from item_state t where t.account_key in ({keys})), "
        "began as (select item_key, min(valid_from) as since from said group by item_key), "
        "counted as (select h.item_key, h.product_key, h.plan_key, h.currency, h.quantity, h.amount, h.per, h.kept, "
        "h.cut, h.mrr, h.from_at, h.source_id, h.line, coalesce(t.status, 'active') as status, "
        "t.discount1_until, t.discount2_until, t.discount1_ppm + t.discount1_amount as one, "
        "t.discount2_ppm + t.discount2_amount as two, t.valid_to from held_item h "
        "left join said t on t.item_key = h.item_key and t.source_id = h.source_id and t.line = h.line "
        f"and t.valid_from <= h.from_at and t.valid_to > h.from_at where h.account_key = {key}), "
        # what is believed of an item that does not count: no later word has cut it by then
        "other as (select t.item_key, t.product_key, t.plan_key, t.currency, greatest(t.quantity, 1) as quantity, "
        "t.amount, t.interval_count * 10 + "
        "case t.interval when 'day' then 1 when 'week' then 2 when 'month' then 3 else 4 end as per, "
        "cast(1000000 as bigint) * (1000000 - t.discount1_ppm) as kept, t.discount1_amount as cut, 0 as mrr, "
        "t.valid_from, t.source_id, t.line, case when t.metered then 'metered' else t.status end, t.discount1_until, "
        "t.discount2_until, t.discount1_ppm + t.discount1_amount, t.discount2_ppm + t.discount2_amount, t.valid_to "
        f"from said t where t.valid_from < {end} and t.valid_to >= {end} and t.status not in ('canceled', 'void') "
        "and t.item_key not in (select item_key from counted) and not exists (select 1 from said n "
        f"where n.item_key = t.item_key and n.replaces_from < {end} and n.valid_to > t.valid_from and {newer})) "
        "select i.subscription_id, i.item_id, coalesce(p.product_id, ''), coalesce(p.name, ''), "
        "coalesce(n.plan_id, ''), c.status, c.quantity, cast(c.amount as decimal(38,6)) / c.quantity, c.amount, "
        "c.currency, c.per, nullif(1 - cast(c.kept as double) / 1000000000000, 0), nullif(c.cut, 0), "
        f"least(case when c.one > 0 and c.discount1_until > {end} then c.discount1_until end, "
        f"case when c.two > 0 and c.discount2_until > {end} then c.discount2_until end), c.mrr, "
        "coalesce(b.since, c.from_at), c.from_at, case when c.valid_to < timestamp '9999-12-31' then c.valid_to end, "
        "coalesce(f.name || ':' || c.line, '') from (select * from counted union all select * from other) c "
        "join item i on i.item_key = c.item_key left join began b on b.item_key = c.item_key "
        "left join plan n on n.plan_key = c.plan_key left join plan_current m on m.plan_key = c.plan_key "
        "left join product_current p on p.product_key = case when c.product_key = 0 then coalesce(m.product_key, 0) "
        "else c.product_key end left join source_file f on f.source_id = c.source_id "
        "order by c.mrr desc, i.subscription_id, i.item_id"
    )
    return ITEMS, [_shown(row) for row in rows]


def _shown(row: tuple[object, ...]) -> tuple[object, ...]:
    """Moments as days, the interval in words; an end that is not said is empty."""
    cells = dict(zip(ITEMS, row, strict=True))
    count, unit = divmod(int(str(cells["interval"])), 10)
    cells["interval"] = _UNITS[unit] if count == 1 else f"{count} {_UNITS[unit]}s"
    for name in ("discount_ends", "since", "terms_since", "cancel_on"):
        at = cells[name]
        cells[name] = None if not isinstance(at, datetime) or at.year == 9999 else at.date()
    discount = cells["discount_share"]
    cells["discount_share"] = round(discount, 9) if isinstance(discount, float) else None
    return tuple(cells.values())


def usage(build: Build, key: int, spans: list[Span], day: date) -> Told:
    """What it used in the last 12 calendar months, by metric; the limit is that of the plans that it holds now."""
    build.need(["usage", "plan_limit", "held_item"])
    since = periods.add_months(day.replace(day=1), 1 - MONTHS)
    columns = ("period", "metric", "quantity", "limit", "share")
    mine = " or ".join(
        f"(t.account_key = {k} and t.at >= timestamp '{max(a, datetime.combine(since, datetime.min.time()))}' "
        f"and t.at < timestamp '{min(b, datetime.combine(day + timedelta(days=1), datetime.min.time()))}')"
        for k, a, b in spans
    )
    newest = "t.rank desc, t.recorded_at desc, t.commit_id desc, t.source_id desc, t.line desc"
    rows = build.engine.run(
        "with told as (select t.*, row_number() over (partition by t.account_key, t.metric, t.feature, t.at order by "
        f"{newest}) as nth from usage t where {mine or 'false'}), "
        "used as (select cast(date_trunc('month', t.at) as date) as period, t.metric, sum(t.quantity) as quantity "
        "from told t where t.nth = 1 group by 1, 2), "
        "entitled as (select t.plan_key, t.name, t.quantity, row_number() over (partition by t.plan_key, t.name "
        f"order by {newest}) as nth from plan_limit t), "
        "most as (select e.name, sum(e.quantity) as quantity from held_item h "
        f"join entitled e on e.plan_key = h.plan_key and e.nth = 1 where h.account_key = {key} group by e.name) "
        "select u.period, u.metric, u.quantity, m.quantity, cast(u.quantity as double) / nullif(m.quantity, 0) "
        "from used u left join most m on m.name = u.metric order by u.metric, u.period"
    )
    return columns, [(*row[:2], _plain(row[2]), *row[3:]) for row in rows]


def _plain(quantity: object) -> object:
    """A quantity without zeros after its point."""
    told = Decimal(str(quantity))
    return int(told) if told == told.to_integral_value() else told.normalize()
