"""A progress line on standard error, on terminals only."""

from __future__ import annotations

import sys
from types import TracebackType

from monitor.cli.state import State


class Progress:
    """Counts on one line while work goes on; silent when quiet or not on a terminal.

    Args:
        state: the global options.
        verb: what is being done ("reading", "scoring").
    """

    def __init__(self, state: State, verb: str) -> None:
        self._active = not state.quiet and sys.stderr.isatty()
        self._verb = verb
        self._width = 0

    def source(self, name: str, count: int) -> None:
        """Show how many records of a source were read."""
        self._show(f"{self._verb} {name}: {count:,}")

    def count(self, count: int) -> None:
        """Show how many things were done."""
        self._show(f"{self._verb}: {count:,}")

    def _show(self, line: str) -> None:
        if self._active:
            sys.stderr.write("\r" + line.ljust(self._width))
            sys.stderr.flush()
            self._width = len(line)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._active and self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
