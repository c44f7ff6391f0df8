"""What the web application costs on one store: server time, weight, first chart, fifty readers at once, memory.

    .venv/bin/python benchmarks/web.py STORE [--repeat 3] [--clients 50]

Starts `rollforward serve` anew for each repeat. Every address is asked once before, so that all tables are built; then
a *first* time is the first in a server's life and an *again* the second. Times are by the clock of a client on the
same machine, over one kept connection; *cpu* is the server's processor time, the median of first times; the floor is
/settings, a page that asks no figures, in the same run. Nothing is asserted about time. The store is not changed but
for what is built in it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx

PATIENCE = 600
"""Seconds in which an answer that is built for the first time has to come."""

FLOOR = ("/settings", "/developers", "/settings?lang=en")


@dataclass
class Server:
    """A running server: its address and process."""

    url: str
    process: subprocess.Popen[str]

    def seconds(self) -> float:
        """Processor seconds of all its threads so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self) -> float:
        """The most memory that it held, in GiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / (1 << 20)

    def rest(self) -> None:
        """Waits until it does nothing any more: first views are made when it starts."""
        before, quiet = self.seconds(), 0
        while quiet < 3:
            time.sleep(0.5)
            now = self.seconds()
            quiet, before = (quiet + 1 if now - before < 0.05 else 0), now


@contextmanager
def serving(store: Path) -> Iterator[Server]:
    """`rollforward serve` on a free port."""
    command = [sys.executable, "-m", "rollforward", "serve", "--port", "0", "--store", str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        url = next(w for w in process.stdout.readline().split() if w.startswith("http")).rstrip("/")
        yield Server(url, process)
    finally:
        process.terminate()
        process.wait()


def client(server: Server) -> httpx.Client:
    """A browser that takes packed answers."""
    headers = {"accept-language": "en", "accept-encoding": "gzip"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=PATIENCE, follow_redirects=True)


def ask(asks: httpx.Client, path: str) -> tuple[float, int]:
    """Seconds until the answer stands, also where a page says first how far it is; its bytes as sent."""
    began = time.perf_counter()
    while True:
        got = asks.get(path)
        if got.status_code != 202 and "/data/jobs/" not in str(got.url):
            got.raise_for_status()
            return time.perf_counter() - began, got.num_bytes_downloaded
        if time.perf_counter() - began > PATIENCE:
            raise TimeoutError(path)
        time.sleep(0.2)


@dataclass
class Measured:
    """One kind of page: its addresses, the most seconds it may take, and what it took."""

    name: str
    paths: list[str]
    most: float = 0.3
    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def line(self, floor: float) -> tuple[str, ...]:
        """A row of the table: milliseconds."""
        first, again = spread(self.first), spread(self.again)
        ok = first[1] <= self.most and again[1] <= 0.1
        shown = (f"{seconds * 1000:,.0f}" for seconds in (*first, *again))
        cpu = f"{spread(self.cpu)[0] * 1000:,.0f}"
        return (self.name, *shown, cpu, f"{first[0] / floor:.1f} x", f"<= {self.most * 1000:.0f}, <= 100", verdict(ok))


def spread(seconds: list[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2], ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]


def verdict(ok: bool) -> str:
    return "ok" if ok else "over"


def pages(asks: httpx.Client) -> list[Measured]:
    """The kinds of pages with addresses of the store: the last month with expansion, accounts of every size."""
    told = asks.get("/v1/mrr").json()
    rows = [r for r in told["data"] if r["is_complete"] and float(r["expansion"] or 0)]
    last, code = rows[-1]["period"][:7], rows[-1]["currency"]
    listed = asks.get("/v1/accounts", params={"limit": 200}).json()["data"]
    ids = [str(r["account_id"]) for r in listed[:: max(1, len(listed) // 12)]]
    many = ("", "by=quarter", "by=year", "currency=native", f"to={rows[-4]['period'][:7]}", "span=24")

    def of(path: str, *queries: str) -> list[str]:
        return [f"{path}?{q}" if q else path for q in queries]

    def opened(metric: str, level: str, **own: str) -> str:
        return "/open?" + urlencode({"metric": metric, "period": last, "of": code, "level": level, **own})

    flows = ("new", "expansion", "contraction", "churn")
    words = ("company+777", ids[3][:5], "owner+7", "company+12+example", "no+such+account", "co", "billing+a000",
             quote("บริษัท") + "+77", ids[5])  # fmt: skip
    one = ids[2]
    return [
        Measured("overview", of("/", *many[:5])),
        Measured("roll-forward", of("/roll-forward", *many, "by=week")),
        Measured("expansion", of("/expansion", *many[:5])),
        Measured("retention", of("/retention", *many[:5])),
        Measured("a chart", [f"/charts/{n}.json" for n in ("waterfall", "movements", "trend", "drivers", "retention")]),
        Measured("accounts, the list", of("/accounts", "", "sort=name", "state=churned", "sort=-change_12"), 0.1),
        Measured("accounts, searched by words", [f"/accounts?q={w}" for w in words], 0.1),
        Measured("one account", [f"/accounts/{quote(i, safe='')}" for i in ids]),
        Measured("open: accounts behind a flow", [opened(m, "accounts") for m in flows]),
        Measured("open: accounts behind a balance", [opened(m, "accounts") for m in ("net_new", "closing", "opening")]),
        Measured("open: accounts behind NDR, GRR", [opened(m, "accounts") for m in ("ndr_12", "grr_12", "ndr_1")]),
        Measured("open: movements, ledger, source rows of an account",
                 [opened("mrr", n, account=i) for n in ("movements", "ledger", "sources") for i in ids[:3]]),
        Measured("an account's source rows", [f"/accounts/{quote(one, safe='')}?show=sources"]),
        Measured("an account's notice", [f"/v1/accounts/{quote(i, safe='')}/notice" for i in ids], 0.02),
        Measured("data", ["/data", "/data/imports/1", "/data/problems", "/data/closings", "/data/policies"]),
    ]  # fmt: skip


def measure(store: Path, repeat: int, clients: int) -> None:
    """Prints the tables."""
    with serving(store) as server, client(server) as asks:
        began = time.perf_counter()
        ask(asks, "/")  # an empty folder of built tables takes minutes
        kinds = pages(asks)
        for kind in kinds:
            for path in kind.paths:
                seconds, _size = ask(asks, path)
                if seconds > 2:
                    print(f"  built in {seconds:.1f} s: {path}", flush=True)
        print(f"everything built and asked once: {time.perf_counter() - began:.0f} s, peak {server.peak():.2f} GiB")
    floors, weights, peaks = list[float](), dict[str, int](), list[float]()
    for _ in range(repeat):
        with serving(store) as server, client(server) as asks:
            server.rest()
            for path in FLOOR:
                ask(asks, path)
            for kind in kinds:
                for path in kind.paths:
                    spent = server.seconds()
                    seconds, weights[path] = ask(asks, path)
                    kind.first.append(seconds)
                    kind.cpu.append(server.seconds() - spent)
                    kind.again.append(ask(asks, path)[0])
                floors += [ask(asks, path)[0] for path in FLOOR]
            peaks.append(server.peak())
    floor, top = spread(floors)
    head = ("page", "first p50", "p95", "again p50", "p95", "first cpu", "floor", "target, ms", "")
    table([head, *(kind.line(floor) for kind in kinds)])
    heaviest = max(weights, key=weights.__getitem__)
    print(f"floor (/settings): p50 {floor * 1000:.0f} ms, p95 {top * 1000:.0f} ms; load {os.getloadavg()[0]:.1f}")
    print(f"heaviest page: {weights[heaviest] / 1e6:.3f} MB packed, {heaviest}")
    print(f"peak of the server: {max(peaks):.2f} GiB")
    with serving(store) as server:
        server.rest()
        in_browser(server)
        together(server, [kind.paths[0] for kind in kinds], clients)
        print(f"peak of the server after that: {server.peak():.2f} GiB")


def table(rows: list[tuple[str, ...]]) -> None:
    """Rows under each other, the first column to the left."""
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    for row in rows:
        first, *rest = (c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        print("  ".join((first, *rest)).rstrip(), flush=True)


CHARTED = """() => { const s = document.querySelector('figure.chart[data-drawn]');
  if (s && !window.charted) window.charted = performance.now(); return window.charted; }"""


def in_browser(server: Server) -> None:
    """The weight of each page with all it needs, and when its first chart stands, in Chromium with nothing kept."""
    import shutil

    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for path in ("/", "/roll-forward", "/expansion", "/retention", "/accounts"):
            context = browser.new_context(base_url=server.url, locale="en-US", viewport={"width": 1280, "height": 900})
            page = context.new_page()
            net = context.new_cdp_session(page)
            sizes: list[float] = []
            net.send("Network.enable")
            net.on("Network.loadingFinished", lambda told, sizes=sizes: sizes.append(told["encodedDataLength"]))
            page.goto(path)
            chart = None
            if path not in ("/roll-forward", "/accounts"):  # tables
                chart = page.wait_for_function(CHARTED, timeout=60_000, polling="raf").json_value()
            page.wait_for_load_state("networkidle", timeout=PATIENCE * 1000)  # charts made the first time
            weight = sum(sizes) / 1e6
            shown = f"first chart after {chart:,.0f} ms (<= 1500: {verdict(chart <= 1500)}), " if chart else ""
            print(f"  {path}: {shown}{weight:.2f} MB with assets (<= 1.5: {verdict(weight <= 1.5)})", flush=True)
            context.close()
        browser.close()


def together(server: Server, paths: list[str], clients: int) -> None:
    """So many readers, each of every kind of page in an order of its own, at once."""
    seconds, errors, lock = list[float](), list[str](), threading.Lock()

    def read(number: int) -> None:
        with client(server) as asks:
            for i in range(len(paths)):
                path = paths[(i + number) % len(paths)]
                try:
                    spent = ask(asks, path)[0]
                except (httpx.HTTPError, TimeoutError) as error:
                    with lock:
                        errors.append(f"{path}: {error!r}")
                    continue
                with lock:
                    seconds.append(spent)

    began, spent = time.perf_counter(), server.seconds()
    threads = [threading.Thread(target=read, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    p50, p95 = spread(seconds) if seconds else (0.0, 0.0)
    rate = len(seconds) / (time.perf_counter() - began)
    print(
        f"{clients} readers at once: {len(seconds)} pages, {len(errors)} errors ({verdict(not errors)}), "
        f"p50 {p50 * 1000:,.0f} ms, p95 {p95 * 1000:,.0f} ms, {rate:.0f} pages a second, "
        f"{(server.seconds() - spent) / max(1, len(seconds)) * 1000:.0f} ms of processor a page"
    )
    print(json.dumps(errors[:5])) if errors else None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--repeat", type=int, default=3, help="servers that are asked everything")
    parser.add_argument("--clients", type=int, default=50, help="readers at once")
    given = parser.parse_args()
    measure(given.store, given.repeat, given.clients)
