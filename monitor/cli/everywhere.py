"""The options of every command: `goodwill --quiet run` and `goodwill run --quiet` mean the same."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli.state import set_up_logging, state_of

PANEL = "Options of every command"


def _hear(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    """Let an option that stands after the command win over the same one before it."""
    if value and not context.resilient_parsing:
        state = replace(state_of(context), **{str(parameter.name): value})
        context.find_root().obj = state
        set_up_logging(verbose=state.verbose, quiet=state.quiet)
    return value


def _option(*names: str, text: str) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=PANEL, callback=_hear)


# Named as the fields of `State`; what they do before the command is said in `monitor.cli.main`.
OPTIONS: dict[str, tuple[Any, Any]] = {
    "config": (Annotated[Path | None, _option("--config", text="Settings file.")], None),
    "database": (Annotated[str, _option("--database", text="Database file or URL.")], ""),
    "quiet": (
        Annotated[bool, _option("--quiet", "-q", text="Say nothing but the result and problems.")],
        False,
    ),
    "verbose": (Annotated[bool, _option("--verbose", "-v", text="Say more about what happens.")], False),
}


def accept_everywhere(app: typer.Typer) -> None:
    """Let every command and command group take the options that stand before the command.

    Args:
        app: with all its commands registered.
    """
    for command in app.registered_commands:
        if command.callback is not None:
            command.callback = _with_options(command.callback)
    for group in app.registered_groups:
        inner = group.typer_instance
        if inner is not None:
            inner.callback()(_with_options(_nothing))
            accept_everywhere(inner)


def _nothing() -> None:
    """A group does nothing by itself."""


def _with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command with our options added to its own; their callbacks do the work, so it never sees them."""

    @functools.wraps(function)
    def command(**values: Any) -> Any:
        return function(**{name: value for name, value in values.items() if name not in OPTIONS})

    signature = inspect.signature(function, eval_str=True)
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in OPTIONS.items()
    ]
    taken = set(signature.parameters) & set(OPTIONS)
    assert not taken, f"{function.__name__} has options of every command: {taken}"  # noqa: S101 - a slip of ours
    hints = typing.get_type_hints(function, include_extras=True)
    vars(command)["__signature__"] = signature.replace(parameters=[*signature.parameters.values(), *added])
    command.__annotations__ = {**hints, **{name: annotation for name, (annotation, _) in OPTIONS.items()}}
    return command
