"""Incidents, what happened to them, and the messages about them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, select, text, update

from monitor.domain.alerts import Incident, IncidentState, LogEntry, Measure, RuleName, Signal
from monitor.domain.incidents import Change
from monitor.domain.outbox import Message, MessageKind, MessageState
from monitor.errors import InputError, LockedError
from monitor.store.database import Database
from monitor.store.lock import try_lock
from monitor.store.tables import IncidentLogRow, IncidentRow, OutboxRow, SlackEventRow
from monitor.store.upsert import insert_if_absent

Transaction = Connection
"""The type of an open transaction or view, for use cases that pass one on."""

INCIDENTS: Table = IncidentRow.__table__  # type: ignore[attr-defined]
LOG: Table = IncidentLogRow.__table__  # type: ignore[attr-defined]
OUTBOX: Table = OutboxRow.__table__  # type: ignore[attr-defined]
EVENTS: Table = SlackEventRow.__table__  # type: ignore[attr-defined]
_ENDED_KEPT_IN_VIEW = 500
_EVENTS_KEPT = timedelta(days=3)
_DELIVERY_KEY = 0x600D_0718
_INCIDENTS_KEY = 0x600D_0719
_OUTBOX_COLUMNS = frozenset({"id", "key", "state", "kind", "incident_id"})
_LAST_CHECK = "alerts_last_check"
_OWN_NAME = "alerts_name"


@contextmanager
def delivering(database: Database) -> Iterator[None]:
    """Be the only one who talks to Slack about incidents; ends with the process however it ends.

    Raises:
        LockedError: another process (the bot, or another check) is at it.
    """
    message = "another Goodwill process is delivering alerts: it takes this work along."
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            held = connection.execute(
                text("SELECT pg_try_advisory_lock(:key)"), {"key": _DELIVERY_KEY}
            ).scalar()
            connection.commit()
            if not held:
                raise LockedError(message)
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _DELIVERY_KEY})
                connection.commit()
        return
    name = database.url.database
    if not name or name == ":memory:":
        yield
        return
    with Path(f"{name}.alerts.lock").open("a+b") as handle:
        if not try_lock(handle):
            raise LockedError(message)
        yield


def lock_incidents(connection: Connection) -> None:
    """Be the only one who changes incidents until the transaction ends: two checks at once raise no twins.

    On SQLite a write transaction is alone anyway.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _INCIDENTS_KEY})


def last_check(connection: Connection) -> date | None:
    """The latest checked day; None before the first check."""
    value = connection.execute(text("SELECT value FROM meta WHERE key = :key"), {"key": _LAST_CHECK}).scalar()
    return None if value is None else date.fromisoformat(str(value))


def save_check(connection: Connection, as_of: date) -> None:
    """Note that a day was checked."""
    connection.execute(
        text(
            "INSERT INTO meta (key, value) VALUES (:key, :day) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        ),
        {"key": _LAST_CHECK, "day": as_of.isoformat()},
    )


def own_name(connection: Connection) -> str:
    """A short name of this database, so that two of them in one channel never share a key."""
    query, key = text("SELECT value FROM meta WHERE key = :key"), {"key": _OWN_NAME}
    name = connection.execute(query, key).scalar()
    if name is None:
        lock_incidents(connection)  # another process may be naming it
        name = connection.execute(query, key).scalar()
    if name is None:
        name = uuid.uuid4().hex[:8]
        connection.execute(
            text("INSERT INTO meta (key, value) VALUES (:key, :name)"), {"key": _OWN_NAME, "name": name}
        )
    return str(name)


def read_incidents(connection: Connection) -> list[Incident]:
    """All living incidents and the latest ended ones, oldest first."""
    ended = INCIDENTS.c.state == IncidentState.RESOLVED.value
    alive = connection.execute(select(INCIDENTS).where(~ended)).all()
    recent = select(INCIDENTS).where(ended).order_by(INCIDENTS.c.id.desc()).limit(_ENDED_KEPT_IN_VIEW)
    rows = [*alive, *connection.execute(recent)]
    return [_to_incident(row) for row in sorted(rows, key=lambda row: int(row.id))]


def read_incident(connection: Connection, incident_id: int, *, to_change: bool = False) -> Incident:
    """One incident.

    Args:
        connection: for reading, or inside a write transaction.
        incident_id: its number.
        to_change: keep others from changing it until the transaction ends.

    Raises:
        InputError: there is none with this number.
    """
    if to_change:
        lock_incidents(connection)
    row = connection.execute(select(INCIDENTS).where(INCIDENTS.c.id == incident_id)).first()
    if row is None:
        raise InputError(f"there is no incident {incident_id}: `/goodwill status` lists the present ones.")
    return _to_incident(row)


def save_change(connection: Connection, change: Change, now: datetime) -> Incident:
    """Store an incident's step and log it; a step that changes nothing leaves no trace.

    Returns:
        the incident with its id.
    """
    after = change.after
    if change.before == after:
        return after
    row = _to_row(after)
    if change.before is None:
        result = connection.execute(INCIDENTS.insert().values(**row))
        key = result.inserted_primary_key
        after = replace(after, id=int(key[0]) if key is not None else 0)
    else:
        connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == after.id).values(**row))
    before = change.before.state.value if change.before else ""
    payload = {
        "event": str(change.event),
        "from": before,
        "to": after.state.value,
        "actor": change.actor,
        "note": change.told or change.noted or after.lead.measure.sentence(),
    }
    connection.execute(LOG.insert().values(incident_id=after.id, at=now, payload=payload))
    return after


def save_version(connection: Connection, incident: Incident) -> None:
    """Store an incident whose message has to be drawn again, though nothing happened to it."""
    connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident.id).values(**_to_row(incident)))


def read_log(connection: Connection, incident_id: int) -> list[LogEntry]:
    """What happened to an incident, oldest first."""
    rows = connection.execute(select(LOG).where(LOG.c.incident_id == incident_id).order_by(LOG.c.id))
    return [
        LogEntry(r.incident_id, r.at, p["event"], p["from"], p["to"], p["actor"], p["note"])
        for r in rows
        for p in [r.payload or {}]
    ]


def _to_row(incident: Incident) -> dict[str, Any]:
    payload = {
        "members": list(incident.members),
        "signals": [_signal_row(signal) for signal in incident.signals],
        "onset": incident.onset.isoformat(),
        "seen_on": incident.seen_on.isoformat(),
        "last_seen": {member: day.isoformat() for member, day in incident.last_seen.items()},
        "snoozed_until": incident.snoozed_until.isoformat() if incident.snoozed_until else None,
        "handled_by": incident.handled_by,
        "version": incident.version,
        "posted_on": incident.posted_on.isoformat() if incident.posted_on else None,
        "useful": incident.useful,
    }
    return {
        "key": incident.key,
        "state": incident.state.value,
        "opened_on": incident.opened_on,
        "resolved_on": incident.resolved_on,
        "payload": payload,
    }


def _signal_row(signal: Signal) -> dict[str, Any]:
    row = asdict(signal)
    return {
        **row,
        "onset": signal.onset.isoformat(),
        "last_day": signal.last_day.isoformat(),
        "rule": signal.rule.value,
    }


def _to_signal(row: dict[str, Any]) -> Signal:
    lists = {name: tuple(row[name]) for name in ("campaigns", "nearby", "questions", "post_ids")}
    days = {name: date.fromisoformat(row[name]) for name in ("onset", "last_day")}
    return Signal(
        **{**row, **lists, **days, "rule": RuleName(row["rule"]), "measure": Measure(**row["measure"])}
    )


def _to_incident(row: Any) -> Incident:
    stored = row.payload
    return Incident(
        key=row.key,
        state=IncidentState(row.state),
        members=tuple(stored["members"]),
        signals=tuple(_to_signal(signal) for signal in stored["signals"]),
        onset=date.fromisoformat(stored["onset"]),
        opened_on=row.opened_on,
        seen_on=date.fromisoformat(stored["seen_on"]),
        id=row.id,
        resolved_on=row.resolved_on,
        snoozed_until=datetime.fromisoformat(stored["snoozed_until"]) if stored["snoozed_until"] else None,
        handled_by=stored["handled_by"],
        version=stored["version"],
        posted_on=date.fromisoformat(stored["posted_on"]) if stored["posted_on"] else None,
        useful=stored["useful"],
        last_seen={m: date.fromisoformat(day) for m, day in stored.get("last_seen", {}).items()},
    )


def enqueue(connection: Connection, message: Message) -> None:
    """Ask for a message, in the transaction of what it tells about; a key that was used already adds nothing."""
    connection.execute(insert_if_absent(connection, OUTBOX, ("key",)), [_message_row(message)])


def ask_again(connection: Connection, message: Message) -> None:
    """Ask for a message, also if it was dropped before it was ever sent."""
    enqueue(connection, message)
    earlier = find_message(connection, message.key)
    if earlier is not None and earlier.state is MessageState.DROPPED:
        save_message(connection, replace(message, id=earlier.id))


def save_message(connection: Connection, message: Message) -> None:
    """Store how far a message is."""
    connection.execute(update(OUTBOX).where(OUTBOX.c.id == message.id).values(**_message_row(message)))


def drop_messages(connection: Connection, ids: Iterable[int], reason: str) -> int:
    """Take messages back that became needless; returns how many."""
    chosen = [message for message in pending_messages(connection) if message.id in set(ids)]
    for message in chosen:
        save_message(connection, replace(message, state=MessageState.DROPPED, error=reason))
    return len(chosen)


def pending_messages(connection: Connection) -> list[Message]:
    """Messages that are not surely sent, in the order they were asked for."""
    states = [MessageState.WAITING.value, MessageState.CLAIMED.value]
    return [
        _to_message(row)
        for row in connection.execute(select(OUTBOX).where(OUTBOX.c.state.in_(states)).order_by(OUTBOX.c.id))
    ]


def messages_of(connection: Connection, incident_id: int) -> list[Message]:
    """Every message of an incident, oldest first."""
    query = select(OUTBOX).where(OUTBOX.c.incident_id == incident_id).order_by(OUTBOX.c.id)
    return [_to_message(row) for row in connection.execute(query)]


def find_message(connection: Connection, key: str) -> Message | None:
    """A message by its key."""
    row = connection.execute(select(OUTBOX).where(OUTBOX.c.key == key)).first()
    return None if row is None else _to_message(row)


def _message_row(message: Message) -> dict[str, Any]:
    payload = {f.name: getattr(message, f.name) for f in fields(message) if f.name not in _OUTBOX_COLUMNS}
    return {
        "key": message.key,
        "state": message.state.value,
        "kind": message.kind.value,
        "incident_id": message.incident_id,
        "payload": payload,
    }


def _to_message(row: Any) -> Message:
    known = {f.name for f in fields(Message)}
    payload = {name: value for name, value in (row.payload or {}).items() if name in known}
    return Message(
        key=row.key,
        kind=MessageKind(row.kind),
        state=MessageState(row.state),
        id=row.id,
        incident_id=row.incident_id,
        **payload,
    )


def remember_event(connection: Connection, event_id: str, now: datetime) -> bool:
    """Note an event of Slack's; False when it was delivered before (Slack repeats what it thinks was lost)."""
    connection.execute(delete(EVENTS).where(EVENTS.c.received_at < now - _EVENTS_KEPT))
    statement = insert_if_absent(connection, EVENTS, ("event_id",))
    result = connection.execute(statement.values(event_id=event_id, received_at=now))
    return bool(result.rowcount)
