"""What a tree of Python files imports, read without running it."""

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import networkx as nx


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name.

    Attributes:
        path: The importing file, below the root.
        name: Empty where `module` itself is imported.
        is_nested: It stands inside a function.
    """

    path: str
    line: int
    module: str
    name: str
    is_nested: bool

    def __str__(self) -> str:
        """Tell where it is, and what."""
        return f"{self.path}:{self.line} imports {self.module}{self.name and f':{self.name}'}"

    @property
    def is_standard(self) -> bool:
        """It belongs to the standard library."""
        return self.module.split(".")[0] in sys.stdlib_module_names

    @property
    def is_visible(self) -> bool:
        """It is public, or private to a package that the file is in."""
        parts = [*self.module.split("."), self.name]
        private = (i for i, part in enumerate(parts) if part[:1] == "_" and part[:2] != "__")
        return all(self.path.startswith("/".join([*parts[:i], ""])) for i in private)

    def fits(self, entry: str) -> bool:
        """Compare with ``a``, module a and all below it, or ``a:b``, the name b in a; or ``*``."""
        module, _, name = entry.partition(":")
        if name:
            return self.module == module and name in ("*", self.name)
        return fnmatchcase(self.module, module) or fnmatchcase(self.module, f"{module}.*")


def sources(root: Path, *folders: str) -> Iterator[tuple[str, Path]]:
    """Every Python file in these folders, after its path below the root."""
    for folder in folders:
        for file in sorted((root / folder).rglob("*.py")):
            yield file.relative_to(root).as_posix(), file


def imports(root: Path) -> list[Import]:
    """Everything that app and connectors import."""
    return [
        Import(path, node.lineno, module, name, is_nested)
        for path, file in sources(root, "app", "connectors")
        for node, is_nested in _nodes(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module, name in _named(root, path, node)
    ]


def cycles(found: list[Import], group: Callable[[str], str]) -> list[list[str]]:
    """The sets of modules, taken together by `group`, that import one another in a circle."""
    pairs = {(group(_module(each.path)), group(each.module)) for each in found}
    graph = nx.DiGraph((importer, imported) for importer, imported in pairs if importer != imported)
    circles = nx.strongly_connected_components(graph)
    return sorted(sorted(circle) for circle in circles if len(circle) > 1)


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _nodes(tree: ast.AST, *, is_nested: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node, and whether it stands inside a function."""
    for child in ast.iter_child_nodes(tree):
        yield child, is_nested
        is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _nodes(child, is_nested=is_nested or is_function)


def _named(root: Path, path: str, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The pairs of module and name that a statement imports; modules go without a name."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, "") for alias in node.names)
        return
    above = path.split("/")[: -node.level] if node.level else []
    module = ".".join([*above, *filter(None, [node.module])])
    for alias in node.names:
        inside = root / module.replace(".", "/") / alias.name
        is_module = inside.is_dir() or inside.with_suffix(".py").exists()
        yield (f"{module}.{alias.name}", "") if is_module else (module, alias.name)
