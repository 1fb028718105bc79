"""Empty the outbox: each message into Slack once, whatever breaks on the way.

Promise. A message is claimed in the database before it goes out and marked as sent after Slack answered. If
the process dies or the answer is lost in between, the message stays claimed, and the next delivery looks it up
in Slack by its key: there, it is marked as sent; not there, it is sent. So nothing is lost, and nothing doubles
unless Slack shows a message only after `SETTLE_SECONDS` that it took before. Only one process delivers at a
time (a lock that ends with its process), so a claimed message never belongs to somebody who still works on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from monitor.domain.alerts import AlertOptions, IncidentState
from monitor.domain.outbox import UPLOADS, Message, MessageKind, MessageState
from monitor.errors import (
    ChannelUnavailableError,
    ConfigurationError,
    DeliveryUncertainError,
    GoodwillError,
    InputError,
    LockedError,
    MessageGoneError,
    RateLimitedError,
)
from monitor.store import alerts as store
from monitor.store.database import Database
from reports.alert import Block
from reports.slack_delivery import SlackDelivery, Workspace, steady_clock

SETTLE_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 60.0
PICTURE_WAITS = (1.0, 2.0, 4.0)
TRIES_A_SESSION = 3
_FIRST = frozenset({MessageKind.ROOT, MessageKind.DIGEST})


@dataclass(frozen=True, slots=True)
class Form:
    """A message ready to be sent: the fallback text, and its blocks in ever shorter variants."""

    text: str
    variants: Sequence[Sequence[Block]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A file ready to be uploaded: a chart, a word cloud or a report."""

    content: bytes
    title: str
    alt: str


class Artist(Protocol):
    """Draws messages from the present state of what they tell about."""

    def form(self, message: Message) -> Form | None:
        """The message's form; None when this process does not draw it (another one will)."""
        ...

    def picture(self, message: Message) -> Picture | None:
        """A file to upload; None when this process does not draw it (another one will)."""
        ...


@dataclass(slots=True)
class DeliveryOutcome:
    """What a delivery did.

    Attributes:
        sent: messages Slack took; found: those that a lost answer had hidden; dropped: made needless.
        waiting: messages still to be sent; problems: why, one line each.
    """

    sent: int = 0
    found: int = 0
    dropped: int = 0
    waiting: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Session:
    database: Database
    slack: SlackDelivery
    artist: Artist
    channel: str
    workspace: Workspace
    slack_now: Callable[[], float]
    sleep: Callable[[float], None]
    outcome: DeliveryOutcome
    options: AlertOptions
    tries: dict[int, int] = field(default_factory=dict)
    given_up: set[int] = field(default_factory=set)
    shown: frozenset[int] = frozenset()


def deliver(
    database: Database,
    slack: SlackDelivery,
    artist: Artist,
    *,
    channel: str,
    options: AlertOptions | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> DeliveryOutcome:
    """Send everything that waits.

    Args:
        database: holds the outbox.
        slack: where it goes.
        artist: draws the messages.
        channel: where new incidents go (their later messages follow them).
        options: which rules are muted; None = none.
        sleep: waits, in seconds.
    """
    outcome = DeliveryOutcome()
    try:
        with store.delivering(database):
            _deliver_alone(database, slack, artist, channel, options or AlertOptions(), sleep, outcome)
    except LockedError:
        pass  # the process that holds the lock takes these messages along
    with database.reading() as connection:
        outcome.waiting = len(store.pending_messages(connection))
    return outcome


def _deliver_alone(
    database: Database,
    slack: SlackDelivery,
    artist: Artist,
    channel: str,
    options: AlertOptions,
    sleep: Callable[[float], None],
    outcome: DeliveryOutcome,
) -> None:
    with database.reading() as connection:
        if not store.pending_messages(connection):
            return
    try:
        workspace = slack.identify()
    except GoodwillError as error:
        outcome.problems.append(str(error))
        return
    # Without a time of Slack's a look-up goes back as far as it can: our own clock may be wrong.
    clock = steady_clock(workspace.slack_time)
    session = _Session(database, slack, artist, channel, workspace, clock, sleep, outcome, options)
    while (message := _next(session)) is not None:
        if not _work_on(session, message):
            return


def _next(session: _Session) -> Message | None:
    """The oldest message that can be sent now: an incident's first message before all its others."""
    with session.database.reading() as connection:
        pending = store.pending_messages(connection)
        for message in pending:
            if message.id in session.given_up:
                continue
            if message.kind in _FIRST:
                return message
            parent = _parent(connection, message)
            if parent is None or parent.state in {MessageState.SENT, MessageState.DROPPED}:
                return message
    return None


def _parent(connection: store.Transaction, message: Message) -> Message | None:
    """The message that this one changes, or in whose thread it goes."""
    if message.kind in _FIRST:
        return None
    if message.incident_id is None:
        return store.find_message(connection, message.key.rpartition("/")[0])
    messages = store.messages_of(connection, message.incident_id)
    return next((m for m in messages if m.kind is MessageKind.ROOT), None)


def _work_on(session: _Session, message: Message) -> bool:
    """Try to send one message; False when nothing more can be sent now."""
    session.tries[message.id] = session.tries.get(message.id, 0) + 1
    if session.tries[message.id] > TRIES_A_SESSION:
        session.given_up.add(message.id)
        return True
    try:
        _send_once(session, message)
    except DeliveryUncertainError as error:
        _note(session, message, error)
        session.sleep(SETTLE_SECONDS)
    except RateLimitedError as error:
        _note(session, message, error, back=True)
        wait = error.retry_after or 1.0
        if wait > LONGEST_WAIT_SECONDS:
            session.outcome.problems.append(str(error))
            return False
        session.sleep(wait)
    except MessageGoneError as error:
        _finish(session, replace(message, state=MessageState.DROPPED, error=str(error)))
    except ConfigurationError as error:
        _note(session, message, error, back=True)
        return False
    except GoodwillError as error:
        _note(session, message, error, back=True)
        session.given_up.add(message.id)
    return True


def _note(session: _Session, message: Message, error: GoodwillError, *, back: bool = False) -> None:
    """Keep what went wrong; `back` when Slack surely did not take it, so that no look-up is needed."""
    with session.database.transaction() as connection:
        stored = store.find_message(connection, message.key) or message
        # A message that was claimed by an earlier try may be there, whatever this try was told.
        state = MessageState.WAITING if back and message.state is MessageState.WAITING else stored.state
        store.save_message(connection, replace(stored, state=state, error=str(error)))
    if not isinstance(error, DeliveryUncertainError | RateLimitedError):
        session.outcome.problems.append(str(error))


def _send_once(session: _Session, message: Message) -> None:
    with session.database.reading() as connection:
        parent = _parent(connection, message)
    if message.kind not in _FIRST:
        if parent is None or parent.state is not MessageState.SENT:
            _finish(session, replace(message, state=MessageState.DROPPED, error="it belongs to no message"))
            return
        _check_workspace(session, parent)
    is_unsure = message.state is MessageState.CLAIMED and message.kind is not MessageKind.UPDATE
    if is_unsure and _was_sent(session, message, parent):
        return
    if _is_muted(session, message):
        _finish(session, replace(message, state=MessageState.DROPPED, error="muted"))
    elif message.kind in UPLOADS and parent is not None:
        _upload(session, message, parent)
    else:
        _post(session, message, parent)


def _is_muted(session: _Session, message: Message) -> bool:
    """Whether a message would tell of an incident of which nothing more is posted; a posted message is still changed."""
    if message.kind in {MessageKind.UPDATE, MessageKind.REPORT} or message.incident_id is None:
        return False
    with session.database.reading() as connection:
        incident = store.read_incident(connection, message.incident_id)
    # A mute outlasts the end of its incident, as the verdict does.
    by_person = incident.state is IncidentState.MUTED or incident.useful is False
    return by_person or session.options.mute(incident.signals)


def _check_workspace(session: _Session, parent: Message) -> None:
    if parent.team and parent.team != session.workspace.team:
        raise ChannelUnavailableError(
            f"{parent.key} was posted to another workspace ({parent.team}) than the token's "
            f"({session.workspace.team}): give that workspace's token back, or mute the incident."
        )


def _was_sent(session: _Session, message: Message, parent: Message | None) -> bool:
    thread = parent.slack_ts if parent is not None else ""
    slack, since = session.slack, message.anchor
    if message.kind in UPLOADS:
        file_id = slack.find_file(message.channel, message.file_name, since=since, thread=thread)
        found = replace(message, file_id=file_id)
    else:
        ts = slack.find_message(message.channel, message.key, since=since, thread=thread)
        found = replace(message, slack_ts=ts)
    if found == message:
        return False
    session.outcome.found += 1
    _finish(session, replace(found, state=MessageState.SENT, team=session.workspace.team, error=""))
    return True


def _upload(session: _Session, message: Message, parent: Message) -> None:
    picture = session.artist.picture(message)
    if picture is None:
        session.given_up.add(message.id)
        return
    claimed = _claim(session, message, parent)
    file_id = session.slack.upload(
        claimed.channel,
        parent.slack_ts,
        claimed.file_name,
        picture.content,
        title=picture.title,
        alt=picture.alt,
    )
    _finish(session, replace(claimed, state=MessageState.SENT, file_id=file_id, error=""))


def _post(session: _Session, message: Message, parent: Message | None) -> None:
    session.shown = _pending_updates(session, message)
    form = session.artist.form(message)
    if form is None:
        session.given_up.add(message.id)
        return
    claimed = _claim(session, message, parent)
    if claimed.kind is MessageKind.UPDATE and parent is not None:
        _update(session, parent, form)
        ts = parent.slack_ts
    else:
        thread = parent.slack_ts if parent is not None else ""
        key = claimed.key
        ts = session.slack.post(
            claimed.channel, form.text, form.variants, key, thread=thread, loud=claimed.loud
        )
    _finish(session, replace(claimed, state=MessageState.SENT, slack_ts=ts, error=""))


def _update(session: _Session, parent: Message, form: Form) -> None:
    """Change a message; a picture that Slack has just got and still processes is waited for, then left out."""
    first = form.variants[0]
    if any(block["type"] == "image" for block in first):
        for wait in PICTURE_WAITS:
            try:
                session.slack.update(parent.channel, parent.slack_ts, form.text, [first])
            except InputError:
                session.sleep(wait)
            else:
                return
    session.slack.update(parent.channel, parent.slack_ts, form.text, form.variants)


def _claim(session: _Session, message: Message, parent: Message | None) -> Message:
    """Write down that it goes out, and when by Slack's clock, before it does."""
    is_kept = bool(message.channel) and (
        message.state is MessageState.CLAIMED or message.kind is MessageKind.DIGEST
    )
    channel = parent.channel if parent is not None else message.channel if is_kept else session.channel
    claimed = replace(
        message,
        state=MessageState.CLAIMED,
        channel=channel,
        anchor=message.anchor
        if message.state is MessageState.CLAIMED and message.anchor
        else session.slack_now(),
        attempts=message.attempts + 1,
        team=session.workspace.team,
    )
    with session.database.transaction() as connection:
        store.save_message(connection, claimed)
    return claimed


def _pending_updates(session: _Session, message: Message) -> frozenset[int]:
    """Updates that this message, drawn from the present state, makes needless."""
    if message.incident_id is None or message.kind not in {MessageKind.ROOT, MessageKind.UPDATE}:
        return frozenset()
    with session.database.reading() as connection:
        pending = store.pending_messages(connection)
    return frozenset(
        m.id
        for m in pending
        if m.kind is MessageKind.UPDATE and m.incident_id == message.incident_id and m.id != message.id
    )


def _finish(session: _Session, message: Message) -> None:
    is_sent = message.state is MessageState.SENT
    with session.database.transaction() as connection:
        store.save_message(connection, message)
        if is_sent and message.kind in {MessageKind.ROOT, MessageKind.UPDATE}:
            session.outcome.dropped += store.drop_messages(connection, session.shown, "shown already")
        if is_sent and message.kind is MessageKind.CHART:
            # The picture is in the thread now: the first message can show it too.
            key = message.key.replace("/chart", "/update/chart")
            store.enqueue(
                connection, Message(key=key, kind=MessageKind.UPDATE, incident_id=message.incident_id)
            )
    session.shown = frozenset()
    session.given_up.add(message.id)
    session.outcome.sent += is_sent
    session.outcome.dropped += message.state is MessageState.DROPPED
