"""The kinds of file: their columns, what each column holds, and how they are recognised. Declarations only."""

from __future__ import annotations

from dataclasses import dataclass, field

from rollforward.schema import DRIVERS, STATUSES


@dataclass(frozen=True)
class Field:
    """One column that a user may give.

    `holds`: text, date, month, amount (major units, not negative), delta (major units, signed), minor (signed minor
    units), count (whole number in `low`…`high`), percent, quantity (0 or more, six decimals), rate (above 0, ten
    decimals), word (one of `words`), currency, tiers.
    A required field must have a column (or a constant) and a value in every row; `default` stands for an empty one.
    `opens` allows 9999-12-31. `code` is the problem for a bad value.
    """

    name: str
    holds: str = "text"
    required: bool = False
    default: str = ""
    words: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    low: int = 0
    high: int = 10**9
    opens: bool = False
    code: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of file. `signature`: columns that make a header this kind (any one of the sets)."""

    name: str
    fields: tuple[Field, ...]
    signature: tuple[tuple[str, ...], ...]
    synonyms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    excludes: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """The declared column of this name."""
        return next(f for f in self.fields if f.name == name)

    @property
    def names(self) -> list[str]:
        """Names of the declared columns."""
        return [f.name for f in self.fields]

    @property
    def required(self) -> list[str]:
        """Names of the columns that must be there."""
        return [f.name for f in self.fields if f.required]


_RECORDED = Field("recorded_at", "date")
_CURRENCY = Field("currency", "currency", required=True)
_INTERVAL = Field(
    "interval", "word", default="month", words=("day", "week", "month", "year"), code="bad-interval",
    aliases=(("daily", "day"), ("weekly", "week"), ("monthly", "month"), ("yearly", "year"), ("annual", "year"),
             ("annually", "year")),
)  # fmt: skip
_INTERVAL_COUNT = Field("interval_count", "count", default="1", low=1, high=1000, code="bad-interval")
_ACCOUNT = Field("account_id", required=True)
_ACCOUNT_WORDS = ("customer_id", "customer", "account", "cust_id", "client_id")


def _discount(suffix: str) -> tuple[Field, ...]:
    return (
        Field(f"discount_percent{suffix}", "percent", code="bad-discount"),
        Field(f"discount_amount{suffix}", "amount"),
        Field(f"discount_kind{suffix}", "word", words=("forever", "repeating", "once"), code="bad-discount"),
        Field(f"discount_until{suffix}", "date", opens=True),
    )


SUBSCRIPTIONS = Kind(
    "subscriptions",
    (
        _ACCOUNT, Field("subscription_id", required=True), Field("item_id"), Field("product"),
        Field("plan", required=True), Field("start_date", "date", required=True), Field("end_date", "date", opens=True),
        Field("amount", "amount", required=True), _CURRENCY, _INTERVAL, _INTERVAL_COUNT,
        Field("quantity", "count", code="bad-quantity"),
        Field("billing", "word", default="licensed", words=("licensed", "metered"), code="bad-billing"),
        *_discount(""), *_discount("_2"),
        Field("status", "word", default="active", words=STATUSES, aliases=(("cancelled", "canceled"),),
              code="bad-status"),
        Field("cancel_requested_at", "date", opens=True), Field("paid_through", "date", opens=True),
        Field("first_paid_at", "date", opens=True),
        Field("cancel_reason", "word", words=("voluntary", "involuntary", "unknown"), code="bad-cancel-reason"),
        _RECORDED,
    ),
    (("account_id", "subscription_id", "amount"), ("account_id", "subscription_id", "plan", "start_date")),
    {"account_id": _ACCOUNT_WORDS, "amount": ("mrr", "monthly_amount", "mrr_amount"), "plan": ("price_id", "plan_id"),
     "product": ("product_id",), "quantity": ("seats", "qty"), "item_id": ("subscription_item_id",)},
    ("service_start", "service_end"),
)  # fmt: skip

CHANGES = Kind(
    "changes",
    (
        _ACCOUNT, Field("occurred_at", "date", required=True), Field("delta", "delta", required=True), _CURRENCY,
        Field("item_id"), Field("subscription_id"), Field("product"), Field("plan"),
        Field("driver", "word", words=DRIVERS, code="bad-driver"),
        Field("quantity_delta", "count", low=-(10**9), code="bad-quantity"), _RECORDED,
    ),
    (("account_id", "occurred_at", "delta"),),
    {"account_id": _ACCOUNT_WORDS, "plan": ("price_id", "plan_id"), "product": ("product_id",)},
)  # fmt: skip

STRIPE_CHANGES = Kind(
    "changes",
    (
        Field("customer_id", required=True), Field("local_event_timestamp", "date", required=True),
        Field("mrr_change", "minor", required=True), _CURRENCY, Field("event_timestamp"), Field("event_type"),
        Field("subscription_item_id"), Field("subscription_id"), Field("product_id"), Field("price_id"),
        Field("quantity_change", "count", low=-(10**9), code="bad-quantity"), _RECORDED,
    ),
    (("local_event_timestamp", "mrr_change"), ("customer_id", "event_timestamp", "mrr_change")),
)  # fmt: skip

MONTHLY = Kind(
    "monthly",
    (
        _ACCOUNT, Field("month", "month", required=True), Field("mrr", "amount"), _CURRENCY, Field("product"),
        Field("plan"), _RECORDED,
    ),
    (("account_id", "month", "mrr"),),
    {"account_id": _ACCOUNT_WORDS, "mrr": ("monthly_amount", "mrr_amount")},
)  # fmt: skip

ACCOUNTS = Kind(
    "accounts",
    (
        _ACCOUNT, Field("name"), Field("email"), Field("country"), Field("industry"), Field("employees"),
        Field("owner"), Field("created_at"), Field("valid_from", "date"), _RECORDED,
    ),
    tuple(("account_id", known) for known in
          ("name", "email", "country", "industry", "employees", "owner", "created_at", "valid_from")),
    {"account_id": _ACCOUNT_WORDS},
    ("subscription_id", "amount", "start_date", "month", "mrr", "delta", "occurred_at", "at", "metric", "contract_id",
     "service_start", "from_id", "to_id", "rate"),
)  # fmt: skip

PRODUCTS = Kind(
    "products",
    (
        Field("product_id", required=True), Field("name"),
        Field("role", "word", default="base", words=("base", "add_on"), code="bad-role",
              aliases=(("add-on", "add_on"), ("addon", "add_on"), ("add on", "add_on"))),
        Field("family"), _RECORDED,
    ),
    (("product_id", "role"), ("product_id", "family"), ("product_id", "name")),
    {},
    ("plan_id", "account_id", "customer_id"),
)  # fmt: skip

PLANS = Kind(
    "plans",
    (
        Field("plan_id", required=True), Field("product_id"), Field("tier", "count", code="bad-tier"),
        Field("amount", "amount"), Field("currency", "currency"), _INTERVAL, _INTERVAL_COUNT,
        Field("tiers", "tiers"),
        Field("tiers_mode", "word", words=("graduated", "volume"), code="bad-tiers"), _RECORDED,
    ),
    (("plan_id", "product_id"), ("plan_id", "amount"), ("plan_id", "tier"), ("plan_id", "tiers")),
    {"plan_id": ("price_id",)},
    ("account_id", "customer_id", "subscription_id"),
)  # fmt: skip

_YES_NO = (("yes", "true"), ("y", "true"), ("t", "true"), ("1", "true"), ("no", "false"), ("n", "false"),
           ("f", "false"), ("0", "false"))  # fmt: skip

CHARGES = Kind(
    "charges",
    (
        _ACCOUNT, Field("subscription_id"), Field("item_id"), Field("product"), Field("plan"),
        Field("metric", required=True), Field("service_start", "date", required=True),
        Field("service_end", "date", required=True), Field("invoiced_at", "date"),
        Field("amount", "delta", required=True), _CURRENCY, _RECORDED,
    ),
    (("account_id", "metric", "service_start"), ("account_id", "service_start", "service_end", "amount")),
    {"account_id": _ACCOUNT_WORDS, "product": ("product_id",), "plan": ("price_id", "plan_id"),
     "item_id": ("subscription_item_id",)},
)  # fmt: skip

USAGE = Kind(
    "usage",
    (
        _ACCOUNT, Field("metric", required=True), Field("at", "date", required=True),
        Field("quantity", "quantity", required=True, code="bad-usage"), Field("feature"), _RECORDED,
    ),
    (("account_id", "metric", "at"),),
    {"account_id": _ACCOUNT_WORDS},
)  # fmt: skip

EVENTS = Kind(
    "events",
    (
        _ACCOUNT, Field("at", "date", required=True), Field("kind", required=True), Field("channel"), Field("person"),
        Field("tag"), Field("value"), Field("outcome"), Field("outcome_at", "date"),
        Field("discount_percent", "percent", code="bad-discount"), Field("owner"), Field("text"), _RECORDED,
    ),
    (("account_id", "at", "kind"),),
    {"account_id": _ACCOUNT_WORDS},
    ("metric",),
)  # fmt: skip

CONTRACTS = Kind(
    "contracts",
    (
        _ACCOUNT, Field("contract_id", required=True), Field("start_date", "date", required=True),
        Field("end_date", "date", required=True, opens=True), Field("notice_date", "date", opens=True),
        Field("auto_renew", "word", default="false", words=("true", "false"), aliases=_YES_NO, code="bad-flag"),
        Field("amount", "amount"), Field("currency", "currency"), Field("owner"),
        Field("counts", "word", words=("mrr",), code="bad-kind"), _RECORDED,
    ),
    (("account_id", "contract_id", "start_date"),),
    {"account_id": _ACCOUNT_WORDS},
    ("subscription_id",),
)  # fmt: skip

LINKS = Kind(
    "links",
    (
        Field("from_id", required=True), Field("to_id", required=True),
        Field("kind", "word", default="same", words=("same", "acquired"), code="bad-kind"), Field("valid_from", "date"),
        Field("removed", "word", default="false", words=("true", "false"), aliases=_YES_NO, code="bad-flag"),
        _RECORDED,
    ),
    (("from_id", "to_id"),),
)  # fmt: skip

FX = Kind(
    "fx",
    (
        Field("date", "date", required=True), _CURRENCY, Field("rate", "rate", required=True, code="bad-rate"),
        Field("reporting_currency", "currency"), _RECORDED,
    ),
    (("date", "currency", "rate"),),
)  # fmt: skip

SPEND = Kind(
    "spend",
    (
        Field("month", "month", required=True),
        Field("kind", "word", required=True, words=("new", "expansion", "retention"), code="bad-kind"),
        Field("amount", "amount", required=True, code="negative-spend"), _CURRENCY, _RECORDED,
    ),
    (("month", "kind", "amount"),),
    {},
    ("account_id", "customer_id"),
)  # fmt: skip

KINDS = (
    SUBSCRIPTIONS, CHANGES, STRIPE_CHANGES, MONTHLY, ACCOUNTS, PRODUCTS, PLANS, CHARGES, USAGE, EVENTS, CONTRACTS,
    LINKS, FX, SPEND,
)  # fmt: skip

ROLL_FORWARD = Kind(
    "roll_forward",
    (
        Field("period", "month", required=True), _CURRENCY, Field("segment"),
        *(Field(name, "delta") for name in
          ("opening", "new", "reactivation", "expansion", "contraction", "churn", "closing")),
        _RECORDED,
    ),
    (("period", "closing"), ("period", "opening", "new")),
    {"period": ("month",), "closing": ("mrr", "total_mrr"), "expansion": ("upgrade",), "contraction": ("downgrade",)},
    ("account_id", "customer_id", "subscription_id"),
)  # fmt: skip

COMPARED = (CHANGES, STRIPE_CHANGES, MONTHLY, ROLL_FORWARD)
"""Kinds of file that another tool's figures come in: they are compared, not imported."""
