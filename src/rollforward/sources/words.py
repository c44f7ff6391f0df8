"""What others call our columns and words, in English and Thai: for suggestions that a person confirms, never more.

A header is compared in its plain form (see `plain`): lower case, words apart, no signs.
"""

from __future__ import annotations

import re
import unicodedata

COLUMNS: dict[str, tuple[str, ...]] = {
    "account_id": (
        "account id", "customer id", "customer", "account", "client id", "client", "company id", "company", "user id",
        "organization id", "organisation id", "org id", "organization", "tenant id", "workspace id", "team id",
        "cust id", "cust", "acct", "acct id", "account number", "account no", "customer number", "customer no",
        "customer external id", "external id", "stripe customer id", "customer name", "company name",
        "customer email",
        "รหัสลูกค้า", "ลูกค้า", "ชื่อลูกค้า", "บริษัท", "รหัสบัญชี", "บัญชี", "เลขที่ลูกค้า",
    ),
    "subscription_id": (
        "subscription id", "subscription", "sub id", "sub", "contract id", "contract number", "agreement id",
        "order id", "stripe subscription id", "subscription number", "subscription external id", "id",
        "รหัสการสมัคร", "การสมัครใช้บริการ", "รหัสการสมัครใช้บริการ", "เลขที่สัญญา", "หมายเลขสมาชิก",
    ),
    "item_id": ("item id", "subscription item id", "line id", "line item id", "รหัสรายการ"),
    "product": ("product", "product id", "product name", "service", "สินค้า", "ผลิตภัณฑ์", "บริการ"),
    "plan": (
        "plan", "plan id", "plan name", "price id", "price", "plan tier", "package", "tier", "subscription plan",
        "price plan id", "plan code", "sku", "edition", "แพ็กเกจ", "แพ็คเกจ", "แพคเกจ", "แผน", "ระดับแพ็กเกจ",
    ),
    "start_date": (
        "start date", "start", "started at", "starts at", "from", "begin date", "valid from", "start time",
        "period start",
        "activated at", "activation date", "subscribed at", "subscription start", "subscription start date", "begins",
        "service start", "created at", "created", "start date utc", "signup date", "วันที่เริ่ม",
        "วันเริ่มต้น", "วันที่เริ่มต้น",
        "เริ่ม", "วันเริ่ม", "วันที่เริ่มใช้บริการ",
    ),
    "end_date": (
        "end date", "end", "ended at", "ends at", "to", "canceled at", "cancelled at", "cancellation date",
        "cancelation date", "churned at", "churn date", "expiry date", "expires at", "expired at", "expiration date",
        "valid to", "valid until", "period end", "terminated at", "termination date", "subscription end date",
        "canceled at utc", "วันที่สิ้นสุด", "วันสิ้นสุด", "สิ้นสุด", "วันที่ยกเลิก", "วันหมดอายุ",
    ),
    "amount": (
        "amount", "mrr", "monthly amount", "mrr amount", "monthly price", "price amount", "unit price",
        "total amount",
        "monthly fee", "fee", "monthly revenue", "recurring amount", "recurring revenue", "value", "net amount",
        "month contract mrr", "arr", "arr amount", "annual amount", "annual price", "contract value",
        "revenue", "cost",
        "จำนวนเงิน", "ยอดเงิน", "ราคา", "ค่าบริการ", "ค่าบริการรายเดือน", "ราคาต่อเดือน", "ยอดรวม", "มูลค่า",
    ),
    "currency": ("currency", "currency code", "ccy", "cur", "iso currency", "สกุลเงิน"),
    "interval": (
        "interval", "billing interval", "billing period", "billing frequency", "frequency", "billing cycle", "period",
        "plan interval", "recurring interval", "term", "รอบบิล", "รอบการเรียกเก็บเงิน", "รอบชำระ", "รอบการชำระเงิน",
    ),
    "interval_count": ("interval count", "recurring interval count", "billing interval count"),
    "quantity": (
        "quantity", "qty", "seats", "users", "licenses", "licences", "units", "seat count", "usage count", "usage",
        "count", "จำนวน", "จำนวนที่นั่ง", "ที่นั่ง", "จำนวนผู้ใช้",
    ),
    "billing": ("billing", "usage type", "billing scheme"),
    "discount_percent": ("discount percent", "discount %", "percent off", "discount pct", "discount rate", "ส่วนลด %",
                         "ส่วนลดร้อยละ"),
    "discount_amount": ("discount amount", "amount off", "discount value", "ส่วนลด"),
    "status": ("status", "subscription status", "state", "สถานะ", "สถานะการสมัคร"),
    "cancel_requested_at": ("cancel requested at", "cancellation requested at", "cancel request date",
        "วันที่ขอยกเลิก"),
    "paid_through": ("paid through", "paid until", "paid through date", "current period end", "จ่ายถึง",
        "ชำระถึงวันที่"),
    "first_paid_at": ("first paid at", "first payment date", "first payment", "วันที่ชำระครั้งแรก"),
    "cancel_reason": ("cancel reason", "cancellation reason", "churn reason type"),
    "recorded_at": ("recorded at", "updated at", "exported at", "modified at"),
    "occurred_at": ("occurred at", "date", "event date", "event timestamp", "timestamp", "change date",
        "effective date",
                    "local event timestamp", "วันที่"),
    "delta": ("delta", "mrr change", "change", "mrr delta", "mrr impact", "activity mrr", "การเปลี่ยนแปลง",
        "ส่วนต่าง"),
    "driver": ("driver", "change type", "reason"),
    "month": ("month", "date month", "period", "date", "subscription month", "month start", "period start",
        "billing month",
              "เดือน", "งวด"),
    "mrr": ("mrr", "monthly amount", "mrr amount", "amount", "revenue", "monthly revenue", "month contract mrr",
            "recurring revenue", "month billed mrr", "รายรับต่อเดือน", "ยอดเงิน", "จำนวนเงิน"),
    "name": ("name", "account name", "customer name", "company name", "company", "full name", "ชื่อ",
        "ชื่อลูกค้า", "ชื่อบริษัท"),
    "email": ("email", "e mail", "customer email", "email address", "อีเมล", "อีเมล์"),
    "country": ("country", "country code", "ประเทศ"),
    "industry": ("industry", "sector", "vertical", "อุตสาหกรรม", "ประเภทธุรกิจ"),
    "employees": ("employees", "employee count", "headcount", "จำนวนพนักงาน"),
    "owner": ("owner", "account owner", "csm", "account manager", "sales rep", "ผู้รับผิดชอบ", "ผู้ดูแล"),
    "valid_from": ("valid from", "effective from", "since", "มีผลตั้งแต่"),
    "product_id": ("product id", "product", "รหัสสินค้า"),
    "role": ("role", "product type"),
    "family": ("family", "product family", "category"),
    "plan_id": ("plan id", "plan", "price id", "plan code", "id", "รหัสแพ็กเกจ"),
    "tier": ("tier", "rank", "level"),
    "metric": ("metric", "feature name", "usage type", "meter", "event name", "dimension", "feature", "ตัวชี้วัด"),
    "service_start": ("service start", "period start", "from"),
    "service_end": ("service end", "period end", "to"),
    "invoiced_at": ("invoiced at", "invoice date", "วันที่ออกใบแจ้งหนี้"),
    "at": ("at", "date", "timestamp", "created at", "occurred at", "usage date", "event date", "submitted at",
           "churn date", "time", "day", "sent at", "วันที่", "เวลา"),
    "kind": ("kind", "type", "event type", "event", "activity type", "ประเภท"),
    "channel": ("channel", "source", "medium", "ช่องทาง"),
    "person": ("person", "agent", "contact", "user"),
    "tag": ("tag", "topic", "subject", "reason code", "reason", "priority", "หัวข้อ", "เหตุผล"),
    "value": ("value", "score", "satisfaction score", "nps", "rating", "คะแนน"),
    "outcome": ("outcome", "result", "resolution", "ผลลัพธ์"),
    "outcome_at": ("outcome at", "closed at", "resolved at", "วันที่ปิด"),
    "text": ("text", "comment", "feedback text", "feedback", "note", "notes", "message", "description",
        "ข้อความ", "หมายเหตุ"),
    "feature": ("feature", "feature name"),
    "contract_id": ("contract id", "contract", "contract number", "agreement id", "รหัสสัญญา", "เลขที่สัญญา"),
    "notice_date": ("notice date", "notice deadline", "cancel by"),
    "auto_renew": ("auto renew", "auto renewal", "auto renew flag", "renews", "ต่ออายุอัตโนมัติ"),
    "from_id": ("from id", "from", "old id", "duplicate id", "merged id", "old account id"),
    "to_id": ("to id", "to", "new id", "master id", "merged into", "new account id"),
    "date": ("date", "day", "rate date", "วันที่"),
    "rate": ("rate", "fx rate", "exchange rate", "อัตราแลกเปลี่ยน"),
}  # fmt: skip

_MONTH = ("month", "mo", "m", "mth", "mthly", "per month", "/mo", "/month", "1 month", "monthly plan", "every month",
          "รายเดือน", "เดือน", "ต่อเดือน")  # fmt: skip
_YEAR = ("year", "yr", "y", "per year", "/yr", "/year", "annual plan", "every year", "12 months", "รายปี",
        "ปี", "ต่อปี",
         "p.a.")  # fmt: skip
VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "interval": {"month": _MONTH, "year": _YEAR, "week": ("wk", "per week", "รายสัปดาห์"), "day": ("per day",
        "รายวัน")},
    "status": {
        "active": ("aktiv", "live", "current", "paid", "paying", "enabled", "ใช้งาน", "ใช้งานอยู่", "ปกติ"),
        "canceled": ("churned", "expired", "ended", "terminated", "inactive", "deleted", "non_renewing", "cancel",
                     "gekündigt", "ยกเลิก", "ยกเลิกแล้ว", "สิ้นสุด", "หมดอายุ"),
        "trialing": ("trial", "in_trial", "free trial", "in trial", "ทดลองใช้", "ทดลองใช้งาน"),
        "past_due": ("past due", "overdue", "delinquent", "dunning", "ค้างชำระ", "เกินกำหนด"),
        "paused": ("pause", "on hold", "suspended", "frozen", "พักใช้งาน", "ระงับ"),
        "unpaid": ("not paid", "ยังไม่ชำระ"),
        "incomplete": ("pending", "future", "รอดำเนินการ"),
    },
    "cancel_reason": {
        "voluntary": ("customer", "requested", "user", "ลูกค้ายกเลิกเอง"),
        "involuntary": ("payment failed", "payment_failed", "failed payment", "nonpayment", "non_payment",
                        "payment_failure", "ชำระเงินไม่สำเร็จ"),
    },
    "role": {"base": ("main", "core"), "add_on": ("extra", "ส่วนเสริม", "บริการเสริม")},
    "kind": {"new": ("acquisition", "sales"), "retention": ("success", "support")},
}  # fmt: skip
"""Column of ours → our word → theirs, in lower case."""

CONSTANTS = {"plan": "standard"}
"""What a whole file may be, where it has no column for it: shown, and changed by whoever knows better."""

EVENTS = {"ticket": "ticket", "support": "ticket", "churn": "churn", "survey": "survey", "nps": "survey",
          "offer": "offer", "touch": "touch", "call": "touch", "meeting": "touch", "feedback": "feedback",
          "request": "request", "milestone": "milestone"}  # fmt: skip
"""Word in a file's name → kind of its events."""

SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "฿": "THB", "¥": "JPY", "₹": "INR", "US$": "USD", "A$": "AUD",
        "C$": "CAD",
           "CHF": "CHF", "kr": "SEK", "R$": "BRL", "₩": "KRW", "บาท": "THB"}  # fmt: skip
"""Sign beside an amount → the currency that it most often means."""

CURRENCIES = frozenset(SYMBOLS.values()) | {"NOK", "DKK", "SGD", "NZD", "PLN", "HKD", "MXN", "MYR", "IDR", "VND", "PHP"}
"""Codes that a header or a file's name is believed to name; others are words as well (ALL, TOP, TRY)."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def plain(header: str) -> str:
    """A header for comparing: `Customer ID`, `customer_id`, `customerId` are all `customer id`; Thai stays whole."""
    text = _CAMEL.sub(" ", unicodedata.normalize("NFC", header.strip())).casefold()
    kept = "".join(c if c.isalnum() or c == "%" or unicodedata.category(c)[0] == "M" else " " for c in text)
    return " ".join(kept.split())
