"""Linked accounts (decision 0013.1 and 2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reference.facts import Link, State


def same(account: str, links: Sequence[Link]) -> str:
    """The account that `account` is, through all links of the kind `same`."""
    onward = {link.from_account: link.to_account for link in links if link.kind == "same"}
    while account in onward:
        account = onward[account]
    return account


def handed_over(states: Iterable[State], links: Sequence[Link]) -> list[State]:
    """Stretches of an acquired account are cut at the link's moment and go on under the other account."""
    result = list(states)
    for link in sorted((x for x in links if x.kind == "acquired"), key=lambda x: x.valid_from):
        from_account, to_account = same(link.from_account, links), same(link.to_account, links)
        cut = []
        for s in result:
            if s.account != from_account or s.valid_to <= link.valid_from:
                cut.append(s)
                continue
            if s.valid_from < link.valid_from:
                cut.append(replace(s, valid_to=link.valid_from))
            cut.append(replace(s, account=to_account, valid_from=max(s.valid_from, link.valid_from)))
        result = cut
    return result
