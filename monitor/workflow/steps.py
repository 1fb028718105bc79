"""How a long use case tells its caller what it is doing."""

from __future__ import annotations

from typing import Protocol


class Steps(Protocol):
    """Receives progress; the command line shows it, tests ignore it."""

    def begin(self, name: str) -> None:
        """A step begins."""
        ...

    def source(self, name: str, count: int) -> None:
        """So many records of a source were read."""
        ...

    def count(self, count: int) -> None:
        """So many things of the present step were done."""
        ...
