"""Alerts hide a forgotten person's name in the quotes of others."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import text

from monitor.domain.posts import Post, PostKind
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.store.posts import save_posts
from monitor.workflow.alert_view import IncidentArtist
from monitor.workflow.forget import erase_traces, forget_person
from tests.integration.bot.conftest import NOW, raise_incident


def said_of_the_incident(company: Database, loaded: Loaded) -> str:
    """The root message of the only incident, as it would be sent now."""
    with company.reading() as connection:
        (incident,) = store.read_incidents(connection)
        root = store.messages_of(connection, incident.id)[0]
    form = IncidentArtist(company, loaded).form(root)
    assert form is not None
    return json.dumps(form.variants[0]).lower()


def test_an_alert_hides_the_forgotten_until_their_traces_are_erased(
    company: Database, loaded: Loaded
) -> None:
    """Erased, the quotes show the name, so that a leak would be seen."""
    post = Post(
        "forum", "q", PostKind.FORUM_POST, "hello", NOW, author_id="q", author_name="Ozwalda Quorndale"
    )
    with company.transaction() as connection:
        save_posts(connection, [post, replace(post, external_id="q2")], zone=company.time_zone, now=NOW)
        connection.execute(text("UPDATE posts SET text = 'ask Quorndale: ' || text WHERE author_id = 'u1'"))
    raise_incident(company)
    assert forget_person(company, "forum", "q", now=NOW).posts == 2
    hidden = said_of_the_incident(company, loaded)
    assert "quorndale" not in hidden
    assert "ask [name]: " in hidden
    erase_traces(company)
    assert "ask quorndale: " in said_of_the_incident(company, loaded)
