"""What the program costs: seconds, processor seconds and memory, against a floor measured in the same run.

    .venv/bin/python benchmarks/run.py [PART, see PARTS, or all] [--scale 1.0] [--repeat 3] [--work DIR]

Every measurement is a process of its own. Nothing is asserted about time: the table says `ok` or `over`, and the exit
code is 0. A wrong number is said in the table too (`WRONG`), and then the exit code is 1. benchmarks/README.md says
what each figure means.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
GENERATOR = HERE.parents[1] / "shared/tools/gen_subscriptions.py"
PROGRAM = Path(sys.executable).with_name("rollforward")
GIB = 1 << 20  # KiB
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "ROLLFORWARD_MEMORY")}

faults: list[str] = []


class Failed(Exception):
    """A process that was to be measured ended with an error: there is no figure."""


@dataclass(frozen=True)
class Cost:
    """What one process took: `seconds` by the clock, `cpu` seconds of its threads, `rss` in KiB; and what it `said`."""

    seconds: float
    cpu: float
    rss: int
    said: dict[str, Any]


def spend(command: list[str]) -> Cost:
    """Runs one process to its end; its last line of standard output is JSON where it is one of ours. Raises Failed.

    This process stays small: a child's peak begins with that of the process it was forked from.
    """
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT, text=True) as child:
        assert child.stdout and child.stderr
        out, err = child.stdout.read(), child.stderr.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if child.returncode:
        raise Failed(f"{' '.join(command)}: exit code {child.returncode}: {err.strip()[-400:]}")
    lines = out.strip().splitlines()
    said = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return Cost(said.pop("seconds", seconds), said.pop("cpu", used.ru_utime + used.ru_stime), used.ru_maxrss, said)


def ours(step: str, *args: object) -> Cost:
    """One step of benchmarks/steps.py in a fresh process."""
    return spend([sys.executable, str(HERE / "steps.py"), step, *map(str, args)])


def several(repeat: int, fresh: Path, step: str, *args: object) -> Cost:
    """Medians of `repeat` runs of a step; the folder `fresh` is removed before each."""
    costs = []
    for _ in range(repeat):
        shutil.rmtree(fresh, ignore_errors=True)
        costs.append(ours(step, *args))
    return median(costs)


def median(costs: list[Cost]) -> Cost:
    """Medians of time, the largest peak, what the last one said."""
    return Cost(
        statistics.median(c.seconds for c in costs),
        statistics.median(c.cpu for c in costs),
        max(c.rss for c in costs),
        costs[-1].said,
    )


HEAD = ("what", "seconds", "cpu s", "figure", "peak GiB", "target", "")
WIDTH = (55, 8, 8, 26, 8, 30, 5)


def title(text: str) -> None:
    print(
        f"\n{text} (load {os.getloadavg()[0]:.1f})\n"
        + "  ".join(h.ljust(w) for h, w in zip(HEAD, WIDTH, strict=True)).rstrip(),
        flush=True,
    )


def row(what: str, cost: Cost, figure: str = "", target: str = "", ok: bool | None = None) -> None:
    """One line of a table; `ok` is whether the target holds, None where there is none."""
    verdict = "" if ok is None else "ok" if ok else "over"
    cells = (what, f"{cost.seconds:.2f}", f"{cost.cpu:.2f}", figure, f"{cost.rss / GIB:.2f}", target, verdict)
    print("  ".join(c.ljust(w) for c, w in zip(cells, WIDTH, strict=True)).rstrip(), flush=True)


def note(text: str) -> None:
    print(f"  {text}", flush=True)


def same(what: str, got: object, expected: object) -> None:
    """Says that two results agree, or that they do not and where first."""
    if got == expected:
        note(f"{what}: {'none' if got == 0 else 'equal'}")
        return
    where = ""
    if isinstance(got, list) and isinstance(expected, list):
        pairs = [(g, e) for g, e in zip(got, expected, strict=False) if g != e]
        where = f"; {len(got)} and {len(expected)} rows, first: {pairs[:1]}"
    faults.append(f"{what}: WRONG{where}")
    note(faults[-1])


# -- the parts -----------------------------------------------------------------------------------------------------


def bench_import(work: Path, scale: float, repeat: int) -> None:
    rows = round(4_000_000 * scale)
    made = ours("make_stretches", work, rows)
    title(f"import: {made.said['rows']:,} stretches x 7 columns into a fresh store")
    for name in ("csv", "parquet"):
        store = work / f"store-{name}"
        cost = several(repeat, store, "import_", store, work / f"stretches.{name}")
        speed = rows / cost.seconds
        ok = speed >= 400_000 and cost.rss <= 2 * GIB
        row(name, cost, f"{speed:,.0f} rows/s", ">= 400,000 rows/s, <= 2 GiB", ok)
        same("rows accepted", cost.said["accepted"], made.said["rows"])


def _states_store(work: Path, scale: float) -> tuple[Path, Cost | None]:
    """The store of item states; None for its cost where an earlier part made it."""
    folder, store = work / "states", work / "states-store"
    if store.exists():
        return store, None
    folder.mkdir(exist_ok=True)
    ours("make_states", folder, scale)
    files = [folder / "products.csv", folder / "plans.csv", folder / "states.parquet"]
    return store, ours("import_", store, *files)


def bench_states(work: Path, scale: float, repeat: int) -> None:
    store, cost = _states_store(work, scale)
    floor = ours("floor", work / "states/states.parquet")
    title(f"states: {floor.said['states']:,} item states of {floor.said['accounts']:,} accounts, five years")
    if cost:
        row("import of the Parquet file (once)", cost, f"{floor.said['states'] / cost.seconds:,.0f} rows/s")
    row("floor: scan and sum by month (median of 5)", floor, "1 x")
    for what, step, most in (
        ("roll-forward by month, nothing built", "mrr", 60),
        ("expansion with drivers and swaps, nothing built", "expansion", 150),
    ):
        got = several(repeat, store / "built", step, store)
        ratio, ratio_cpu = got.seconds / floor.seconds, got.cpu / floor.cpu
        ok = ratio <= most and got.rss <= 3 * GIB
        row(what, got, f"{ratio:.0f} x (cpu {ratio_cpu:.0f} x)", f"<= {most} x, <= 3 GiB", ok)
        if step == "mrr":
            same("closing of every month", got.said["closing"], floor.said["closing"])
        else:
            same("rows whose drivers do not sum", got.said["untied"], 0)


def bench_customers(work: Path, scale: float, repeat: int) -> None:
    folder, store = work / "customers", work / "customers-store"
    count = round(1_000_000 * scale)
    shutil.rmtree(store, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    if known := GENERATOR.exists():
        spend([sys.executable, str(GENERATOR), "--customers", str(count), "--months", "48", "--out", str(folder)])
        (folder / "map.toml").write_text('[columns]\namount = "mrr"\n[constants]\ncurrency = "USD"\n')
        cost = ours("import_", store, folder / "map.toml", folder / "subscription_periods.parquet")
    else:
        ours("make_states", folder, scale * 1_000_000 / 1_600_000)
        cost = ours("import_", store, folder / "states.parquet")
    title(f"customers: {count:,} customers, {cost.said['accepted']:,} stretches")
    if not known:
        note("../shared/tools/gen_subscriptions.py is absent: rows of make_states.py, five years, no known answer")
    row("import of the Parquet file (once)", cost)
    got = several(repeat, store / "built", "customers", store)
    ok = got.seconds <= 8 and got.rss <= 1.5 * GIB
    figure = f"{got.seconds / 8:.2f} of target"
    row("roll-forward, NDR(12), GRR(12) of every month", got, figure, "<= 8 s, <= 1.5 GiB", ok)
    for name in ("roll-forward", "retention"):
        note(f"of which {name}: {got.said['seconds_' + name]:.2f} s")
    if known:
        _compare_customers(folder, got.said)


def _compare_customers(folder: Path, said: dict[str, Any]) -> None:
    with (folder / "expected_rollforward.csv").open() as file:
        wanted = [[r.pop("month"), *map(int, r.values())] for r in csv.DictReader(file)]
    same("roll-forward, money and accounts, every month", said["roll-forward"][: len(wanted)], wanted)
    with (folder / "expected_retention.csv").open() as file:
        rows = list(csv.DictReader(file))
    exact = ("base_customers", "base_mrr", "now_mrr", "kept_mrr")
    got = said["retention"][: len(rows)]
    money = [[r["month"], *(int(r[k]) for k in exact)] for r in rows]
    same("retention, money and accounts, every month", [r[:-2] for r in got], money)
    ratios = [[round(float(r[k]), 12) for k in ("nrr", "grr")] for r in rows]
    same("NDR and GRR to twelve digits", [[round(v, 12) for v in r[-2:]] for r in got], ratios)


def bench_ask(work: Path, scale: float, repeat: int) -> None:
    store, _ = _states_store(work, scale)
    built = ours("build", store)
    title(f"ask: through the executable, start-up included, on {built.said['states']:,} item states")
    row("build of everything, checks included (once)", built)
    same("violations", built.said["violations"], 0)
    _ask(store, built.said["period"], built.said["account"], 1.0, repeat)
    demo = work / "demo-store"
    title("ask: the demo store")
    row("demo (once)", spend([str(PROGRAM), "demo", "--store", str(demo)]))
    found = ours("pick", demo).said
    _ask(demo, found["period"], found["account"], 0.6, repeat)


def _ask(store: Path, period: object, account: object, most: float, repeat: int) -> None:
    lines = ["mrr", "metrics", "expansion", "drivers", "retention", "mrr --by day"]
    opened = f"explain expansion --period {period}"
    for line in (*lines, opened, f"{opened} --account {account}"):
        cost = median([spend([str(PROGRAM), *line.split(), "--store", str(store)]) for _ in range(repeat)])
        row(line, cost, f"{cost.seconds / most:.2f} of target", f"<= {most} s", cost.seconds <= most)


SETTINGS = (
    'past_due = 5', 'discounts = { forever = true, repeating = true, once = true }', 'churn_on = "requested"',
    'churn_on = "period_end"', 'active_from = "first_payment"', 'paused = "active"', 'free_account = "active"',
    'usage = "service_month"', 'netting = "second"', 'netting = "minutes:60"', 'netting = "month"', 'gap_days = 5',
    'reactivation_days = 90', 'reactivation_needs_month_end_at_zero = true', 'reactivation_as = "expansion"',
    'same_month_new_and_churn = "neither"', 'minor_movement = 100', 'week_factor = "4"',
    'time_zone = "America/Los_Angeles"',
)  # fmt: skip
"""One setting each, everything else as in the default policy."""


def bench_settings(work: Path, scale: float, repeat: int) -> None:
    store, _ = _states_store(work, scale)
    title("settings: the roll-forward by month under one other setting, nothing built; 1 x is the default policy")
    base = several(repeat, store / "built", "mrr", store)
    row("default", base, "1 x")
    for setting in SETTINGS:
        rules = work / "bench.toml"
        rules.write_text(f'name = "bench"\nversion = 1\n{setting}\n')
        got = several(repeat, store / "built", "mrr", store, rules)
        row(setting, got, f"{got.seconds / base.seconds:.2f} x (cpu {got.cpu / base.cpu:.2f} x)")
    shutil.rmtree(store / "built", ignore_errors=True)
    first = ours("mrr", store)
    rules.write_text('name = "bench"\nversion = 1\ndiscounts = { forever = false, repeating = false, once = false }\n')
    for what, policy in (("no discounts", rules), ("stripe", "stripe"), ("chartmogul", "chartmogul")):
        second = ours("mrr", store, policy)
        figure = f"{second.seconds / first.seconds:.2f} x (cpu {second.cpu / first.cpu:.2f} x)"
        ok = second.cpu <= 1.05 * first.cpu
        row(f"another policy beside the default: {what}", second, figure, "<= 1 x", ok)


def bench_segments(work: Path, scale: float, repeat: int) -> None:
    store, _ = _states_store(work, scale)
    ours("accounts_", store, work / "states/states.parquet")
    built = ours("build", store)
    title(f"segments: through the executable, start-up included, on {built.said['states']:,} item states")
    lines = ["mrr --segment country", "mrr --segment size_band", "mrr --segment product", "expansion --segment country",
             "retention --segment country", "mrr --segment country --where industry=i1", "cohorts",
             "mrr --currency EUR"]  # fmt: skip
    for line in lines:
        command = [str(PROGRAM), *line.split(), "--store", str(store)]
        row(f"{line}, first time", spend(command))
        cost = median([spend(command) for _ in range(repeat)])
        row(line, cost, f"{cost.seconds / 1.5:.2f} of target", "<= 1.5 s", cost.seconds <= 1.5)


def bench_accounts(work: Path, scale: float, repeat: int) -> None:
    store, _ = _states_store(work, scale)
    ours("named", store, work / "states/states.parquet")
    ours("build", store)
    got = ours("search", store)
    said = got.said
    title(f"accounts: {said['rows']:,} accounts in one process, everything built")
    for what, seconds, most in (
        ("list, made once for a day and a currency", said["cold"], None),
        ("list, in another process or thread", said["attached"], None),
        ("search, filters, orders, second pages: median", said["search"][0], 0.1),
        ("the same: 95th percentile", said["search"][1], 0.1),
        ("all about one account: median", said["page"][0], 0.3),
        ("the same: 95th percentile", said["page"][1], 0.3),
    ):
        cost = Cost(seconds, got.cpu, got.rss, {})
        target = f"<= {most * 1000:.0f} ms" if most else ""
        row(what, cost, f"{seconds * 1000:,.0f} ms", target, seconds <= most if most else None)
    same("MRR of all accounts", said["mrr"], said["closing"])
    same("accounts whose steps do not sum to what they pay", said["untied"], 0)


def bench_signals(work: Path, scale: float, repeat: int) -> None:
    accounts = int(1_000_000 * scale)
    files, store = work / "use", work / "use-store"
    rows = ours("make_use", files, accounts).said["rows"] if not (files / "usage.parquet").exists() else accounts * 100
    title(f"signals: {accounts:,} accounts, {rows:,} rows of use")
    if not store.exists():
        told = ours("import_use", store, files)
        row("import of use", told, f"{rows / told.seconds:,.0f} rows/s")
    shutil.rmtree(store / "built", ignore_errors=True)
    row("ledger and accounts as they stand, which signals read", ours("accounts_built", store))
    costs = []
    for _ in range(repeat):
        for made in (store / "built").rglob("*.parquet"):
            if not made.name.startswith(("account_now", "held_item", "attribute_now", "item_step", "terms")):
                made.unlink()
        ours("accounts_built", store)
        costs.append(ours("signals", store))
    cost = median(costs)
    ok = cost.seconds <= 120 * scale and cost.rss <= 4 * GIB
    row("all signals", cost, f"{cost.seconds / scale:,.0f} s at full size, if linear", "120 s, 4 GiB", ok)
    note(f"{costs[-1].said['signals']} of {costs[-1].said['accounts']:,} accounts")


def bench_scores(work: Path, scale: float, repeat: int) -> None:
    accounts = int(1_000_000 * scale)
    files, store = work / "use", work / "use-store"
    if not (files / "usage.parquet").exists():
        ours("make_use", files, accounts)
    if not store.exists():
        ours("import_use", store, files)
    title(f"scores: {accounts:,} accounts, features made, the model there")
    cost = median([ours("scores", store) for _ in range(repeat)])
    ok = cost.seconds <= 60 * scale and cost.rss <= 4 * GIB
    row("scores and reasons", cost, f"{cost.seconds / scale:,.0f} s at full size, if linear", "60 s, 4 GiB", ok)


def bench_web(work: Path, scale: float, repeat: int) -> None:
    store, _ = _states_store(work, scale)
    ours("accounts_", store, work / "states/states.parquet")
    ours("named", store, work / "states/states.parquet")
    print("\nweb: see benchmarks/web.py", flush=True)
    subprocess.run([sys.executable, HERE / "web.py", store, "--repeat", str(repeat)], check=True, env=ENVIRONMENT)


def code() -> list[tuple[str, int]]:
    """The program's files and when each was last written."""
    files = (p for p in (HERE.parent / "src").rglob("*") if p.suffix in (".py", ".sql"))
    return sorted((str(p), p.stat().st_mtime_ns) for p in files)


PARTS = {"import": bench_import, "states": bench_states, "customers": bench_customers, "ask": bench_ask,
         "settings": bench_settings, "segments": bench_segments,
         "accounts": bench_accounts, "web": bench_web, "signals": bench_signals,
         "scores": bench_scores}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", default="all", choices=[*PARTS, "all"])
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full number of rows")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each measurement; the table has the median")
    parser.add_argument("--work", type=Path, help="keep data and stores in this folder (default: a temporary one)")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rollforward-bench-")) if given.work is None else given.work
    folder.mkdir(parents=True, exist_ok=True)
    print(f"scale {given.scale:g}, median of {given.repeat}, {os.cpu_count()} cores", flush=True)
    try:
        for name, part in PARTS.items():
            if given.part in (name, "all"):
                before = code()
                try:
                    part(folder, given.scale, given.repeat)
                except (Failed, subprocess.CalledProcessError) as failed:
                    faults.append(f"{name} stopped: {failed}")
                if code() != before:
                    faults.append(f"{name}: the program was changed while it was measured; its figures mean nothing")
    finally:
        if given.work is None:
            shutil.rmtree(folder, ignore_errors=True)
    if faults:
        print("\n" + "\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
