"""One check: from the day's statistics to incidents and the messages about them.

Evaluating and asking for messages happen in one transaction, sending comes after it: a crash anywhere leaves
either nothing or everything that has to be sent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from monitor.domain.alerts import Incident, IncidentEvent, Signal
from monitor.domain.campaigns import Campaign
from monitor.domain.incidents import Change, CheckMoment, act, check
from monitor.domain.outbox import Message, MessageKind, MessageState
from monitor.errors import InputError, UsageError
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.alert_posts import posts_of_accounts
from monitor.store.counts import first_and_last_day
from monitor.store.database import Database
from monitor.store.records import read_records
from monitor.store.sources import last_read
from monitor.workflow.alert_rules import account_window, find_signals
from monitor.workflow.analysis import analyse
from monitor.workflow.redaction import late_redact

_SNOOZE_HOUR = 9
_LONGEST_SNOOZE_DAYS = 366


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What a check found.

    Attributes:
        as_of: the last complete day, which was checked.
        changes: the incidents' steps; those of a dry run are not stored.
        signals: what the rules saw.
        notes: what a reader has to know, in words.
    """

    as_of: date
    changes: tuple[Change, ...]
    signals: tuple[Signal, ...]
    notes: tuple[str, ...] = ()

    @property
    def raised(self) -> tuple[Incident, ...]:
        """Incidents that were posted or came back with this check."""
        news = {"raise", IncidentEvent.RELEASE, IncidentEvent.REOPEN}
        return tuple(c.after for c in self.changes if c.event in news and c.visible)


def last_complete_day(database: Database, loaded: Loaded, now: datetime) -> date:
    """Yesterday in the report's time zone, or earlier when the sources were last read before.

    A day that nobody has read yet would count as a day without posts; a clock that jumped ahead would make a
    month of them.

    Raises:
        InputError: there is nothing to check yet.
    """
    zone = loaded.settings.report.zone
    with database.reading() as connection:
        span = first_and_last_day(connection)
        read_at = last_read(connection)
    if span is None:
        raise InputError("there is no labelled post yet: run `goodwill sync` and `goodwill score` first.")
    read_until = read_at.astimezone(zone).date() if read_at else span[1] + timedelta(days=1)
    return min(now.astimezone(zone).date(), read_until) - timedelta(days=1)


def gather_signals(database: Database, loaded: Loaded, as_of: date) -> list[Signal]:
    """Run the statistics and the rules as of a day."""
    options = loaded.settings.alerts.options
    analysis = analyse(database, loaded.settings.report, as_of)
    with database.reading() as connection:
        campaigns = list(read_records(connection, Campaign, until=as_of))
        since, until = account_window(as_of)
        posts = (
            posts_of_accounts(connection, since, until, minimum_weight=options.account_weight)
            if options.account_weight > 0
            else []
        )
    return find_signals(analysis, campaigns, posts, options, redact=late_redact(database, loaded))


def check_alerts(database: Database, loaded: Loaded, *, now: datetime, dry_run: bool = False) -> CheckOutcome:
    """Evaluate every rule, move every incident, and ask for the messages.

    Args:
        database: scored and labelled.
        loaded: the settings.
        now: the run's moment, aware UTC.
        dry_run: store nothing.

    Raises:
        InputError: there is nothing to check yet.
    """
    as_of = last_complete_day(database, loaded, now)
    signals = gather_signals(database, loaded, as_of)
    options = loaded.settings.alerts.options
    with database.transaction() as connection:
        store.lock_incidents(connection)
        before = store.last_check(connection)
        moment = CheckMoment(as_of, now, first=before is None)
        changes = check(store.read_incidents(connection), signals, options, moment)
        if not dry_run:
            changes = [record(connection, change, now, loaded.settings.slack.channel) for change in changes]
            store.save_check(connection, as_of)
    return CheckOutcome(as_of, tuple(changes), tuple(signals), tuple(_notes(before, as_of, now, loaded)))


def _notes(before: date | None, as_of: date, now: datetime, loaded: Loaded) -> list[str]:
    notes = []
    if before is None:
        notes.append("first check: red flags that are up already are logged as history, not posted.")
    elif as_of < before:
        notes.append(f"the clock or the data went back: {as_of} is checked after {before}.")
    behind = (now.astimezone(loaded.settings.report.zone).date() - timedelta(days=1) - as_of).days
    if behind > 0:
        notes.append(
            f"the sources were last read {behind} day(s) before yesterday: run `goodwill sync` for news."
        )
    return notes


def record(connection: store.Transaction, change: Change, now: datetime, channel: str) -> Change:
    """Store a step and ask for its messages, in the caller's transaction.

    Returns:
        the step with the incident's id.
    """
    incident = store.save_change(connection, change, now)
    if change.visible and incident.posted_on is not None:
        _ask_for_messages(connection, change, incident, channel)
    return replace(change, after=incident)


def _ask_for_messages(
    connection: store.Transaction, change: Change, incident: Incident, channel: str
) -> None:
    prefix = f"{store.own_name(connection)}/incident/{incident.id}"
    root = Message(f"{prefix}/root", MessageKind.ROOT, incident_id=incident.id, channel=channel)
    chart = Message(f"{prefix}/chart", MessageKind.CHART, incident_id=incident.id)
    earlier = store.find_message(connection, root.key)
    if earlier is None or (earlier.state is MessageState.DROPPED and not earlier.slack_ts):
        store.ask_again(connection, root)  # a mute kept it back
        store.ask_again(connection, chart)
        return
    version = incident.version
    store.enqueue(
        connection, Message(f"{prefix}/update/{version}", MessageKind.UPDATE, incident_id=incident.id)
    )
    if change.told:
        note = Message(
            f"{prefix}/note/{version}",
            MessageKind.THREAD,
            incident_id=incident.id,
            body=change.told,
            loud=change.loud,
        )
        store.enqueue(connection, note)


def change_incident(
    database: Database,
    loaded: Loaded,
    incident_id: int,
    event: IncidentEvent,
    *,
    actor: str,
    now: datetime,
    until: datetime | None = None,
) -> Incident:
    """A person's step.

    Raises:
        InputError: there is no such incident.
        UsageError: the step is not possible now.
    """
    with database.transaction() as connection:
        incident = store.read_incident(connection, incident_id, to_change=True)
        as_of = store.last_check(connection) or incident.seen_on
        change = act(incident, event, actor=actor, until=until, as_of=as_of)
        return record(connection, change, now, loaded.settings.slack.channel).after


def redraw(database: Database, incident_id: int) -> None:
    """Ask for a fresh message of an incident whose posts or labels changed."""
    with database.transaction() as connection:
        incident = store.read_incident(connection, incident_id, to_change=True)
        if incident.posted_on is None:
            return
        after = replace(incident, version=incident.version + 1)
        store.save_version(connection, after)
        prefix = f"{store.own_name(connection)}/incident/{incident.id}"
        update = Message(f"{prefix}/update/{after.version}", MessageKind.UPDATE, incident_id=incident.id)
        store.enqueue(connection, update)


def snooze_end(choice: str, now: datetime, loaded: Loaded) -> datetime:
    """The end of a snooze: "1d", "1w", or a date, whose morning (9:00 in the report's zone) is meant.

    Raises:
        UsageError: it is none of these, lies in the past or more than a year ahead.
    """
    if choice == "1d":
        return now + timedelta(days=1)
    if choice == "1w":
        return now + timedelta(weeks=1)
    try:
        day = date.fromisoformat(choice)
    except ValueError:
        raise UsageError(
            f"{choice!r} is no end of a snooze: give 1d, 1w or a date such as 2026-12-01."
        ) from None
    zone = loaded.settings.report.zone
    until = datetime(day.year, day.month, day.day, _SNOOZE_HOUR, tzinfo=zone).astimezone(now.tzinfo)
    if not now < until <= now + timedelta(days=_LONGEST_SNOOZE_DAYS):
        raise UsageError(f"{choice} is in the past or more than a year ahead: give a coming date.")
    return until
