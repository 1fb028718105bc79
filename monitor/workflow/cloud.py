"""Word-cloud images of one week for review meetings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store.database import Database


@dataclass(frozen=True, slots=True)
class CloudOutcome:
    """What was drawn.

    Attributes:
        files: images and the tables behind them.
        notes: why a picture is missing, what a font could not draw.
    """

    files: Sequence[Path]
    notes: Sequence[str]


def draw_clouds(database: Database, loaded: Loaded, week: IsoWeek, folder: Path) -> CloudOutcome:
    """Draw the clouds of one week into a folder."""
    return CloudOutcome((), ("word clouds are not drawn yet",))
