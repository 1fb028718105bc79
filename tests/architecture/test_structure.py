"""The house keeps its rules: sizes, silent excepts, errors that say what to do, packages that do not leak."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import monitor

ROOT = Path(monitor.__file__).resolve().parent.parent
PACKAGES = ("monitor", "connectors", "models", "reports")
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node):
        docstring = node.body[0]
        lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return lines


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources()
        if "migrations" not in path.parts and (count := path.read_text("utf-8").count("\n")) > LONGEST_FILE
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources()
        if "migrations" not in path.parts
        for node in functions(ast.parse(path.read_text("utf-8")))
        if length(node) > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_exception_is_swallowed_in_silence() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
        and all(isinstance(line, ast.Pass) for line in node.body)
    ]
    assert silent == []


@pytest.mark.parametrize("package", PACKAGES)
def test_package_roots_import_nothing(package: str) -> None:
    tree = ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
    assert not [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


def test_nothing_names_a_path_of_the_machine_it_was_written_on() -> None:
    needles = ["/" + "work/", "/" + "root/", "/" + "home/"]
    found = [
        f"{path.relative_to(ROOT)}: {needle}"
        for path in [*sources(), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
        if path.exists()
        for needle in needles
        if needle in path.read_text("utf-8")
    ]
    assert found == []
