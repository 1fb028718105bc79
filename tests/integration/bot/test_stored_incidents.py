"""What an incident keeps from one check to the next, and what it asks Slack for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.domain.alerts import AlertOptions, IncidentEvent, RuleName
from monitor.domain.incidents import Change, CheckMoment, check
from monitor.domain.outbox import MessageKind
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.workflow.alert import change_incident, record
from tests.integration.bot.conftest import NOW, SPIKE, raise_incident


def test_the_days_on_which_each_member_was_seen_last_are_kept(database: Database) -> None:
    raised = raise_incident(database)
    seen = replace(raised, last_seen={raised.lead.member: SPIKE + timedelta(days=3)})
    with database.transaction() as connection:
        record(connection, Change(raised, seen, "signal"), NOW, "C1")
    with database.reading() as connection:
        assert store.read_incident(connection, raised.id) == seen


def test_an_incident_stored_by_an_older_version_is_read(database: Database) -> None:
    raised = raise_incident(database)
    with database.transaction() as connection:
        statement = "UPDATE incidents SET payload = json_remove(payload, '$.last_seen')"
        connection.exec_driver_sql(statement)
    with database.reading() as connection:
        assert store.read_incident(connection, raised.id) == raised


def test_a_muted_incident_asks_for_no_message_and_its_log_has_what_happened(
    database: Database, loaded: Loaded
) -> None:
    raised = raise_incident(database)
    change_incident(database, loaded, raised.id, IncidentEvent.MUTE, actor="U1", now=NOW)
    joined = replace(
        raised.lead, rule=RuleName.NEGATIVE_SPIKE, subject="all", sentence="Negative posts, too."
    )
    worse = replace(raised.lead, strength=3 * raised.lead.strength)
    with database.transaction() as connection:
        asked = store.messages_of(connection, raised.id)
        moment = CheckMoment(SPIKE + timedelta(days=1), NOW + timedelta(days=1))
        (change,) = check(store.read_incidents(connection), [worse, joined], AlertOptions(), moment)
        record(connection, change, moment.now, "C1")
        assert store.messages_of(connection, raised.id) == asked
        assert store.read_log(connection, raised.id)[-1].note == "Also seen: Negative posts, too."
    moment = CheckMoment(SPIKE + timedelta(days=5), NOW + timedelta(days=5))
    with database.transaction() as connection:
        (ended,) = check(store.read_incidents(connection), [], AlertOptions(), moment)
        record(connection, ended, moment.now, "C1")
        later = store.messages_of(connection, raised.id)[len(asked) :]
        assert [message.kind for message in later] == [MessageKind.UPDATE]
        assert store.read_log(connection, raised.id)[-1].note.startswith("Resolved: nothing more since")
