"""What an incident keeps from one check to the next, and what it asks Slack for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.domain.incidents import Change
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.workflow.alert import record
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
