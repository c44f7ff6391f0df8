"""Lint of the documents: blocks that are run, paths that must exist, commands and options that must be mentioned.

A block whose fence says ```console run or ```python run is executed: all blocks of one document in order, in one empty
folder, with the environment's programs first on PATH. Of a console block the lines that start with `$ ` are run; the
lines below one must stand in what it prints, in that order (spaces do not count, other lines may stand between). A
fence with the name of a file, ```csv subs.csv, writes that file.
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
_BLOCK = re.compile(r"^```(?:(console|python) run|\w+ ([\w-]+\.\w+)) *\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
_QUOTED = re.compile(r"`((?:src|tests|tools|docs|benchmarks|\.ci)/[\w./-]*)`")


@dataclass(frozen=True)
class Block:
    """One block to run: `kind` is console, python or the name of a file; `line` is where its first line stands."""

    kind: str
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    """The blocks of a document that are marked to be run or written."""
    return [Block(m[1] or m[2], m[3], text[: m.start(3)].count("\n") + 1) for m in _BLOCK.finditer(text)]


def run_blocks(found: Iterable[Block], folder: Path) -> list[str]:
    """Runs blocks in `folder`; one fault, with the program's last words, for the first that fails or says otherwise."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    env = {k: v for k, v in os.environ.items() if not k.startswith("ROLLFORWARD_")}
    env |= {"PATH": path, "COLUMNS": "80", "ROLLFORWARD_LANG": "en"}
    for block in found:
        if block.kind not in ("console", "python"):
            (folder / block.kind).write_text(block.text, encoding="utf-8")
            continue
        for call, expected in _calls(block):
            try:
                done = subprocess.run(
                    call, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
                )
            except subprocess.TimeoutExpired:
                return [f"line {block.line}: `{call[-1]}` took more than {SECONDS} s"]
            if done.returncode != 0:
                return [f"line {block.line}: `{call[-1]}` exits with {done.returncode}: {done.stderr[-800:]}"]
            printed = iter(" ".join(line.split()) for line in (done.stdout + done.stderr).splitlines())
            for line in expected:
                if line not in printed:
                    return [f"line {block.line}: `{call[-1]}` does not say `{line}`: {done.stdout + done.stderr}"]
    return []


def _calls(block: Block) -> list[tuple[list[str], list[str]]]:
    """Each program call of a block with the lines that it must print."""
    if block.kind == "python":
        return [([sys.executable, "-c", block.text], [])]
    calls: list[tuple[list[str], list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            calls.append((["bash", "-c", line[2:]], []))
        elif line.strip() and calls:
            calls[-1][1].append(" ".join(line.split()))
    return calls


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
