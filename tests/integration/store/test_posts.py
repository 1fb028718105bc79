"""Posts in the database: exactly once, with versions, honest deletions and search."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from monitor.domain.posts import DeletedPost, Post, PostKind, Voice, VoiceSegment
from monitor.errors import InputError
from monitor.store import search
from monitor.store.database import Database
from monitor.store.posts import delete_author, delete_older, delete_posts, read_posts, save_posts

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def post(number: int = 1, **changes: object) -> Post:
    base = Post(
        source="slack",
        external_id=f"C1:{number}",
        kind=PostKind.MESSAGE,
        text=f"your newsletter number {number} is too much",
        created_at=datetime(2026, 11, 9, 22, 30, tzinfo=UTC) + timedelta(minutes=number),
        channel="C1",
        channel_name="general",
        author_id="U1",
        author_name="Some Body",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def save(database: Database, *posts: Post) -> tuple[int, int, int]:
    with database.transaction() as connection:
        counts = save_posts(connection, posts, zone=database.time_zone, now=NOW)
        search.refresh(connection)
    return counts.added, counts.changed, counts.unchanged


def all_posts(database: Database) -> list[Post]:
    with database.reading() as connection:
        return list(read_posts(connection))


def scalar(database: Database, sql: str) -> object:
    with database.reading() as connection:
        return connection.execute(text(sql)).scalar()


def found(database: Database, words: str) -> list[int]:
    with database.reading() as connection:
        return search.find(connection, words)


def test_a_post_comes_back_as_it_went_in(database: Database) -> None:
    sent = post(
        segments=(VoiceSegment(Voice.REP, "said"), VoiceSegment(Voice.CUSTOMER, "stop it")),
        edited_at=NOW,
        url="https://example.com/1",
        parent_id="C1:0",
        account="acme",
        deal_id="d1",
        about_us=True,
        truncated=True,
    )
    save(database, sent)
    assert all_posts(database) == [sent]


def test_the_same_posts_again_change_nothing(database: Database) -> None:
    posts = [post(n) for n in range(2500)]
    assert save(database, *posts) == (2500, 0, 0)
    assert save(database, *posts) == (0, 0, 2500)
    assert scalar(database, "SELECT count(*) FROM posts") == 2500


def test_of_equal_identities_in_one_batch_the_last_wins(database: Database) -> None:
    assert save(database, post(1), post(1, text="the last word")) == (1, 0, 0)
    assert all_posts(database)[0].text == "the last word"


def test_an_edit_keeps_the_old_version_and_moves_the_search_entry(database: Database) -> None:
    save(database, post(1, text="original sentence"))
    assert save(database, post(1, text="rewritten paragraph")) == (0, 1, 0)
    assert scalar(database, "SELECT text FROM post_versions") == "original sentence"
    assert found(database, "original") == []
    assert len(found(database, "rewritten")) == 1


def test_a_changed_author_name_is_no_changed_post(database: Database) -> None:
    save(database, post(1))
    assert save(database, post(1, author_name="Other Name")) == (0, 0, 1)
    assert all_posts(database)[0].author_name == "Other Name"


def test_a_post_counts_on_its_day_in_the_report_zone(database: Database) -> None:
    save(database, post(1, created_at=datetime(2026, 11, 9, 23, 30, tzinfo=UTC)))
    assert str(scalar(database, "SELECT day FROM posts")) == "2026-11-10"


def test_a_deleted_post_leaves_no_text_author_or_search_entry(database: Database) -> None:
    save(database, post(1, text="forget this sentence"), post(2, author_id="U2", author_name="Else"))
    with database.transaction() as connection:
        assert delete_posts(connection, [DeletedPost("slack", "C1:1")], now=NOW) == 1
        assert delete_posts(connection, [DeletedPost("slack", "C1:1")], now=NOW) == 0
        assert delete_posts(connection, [DeletedPost("slack", "never there")], now=NOW) == 0
    assert found(database, "forget") == []
    assert [kept.external_id for kept in all_posts(database)] == ["C1:2"]
    for table in ("posts", "authors", "post_versions", "scores"):
        with database.reading() as connection:
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())
        assert "forget this" not in rows
        assert "Some Body" not in rows
    assert scalar(database, "SELECT count(*) FROM posts") == 2


def test_everything_of_an_author_can_be_deleted(database: Database) -> None:
    save(database, post(1), post(2), post(3, author_id="U2"))
    with database.transaction() as connection:
        assert delete_author(connection, "slack", "U1", now=NOW) == 2
    assert [kept.external_id for kept in all_posts(database)] == ["C1:3"]


def test_a_forgotten_post_is_not_revived_by_its_source(database: Database) -> None:
    save(database, post(1), post(2, author_id="U2"))
    with database.transaction() as connection:
        delete_author(connection, "slack", "U1", now=NOW)
    assert save(database, post(1), post(2, author_id="U2")) == (0, 0, 2)
    assert [kept.external_id for kept in all_posts(database)] == ["C1:2"]
    assert scalar(database, "SELECT count(*) FROM authors WHERE external_id = 'U1'") == 0


def test_a_post_that_comes_back_at_its_source_comes_back_here(database: Database) -> None:
    save(database, post(1))
    with database.transaction() as connection:
        delete_posts(connection, [DeletedPost("slack", "C1:1")], now=NOW)
    assert save(database, post(1)) == (0, 1, 0)
    assert all_posts(database) == [post(1)]
    assert len(found(database, "newsletter")) == 1


def test_posts_beyond_the_retention_period_are_deleted(database: Database) -> None:
    save(database, post(1, created_at=NOW - timedelta(days=40)), post(2, created_at=NOW))
    with database.transaction() as connection:
        assert delete_older(connection, "slack", NOW - timedelta(days=30), now=NOW) == 1
    assert len(all_posts(database)) == 1


def test_search_needs_a_word_and_is_immune_to_operators(database: Database) -> None:
    save(database, post(1, text='quote " and NEAR words'))
    assert len(found(database, '"quote" -NEAR(*')) == 1
    with pytest.raises(InputError, match="no word"):
        found(database, "?!*")


def test_another_report_zone_recounts_the_days(database: Database) -> None:
    save(database, post(1, created_at=datetime(2026, 11, 9, 23, 30, tzinfo=UTC)))
    url = database.url.render_as_string(hide_password=False)
    with Database(url, time_zone=ZoneInfo("America/New_York")) as again, again.reading() as connection:
        assert str(connection.execute(text("SELECT day FROM posts")).scalar()) == "2026-11-09"
        stale = {str(row[0]) for row in connection.execute(text("SELECT day FROM dirty_days"))}
        assert {"2026-11-09", "2026-11-10"} <= stale


times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))  # noqa: DTZ001 - given UTC just after
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=80)
posts = st.builds(
    Post,
    source=st.just("s"),
    external_id=texts,
    kind=st.sampled_from(PostKind),
    text=texts,
    created_at=times,
    channel=st.just(""),
    author_id=st.none(),
    parent_id=st.none() | texts,
    url=st.none() | texts,
    edited_at=st.none() | times,
    account=st.none() | texts,
    deal_id=st.none() | texts,
    segments=st.lists(st.builds(VoiceSegment, st.sampled_from(Voice), texts), max_size=3).map(tuple),
    truncated=st.booleans(),
    about_us=st.none() | st.booleans(),
)


@given(st.lists(posts, min_size=1, max_size=8, unique_by=lambda p: p.external_id))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_post_survives_the_round_trip(tmp_path_factory: pytest.TempPathFactory, sent: list[Post]) -> None:
    with Database(str(tmp_path_factory.mktemp("round") / "x.db")) as database:
        save(database, *sent)
        assert sorted(all_posts(database), key=lambda p: p.external_id) == sorted(
            sent, key=lambda p: p.external_id
        )
        assert save(database, *sent) == (0, 0, len(sent))


def test_days_span_daylight_saving(database: Database) -> None:
    save(database, post(1, created_at=datetime(2026, 10, 24, 22, 0, tzinfo=UTC)))
    assert all_posts(database)[0].created_at.astimezone(BERLIN).date() == date(2026, 10, 25)
