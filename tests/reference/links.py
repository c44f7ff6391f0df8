"""Linked accounts (decision 0013.1 and 2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from reference.counting import Stretch
from reference.facts import BEGINNING, OPEN_END, Link, State


def in_force(links: Sequence[Link]) -> list[Link]:
    """The last word on each account, if it does not take the link back."""
    last = {x.from_account: x for x in sorted(links, key=lambda x: x.recorded_at)}
    return [x for x in last.values() if not x.removed]


def same(account: str, links: Sequence[Link]) -> str:
    """The account that `account` is, through all links of the kind `same`."""
    onward = {link.from_account: link.to_account for link in links if link.kind == "same"}
    while account in onward:
        account = onward[account]
    return account


def owners(account: str, links: Sequence[Link]) -> list[tuple[str, datetime, datetime]]:
    """Whose all of `account` is, and over which [from, to)."""
    onward = {link.from_account: link for link in links}
    spans = []
    owner, since = account, BEGINNING
    while owner in onward:
        at = BEGINNING if onward[owner].kind == "same" else onward[owner].valid_from
        if at > since:
            spans.append((owner, since, at))
            since = at
        owner = onward[owner].to_account
    return [*spans, (owner, since, OPEN_END)]


def acquisitions(links: Sequence[Link]) -> list[Link]:
    """Who goes over to whom and when, chains resolved."""
    result = []
    for link in links:
        first, *later = owners(link.from_account, links)
        if first[0] == link.from_account and later:
            result.append(replace(link, kind="acquired", to_account=later[0][0], valid_from=first[2]))
    return result


def handed_over(states: Iterable[State], links: Sequence[Link]) -> list[State]:
    """Stretches of an acquired account are cut at the link's moment and go on under the other account."""
    return [
        replace(s, account=owner, valid_from=max(s.valid_from, start), valid_to=min(s.valid_to, end))
        for s in states
        for owner, start, end in owners(s.account, links)
        if start < s.valid_to and s.valid_from < end
    ]


def stretches_handed_over(stretches: Iterable[Stretch], links: Sequence[Link]) -> list[Stretch]:
    """As `handed_over`, of what charges and ready-made changes make."""
    return [
        replace(s, state=state, valid_from=state.valid_from, valid_to=state.valid_to)
        for s in stretches
        for state in handed_over([s.state], links)
    ]
