"""Pairs of accounts that look like one: proposals for links, each with its evidence. None is ever applied by itself.

Comes in: a Build. Goes out: a Table. Accounts are compared inside small groups (one e-mail, one name, one domain), so
the cost is that of grouping the accounts once; larger groups are no evidence (a reseller's domain, "Test").
"""

from __future__ import annotations

from rollforward.answers.table import Note, Table
from rollforward.build import Build
from rollforward.money import to_major

COLUMNS = (
    "from_id", "to_id", "from_name", "to_name", "evidence", "currency", "ended_on", "churn", "began_on", "new", "days",
)  # fmt: skip

SHOWN = 200

_GROUP = 6
"""Accounts that share a name or an e-mail, at most; _DOMAIN those that share a domain."""

_DOMAIN = 20
_NEAR = 45
"""Days between the end of one account and the beginning of the other that still look like one customer."""

_PUBLIC = (
    "gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "live.com", "me.com",
    "aol.com", "gmx.de", "gmx.net", "web.de", "proton.me", "protonmail.com", "mail.com", "qq.com", "163.com",
    "yandex.ru", "hotmail.co.th", "yahoo.co.th", "msn.com",
)  # fmt: skip
_FORMS = (
    r"\b(inc|llc|ltd|limited|co|corp|corporation|company|gmbh|ag|bv|sa|sarl|plc|pty|oy|ab|kk|pte|group|จำกัด|บริษัท)\b"
)


def proposals(build: Build) -> Table:
    """The likeliest pairs, those with the most money that a link would move first; `from_id` is the one that ended or
    began first.

    evidence: some of same_email, same_name, similar_name, same_domain, handover (one ends as the other begins, `days`
    later, with about the same MRR). A link would take the `churn` and the `new` of a pair, MRR in major units, out of
    those movements.
    """
    engine = build.need(["account", "account_attribute", "account_link", "account_day"])
    public = ", ".join(f"'{d}'" for d in _PUBLIC)
    engine.keep("told", _TOLD)
    engine.keep("contact", _CONTACT.format(forms=_FORMS))
    pairs = [
        _within("same_email", "email", _GROUP, "true"),
        _within("same_name", "plain", _GROUP, "length(a.plain) > 2"),
        _within("same_domain", "domain", _DOMAIN, _ALIKE, f"domain not in ({public})"),
    ]
    engine.keep("alike", f"select one, other, {_SAID} from ({' union all '.join(pairs)}) group by one, other")
    engine.keep("paid", _PAID)
    rows = engine.run(_SHOWN.format(limit=SHOWN + 1, near=_NEAR))
    found = [
        (*row[:7], _major(row[7], row[5]), row[8], _major(row[9], row[5]), row[10]) for row in rows[:SHOWN]
    ]  # fmt: skip
    notes = [Note("more-proposals", {"shown": str(SHOWN)})] if len(rows) > SHOWN else []
    return Table(COLUMNS, found, notes)


def linked(build: Build) -> Table:
    """The links that hold: which account goes on as which, how, and since when (acquired)."""
    rows = build.need(["account", "account_link"]).run(
        "select f.account_id, t.account_id, l.kind, "
        "case when l.kind = 'acquired' then cast(l.valid_from as date) end from (select * from account_link "
        "qualify row_number() over (partition by from_key order by recorded_at desc, commit_id desc, line desc) = 1) l "
        "join account f on f.account_key = l.from_key join account t on t.account_key = l.to_key "
        "where not l.removed order by 1"
    )
    return Table(("from_id", "to_id", "kind", "began_on"), rows)


def _major(minor: object, code: object) -> object:
    return to_major(int(str(minor)), str(code)) if minor is not None and code else None


_TOLD = (
    "select account_key, lower(dimension) as dimension, value from account_attribute "
    "where lower(dimension) in ('email', 'name', 'account_name', 'company', 'company_name') and value <> '' "
    "qualify row_number() over (partition by account_key, lower(dimension) "
    "order by valid_from desc, recorded_at desc, rank desc, commit_id desc, line desc) = 1"
)
_CONTACT = r"""select account_key, name, email, split_part(email, '@', 2) as domain,
  trim(regexp_replace(regexp_replace(lower(name), '{forms}', ' ', 'g'), '[\s.,&()-]+', ' ', 'g')) as plain
from (select account_key, max(case when dimension <> 'email' then value else '' end) as name,
  max(case when dimension = 'email' and value like '%_@_%' then lower(trim(value)) else '' end) as email
  from told group by account_key)"""
_ALIKE = "(a.plain = '' or b.plain = '' or jaro_winkler_similarity(a.plain, b.plain) > 0.85)"
_SAID = (
    "bool_or(said = 'same_email') as same_email, bool_or(said = 'same_name') as same_name, "
    "bool_or(said = 'same_domain') as same_domain, bool_or(near) as near"
)


def _within(said: str, column: str, most: int, condition: str, where: str = "true") -> str:
    """Pairs of accounts of one value of `column`, where 2 to `most` accounts have it."""
    near = "jaro_winkler_similarity(a.plain, b.plain) > 0.85 and a.plain <> '' and a.plain <> b.plain"
    return (
        f"select '{said}' as said, a.account_key as one, b.account_key as other, {near} as near "
        f"from contact a join contact b on a.{column} = b.{column} and a.account_key < b.account_key "
        f"where {condition} and a.{column} in (select {column} from contact where {column} <> '' and {where} "
        f"group by {column} having count(*) between 2 and {most})"
    )


_PAID = """select d.account_key, d.currency, min(case when d.pays_after = 1 then d.on_date end) as began_on,
  max(case when d.pays_after = 0 and d.pays_before = 1 then d.on_date end) as ended_on,
  max_by(d.after_minor, d.window_at) as held, min_by(d.amount, d.window_at) as first_minor,
  max_by(d.amount, d.window_at) as last_minor
from account_day d
where d.account_key in (select one from alike union select other from alike)
group by d.account_key, d.currency"""
_SHOWN = """with pair as (
  select least(one, other) as one, greatest(one, other) as other, same_email, same_name, same_domain, near from alike
  where not exists (select 1 from account_link l where (l.from_key = one and l.to_key = other)
    or (l.from_key = other and l.to_key = one))
),
ordered as (
  select p.*, a.began_on as a_began, b.began_on as b_began, coalesce(a.currency, b.currency, '') as currency,
    a.ended_on as a_ended, b.ended_on as b_ended, a.held as a_held, b.held as b_held, a.last_minor as a_last,
    b.last_minor as b_last, a.first_minor as a_first, b.first_minor as b_first,
    coalesce(b.began_on < a.began_on, false) as turned
  from pair p left join paid a on a.account_key = p.one
  left join paid b on b.account_key = p.other and (a.currency is null or b.currency = a.currency)
),
turned as (
  select case when turned then other else one end as from_key, case when turned then one else other end as to_key,
    currency, same_email, same_name, same_domain, near,
    case when turned then case when b_held = 0 then b_ended end else case when a_held = 0 then a_ended end end as ended,
    case when turned then b_last else a_last end as lost, case when turned then a_began else b_began end as began,
    case when turned then a_first else b_first end as won
  from ordered
),
judged as (
  select *, date_diff('day', ended, began) as days,
    coalesce(abs(date_diff('day', ended, began)) <= {near} and abs(lost + won) * 2 <= greatest(-lost, won), false)
      as handover
  from turned
)
select f.account_id, t.account_id, coalesce(x.name, ''), coalesce(y.name, ''),
  concat_ws(', ', case when same_email then 'same_email' end, case when same_name then 'same_name' end,
    case when near then 'similar_name' end, case when same_domain then 'same_domain' end,
    case when handover then 'handover' end),
  currency, ended, case when ended is not null then lost end, began, won, case when ended is not null then days end
from judged j
join account f on f.account_key = j.from_key
join account t on t.account_key = j.to_key
left join contact x on x.account_key = j.from_key
left join contact y on y.account_key = j.to_key
order by handover desc, same_email desc, case when handover then won else 0 end desc, same_name desc, 1, 2
limit {limit}"""
