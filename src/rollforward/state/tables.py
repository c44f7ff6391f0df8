"""The tables of a state file, by version of their layout: what an older file lacks is what follows its version.

Moments are UTC as text with microseconds, which sorts as they do. Nothing here is a secret in clear: passwords are
argon2 hashes, tokens and sessions SHA-256 of 256 random bits; only the secret of the webhook is, as it signs. No
feature that SQLite had after 3.34 is used.
"""

from __future__ import annotations

FIRST = """
create table user (
  user_id integer primary key autoincrement,
  name text not null,
  folded text not null unique, -- name without capitals: what a login is compared with
  password text not null, -- argon2id hash; '' = cannot log in
  role text not null check (role in ('restricted', 'viewer', 'analyst', 'admin')),
  is_active integer not null default 1 check (is_active in (0, 1)),
  created_at text not null
);
create table token (
  token_id integer primary key autoincrement,
  name text not null,
  digest text not null unique,
  role text not null check (role in ('restricted', 'viewer', 'analyst', 'admin')),
  user_id integer references user on delete cascade, -- null: belongs to the store
  created_at text not null,
  expires_at text, -- null: never
  used_at text,
  revoked_at text
);
create table session (
  session_id integer primary key autoincrement,
  digest text not null unique,
  csrf text not null,
  user_id integer not null references user on delete cascade,
  created_at text not null,
  seen_at text not null,
  address text not null,
  agent text not null
);
create index session_user on session (user_id);
create table attempt ( -- failed logins, so that they can be slowed down
  kind text not null check (kind in ('name', 'address')),
  who text not null,
  failures integer not null,
  last_at text not null,
  primary key (kind, who)
) without rowid;
create table setting (
  user_id integer not null, -- 0: of the store, and of the one user where there are no users
  name text not null,
  value text not null,
  primary key (user_id, name)
) without rowid;
create table audit (
  audit_id integer primary key autoincrement,
  at text not null,
  who text not null,
  role text not null,
  address text not null,
  action text not null,
  target text not null,
  detail text not null, -- JSON
  digest text not null -- SHA-256 over this row and the digest of the one before
);
create index audit_at on audit (at);
create trigger audit_no_update before update on audit begin select raise(abort, 'audit rows stay'); end;
create trigger audit_no_delete before delete on audit begin select raise(abort, 'audit rows stay'); end;
create trigger audit_no_replace before insert on audit
when exists (select 1 from audit where audit_id = new.audit_id)
begin select raise(abort, 'audit rows stay'); end;
create table note (
  note_id integer primary key autoincrement,
  account_id text not null,
  author text not null,
  at text not null,
  text text not null,
  deleted_at text
);
create index note_account on note (account_id);
create table saved_view (
  view_id integer primary key autoincrement,
  user_id integer not null, -- 0: of everybody, and where there are no users
  name text not null,
  address text not null,
  created_at text not null,
  unique (user_id, name)
);
"""

ACTING = """
create table opportunity (
  opportunity_id integer primary key autoincrement,
  account_id text not null,
  kind text not null check (kind in ('upsell', 'cross-sell', 'add-on', 'seats', 'save')),
  cause text not null, -- what it is about: one is open for an account and cause
  signals text not null, -- which stand, with blanks between
  offered text not null, -- plan, or '' where none is named
  currency text not null,
  mrr integer not null, -- of the account when it was opened, minor units a month
  gain integer not null, -- MRR more if it is won, or at stake in a save, minor units
  probability real, -- null: not known
  reasons_en text not null,
  reasons_th text not null,
  owner text not null,
  opened_at text not null,
  due_on text not null,
  stage text not null check (stage in ('open', 'contacted', 'quoted', 'won', 'lost', 'expired')),
  outcome text not null default '',
  closed_at text
);
create unique index opportunity_one on opportunity (account_id, cause) where closed_at is null;
create index opportunity_owner on opportunity (owner) where closed_at is null;
create table handover (
  handover_id integer primary key autoincrement,
  opportunity_id integer not null references opportunity,
  at text not null,
  from_owner text not null,
  to_owner text not null,
  why text not null
);
create index handover_of on handover (opportunity_id);
create table contact ( -- offers made here
  contact_id integer primary key autoincrement,
  account_id text not null,
  opportunity_id integer not null references opportunity,
  channel text not null,
  at text not null,
  person text not null,
  outcome text not null default '' check (outcome in ('', 'accepted', 'declined')),
  outcome_at text
);
create index contact_account on contact (account_id, at);
create table past_offer ( -- offers told by events, as of the last refresh
  account_id text not null,
  at text not null,
  channel text not null,
  outcome text not null,
  outcome_at text not null
);
create index past_offer_account on past_offer (account_id, at);
create table at_risk (account_id text primary key, why_en text not null, why_th text not null) without rowid;
create table refreshed (one integer primary key check (one = 1), at text not null, store_version integer not null);
create table notice_event (
  notice_event_id integer primary key autoincrement,
  account_id text not null,
  opportunity_id integer not null references opportunity,
  step text not null check (step in ('shown', 'clicked', 'dismissed', 'upgraded')),
  at text not null
);
create index notice_event_of on notice_event (opportunity_id, step);
create table token_new (
  token_id integer primary key autoincrement,
  name text not null,
  digest text not null unique,
  role text not null check (role in ('notice', 'restricted', 'viewer', 'analyst', 'admin')),
  user_id integer references user on delete cascade, -- null: belongs to the store
  created_at text not null,
  expires_at text,
  used_at text,
  revoked_at text
);
insert into token_new select * from token;
drop table token;
alter table token_new rename to token;
"""

AHEAD = """
create table renewal_call ( -- the last of a renewal and voice counts; rows stay
  call_id integer primary key autoincrement,
  account_id text not null,
  due_on text not null,
  voice text not null check (voice in ('machine', 'owner', 'leader')),
  call text not null, -- '' withdraws the one before
  amount text, -- MRR expected after it, major units
  currency text not null,
  chance real, -- that it is not lost
  author text not null,
  at text not null
);
create index renewal_call_of on renewal_call (account_id, due_on);
create table goal ( -- versions: the last of what a goal is about counts; rows stay
  goal_id integer primary key autoincrement,
  metric text not null check (metric in ('expansion', 'ndr', 'grr')),
  period text not null,
  cut text not null, -- dimension=value; '' = all accounts
  owner text not null, -- '' = everybody's
  currency text not null, -- in which it is counted
  target text, -- null: removed
  author text not null,
  at text not null
);
"""

HELD = """
create table trial_seed (one integer primary key check (one = 1), seed text not null);
insert into trial_seed values (1, lower(hex(randomblob(16))));
create table trial ( -- accounts drawn for a play; rows stay as they are
  account_id text not null,
  play text not null, -- kind of opportunity
  arm text not null check (arm in ('offer', 'hold_out')),
  share real not null, -- held out of those drawn then
  opportunity_id integer not null references opportunity, -- for which it was drawn
  at text not null,
  primary key (account_id, play)
) without rowid;
create trigger trial_no_update before update on trial begin select raise(abort, 'who was drawn stays'); end;
create trigger trial_no_delete before delete on trial begin select raise(abort, 'who was drawn stays'); end;
create trigger trial_no_replace before insert on trial
when exists (select 1 from trial where account_id = new.account_id and play = new.play)
begin select raise(abort, 'who was drawn stays'); end;
"""

QUOTING = """
create table quote ( -- versions: the last of a number counts; rows stay as they were made
  quote_id integer primary key autoincrement,
  number integer not null,
  version integer not null,
  account_id text not null,
  currency text not null,
  opportunity_id integer references opportunity, -- null: none
  asked_at text not null, -- when it was asked for
  made_at text not null,
  author text not null,
  on_date text not null, -- day from which it holds
  valid_until text not null, -- last day on which it can be accepted
  discount integer not null, -- millionths
  mrr integer not null, -- of the account before it, minor units a month
  change integer not null, -- MRR more a month, minor units
  due integer, -- to be paid at once, minor units; null: not known
  told text not null, -- all that it says, JSON
  unique (number, version)
);
create index quote_account on quote (account_id);
create table quote_step ( -- what became of a version; rows stay
  quote_step_id integer primary key autoincrement,
  quote_id integer not null references quote,
  step text not null check (step in ('approved', 'sent', 'accepted', 'declined', 'withdrawn')),
  at text not null,
  person text not null,
  channel text not null -- in which it was sent; '' of other steps
);
create index quote_step_of on quote_step (quote_id);
"""

SENDING = """
create table webhook ( -- where events of opportunities go
  one integer primary key check (one = 1),
  address text not null,
  secret text not null, -- signs what is sent; in clear, as both ends need it
  is_private integer not null check (is_private in (0, 1)), -- 1: may be of this machine or its network
  set_at text not null
);
create table delivery ( -- written by the triggers below, sent by whoever comes first
  delivery_id integer primary key autoincrement,
  event_id text not null unique, -- the same at every try
  event text not null check (event in ('opened', 'stage', 'owner')),
  opportunity_id integer not null references opportunity,
  stage text not null, -- of the opportunity after it, as in the next two
  outcome text not null,
  owner text not null,
  was text not null, -- stage or owner before; '' when it was opened
  at text not null,
  tries integer not null default 0,
  state text not null default 'waiting' check (state in ('waiting', 'arrived', 'given_up', 'left_out')),
  said text not null default '', -- of the last try: HTTP status, or what went wrong
  next_at text not null default '', -- not before
  sent_at text
);
create index delivery_waiting on delivery (next_at) where state = 'waiting';
create index delivery_of on delivery (opportunity_id);
create trigger delivery_opened after insert on opportunity
when exists (select 1 from webhook) begin
  insert into delivery (event_id, event, opportunity_id, stage, outcome, owner, was, at)
  values (lower(hex(randomblob(16))), 'opened', new.opportunity_id, new.stage, new.outcome, new.owner, '',
    strftime('%Y-%m-%d %H:%M:%f', 'now'));
end;
create trigger delivery_stage after update of stage on opportunity
when new.stage <> old.stage and exists (select 1 from webhook) begin
  insert into delivery (event_id, event, opportunity_id, stage, outcome, owner, was, at)
  values (lower(hex(randomblob(16))), 'stage', new.opportunity_id, new.stage, new.outcome, new.owner, old.stage,
    strftime('%Y-%m-%d %H:%M:%f', 'now'));
end;
create trigger delivery_owner after update of owner on opportunity
when new.owner <> old.owner and exists (select 1 from webhook) begin
  insert into delivery (event_id, event, opportunity_id, stage, outcome, owner, was, at)
  values (lower(hex(randomblob(16))), 'owner', new.opportunity_id, new.stage, new.outcome, new.owner, old.owner,
    strftime('%Y-%m-%d %H:%M:%f', 'now'));
end;
"""

FINDING = """
create index opportunity_account on opportunity (account_id, cause);
create index contact_of on contact (opportunity_id);
"""

VERSIONS: tuple[str, ...] = (FIRST, ACTING, AHEAD, HELD, QUOTING, SENDING, FINDING)
"""What makes version n of n - 1, at place n - 1."""
