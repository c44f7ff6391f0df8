"""Lint of the documents: blocks that are run, paths that must exist, commands and options that must be mentioned.

A block whose fence says ```console run or ```python run is executed: all blocks of one document in order, in one empty
folder, with the environment's programs first on PATH. Of a console block the lines that start with `$ ` are run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120
_BLOCK = re.compile(r"^```(console|python) run *\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
_QUOTED = re.compile(r"`((?:src|tests|tools|docs|benchmarks|\.ci)/[\w./-]*)`")


@dataclass(frozen=True)
class Block:
    """One block to run: `line` is where its first line stands in the document."""

    kind: str
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    """The blocks of a document that are marked to be run."""
    return [Block(m[1], m[2], text[: m.start(2)].count("\n") + 1) for m in _BLOCK.finditer(text)]


def run_blocks(found: Iterable[Block], folder: Path) -> list[str]:
    """Runs blocks in `folder`; one fault, with the program's last words, for the first that does not exit with 0."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    env = {k: v for k, v in os.environ.items() if not k.startswith("ROLLFORWARD_")} | {"PATH": path}
    for block in found:
        if block.kind == "python":
            calls = [[sys.executable, "-c", block.text]]
        else:
            calls = [["bash", "-c", line[2:]] for line in block.text.splitlines() if line.startswith("$ ")]
        for call in calls:
            try:
                done = subprocess.run(
                    call, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
                )
            except subprocess.TimeoutExpired:
                return [f"line {block.line}: `{call[-1]}` took more than {SECONDS} s"]
            if done.returncode != 0:
                return [f"line {block.line}: `{call[-1]}` exits with {done.returncode}: {done.stderr[-800:]}"]
    return []


def dead_paths(document: Path, root: Path) -> list[str]:
    """Links, which count from the document, and `quoted/paths`, which count from the root, that lead nowhere."""
    text = document.read_text(encoding="utf-8")
    links = [(t, document.parent / t) for t in _LINK.findall(_FENCED.sub("", text))]
    quoted = [(t, root / t) for t in _QUOTED.findall(text)]
    return [f"{document}: {t} does not exist" for t, target in links + quoted if not target.exists()]


def unmentioned(commands: Mapping[str, Iterable[str]], text: str) -> list[str]:
    """Commands (name → its options) that `text` never names as `rollforward NAME`, and options that it never names."""
    faults = [
        f"command {name}" for name in commands if name and not re.search(rf"rollforward {re.escape(name)}\b", text)
    ]
    options = sorted({o for said in commands.values() for o in said})
    return faults + [f"option {o}" for o in options if not re.search(rf"(?<![\w-]){re.escape(o)}(?![\w-])", text)]
