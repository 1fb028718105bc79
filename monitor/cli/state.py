"""What every command shares: where the settings come from, how to talk, and how to open the database."""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.settings import Loaded
    from monitor.store.database import Database

SCHEMA_VERSION = 1
"""Version of every `--json` document; raised when a key changes its meaning or goes."""


@dataclass(frozen=True, slots=True)
class State:
    """Global options of one call.

    Attributes:
        config: --config; None looks for goodwill.toml here.
        database: --database; "" takes the settings'.
        quiet: say nothing but the result and what went wrong.
        verbose: say more.
    """

    config: Path | None = None
    database: str = ""
    quiet: bool = False
    verbose: bool = False

    def load(self) -> Loaded:
        """Read the settings and warn of variables that look like typing errors."""
        from monitor.settings import load

        overrides = {"database": {"url": self._database_url()}} if self.database else None
        loaded = load(self.config, overrides=overrides)
        for name in loaded.unknown_variables:
            self.say(f"warning: the environment variable {name} means nothing to Goodwill: a typing error?")
        return loaded

    def _database_url(self) -> str:
        """--database; a path is relative to the current folder, as in every other option."""
        return self.database if "://" in self.database else str(Path(self.database).absolute())

    @contextmanager
    def open_database(self, loaded: Loaded) -> Iterator[Database]:
        """Open the configured database, migrated to this version."""
        from monitor.workflow.opening import open_database

        with open_database(loaded) as database:
            if database.is_new:
                self.say(f"a new, empty database was made: {database.shown_url}")
            yield database

    def say(self, message: str) -> None:
        """Tell the user something on standard error, unless it is to be quiet."""
        if not self.quiet:
            self.complain(message)

    def complain(self, message: str) -> None:
        """Tell the user what went wrong, on standard error, quiet or not."""
        typer.echo(message, err=True)


def state_of(context: typer.Context) -> State:
    """The global options of this call."""
    state = context.find_root().obj
    return state if isinstance(state, State) else State()


def now() -> datetime:
    """The run's moment, aware UTC; `SOURCE_DATE_EPOCH` fixes it for reproducible output.

    Raises:
        UsageError: `SOURCE_DATE_EPOCH` is not a whole number of seconds.
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if not fixed:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(fixed), UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {fixed!r}: expected whole seconds since 1970, or unset it."
        ) from error


def print_json(document: dict[str, Any]) -> None:
    """Print a document with sorted keys on standard output, `schema_version` added."""
    typer.echo(
        json.dumps(
            {"schema_version": SCHEMA_VERSION, **document}, sort_keys=True, ensure_ascii=False, indent=2
        )
    )


def write_output(text: str, output: Path | None) -> None:
    """Write a result to a file, or to standard output when there is none (or it is `-`).

    Raises:
        UsageError: the file cannot be written.
    """
    if output is None or str(output) == "-":
        typer.echo(text, nl=not text.endswith("\n"))
        return
    from monitor.workflow.files import write_atomically

    write_atomically(output, text.encode("utf-8"))


def set_up_logging(*, verbose: bool, quiet: bool) -> None:
    """Send library logs to standard error; only the command line configures logging."""
    level = logging.DEBUG if verbose else logging.ERROR if quiet else logging.WARNING
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    for noisy in ("prawcore", "praw", "slack_sdk", "slack_bolt", "urllib3", "alembic", "sqlalchemy"):
        # their debug lines hold headers, payloads and parameters, so secrets and personal data
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave reference cycles alone for a short command: looking for them was a tenth of a report's time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()  # else the first collection afterwards looks through all that was left alone
            gc.enable()
