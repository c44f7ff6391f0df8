"""Takes the pictures of docs/screenshots from a fresh demo store: `make screenshots`. Needs Chromium."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
MOST = 600_000
"""Bytes of all together: they live in the repository."""

OPENED = "metric=expansion&period=2026-10&of=USD"
PICTURES = {
    "overview-en": ("/", "en", "light"),
    "overview-th": ("/", "th", "light"),
    "roll-forward": ("/roll-forward?currency=USD", "en", "light"),
    "retention": ("/retention?currency=USD", "en", "dark"),
    "accounts": ("/accounts", "en", "light"),
    "opened": (f"/open?{OPENED}", "en", "light"),
}
"""Name → page, language, theme."""


def take(url: str) -> None:
    """Every picture from the server at `url`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (path, lang, theme) in PICTURES.items():
            context = browser.new_context(
                base_url=url,
                viewport={"width": 1200, "height": 800},
                locale=lang,
                color_scheme=theme,  # type: ignore[arg-type]
            )
            page = context.new_page()
            page.goto(path, wait_until="networkidle")
            expect(page.locator(".later[hx-get]")).to_have_count(0, timeout=60_000)
            page.wait_for_timeout(1500)
            page.screenshot(path=FOLDER / f"{name}.png")
            context.close()
        browser.close()


def main() -> int:
    """A demo store, a server, the pictures, and whether they are small enough."""
    program = Path(sys.executable).with_name("rollforward")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "demo", "--store", folder], check=True, stdout=subprocess.DEVNULL)
        command = [program, "serve", "--port", "0", "--store", folder, "--lang", "en"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                said = server.stdout.readline()
                take(next(word for word in said.split() if word.startswith("http")))
            finally:
                server.terminate()
    taken = {picture.name: picture.stat().st_size for picture in sorted(FOLDER.glob("*.png"))}
    print(*(f"{size:>9,}  {name}" for name, size in taken.items()), f"{sum(taken.values()):>9,}", sep="\n")
    return 0 if sum(taken.values()) <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
