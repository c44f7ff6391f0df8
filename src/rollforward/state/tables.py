"""The tables of a state file, by version of their layout: what an older file lacks is what follows its version.

Moments are UTC as text with microseconds, which sorts as they do. Nothing here is a secret in clear: passwords are
argon2 hashes, tokens and sessions SHA-256 of 256 random bits. No feature that SQLite had after 3.34 is used.
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

VERSIONS: tuple[str, ...] = (FIRST,)
"""What makes version n of n - 1, at place n - 1."""
