"""The command that compares with another policy or another tool's file, by account or as sentences by period."""

# Typer reads the annotations of this function as they are, so they are no texts (`from __future__`) here.

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from rollforward.cli.options import AsOf, Basis, End, Format, Lang, Minor, Output, Policy, Scheduled, Start, StoreAt
from rollforward.cli.output import Out, emit, remarks, write_text
from rollforward.text import N_, _, figures
from rollforward.text.columns import LABELS
from rollforward.text.views import VIEWS
from rollforward.text.words import WORDS

if TYPE_CHECKING:
    from rollforward.api import Table

DIFFERS = N_("{period}, {currency}, {measure}: ours {ours}, theirs {theirs}, difference {difference}: {reasons}")
SAME = N_("{period}, {currency}, {measure}: ours and theirs {ours}")
ONE, SEVERAL = N_("{reason} {amount} (1 account)"), N_("{reason} {amount} ({accounts} accounts)")

Against = Annotated[
    str,
    typer.Option(
        "--against",
        metavar="FILE|policy:NAME",
        help=_("Another tool's monthly MRR, change rows or roll-forward; or a policy."),
        show_default=False,
    ),
]
By = Annotated[Literal["account", "period"], typer.Option("--by", help=_("Each account, or sentences by period."))]
Measure = Annotated[
    Literal["mrr", "new", "expansion", "contraction", "churn", "reactivation"],
    typer.Option("--measure", help=_("MRR at each month's end, or a movement.")),
]
As = Annotated[
    str | None, typer.Option("--as", metavar="POLICY", help=_("The policy by whose rules the file was made."))
]
Mapping = Annotated[
    Path | None, typer.Option("--mapping", metavar="FILE.toml", help=_("Which of your columns is which of ours."))
]
Only = Annotated[
    str | None,
    typer.Option("--currency", metavar="CCY", help=_("Only what is paid in this currency; none is converted.")),
]


# fmt: off
def reconcile(
    against: Against, by: By = "account", measure: Measure = "mrr", as_: As = None, mapping: Mapping = None,
    store: StoreAt = None, policy: Policy = "default", as_of: AsOf = None, basis: Basis = "reported",
    currency: Only = None, start: Start = None, end: End = None, minor: Minor = False, scheduled: Scheduled = False,
    format: Format = None, output: Output = None, lang: Lang = None,
) -> int:
    """Each difference with its reasons, which add up to it; exit code 1 if something is unexplained or not read."""
    # fmt: on
    from rollforward import api

    answer = api.open(store, create=False).reconcile(
        against, measure, as_, mapping, by=by, policy=policy, as_of=as_of, basis=basis, currency=currency, start=start,
        end=end, minor=minor, scheduled=scheduled,
    )  # fmt: skip
    out = Out(format, output)
    if out.chosen == "table" and not answer.rows:
        write_text(_("No difference."), out.path)
        return remarks(answer)
    if out.chosen == "table" and by == "period":
        write_text("\n".join(sentences(answer)), out.path)
        return remarks(answer)
    return emit(answer, out, VIEWS["reconcile"])


def sentences(answer: "Table") -> list[str]:
    """One a period and currency: ours, theirs, the difference and its reasons."""
    found = []
    for _key, rows in groupby(answer.to_dicts(), key=lambda r: (r["currency"], r["period"])):
        mine: list[dict[str, Any]] = list(rows)
        head = mine[0]
        label = LABELS["mrr"] if head["measure"] == "mrr" else WORDS[str(head["measure"])]
        told = {
            "period": figures.period(head["period"], "month"), "currency": head["currency"], "measure": _(label),
            **{name: figures.number(head[name]) for name in ("ours", "theirs", "difference")},
        }  # fmt: skip
        reasons = [_reason(r) for r in mine if r["amount"] or r["reason"] == "unexplained"]
        differs = head["difference"] or len(reasons) > 1
        found.append(_(DIFFERS if differs else SAME).format(**told, reasons=", ".join(reasons)))
    return found


def _reason(row: dict[str, Any]) -> str:
    word = str(row["reason"])
    name, amount = _(WORDS[word]) if word in WORDS else word, figures.number(row["amount"])
    if not row["accounts"]:
        return f"{name} {amount}"
    template = ONE if row["accounts"] == 1 else SEVERAL
    return _(template).format(reason=name, amount=amount, accounts=figures.number(row["accounts"]))
