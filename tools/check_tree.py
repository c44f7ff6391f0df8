"""Lint of files rather than of statements: their size, and what docstrings say. Paths in, a list of faults out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

MAX_LINES = {".py": 400, ".sql": 80}
_FILLER = re.compile(r"(a|an|the|of|to|for|in|on|by|and|or|is|are|its?|this|that|with|from|as|return|get|give)s?")


def sources(*folders: Path) -> list[Path]:
    """Every Python and SQL file below the folders; a folder that does not exist has none."""
    return sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in MAX_LINES)


def too_long(paths: Iterable[Path]) -> list[str]:
    """Files above the limit of their kind."""
    counted = [(p, len(p.read_text(encoding="utf-8").splitlines())) for p in paths]
    return [f"{p}: {n} lines, at most {MAX_LINES[p.suffix]}" for p, n in counted if n > MAX_LINES[p.suffix]]


def docstring_faults(paths: Iterable[Path]) -> list[str]:
    """Public things without a docstring, docstrings that only repeat a name, and modules that share one."""
    faults, seen = [], dict[str, Path]()
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = ast.get_docstring(tree) or ""
        name = path.parent.name if path.stem == "__init__" else path.stem
        if not module:
            faults.append(f"{path}: no docstring")
        elif module in seen:
            faults.append(f"{path}: the docstring of {seen[module]} again")
        elif _repeats(module, name):
            faults.append(f"{path}: the docstring only repeats the name")
        seen[module] = path
        for owner, node in _public(tree):
            said = ast.get_docstring(node)
            if said is None:
                faults.append(f"{path}:{node.lineno}: {node.name} has no docstring")
            elif _repeats(said, owner + node.name):
                faults.append(f"{path}:{node.lineno}: the docstring of {node.name} only repeats the name")
    return faults


def _public(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    """Public functions and classes, and public methods of those classes with the class's name and a blank before."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield "", node
            inner = node.body if isinstance(node, ast.ClassDef) else []
            for child in inner:
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not child.name.startswith("_"):
                    yield f"{node.name} ", child


def _repeats(docstring: str, name: str) -> bool:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return not _words(docstring) - _words(spaced)


def _words(text: str) -> set[str]:
    found = re.findall(r"[a-z]+", text.lower().replace("_", " "))
    return {w.rstrip("s") for w in found if not _FILLER.fullmatch(w)}
