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

from monitor.domain.outbox import Message, MessageKind, MessageState
from monitor.errors import (
    ChannelUnavailableError,
    ConfigurationError,
    DeliveryUncertainError,
    GoodwillError,
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
TRIES_A_SESSION = 3
_IN_THREAD = frozenset({MessageKind.THREAD, MessageKind.CHART})


@dataclass(frozen=True, slots=True)
class Form:
    """A message ready to be sent: the fallback text, and its blocks in ever shorter variants."""

    text: str
    variants: Sequence[Sequence[Block]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart ready to be uploaded."""

    png: bytes
    title: str
    alt: str


class Artist(Protocol):
    """Draws messages from the present state of what they tell about."""

    def form(self, message: Message) -> Form | None:
        """The message's form; None when there is nothing to tell any more."""
        ...

    def picture(self, message: Message) -> Picture | None:
        """A chart; None when this process does not draw (another one will)."""
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
    tries: dict[int, int] = field(default_factory=dict)
    given_up: set[int] = field(default_factory=set)
    shown: frozenset[int] = frozenset()


def deliver(
    database: Database,
    slack: SlackDelivery,
    artist: Artist,
    *,
    channel: str,
    sleep: Callable[[float], None] = time.sleep,
) -> DeliveryOutcome:
    """Send everything that waits.

    Args:
        database: holds the outbox.
        slack: where it goes.
        artist: draws the messages.
        channel: where new incidents go (their later messages follow them).
        sleep: waits, in seconds.
    """
    outcome = DeliveryOutcome()
    try:
        with store.delivering(database):
            _deliver_alone(database, slack, artist, channel, sleep, outcome)
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
    session = _Session(database, slack, artist, channel, workspace, clock, sleep, outcome)
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
            if message.incident_id is None or message.kind is MessageKind.ROOT:
                return message
            root = _root(store.messages_of(connection, message.incident_id))
            if root is not None and root.state in {MessageState.SENT, MessageState.DROPPED}:
                return message
    return None


def _root(messages: Sequence[Message]) -> Message | None:
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
    root = _place(session, message)
    if message.kind is not MessageKind.ROOT and message.incident_id is not None:
        if root is None or root.state is not MessageState.SENT:
            _finish(
                session, replace(message, state=MessageState.DROPPED, error="its incident has no message")
            )
            return
        if root.team and root.team != session.workspace.team:
            raise ChannelUnavailableError(
                f"incident {message.incident_id} was posted to another workspace ({root.team}) than the token's "
                f"({session.workspace.team}): give the token of that workspace back, or mute the incident."
            )
    if (
        message.state is MessageState.CLAIMED
        and message.kind is not MessageKind.UPDATE
        and _was_sent(session, message, root)
    ):
        return
    _send(session, message, root)


def _place(session: _Session, message: Message) -> Message | None:
    if message.incident_id is None:
        return None
    with session.database.reading() as connection:
        return _root(store.messages_of(connection, message.incident_id))


def _was_sent(session: _Session, message: Message, root: Message | None) -> bool:
    thread = root.slack_ts if root is not None and message.kind in _IN_THREAD else ""
    slack, since = session.slack, message.anchor
    if message.kind is MessageKind.CHART:
        file_id = slack.find_file(message.channel, chart_name(message), since=since, thread=thread)
        found = replace(message, file_id=file_id)
        is_there = bool(file_id)
    else:
        ts = slack.find_message(message.channel, message.key, since=since, thread=thread)
        found = replace(message, slack_ts=ts)
        is_there = bool(ts)
    if is_there:
        session.outcome.found += 1
        _finish(session, replace(found, state=MessageState.SENT, team=session.workspace.team, error=""))
    return is_there


def chart_name(message: Message) -> str:
    """A chart's file name: its key."""
    return f"goodwill-{message.key.replace('/', '-')}.png"


def _send(session: _Session, message: Message, root: Message | None) -> None:
    if message.kind is MessageKind.CHART:
        picture = session.artist.picture(message)
        if picture is None or root is None:
            session.given_up.add(message.id)
            return
        claimed = _claim(session, message, root)
        name = chart_name(claimed)
        file_id = session.slack.upload(
            claimed.channel, root.slack_ts, name, picture.png, title=picture.title, alt=picture.alt
        )
        _finish(session, replace(claimed, state=MessageState.SENT, file_id=file_id, error=""))
        return
    session.shown = _pending_updates(session, message)
    form = session.artist.form(message)
    if form is None:
        _finish(session, replace(message, state=MessageState.DROPPED, error="nothing to tell any more"))
        return
    claimed = _claim(session, message, root)
    if claimed.kind is MessageKind.UPDATE and root is not None:
        session.slack.update(root.channel, root.slack_ts, form.text, form.variants)
        _finish(session, replace(claimed, state=MessageState.SENT, slack_ts=root.slack_ts, error=""))
        return
    thread = root.slack_ts if root is not None and claimed.kind in _IN_THREAD else ""
    ts = session.slack.post(claimed.channel, form.text, form.variants, claimed.key, thread=thread)
    _finish(session, replace(claimed, state=MessageState.SENT, slack_ts=ts, error=""))


def _claim(session: _Session, message: Message, root: Message | None) -> Message:
    """Write down that it goes out, and when by Slack's clock, before it does."""
    if message.kind is MessageKind.ROOT or root is None:
        keeps = message.channel and (
            message.state is MessageState.CLAIMED or message.kind is MessageKind.DIGEST
        )
        channel = message.channel if keeps else session.channel
    else:
        channel = root.channel
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
