"""The alert check at the end of `goodwill run`: it can have problems, but never spoils the run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from monitor.errors import GoodwillError, InputError
from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.workflow.alert import check_alerts
from monitor.workflow.alert_slack import deliver_alerts


@dataclass(frozen=True, slots=True)
class AlertsAfterRun:
    """What the check found.

    Attributes:
        as_of: the last complete day, which was checked; None when there was nothing to check.
        raised: incidents posted or come back; sent, waiting: messages.
        notes: what a reader has to know; problems: why messages wait, the next check or the bot sends them.
    """

    as_of: date | None = None
    raised: int = 0
    sent: int = 0
    waiting: int = 0
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {**asdict(self), "as_of": self.as_of.isoformat() if self.as_of else None}

    def sentence(self) -> str:
        """One line for a terminal."""
        if self.as_of is None:
            return "alerts: nothing was checked"
        return (
            f"alerts: checked up to {self.as_of}, {self.raised} raised, {self.sent} message(s) sent, "
            f"{self.waiting} waiting"
        )


def alert_after_run(database: Database, loaded: Loaded, *, now: datetime) -> AlertsAfterRun | None:
    """Check the rules and deliver, if a channel for alerts is set; None when there is none.

    Args:
        database: scored and labelled.
        loaded: the settings.
        now: the run's moment, aware UTC.
    """
    if not loaded.settings.slack.channel:
        return None
    try:
        outcome = check_alerts(database, loaded, now=now)
    except InputError as error:
        return AlertsAfterRun(notes=(str(error),))
    except GoodwillError as error:
        return AlertsAfterRun(problems=(str(error),))
    raised = len(outcome.raised)
    try:
        delivered = deliver_alerts(database, loaded)
    except GoodwillError as error:
        return AlertsAfterRun(outcome.as_of, raised, notes=outcome.notes, problems=(str(error),))
    problems = tuple(dict.fromkeys(delivered.problems))
    return AlertsAfterRun(outcome.as_of, raised, delivered.sent, delivered.waiting, outcome.notes, problems)
