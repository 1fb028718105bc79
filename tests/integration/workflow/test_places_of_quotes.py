"""Posts that are compared by their words keep the place they were written in."""

from __future__ import annotations

from datetime import UTC, date, datetime

from monitor.domain.posts import Post, PostKind, Voice
from monitor.store.database import Database
from monitor.store.labels import Label, save_labels
from monitor.store.posts import save_posts
from monitor.workflow.weekly_words import PostGroup, read_group
from reports.redact import KnownNames, Redactor

DAY = date(2026, 11, 10)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def _label(post_id: int, post: Post) -> Label:
    return Label(
        post_id=post_id,
        day=DAY,
        source=post.source,
        kind=post.kind,
        about_us=True,
        target="us",
        voice=next(iter(Voice)),
        sentiment="negative",
        complaint=True,
        tags=(),
        channel="",
        language="en",
        measured=True,
        unsure=False,
        corrected=False,
        negative=0.9,
        complaint_score=0.9,
    )


def test_places_are_those_of_quotes_elsewhere(database: Database) -> None:
    """Kind and channel, not the name that the configuration gives the source; nobody's name in a channel's."""
    posts = [
        Post(
            "community", "1", PostKind.COMMENT, "one", NOON, channel="northbeam", channel_name="r/northbeam"
        ),
        Post("chat", "2", PostKind.MESSAGE, "two", NOON, channel="C1", channel_name="with Zelda Canary"),
        Post("nps", "3", PostKind.NPS_COMMENT, "three", NOON),
    ]
    with database.transaction() as connection:
        save_posts(connection, posts, zone=database.time_zone, now=NOON)
        save_labels(connection, "model#1", [_label(n + 1, post) for n, post in enumerate(posts)])
    redactor = Redactor(KnownNames.build(["Zelda Canary"], [], []))
    read = read_group(database, PostGroup(DAY, DAY, 10), redactor)
    assert [post.where for post in read] == [
        "comment in r/northbeam",
        "message in with [name]",
        "NPS comment",
    ]
