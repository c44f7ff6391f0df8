"""What each kind's rows become: checks across columns, the amount at stake, and the columns of the staged table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from rollforward.sources.convert import OPEN, START, Fault, lit, readable
from rollforward.sources.header import Layout
from rollforward.sources.kinds import STRIPE_CHANGES
from rollforward.sources.mapping import Mapping
from rollforward.sources.request import Request

_NO = "''"
_NO_DISCOUNT = {
    f"discount{n}_{name}": sql
    for n in (1, 2)
    for name, sql in (("ppm", "0"), ("amount", "cast(0 as bigint)"), ("kind", _NO), ("until", OPEN))
}


@dataclass(frozen=True)
class Shape:
    """SQL over the x_ and v_ columns. `columns` are (staged column, expression); `stake` is minor units a month.

    `optional` are required fields that `faults` check instead; `where` keeps the rows that say something.
    """

    columns: tuple[tuple[str, str], ...]
    faults: tuple[Fault, ...] = ()
    stake: str = "0"
    optional: frozenset[str] = field(default_factory=frozenset)
    where: str = "true"


def shape_of(layout: Layout, request: Request, mapping: Mapping) -> Shape:
    """The shape of a file with this layout. Sightings are subscriptions of a snapshot without a start date."""
    seen = request.recorded_at or request.now
    future = Fault(f"v_recorded_at > {moment(request.now)}", "'recorded-in-future'", "recorded_at", "x_recorded_at")
    if layout.kind is STRIPE_CHANGES:
        shape = _stripe()
    elif layout.kind.name == "fx":
        shape = _fx(request.currency)
    elif layout.kind.name == "subscriptions":
        shape = _subscriptions(mapping, "" if layout.has("start_date") else moment(seen))
    else:
        shape = _SHAPES[layout.kind.name](mapping)
    return Shape(shape.columns, (*shape.faults, future), shape.stake, shape.optional, shape.where)


def moment(value: datetime) -> str:
    """A SQL timestamp literal."""
    return f"timestamp {lit(value.isoformat(sep=' '))}"


def _subscriptions(mapping: Mapping, seen: str) -> Shape:
    start = f"coalesce(v_recorded_at, {seen})" if seen else f"coalesce(v_start_date, {START})"
    alive = "x_status <> 'void'"
    faults = [
        Fault("x_amount = '' and x_status <> 'void' and x_status <> 'canceled'", "'missing-value'", "amount"),
        *(
            Fault(f"x_discount_kind{n} = 'repeating' and x_discount_until{n} = ''",
                  "'missing-discount-until'", f"discount_until{n}", f"x_discount_kind{n}")
            for n in ("", "_2")
        ),
        Fault(
            "(coalesce(v_discount_amount, 0) > 0 or coalesce(v_discount_amount_2, 0) > 0) and "
            "cast(coalesce(v_discount_amount, 0) + coalesce(v_discount_amount_2, 0) as hugeint) * 1000000000000 > "
            "cast(coalesce(v_amount, 0) as hugeint) * (1000000 - v_discount_percent) "
            "* (1000000 - v_discount_percent_2)",
            "'discount-over-amount'", "discount_amount", "x_discount_amount", "note",
        ),
    ]  # fmt: skip
    if seen:
        faults.append(
            Fault(f"v_end_date <= {start} and {alive}", "'ended-before-sighting'", "end_date", "x_end_date", "skip")
        )
    else:
        faults += [
            Fault(f"x_start_date = '' and {alive}", "'missing-value'", "start_date"),
            Fault(f"v_end_date < v_start_date and {alive}", "'end-before-start'", "end_date", "x_end_date"),
            Fault(f"v_end_date = v_start_date and {alive}", "'empty-stretch'", "end_date", "x_end_date", "skip"),
        ]
    discounts: list[tuple[str, str]] = []
    for n, suffix in (("1", ""), ("2", "_2")):
        given = f"(v_discount_percent{suffix} > 0 or coalesce(v_discount_amount{suffix}, 0) > 0)"
        discounts += [
            (f"discount{n}_ppm", f"cast(v_discount_percent{suffix} as integer)"),
            (f"discount{n}_amount", f"coalesce(v_discount_amount{suffix}, 0)"),
            (
                f"discount{n}_kind",
                f"case when {given} then coalesce(nullif(x_discount_kind{suffix}, ''), 'forever') else '' end",
            ),
            (f"discount{n}_until", f"coalesce(v_discount_until{suffix}, {OPEN})"),
        ]
    columns = (
        ("account_id", "x_account_id"), ("subscription_id", "x_subscription_id"), ("item_id", "x_item_id"),
        ("product_id", "x_product"), ("plan_id", "x_plan"), ("currency", "x_currency"), ("valid_from", start),
        ("valid_to", f"coalesce(v_end_date, {OPEN})"), ("dated", "false" if seen else "p_start_date and p_end_date"),
        ("status", "x_status"), ("metered", "x_billing = 'metered'"), ("quantity", "v_quantity"),
        ("amount", "coalesce(v_amount, 0)"), ("interval", "x_interval"),
        ("interval_count", "cast(v_interval_count as integer)"), *discounts,
        ("cancel_requested_at", f"coalesce(v_cancel_requested_at, {OPEN})"),
        ("paid_through", f"coalesce(v_paid_through, {OPEN})"), ("first_paid_at", f"coalesce(v_first_paid_at, {OPEN})"),
        ("cancel_reason", "x_cancel_reason"),
    )  # fmt: skip
    months = (
        "case x_interval when 'year' then 12 when 'week' then 12 when 'day' then 12 else 1 end"
        " * greatest(coalesce(v_interval_count, 1), 1)"
    )
    times = "case x_interval when 'week' then 52 when 'day' then 365 else 1 end"
    amount = f"cast({readable('x_amount', mapping)} as hugeint)"
    # // cuts towards zero: half up on the size, the sign afterwards
    size = f"(2 * abs({amount}) * {times} + {months}) // (2 * {months})"
    stake = f"coalesce(try_cast(sign({amount}) * ({size}) as bigint), 0)"
    return Shape(columns, tuple(faults), stake, frozenset({"start_date", "amount"}))


def _changes(mapping: Mapping) -> Shape:
    columns = (
        ("account_id", "x_account_id"),
        ("subscription_id", "coalesce(nullif(x_subscription_id, ''), 'changes:' || x_account_id)"),
        ("item_id", "x_item_id"), ("product_id", "x_product"), ("plan_id", "x_plan"), ("currency", "x_currency"),
        ("occurred_at", "v_occurred_at"), ("dated", "p_occurred_at"), ("delta", "v_delta"), ("driver", "x_driver"),
        ("quantity_delta", "v_quantity_delta"),
    )  # fmt: skip
    return Shape(columns, stake=readable("x_delta", mapping))


def _stripe() -> Shape:
    columns = (
        ("account_id", "x_customer_id"),
        ("subscription_id", "coalesce(nullif(x_subscription_id, ''), 'changes:' || x_customer_id)"),
        ("item_id", "x_subscription_item_id"), ("product_id", "x_product_id"), ("plan_id", "x_price_id"),
        ("currency", "x_currency"), ("occurred_at", "v_local_event_timestamp"),
        # Stripe's local timestamp is already in the account's own zone: it stays on its date in every zone
        ("dated", "true"), ("delta", "v_mrr_change"), ("driver", _NO), ("quantity_delta", "v_quantity_change"),
    )  # fmt: skip
    return Shape(columns, stake="coalesce(v_mrr_change, 0)")


def _monthly(mapping: Mapping) -> Shape:
    constants = {
        "quantity": "cast(0 as bigint)", "interval": "'month'", "interval_count": "1", "cancel_reason": _NO,
        "cancel_requested_at": OPEN, "paid_through": OPEN, "first_paid_at": OPEN, **_NO_DISCOUNT,
    }  # fmt: skip
    columns = (
        ("account_id", "x_account_id"), ("subscription_id", "'monthly:' || x_account_id"),
        ("item_id", "concat_ws('/', nullif(x_product, ''), nullif(x_plan, ''))"), ("product_id", "x_product"),
        ("plan_id", "x_plan"), ("currency", "x_currency"), ("valid_from", "v_month"),
        ("valid_to", "v_month + interval 1 month"), ("dated", "true"),
        ("status", "case when v_mrr > 0 then 'active' else 'canceled' end"), ("metered", "false"),
        ("amount", "v_mrr"), *constants.items(),
    )  # fmt: skip
    # A month at 0 says that there was nothing, and so corrects a month that was told before; an empty cell does not.
    return Shape(columns, stake=readable("x_mrr", mapping), where="v_mrr >= 0")


def _accounts(mapping: Mapping) -> Shape:
    columns = (("account_id", "x_account_id"), ("valid_from", f"coalesce(v_valid_from, {START})"))
    return Shape(columns)


def _products(mapping: Mapping) -> Shape:
    columns = (("product_id", "x_product_id"), ("name", "x_name"), ("role", "x_role"), ("family", "x_family"))
    return Shape(columns)


def _plans(mapping: Mapping) -> Shape:
    faults = (
        Fault("x_currency = '' and (x_amount <> '' or x_tiers <> '')", "'missing-value'", "currency"),
        Fault("x_tiers <> '' and x_tiers_mode = ''", "'missing-value'", "tiers_mode"),
    )
    columns = (
        ("plan_id", "x_plan_id"), ("product_id", "x_product_id"), ("tier", "cast(v_tier as integer)"),
        ("amount", "coalesce(v_amount, -1)"), ("currency", "x_currency"), ("interval", "x_interval"),
        ("interval_count", "cast(v_interval_count as integer)"), ("tiers_mode", "x_tiers_mode"),
    )  # fmt: skip
    return Shape(columns, faults)


def _stretch_faults(start: str, end: str) -> tuple[Fault, ...]:
    """An end that leaves no day. The end is the first day no longer in it, as everywhere."""
    return (
        Fault(f"v_{end} < v_{start}", "'end-before-start'", end, f"x_{end}"),
        Fault(f"v_{end} = v_{start}", "'empty-stretch'", end, f"x_{end}"),
    )


def _charges(mapping: Mapping) -> Shape:
    metric = "replace(replace(x_metric, '%', '%25'), '/', '%2F')"  # so that item a/b with c is not item a with b/c
    columns = (
        ("account_id", "x_account_id"),
        ("subscription_id", "coalesce(nullif(x_subscription_id, ''), 'account:' || x_account_id)"),
        ("item_id", f"case when x_item_id = '' then {metric} else x_item_id || '/' || {metric} end"),
        ("product_id", "x_product"), ("plan_id", "x_plan"), ("currency", "x_currency"), ("metric", "x_metric"),
        ("service_from", "v_service_start"), ("service_to", "v_service_end"),
        ("invoiced_at", f"coalesce(v_invoiced_at, {OPEN})"), ("dated", "p_service_start and p_service_end"),
        ("amount", "v_amount"),
    )  # fmt: skip
    return Shape(columns, _stretch_faults("service_start", "service_end"), readable("x_amount", mapping))


def _usage(mapping: Mapping) -> Shape:
    columns = (
        ("account_id", "x_account_id"), ("metric", "x_metric"), ("at", "v_at"), ("quantity", "v_quantity"),
        ("feature", "x_feature"),
    )  # fmt: skip
    return Shape(columns)


def _events(mapping: Mapping) -> Shape:
    texts = ("channel", "person", "tag", "value", "outcome")
    columns = (
        ("account_id", "x_account_id"), ("at", "v_at"), ("kind", "lower(x_kind)"), *((n, f"x_{n}") for n in texts),
        ("outcome_at", f"coalesce(v_outcome_at, {OPEN})"), ("discount_ppm", "cast(v_discount_percent as integer)"),
        ("owner", "x_owner"), ("text", "x_text"),
    )  # fmt: skip
    faults = (Fault("v_outcome_at < v_at", "'outcome-before-event'", "outcome_at", "x_outcome_at"),)
    return Shape(columns, faults)


def _contracts(mapping: Mapping) -> Shape:
    counted = "x_counts = 'mrr'"
    faults = (
        *_stretch_faults("start_date", "end_date"),
        Fault(f"(x_end_date = '' or v_end_date = {OPEN}) and {counted}", "'missing-value'", "end_date"),
        Fault(f"x_amount = '' and {counted}", "'missing-value'", "amount"),
        Fault(f"x_currency = '' and (x_amount <> '' or {counted})", "'missing-value'", "currency"),
        Fault("v_notice_date > v_end_date", "'notice-after-end'", "notice_date", "x_notice_date", "note"),
    )
    columns = (
        ("account_id", "x_account_id"), ("contract_id", "x_contract_id"), ("start_at", "v_start_date"),
        ("end_at", f"coalesce(v_end_date, {OPEN})"), ("notice_at", f"coalesce(v_notice_date, {OPEN})"),
        ("auto_renew", "x_auto_renew = 'true'"), ("amount", "coalesce(v_amount, 0)"), ("currency", "x_currency"),
        ("owner", "x_owner"), ("counts", "x_counts"),
    )  # fmt: skip
    return Shape(columns, faults, f"case when {counted} then {_per_month()} else 0 end", frozenset({"end_date"}))


def _per_month() -> str:
    """A term's total by the month, for the amount at stake: 365/12 days a month."""
    days = "greatest(date_diff('day', v_start_date, v_end_date), 1)"
    return f"coalesce(try_cast((cast(v_amount as hugeint) * 730 + 12 * {days}) // (24 * {days}) as bigint), 0)"


def term_states(view: str) -> str:
    """A query: the contracts in the staged `view` as staged stretches (docs/decisions/0013.4).

    A term that does not count is `canceled`: it takes back what an earlier row of it made.
    """
    months = "date_diff('month', start_at, end_at)"
    whole = f"({months} > 0 and start_at + to_months(cast({months} as integer)) = end_at)"
    columns = {
        "line": "line", "recorded_at": "recorded_at", "account_id": "account_id", "subscription_id": "contract_id",
        "item_id": "contract_id", "product_id": _NO, "plan_id": _NO, "currency": "currency", "valid_from": "start_at",
        "valid_to": "end_at", "dated": "dated", "status": "case when counts = 'mrr' then 'active' else 'canceled' end",
        "metered": "false", "quantity": "cast(0 as bigint)", "amount": "amount",
        "interval": f"case when {whole} then 'month' else 'day' end",
        "interval_count": f"cast(case when {whole} then {months} "
        "else greatest(date_diff('day', start_at, end_at), 1) end as integer)",
        **_NO_DISCOUNT, "cancel_requested_at": OPEN, "paid_through": OPEN, "first_paid_at": OPEN, "cancel_reason": _NO,
    }  # fmt: skip
    picks = ", ".join(f'{sql} as "{name}"' for name, sql in columns.items())
    return f"select {picks} from {view}"


def _links(mapping: Mapping) -> Shape:
    acquired = "x_kind = 'acquired'"
    faults = (
        Fault("x_from_id = x_to_id", "'link-to-itself'", "to_id", "x_to_id"),
        Fault(f"{acquired} and x_valid_from = '' and x_removed = 'false'", "'missing-value'", "valid_from"),
        Fault("x_kind = 'same' and x_valid_from <> ''", "'same-has-no-date'", "valid_from", "x_valid_from", "note"),
    )
    columns = (
        ("from_id", "x_from_id"), ("to_id", "x_to_id"), ("kind", "x_kind"),
        ("valid_from", f"case when {acquired} then coalesce(v_valid_from, {START}) else {START} end"),
        ("removed", "x_removed = 'true'"),
    )  # fmt: skip
    return Shape(columns, faults)


def _fx(currency: str) -> Shape:
    to = f"coalesce(nullif(x_reporting_currency, ''), {lit(currency)})"
    faults = (Fault(f"x_currency = {to} and v_rate <> 1", "'rate-of-itself'", "rate", "x_rate"),)
    columns = (
        ("on_date", "cast(v_date as date)"), ("currency", "x_currency"), ("to_currency", to), ("rate", "v_rate"),
    )  # fmt: skip
    return Shape(columns, faults)


def _spend(mapping: Mapping) -> Shape:
    columns = (
        ("month", "cast(v_month as date)"), ("kind", "x_kind"), ("amount", "v_amount"), ("currency", "x_currency"),
    )  # fmt: skip
    return Shape(columns)


def _roll_forward(mapping: Mapping) -> Shape:
    amounts = ("opening", "new", "reactivation", "expansion", "contraction", "churn", "closing")
    columns = (
        ("month", "cast(v_period as date)"), ("currency", "x_currency"), ("segment", "x_segment"),
        *((name, f"v_{name}") for name in amounts),
    )  # fmt: skip
    return Shape(columns)


_SHAPES: dict[str, Callable[[Mapping], Shape]] = {
    "changes": _changes, "monthly": _monthly, "accounts": _accounts, "products": _products, "plans": _plans,
    "charges": _charges, "usage": _usage, "events": _events, "contracts": _contracts, "links": _links,
    "spend": _spend, "roll_forward": _roll_forward,
}  # fmt: skip
