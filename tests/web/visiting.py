"""A person at the pages without JavaScript, and what tests of the pages of data share."""

from __future__ import annotations

import html
import re
import time
from decimal import Decimal
from pathlib import Path

import httpx

import rollforward as rf

from .serving import Serving, csrf

HEAD = "account_id,subscription_id,plan,start_date,end_date,amount,currency\n"
GOOD = HEAD + "acme,s1,pro,2026-01-01,,100,USD\nbeta,s2,pro,2026-02-01,2026-05-01,50,USD\n"


class Browser:
    """A person without JavaScript: follows redirects, sends forms with their token."""

    def __init__(self, server: Serving) -> None:
        self.client = server.client(follow_redirects=True)

    def get(self, path: str) -> str:
        got = self.wait(self.client.get(path))
        assert got.status_code == 200, got.text
        return got.text

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.wait(self.client.post(path, data={"csrf": self.token, **fields}))

    def send(self, *sent: tuple[str, bytes], to: str = "/data/upload") -> httpx.Response:
        form = [("csrf", (None, self.token)), *(("file", (name, content)) for name, content in sent)]
        return self.wait(self.client.post(to, files=form))  # type: ignore[arg-type]

    def wait(self, got: httpx.Response) -> httpx.Response:
        """Follows the page of a job, or of an answer that is being made, as its reader would."""
        end = time.monotonic() + 60
        while ("/data/jobs/" in str(got.url) and "flash bad" not in got.text) or got.status_code == 202:
            assert time.monotonic() < end, got.text
            time.sleep(0.2)
            got = self.client.get(got.url)
        return got

    @property
    def token(self) -> str:
        return csrf(self.client, "/start")


def waiting(store: Path) -> list[str]:
    return sorted(p.name for p in (store / "uploads").glob("*/*")) if (store / "uploads").exists() else []


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def closing(store: Path, month: str) -> dict[str, Decimal]:
    rows = rf.open(store).mrr(start=month, end=month).to_dicts()
    return {str(r["currency"]): r["closing"] for r in rows}  # type: ignore[misc]
