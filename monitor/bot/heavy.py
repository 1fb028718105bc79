"""Work that needs the statistics or draws pictures, in a process of its own so that the bot stays small."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.errors import InputError
from monitor.settings import Loaded

LONGEST_SECONDS = 300
FRESH_SECONDS = 900.0
_WEEK_PICTURE = "words-"
_SHOWN_WORDS = 12


@dataclass(frozen=True, slots=True)
class CloudPicture:
    """The week's word cloud: a picture with its words and its file name, or why there is none."""

    png: bytes | None
    words: str
    name: str = "word-cloud.png"


@dataclass(slots=True)
class HeavyWork:
    """Runs `goodwill` commands of the same configuration and keeps the digest for a while.

    Attributes:
        run: starts the command line with these arguments and returns its standard output.
    """

    loaded: Loaded
    run: Callable[[Sequence[str]], str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _digest: dict[str, Any] | None = field(default=None, init=False)
    _drawn: float = field(default=0.0, init=False)

    def digest(self) -> dict[str, Any]:
        """The last complete week: {"text", "blocks"}.

        Raises:
            InputError: it cannot be computed.
        """
        with self._lock:
            if not self.is_fresh:
                self._digest = json.loads(self._start(["alert", "--digest", "--dry-run", "--json"]))
                self._drawn = time.monotonic()
            return self._digest or {}

    @property
    def is_fresh(self) -> bool:
        """Whether the digest at hand is young enough to be shown without asking again."""
        return self._digest is not None and time.monotonic() - self._drawn <= FRESH_SECONDS

    def known_digest(self) -> list[dict[str, Any]]:
        """The digest's blocks if they are at hand, however old, else []."""
        return list((self._digest or {}).get("blocks", ()))

    def cloud(self) -> CloudPicture:
        """The word cloud of the last complete week.

        Raises:
            InputError: it cannot be drawn.
        """
        with tempfile.TemporaryDirectory(prefix="goodwill-") as folder:
            told = json.loads(self._start(["cloud", "--output", folder, "--json"]))
            # the week's picture is called words-2026-W46; the others compare, and are left to the report
            pictures = [Path(file) for file in told["files"] if Path(file).name.startswith(_WEEK_PICTURE)]
            wide = next((picture for picture in pictures if picture.suffix == ".png"), None)
            if wide is None:
                reason = next(iter(told["notes"]), f"No word cloud for {told['week']}: too few posts.")
                return CloudPicture(None, str(reason))
            table = next((picture for picture in pictures if picture.suffix == ".csv"), None)
            words = f"Words that set the negative posts of {told['week']} apart: {_heaviest(table)}."
            return CloudPicture(wide.read_bytes(), words, wide.name)

    def _start(self, arguments: Sequence[str]) -> str:
        return (self.run or self._command)(arguments)

    def _command(self, arguments: Sequence[str]) -> str:
        config = ["--config", str(self.loaded.path)] if self.loaded.path else []
        command = [sys.executable, "-m", "monitor.cli", "--quiet", *config, *arguments]
        # by the environment, because a URL may hold a password and arguments can be seen by other users
        environment = {**os.environ, "GOODWILL_DATABASE__URL": self.loaded.database_url}
        try:
            done = subprocess.run(  # noqa: S603 - our own command line with our own arguments
                command,
                capture_output=True,
                text=True,
                env=environment,
                encoding="utf-8",
                timeout=LONGEST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise InputError(
                f"`goodwill {arguments[0]}` took more than {LONGEST_SECONDS} s: run it by hand to see why."
            ) from None
        if done.returncode not in {0, 4}:
            last = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise InputError(f"`goodwill {arguments[0]}` failed: {last[0].removeprefix('goodwill: ')}")
        return done.stdout


def _heaviest(table: Path | None) -> str:
    """The first words of a cloud's table, which has the heaviest first."""
    if table is None:
        return "see the picture"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return ", ".join(row["term"] for row in rows[:_SHOWN_WORDS])
