"""The repository's own source as data: its modules, what they import, what they call.

Owns: finding and parsing files. Does not own: what is allowed (the tests beside it).
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Module:
    """One Python file."""

    path: str
    """From the root of the repository, with slashes."""
    tree: ast.Module

    @classmethod
    def of(cls, path: str, source: str) -> "Module":
        """The module that this source would be, at this path."""
        return cls(path, ast.parse(source))

    @property
    def name(self) -> str:
        """Dotted, without ``__init__``."""
        parts = self.path.removesuffix(".py").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything imported, wherever the import stands; for ``from a import b``, ``a.b``."""
        package = self.path.removesuffix(".py").split("/")[:-1]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node.lineno, alias.name
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                prefix = ".".join([*base, *filter(None, [node.module])])
                for alias in node.names:
                    yield node.lineno, f"{prefix}.{alias.name}"

    def calls(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything called by name: ``open``, ``subprocess.run``."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                name = dotted(node.func)
                if name:
                    yield node.lineno, name


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of an expression that is no more than names; empty for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """All modules under these folders."""
    return tuple(
        Module.of(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    )


def is_within(name: str, package: str) -> bool:
    """Whether a dotted name is the package or inside it."""
    return name == package or name.startswith(f"{package}.")
