"""A progress line on standard error, on terminals only."""

from __future__ import annotations

import sys
from types import TracebackType

from monitor.cli.state import State


class Progress:
    """Counts on one line while work goes on; silent when quiet or not on a terminal.

    Args:
        state: the global options.
        step: what is being done first ("reading", "scoring").
    """

    def __init__(self, state: State, step: str) -> None:
        self._active = not state.quiet and sys.stderr.isatty()
        self._step = step
        self._width = 0

    def begin(self, name: str) -> None:
        """A step begins."""
        self._step = name
        self._show(name)

    def source(self, name: str, count: int) -> None:
        """So many records of a source were read."""
        self._show(f"{self._step} {name}: {count:,}")

    def count(self, count: int) -> None:
        """So many things of the present step were done."""
        self._show(f"{self._step}: {count:,}")

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
