"""Users, tokens, sessions, throttling: who gets in, for how long, and as what."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

import pytest

from clock import Clock
from rollforward.errors import Misuse
from rollforward.state import Actor, State, may

from .conftest import BY, WORDS


def code(error: pytest.ExceptionInfo[Misuse]) -> str:
    return error.value.code


# --- users ---------------------------------------------------------------------------------------------------------


def test_the_first_user_is_an_admin_and_one_admin_always_stays(state: State) -> None:
    with pytest.raises(Misuse) as error:
        state.users.add(BY, "vera", "viewer", WORDS)
    assert code(error) == "first-is-admin" and not state.users.exist()
    state.users.add(BY, "Ann", "admin", WORDS)
    state.users.add(BY, "vera", "viewer", WORDS)
    for change in (
        lambda: state.users.set_role(BY, "ann", "viewer"),
        lambda: state.users.set_active(BY, "ann", False),
        lambda: state.users.remove(BY, "ann"),
    ):
        with pytest.raises(Misuse) as error:
            change()
        assert code(error) == "last-admin"
        assert (state.users.get("ann").role, state.users.get("ann").is_active) == ("admin", True)
    state.users.remove(BY, "vera")
    state.users.remove(BY, "ann")
    assert not state.users.exist()


def test_names_are_one_whatever_their_capitals(state: State) -> None:
    state.users.add(BY, "  Änn ", "admin", WORDS)
    assert state.users.get("äNN").name == "Änn"
    with pytest.raises(Misuse) as error:
        state.users.add(BY, "a\u0308nn", "viewer", WORDS)  # the same letters, composed another way
    assert code(error) == "user-exists"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00b", "n" * 65])
def test_bad_names_are_refused(state: State, name: str) -> None:
    with pytest.raises(Misuse) as error:
        state.users.add(BY, name, "admin", WORDS)
    assert code(error) == "bad-name"


@pytest.mark.parametrize("password", ["", "short", "x" * 257, "annemarieann", "ANNEMARIEANN"])
def test_bad_passwords_are_refused(state: State, password: str) -> None:
    with pytest.raises(Misuse) as error:
        state.users.add(BY, "annemarieann", "admin", password)
    assert code(error) == "bad-password"


def test_only_the_password_opens_and_the_file_holds_its_hash(state: State) -> None:
    state.users.add(BY, "ann", "admin", "รหัสผ่านที่ดีมาก")
    found = state.users.checked("ANN", "รหัสผ่านที่ดีมาก")
    assert found is not None and found.name == "ann"
    assert state.users.checked("ann", "รหัสผ่านที่ดีมา") is None and state.users.checked("bob", WORDS) is None
    assert state.users.checked("ann", "x" * 10_000) is None
    assert "รหัสผ่านที่ดีมาก".encode() not in state.path.read_bytes()
    state.users.set_password(BY, "ann", "another good one")
    assert state.users.checked("ann", "รหัสผ่านที่ดีมาก") is None
    assert state.users.checked("ann", "another good one") is not None


def test_who_is_not_active_is_not_let_in(state: State) -> None:
    state.users.add(BY, "ann", "admin", WORDS)
    bob = state.users.add(BY, "bob", "viewer", WORDS)
    secret = state.sessions.begin(Actor("bob", "viewer"), bob.user_id)
    _token, text = state.tokens.add(BY, "nightly", "viewer", "bob")
    state.users.set_active(BY, "bob", False)
    assert state.users.checked("bob", WORDS) is None
    assert state.sessions.find(secret) is None and state.tokens.find(text) is None
    state.users.set_active(BY, "bob", True)
    assert state.sessions.find(secret) is None and state.tokens.find(text) is not None


def test_an_unknown_user_takes_as_long_as_a_wrong_password(state: State) -> None:
    state.users.add(BY, "ann", "admin", WORDS)

    def seconds(name: str) -> float:
        began = time.perf_counter()
        assert state.users.checked(name, "wrong password") is None
        return time.perf_counter() - began

    seconds("nobody")  # makes the hash that unknown users are compared with
    known, unknown = zip(*[(seconds("ann"), seconds("nobody")) for _ in range(9)], strict=True)
    assert 0.5 < statistics.median(known) / statistics.median(unknown) < 2


def test_roles_are_a_ladder() -> None:
    ladder = ("restricted", "viewer", "analyst", "admin")
    assert [[may(role, needed) for needed in ladder] for role in ladder] == [
        [n <= r for n in range(4)] for r in range(4)
    ]
    assert not may("", "restricted") and not may("root", "restricted")


# --- tokens --------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_kept_as_a_digest(state: State) -> None:
    token, text = state.tokens.add(BY, "nightly", "viewer")
    assert len(text) == 46 and text.startswith("rf_")
    assert text.encode() not in state.path.read_bytes() and text[3:] not in repr(state.tokens.all())
    found = state.tokens.find(text)
    assert found is not None and found.token_id == token.token_id and found.used_at is None
    assert state.tokens.all()[0].used_at is not None
    assert state.tokens.find(text[:-1]) is None and state.tokens.find("") is None


def test_tokens_end(state: State, clock: Clock) -> None:
    _, short = state.tokens.add(BY, "short", "viewer", expires_at=clock.at + timedelta(days=1))
    made, endless = state.tokens.add(BY, "endless", "viewer")
    clock.on(days=1, microseconds=-1)
    assert state.tokens.find(short) is not None
    clock.on(microseconds=1)
    assert state.tokens.find(short) is None and state.tokens.find(endless) is not None
    state.tokens.revoke(BY, made.token_id)
    assert state.tokens.find(endless) is None and not state.tokens.any_valid()
    with pytest.raises(Misuse) as error:
        state.tokens.add(BY, "late", "viewer", expires_at=clock.at)
    assert code(error) == "bad-expiry"


def test_a_token_may_never_do_more_than_its_owner(state: State) -> None:
    state.users.add(BY, "ann", "admin", WORDS)
    state.users.add(BY, "bob", "analyst", WORDS)
    _, text = state.tokens.add(BY, "all", "admin", "bob")

    def role() -> str | None:
        found = state.tokens.find(text)
        return found and found.role

    assert role() == "analyst"
    state.users.set_role(BY, "bob", "restricted")
    assert role() == "restricted"
    state.users.set_role(BY, "bob", "admin")
    assert role() == "admin"
    state.users.remove(BY, "bob")
    assert role() is None


# --- sessions ------------------------------------------------------------------------------------------------------


def begun(state: State) -> tuple[int, str]:
    ann = state.users.add(BY, "ann", "admin", WORDS)
    return ann.user_id, state.sessions.begin(Actor("ann", "admin", "127.0.0.1"), ann.user_id, "Firefox" * 100)


def test_a_session_holds_while_it_is_used_but_at_most_a_week(state: State, clock: Clock) -> None:
    _, secret = begun(state)
    assert secret.encode() not in state.path.read_bytes()
    for _ in range(14):
        clock.on(hours=11, minutes=55)  # 14 of them are 70 minutes less than a week
        found = state.sessions.find(secret)
        assert found is not None and len(found.agent) == 200
    clock.on(minutes=69)
    assert state.sessions.find(secret) is not None
    clock.on(minutes=1)
    assert state.sessions.find(secret) is None


def test_an_idle_session_ends(state: State, clock: Clock) -> None:
    _, secret = begun(state)
    clock.on(hours=11, minutes=59)
    assert state.sessions.find(secret) is not None
    clock.on(hours=12)
    assert state.sessions.find(secret) is None
    clock.on(hours=-12)
    assert state.sessions.find(secret) is None, "it is gone for good"


def test_a_clock_that_goes_back_ends_sessions_rather_than_making_them_longer(state: State, clock: Clock) -> None:
    _, secret = begun(state)
    clock.on(minutes=-4)
    assert state.sessions.find(secret) is not None
    clock.on(days=-400)
    assert state.sessions.find(secret) is None


def test_a_new_password_ends_all_other_sessions(state: State) -> None:
    user_id, mine = begun(state)
    other = state.sessions.begin(Actor("ann", "admin"), user_id)
    here = state.sessions.find(mine)
    assert here is not None
    state.users.set_password(BY, "ann", "another good one", keep=here.session_id)
    assert state.sessions.find(other) is None and state.sessions.find(mine) is not None
    again = state.sessions.begin(Actor("ann", "admin"), user_id)
    assert len(state.sessions.of(user_id)) == 2
    assert state.sessions.end_others(BY, user_id, here.session_id) == 1
    assert state.sessions.find(again) is None
    state.sessions.end(BY, mine)
    assert state.sessions.find(mine) is None


def test_a_role_holds_at_once(state: State) -> None:
    begun(state)
    bob = state.users.add(BY, "bob", "analyst", WORDS)
    secret = state.sessions.begin(Actor("bob", "analyst"), bob.user_id)
    state.users.set_role(BY, "bob", "restricted")
    found = state.sessions.find(secret)
    assert found is not None and found.role == "restricted"


# --- throttling ----------------------------------------------------------------------------------------------------


def test_waits_double_by_name_from_the_sixth_failure_on(state: State, clock: Clock) -> None:
    waits = []
    for n in range(16):
        wait = state.attempts.begin("Ann", f"10.0.0.{n}")
        if wait:
            assert state.attempts.begin("ann", "10.9.9.9") == wait, "the name counts, not the address"
            clock.on(seconds=wait - 0.5)
            assert state.attempts.begin("ANN", f"10.0.0.{n}") == 1
            clock.on(seconds=0.5)
            assert state.attempts.begin("ann ", f"10.0.0.{n}") == 0
        waits.append(wait)
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]
    assert state.attempts.begin("bob", "10.0.0.99") == 0


def test_an_address_waits_whatever_names_it_tries(state: State) -> None:
    assert [state.attempts.begin(f"user{n}", "10.0.0.1") for n in range(20)] == [0] * 20
    assert state.attempts.begin("fresh", "10.0.0.1") == 1
    assert state.attempts.begin("fresh", "10.0.0.2") == 0


def test_a_login_frees_the_name_but_not_the_address(state: State) -> None:
    for n in range(19):
        state.attempts.begin(f"user{n}", "10.0.0.1")
    for _ in range(5):
        assert state.attempts.begin("own", "10.0.0.1") == 0, "who has an account gains no free guesses by it"
        state.attempts.succeeded("own", "10.0.0.1")
    assert state.attempts.begin("user20", "10.0.0.1") == 0
    assert state.attempts.begin("user21", "10.0.0.1") == 1


def test_failures_survive_a_restart_and_are_forgotten_after_a_while(state: State, clock: Clock) -> None:
    for _ in range(6):
        state.attempts.begin("ann", "10.0.0.1")
    again = State(state.path.parent, clock)
    assert again.attempts.begin("ann", "10.0.0.1") == 1
    clock.on(hours=2, seconds=1)
    assert [again.attempts.begin("ann", "10.0.0.1") for _ in range(6)] == [0] * 5 + [1]
    again.close()


def test_a_clock_that_goes_back_locks_nobody_out(state: State, clock: Clock) -> None:
    for _ in range(7):
        state.attempts.begin("ann", "10.0.0.1")
        clock.on(seconds=1)
    clock.on(days=-365)
    wait = state.attempts.begin("ann", "10.0.0.1")
    assert 0 < wait <= 2
    clock.on(seconds=wait)
    assert state.attempts.begin("ann", "10.0.0.1") == 0


def test_what_was_typed_as_a_name_is_not_kept(state: State) -> None:
    state.attempts.begin("my-password-in-the-wrong-field", "10.0.0.1")
    assert b"wrong-field" not in state.path.read_bytes()
