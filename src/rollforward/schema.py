"""Every stored table: columns, types, units and grain; the only place where they are written down.

Types are DuckDB's. Money is BIGINT in the currency's minor unit. Open ends are 9999-12-31 and "from the beginning" is
0001-01-01; empty text is '' and a missing key is 0: no NULL carries a meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

FORMAT = 1
"""Version of the store's layout; a store with a higher one is refused."""

OPEN_END = "9999-12-31"
BEGINNING = "0001-01-01"

# Source ranks (definitions.md section 2, "What replaces what"): the higher one is believed.
RANK_INVOICE, RANK_FILE, RANK_CHANGE, RANK_OBJECT, RANK_CORRECTION = 1, 2, 3, 4, 5

DRIVERS = ("plan", "product", "add_on", "seats", "usage", "price", "discount", "other")
MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn", "transfer", "adjustment")
STATUSES = ("trialing", "active", "past_due", "unpaid", "paused", "incomplete", "canceled", "void")


@dataclass(frozen=True)
class Column:
    """One column: name, DuckDB type, and what it holds."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True)
class Table:
    """One table: name, one sentence, grain (columns that name a row), columns."""

    name: str
    doc: str
    grain: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(c.name for c in self.columns)


def _table(name: str, doc: str, grain: str, *columns: tuple[str, str, str]) -> Table:
    return Table(name, doc, tuple(grain.split()), tuple(Column(*c) for c in columns))


_COMMIT = ("commit_id", "BIGINT", "the commit that wrote the row")
_SOURCE = (
    ("source_id", "BIGINT", "the source_file it came from"),
    ("line", "BIGINT", "line in that file (1 = the first line; the row number + 1 for Parquet)"),
)
_SAID = (
    ("rank", "INTEGER", "source rank: 1 invoice lines and contracts, 2 files, 3 change rows, 4 objects, 5 corrections"),
    ("recorded_at", "TIMESTAMP", "when we were told, UTC"),
)
_TOLD = (_COMMIT, *_SOURCE, *_SAID)


def _discount(n: str) -> tuple[tuple[str, str, str], ...]:
    return (
        (f"discount{n}_ppm", "INTEGER", "percent discount in millionths (20 % = 200000)"),
        (f"discount{n}_amount", "BIGINT", "amount discount per interval, minor units"),
        (f"discount{n}_kind", "VARCHAR", "forever, repeating or once; '' = none"),
        (f"discount{n}_until", "TIMESTAMP", "first moment without it; 9999-12-31 = no end"),
    )


FACTS: tuple[Table, ...] = (
    _table(
        "commit",
        "Commits that count; written last, so a row with another commit_id does not exist.",
        "commit_id",
        ("commit_id", "BIGINT", "number of the commit; the highest is the store's version"),
        ("kind", "VARCHAR", "import, retract or policy"),
        ("committed_at", "TIMESTAMP", "UTC"),
        ("retracts", "BIGINT", "commit taken back by this one, 0 = none"),
        ("rows_read", "BIGINT", "rows in the files"),
        ("rows_accepted", "BIGINT", "rows written as facts"),
        ("rows_known", "BIGINT", "rows that said nothing new"),
        ("rows_refused", "BIGINT", "rows listed as problems"),
        ("release", "VARCHAR", "version of this program"),
        ("note", "VARCHAR", "what a person reads: file names and kind"),
        (
            "tables",
            "VARCHAR",
            "what it wrote: rows and sha256 of each table's file, as JSON {table: [rows, sha256]}; '' = not said",
        ),
    ),
    _table(
        "source_file",
        "Files imported, each kept in the store as it was given.",
        "source_id",
        _COMMIT,
        ("source_id", "BIGINT", "number of the file"),
        ("name", "VARCHAR", "file name as given"),
        ("kind", "VARCHAR", "subscriptions, changes, monthly, …"),
        ("sha256", "VARCHAR", "of the file's bytes"),
        ("bytes", "BIGINT", "size"),
        ("rows", "BIGINT", "data rows"),
        ("format", "VARCHAR", "csv, parquet or jsonl"),
        ("archive", "VARCHAR", "path of the kept copy in the store"),
        ("recorded_at", "TIMESTAMP", "default for rows without one of their own"),
        ("trusted", "BOOLEAN", "imported with --trust-valid-time"),
        ("snapshot", "VARCHAR", "'' no, 'whole' with start dates, 'sighting' without"),
        ("covered_from", "TIMESTAMP", "coverage [from, to); 0001-01-01 = since ever"),
        ("covered_to", "TIMESTAMP", "9999-12-31 = no end"),
        ("mapping", "VARCHAR", "the mapping file's text"),
    ),
    _table(
        "account",
        "Accounts: the integer key of each account id.",
        "account_key",
        _COMMIT,
        ("account_key", "BIGINT", "key"),
        ("account_id", "VARCHAR", "the user's id"),
    ),
    _table(
        "item",
        "Items: the integer key of each recurring line.",
        "item_key",
        _COMMIT,
        ("item_key", "BIGINT", "key"),
        ("subscription_id", "VARCHAR", "the user's id"),
        (
            "item_id",
            "VARCHAR",
            "the user's id, or the part after a split (product or product/plan); '' = the subscription",
        ),
        ("part", "BOOLEAN", "item_id was made by a split"),
    ),
    _table(
        "product",
        "Products: the integer key of each product id.",
        "product_key",
        _COMMIT,
        ("product_key", "BIGINT", "key"),
        ("product_id", "VARCHAR", "the user's id"),
    ),
    _table(
        "plan",
        "Plans (prices): the integer key of each plan id.",
        "plan_key",
        _COMMIT,
        ("plan_key", "BIGINT", "key"),
        ("plan_id", "VARCHAR", "the user's id"),
    ),
    _table(
        "item_state",
        "What was said of an item over a stretch [valid_from, valid_to).",
        "commit_id source_id line item_key valid_from recorded_at",
        *_TOLD,
        (
            "source_kind",
            "VARCHAR",
            "kind of the file: subscriptions, monthly or contracts; absent: made by a snapshot or a split",
        ),
        ("item_key", "BIGINT", "item"),
        ("account_key", "BIGINT", "account that pays"),
        ("product_key", "BIGINT", "0 = not said"),
        ("plan_key", "BIGINT", "0 = not said"),
        ("currency", "VARCHAR", "ISO 4217, upper case"),
        ("valid_from", "TIMESTAMP", "start; a plain date is its midnight"),
        ("valid_to", "TIMESTAMP", "exclusive end"),
        ("replaces_from", "TIMESTAMP", "it speaks for [replaces_from, valid_to)"),
        ("dated", "BOOLEAN", "bounds were plain dates: they stay on that date in every time zone"),
        ("status", "VARCHAR", "one of STATUSES; canceled also for 'nothing follows'"),
        ("metered", "BOOLEAN", "billed by use"),
        ("quantity", "BIGINT", "0 = not said"),
        ("amount", "BIGINT", "list amount for the whole quantity and interval, minor units"),
        ("interval", "VARCHAR", "day, week, month or year"),
        ("interval_count", "INTEGER", "number of them"),
        *_discount("1"),
        *_discount("2"),
        ("cancel_requested_at", "TIMESTAMP", "9999-12-31 = not"),
        ("paid_through", "TIMESTAMP", "9999-12-31 = not said"),
        ("first_paid_at", "TIMESTAMP", "9999-12-31 = not said"),
        ("cancel_reason", "VARCHAR", "voluntary, involuntary, unknown or ''"),
    ),
    _table(
        "mrr_event",
        "Ready-made changes of an item's MRR.",
        "commit_id source_id line",
        *_TOLD,
        ("item_key", "BIGINT", "item"),
        ("account_key", "BIGINT", "account"),
        ("product_key", "BIGINT", "0 = not said"),
        ("plan_key", "BIGINT", "0 = not said"),
        ("currency", "VARCHAR", "ISO 4217"),
        ("occurred_at", "TIMESTAMP", "when; Stripe's local timestamp where there is one"),
        ("dated", "BOOLEAN", "given as a plain date"),
        ("delta", "BIGINT", "signed, minor units"),
        ("driver", "VARCHAR", "one of DRIVERS, '' = not said"),
        ("quantity_delta", "BIGINT", "signed, 0 = none"),
        ("repeat", "BIGINT", "0, 1, …: how many identical rows of the same file come before it"),
    ),
    _table(
        "account_attribute",
        "Dated attributes of accounts (name, country, owner, …).",
        "account_key dimension valid_from recorded_at commit_id",
        *_TOLD,
        ("account_key", "BIGINT", "account"),
        ("dimension", "VARCHAR", "name of the attribute"),
        ("value", "VARCHAR", "its value"),
        ("valid_from", "TIMESTAMP", "since when; 0001-01-01 = since ever"),
    ),
    _table(
        "product_entry",
        "The catalogue's products.",
        "product_key recorded_at commit_id",
        *_TOLD,
        ("product_key", "BIGINT", "product"),
        ("name", "VARCHAR", "name"),
        ("role", "VARCHAR", "base or add_on"),
        ("family", "VARCHAR", "family; '' = the product itself"),
    ),
    _table(
        "plan_entry",
        "The catalogue's plans (prices).",
        "plan_key recorded_at commit_id",
        *_TOLD,
        ("plan_key", "BIGINT", "plan"),
        ("product_key", "BIGINT", "its product, 0 = not said"),
        ("tier", "INTEGER", "rank of the plan, 0 = not said"),
        ("amount", "BIGINT", "list price of one unit per interval, minor units; -1 = no price list"),
        ("currency", "VARCHAR", "of the price"),
        ("interval", "VARCHAR", "day, week, month or year"),
        ("interval_count", "INTEGER", "number of them"),
        ("tiers_mode", "VARCHAR", "'' none, graduated or volume"),
    ),
    _table(
        "plan_tier",
        "Steps of tiered prices.",
        "plan_key recorded_at commit_id first_unit",
        *_TOLD,
        ("plan_key", "BIGINT", "plan"),
        ("first_unit", "BIGINT", "first unit of the step, from 1"),
        ("last_unit", "BIGINT", "last unit; 10^9 = no end"),
        ("unit_amount", "BIGINT", "minor units per unit"),
        ("flat_amount", "BIGINT", "minor units once for the step"),
    ),
    _table(
        "plan_limit",
        "Entitlements of plans.",
        "plan_key name recorded_at commit_id",
        *_TOLD,
        ("plan_key", "BIGINT", "plan"),
        ("name", "VARCHAR", "limit:NAME"),
        ("quantity", "BIGINT", "how much"),
    ),
    _table(
        "charge",
        "Usage charges as billed: what a metered item cost over [service_from, service_to). They add up.",
        "commit_id source_id line",
        *_TOLD,
        ("item_key", "BIGINT", "item of its own, never a licensed one: subscription or account:ID, and item id/metric"),
        ("account_key", "BIGINT", "account"),
        ("product_key", "BIGINT", "0 = not said"),
        ("plan_key", "BIGINT", "0 = not said"),
        ("currency", "VARCHAR", "ISO 4217"),
        ("metric", "VARCHAR", "what was used"),
        ("service_from", "TIMESTAMP", "first moment of service"),
        ("service_to", "TIMESTAMP", "exclusive end of service"),
        ("invoiced_at", "TIMESTAMP", "9999-12-31 = not said"),
        ("dated", "BOOLEAN", "service bounds were plain dates"),
        ("amount", "BIGINT", "minor units; negative = credit"),
        ("repeat", "BIGINT", "0, 1, …: how many identical rows of the same file come before it"),
    ),
    _table(
        "usage",
        "Quantities used; of two rows of one account, metric, feature and moment the later one counts.",
        "commit_id source_id line",
        *_TOLD,
        ("account_key", "BIGINT", "account"),
        ("metric", "VARCHAR", "what was used"),
        ("at", "TIMESTAMP", "when"),
        ("quantity", "DECIMAL(18,6)", "how much"),
        ("feature", "VARCHAR", "part of the product, '' = none"),
    ),
    _table(
        "event",
        "What happened with accounts: touches, offers, tickets, milestones, …",
        "commit_id source_id line",
        *_TOLD,
        ("account_key", "BIGINT", "account"),
        ("at", "TIMESTAMP", "when"),
        ("kind", "VARCHAR", "touch, offer, milestone, ticket, …, lower case"),
        ("channel", "VARCHAR", "'' = not said, as in all texts that follow"),
        ("person", "VARCHAR", "who"),
        ("tag", "VARCHAR", "what about"),
        ("value", "VARCHAR", "score, target, …, as given"),
        ("outcome", "VARCHAR", "'' = open; gives way to a later row that has one and is equal otherwise"),
        ("outcome_at", "TIMESTAMP", "9999-12-31 = not said"),
        ("discount_ppm", "INTEGER", "discount offered, millionths"),
        ("owner", "VARCHAR", "whose it is"),
        ("text", "VARCHAR", "free text"),
    ),
    _table(
        "contract",
        "Terms of contracts; of two rows of one contract and start the later one counts.",
        "commit_id source_id line",
        *_TOLD,
        ("account_key", "BIGINT", "account"),
        ("contract_id", "VARCHAR", "the user's id"),
        ("start_at", "TIMESTAMP", "first moment of the term"),
        ("end_at", "TIMESTAMP", "exclusive end; 9999-12-31 = open"),
        ("notice_at", "TIMESTAMP", "last day of notice; 9999-12-31 = not said"),
        ("auto_renew", "BOOLEAN", "renews unless notice is given"),
        ("amount", "BIGINT", "total of the term, minor units; 0 where not said"),
        ("currency", "VARCHAR", "ISO 4217, '' = not said"),
        ("owner", "VARCHAR", "whose it is"),
        ("counts", "VARCHAR", "mrr: its term is an item_state too; '' = not"),
    ),
    _table(
        "account_link",
        "Links of accounts that are one; an account has one link out at most, and the last row of it counts.",
        "commit_id source_id line",
        *_TOLD,
        ("from_key", "BIGINT", "account that goes on as another"),
        ("to_key", "BIGINT", "the other account"),
        ("kind", "VARCHAR", "same or acquired"),
        ("valid_from", "TIMESTAMP", "acquired: since when; same: 0001-01-01"),
        ("removed", "BOOLEAN", "takes the link back"),
    ),
    _table(
        "fx_rate",
        "Exchange rates; of two rates of one day and pair the later one counts.",
        "commit_id source_id line",
        *_TOLD,
        ("on_date", "DATE", "day of the rate"),
        ("currency", "VARCHAR", "ISO 4217"),
        ("to_currency", "VARCHAR", "reporting currency; '' = whichever is asked for"),
        ("rate", "DECIMAL(28,10)", "units of the reporting currency for one unit, above 0"),
    ),
    _table(
        "spend",
        "Cost of sales by month; of two rows of one month, kind and currency the later one counts.",
        "commit_id source_id line",
        *_TOLD,
        ("month", "DATE", "first day of the month"),
        ("kind", "VARCHAR", "new, expansion or retention: what the money was spent on"),
        ("amount", "BIGINT", "minor units"),
        ("currency", "VARCHAR", "ISO 4217"),
    ),
    _table(
        "problem",
        "Rows of the user's files that were refused, or accepted with a remark.",
        "commit_id source_id line code",
        _COMMIT,
        *_SOURCE,
        ("severity", "VARCHAR", "refused or note"),
        ("code", "VARCHAR", "what is wrong; text and remedy in both languages hang on it"),
        ("params", "VARCHAR", "JSON object with the values the text needs"),
        ("row", "VARCHAR", "the user's own row"),
        ("amount", "BIGINT", "monthly amount at stake, minor units (0 where it cannot be read)"),
        ("currency", "VARCHAR", "of the amount"),
    ),
    _table(
        "policy_text",
        "Policies of the user's own, as TOML; shipped ones are part of the program.",
        "name version",
        _COMMIT,
        ("name", "VARCHAR", "name of the policy"),
        ("version", "BIGINT", "its version; a registered one never changes"),
        ("text", "VARCHAR", "the file as it was given"),
    ),
)

FACT: dict[str, Table] = {t.name: t for t in FACTS}
