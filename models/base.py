"""The one contract of this package: a scorer turns n texts into n scores, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from monitor.domain.scores import Scores


@runtime_checkable
class Scorer(Protocol):
    """Scores texts with one fixed model.

    Attributes:
        model_id: stable identity; the same id promises the same scores for the same text.
    """

    @property
    def model_id(self) -> str:
        """Stable identity of model and version."""
        ...

    def score(self, texts: Sequence[str], langs: Sequence[str | None] | None = None) -> list[Scores]:
        """Score texts.

        Args:
            texts: n texts; any length, any script, possibly empty.
            langs: n known language codes, None where unknown; None when no language is known.

        Returns:
            n scores in the order of the texts.
        """
        ...
