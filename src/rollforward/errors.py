"""What can go wrong, as values and as exceptions.

    RollforwardError            exit code 1 unless a subclass says otherwise
    ├── Misuse                  2: the question or the call is wrong
    ├── StoreError              1: the store is damaged, newer than this program, or cannot be written
    │   └── NoStore             2: what was named as the store is none
    ├── DoesNotTie              1: an invariant is broken
    └── ServiceError            3: an outside service failed

Faults in the user's data are not exceptions: they are rows of the table `problem` (see `Problem`).
Every message says what happened, where, and what to do; `remedy` holds the last part apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class RollforwardError(Exception):
    """Base of all errors that a user may see. `code` names the message in both languages."""

    exit_code = 1

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        detail = ", ".join(f"{k}={v}" for k, v in self.params.items())
        return f"{self.code}: {detail}" if detail else self.code


class Misuse(RollforwardError):
    """The call cannot be answered as asked (unknown option value, a date before the first fact, …)."""

    exit_code = 2


class StoreError(RollforwardError):
    """The store is damaged, was made by a newer release, or cannot be written."""


class NoStore(StoreError):
    """Nothing, a file or some other folder lies where the store was said to be."""

    exit_code = 2


class DoesNotTie(RollforwardError):
    """A check found rows that break an invariant; the number is not shown as sound."""


class ServiceError(RollforwardError):
    """A service outside this machine failed."""

    exit_code = 3


@dataclass(frozen=True)
class Problem:
    """One row of the user's data that was not accepted, or accepted with a remark.

    `severity` is `refused` (the row is in no number) or `note` (it is, changed as `code` says).
    `row` is the user's own text. `amount_minor` is the row's monthly amount at stake in minor units of `currency`.
    """

    code: str
    file: str
    line: int
    row: str = ""
    severity: str = "refused"
    params: dict[str, str] = field(default_factory=dict)
    amount_minor: int = 0
    currency: str = ""
