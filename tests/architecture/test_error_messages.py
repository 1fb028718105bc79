"""Every error that a user can meet says what to do next."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import monitor
from monitor import errors

ROOT = Path(monitor.__file__).resolve().parent.parent
PACKAGES = ("monitor", "connectors", "models", "reports")
USER_ERRORS = {
    name
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.GoodwillError)
}
NEXT_STEP = re.compile(
    r"\b(add|allow|ask|attach|bring|build|call|change|check|choose|close|compare|copy|correct|create|cut|delete|"
    r"expected|export|find|free|get|give|goes on|import|includes|install|invite|it may have|keep|leave|lists|look|"
    r"lower|make|name|needed|needs|open|pass|put|raise|read|reduce|remove|rename|renew|replace|restart|run|save|"
    r"say|see|send|set|skip|split|start|stop|take|train|try|unset|update|upgrade|use|wait|was skipped|write)\b",
    re.IGNORECASE,
)
PASSED_ON = {"advice", "_advice", "last"}  # the next step comes from there


def raised() -> Iterator[tuple[str, str]]:
    """(place, constant text) of every error raised with a message written at that place."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
                    continue
                called = node.exc.func
                if isinstance(called, ast.Name) and called.id in USER_ERRORS:
                    text = message(node.exc)
                    if text:
                        yield f"{path.relative_to(ROOT)}:{node.lineno} {called.id}", text


def message(call: ast.Call) -> str:
    if not call.args or not isinstance(call.args[0], ast.Constant | ast.JoinedStr):
        return ""
    parts = list(ast.walk(call.args[0]))
    if any(isinstance(part, ast.Name) and part.id in PASSED_ON for part in parts):
        return ""
    return "".join(
        part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def test_every_error_message_names_a_next_step() -> None:
    found = dict(raised())
    assert len(found) > 50
    assert {place: text for place, text in found.items() if not NEXT_STEP.search(text)} == {}


def test_the_exit_codes_of_the_errors_are_the_documented_ones() -> None:
    codes = {name: getattr(errors, name).exit_code for name in USER_ERRORS}
    assert codes.pop("UsageError") == 2
    assert codes.pop("ConfigurationError") == 3
    assert set(codes.values()) == {1}
