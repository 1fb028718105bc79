"""What the bot knows: status, reasons, quotes to correct, and corrections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.errors import InputError
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store import queries
from monitor.store.database import Database
from monitor.store.labels import refresh_counts
from monitor.store.scores import Correction, save_correction
from monitor.workflow.alert import redraw
from monitor.workflow.alert_view import IncidentArtist
from reports.alert import AlertQuote
from reports.slack_views import CORRECTIONS, status_lines, why_lines

_NEW_VALUES = {"complaint": "false", "sentiment": "neutral", "about_us": "false"}


def status(database: Database) -> list[str]:
    """What is going on."""
    with database.reading() as connection:
        incidents = store.read_incidents(connection)
        return status_lines(incidents, store.last_check(connection), len(store.pending_messages(connection)))


def why(database: Database, incident_id: int) -> list[str]:
    """Why an incident was raised, and what happened to it.

    Raises:
        InputError: there is none with this number.
    """
    with database.reading() as connection:
        return why_lines(
            store.read_incident(connection, incident_id), store.read_log(connection, incident_id)
        )


def correctable_quotes(database: Database, loaded: Loaded, incident_id: int) -> list[tuple[int, AlertQuote]]:
    """The posts an incident shows, redacted, with their ids.

    Raises:
        InputError: there is no such incident.
    """
    with database.reading() as connection:
        incident = store.read_incident(connection, incident_id)
    return [(item.post_id, item.quote) for item in IncidentArtist(database, loaded).evidence(incident)]


def correct_posts(
    database: Database, incident_id: int, post_ids: Sequence[int], field: str, *, by: str, now: datetime
) -> int:
    """Store a person's correction of each post, and ask for a fresh message.

    Args:
        database: its labels and daily counts change at once.
        incident_id: the incident whose message showed the posts.
        post_ids: posts that the model read wrongly.
        field: complaint, sentiment or about_us.
        by: Slack user id.
        now: aware UTC.

    Returns:
        how many posts were corrected.

    Raises:
        InputError: an unknown field; posts that are gone by now are left out.
    """
    if field not in _NEW_VALUES:
        names = ", ".join(name for name, _ in CORRECTIONS)
        raise InputError(f"{field!r} cannot be corrected here: expected one of {names}.")
    with database.transaction() as connection:
        quotes = queries.quotes_of(connection, list(post_ids))
        for post_id, quote in sorted(quotes.items()):
            old = {
                "complaint": str(quote.complaint).lower(),
                "sentiment": quote.sentiment,
                "about_us": "true",
            }[field]
            save_correction(connection, Correction(post_id, field, old, _NEW_VALUES[field], by, now))
        refresh_counts(connection, sorted({quote.day for quote in quotes.values()}))
    redraw(database, incident_id)
    return len(quotes)
