"""Names of metrics that the scorecard does not know: nothing shows them, so a typing error would stay unseen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class UnknownMetric:
    """A name that is none of the scorecard's.

    Attributes:
        name: as the settings or the file write it.
        meant: the scorecard's name it resembles; "" when it resembles none.
    """

    name: str
    meant: str

    @property
    def hint(self) -> str:
        """What to tell a person."""
        if self.meant:
            return f"{self.name} is no metric of the scorecard; did you mean {self.meant}?"
        return f"{self.name} is no metric of the scorecard: it is kept, but no report shows it."


def unknown_metrics(names: Iterable[str]) -> tuple[UnknownMetric, ...]:
    """The names that the scorecard does not know, in order of the alphabet."""
    from monitor.correlate.red_flag_rules import RULES_BY_KEY

    by_plain = {_plain(key): key for key in RULES_BY_KEY}
    unknown = []
    for name in sorted(set(names) - set(RULES_BY_KEY)):
        close = get_close_matches(_plain(name), by_plain, 1, _ALIKE)
        unknown.append(UnknownMetric(name, by_plain[close[0]] if close else ""))
    return tuple(unknown)


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
