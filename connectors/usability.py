"""Whether anything of a file could be used: one of which nothing could be is no source without news."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from connectors.base import Record
from monitor.domain.posts import SkippedItem

_SHOWN = 3


class Usability:
    """Looks at what came of a file; its `problem` is "" as soon as one thing could be used."""

    def __init__(self, harmless: Iterable[str] = ()) -> None:
        """Args: harmless: reasons to skip what was understood (our own post, a cancelled event)."""
        self._harmless = frozenset(harmless)
        self._unusable: Counter[str] = Counter()
        self.is_usable = False

    def see(self, items: Iterable[Record | SkippedItem]) -> None:
        """Take in what one row, line or event gave."""
        for item in items:
            if isinstance(item, SkippedItem) and item.reason not in self._harmless:
                self._unusable[item.reason] += 1
            else:
                self.is_usable = True

    def problem(self, file: str, things: str, advice: str) -> str:
        """What to tell of the file, as one line.

        Args:
            file: its name.
            things: what it consists of ("rows").
            advice: what was expected and what to do, a sentence.
        """
        if self.is_usable or not self._unusable:
            return ""
        common = self._unusable.most_common(_SHOWN)
        reasons = ", ".join(f"{count} × {reason}" for reason, count in common)
        more = ", ..." if len(self._unusable) > _SHOWN else ""
        number = self._unusable.total()
        return f"{file}: none of its {number} {things} could be used ({reasons}{more}). {advice}"
