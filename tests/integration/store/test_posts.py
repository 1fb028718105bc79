"""Posts in the database: exactly once, with versions, honest deletions and search."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from models.engines.lexicon import LexiconScorer
from monitor.domain.deals import Deal
from monitor.domain.nps import NpsResponse
from monitor.domain.posts import DeletedPost, IdentityPolicy, Post, PostKind, Voice, VoiceSegment
from monitor.errors import GoodwillError, InputError, StoreError
from monitor.store import labels as label_store
from monitor.store import search
from monitor.store.counts import daily_counts
from monitor.store.database import Database
from monitor.store.labels import ScoredPost
from monitor.store.lock import exclusive
from monitor.store.posts import delete_author, delete_older, delete_posts, read_posts, save_posts
from monitor.store.records import read_records, save_records
from monitor.store.scores import Correction, save_correction
from monitor.store.sources import register
from monitor.workflow.about_us import AboutUs
from monitor.workflow.forget import Forgotten, forget_old, forget_person
from monitor.workflow.score import score_posts

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
    with Database(url) as whatever:
        assert whatever.time_zone == ZoneInfo("America/New_York")


def test_daily_counts_follow_the_zone_at_once(database: Database) -> None:
    save(database, post(1, created_at=datetime(2026, 11, 9, 23, 30, tzinfo=UTC)))
    score_posts(database, LexiconScorer(), AboutUs())
    url = database.url.render_as_string(hide_password=False)
    with Database(url, time_zone=ZoneInfo("America/New_York")) as again, again.reading() as connection:
        counted = daily_counts(connection, date(2026, 11, 1), date(2026, 11, 30))
        assert [(count.day, count.total) for count in counted] == [(date(2026, 11, 9), 1)]


def test_the_scores_of_a_text_go_with_the_last_post_that_says_it(database: Database) -> None:
    save(database, post(1, text="stop these emails"), post(2, text="stop these emails", author_id="U2"))
    score_posts(database, LexiconScorer(), AboutUs())
    save(database, post(1, text="all good now"))
    assert scalar(database, "SELECT count(*) FROM scores") == 1
    save(database, post(2, text="fine"))
    assert scalar(database, "SELECT count(*) FROM scores") == 0


def test_a_forgotten_text_is_nowhere_in_the_files(tmp_path: Path) -> None:
    path = tmp_path / "goodwill.db"
    with Database(str(path)) as database:
        with database.transaction() as connection:
            register(connection, "slack", "slack", IdentityPolicy.FIRST_PARTY)
        save(database, *(post(number, text=f"xylophonist {number} complains") for number in range(50)))
        score_posts(database, LexiconScorer(), AboutUs())
        assert forget_person(database, "slack", "U1", now=NOW).posts == 50
        bytes_there = b"".join(file.read_bytes() for file in tmp_path.glob("goodwill.db*"))
    assert b"xylophonist" not in bytes_there
    assert b"Some Body" not in bytes_there


def test_a_forgotten_respondent_stays_anonymous_while_the_export_still_names_them(database: Database) -> None:
    answer = NpsResponse("nps", "r1", NOW, 3, respondent_id="R9", account="Acme")
    deal = Deal("nps", "d1", owner="R9")
    with database.transaction() as connection:
        register(connection, "nps", "nps", IdentityPolicy.FIRST_PARTY)
        save_records(connection, [answer, deal])
    assert forget_person(database, "nps", "R9", now=NOW) == Forgotten(0, 1, 1, 3)
    with database.transaction() as connection:
        save_records(connection, [replace(answer, score=4), deal])
        kept = next(read_records(connection, NpsResponse))
        assert (kept.score, kept.respondent_id, kept.account) == (3, None, None)
        assert next(read_records(connection, Deal)).owner is None


def test_a_misspelt_source_is_not_taken_for_done(database: Database) -> None:
    with pytest.raises(InputError, match=r"no source 'slak'.*none yet"):
        forget_person(database, "slak", "U1", now=NOW)


def test_what_is_too_old_goes_although_its_source_is_read_no_more(database: Database) -> None:
    save(database, post(1, created_at=NOW - timedelta(days=40)), post(2, created_at=NOW))
    with database.transaction() as connection:
        save_records(
            connection, [NpsResponse("slack", "r1", NOW - timedelta(days=40), 3, respondent_id="R9")]
        )
    assert forget_old(database, {"slack": 30}, now=NOW) == 1
    assert scalar(database, "SELECT count(*) FROM nps_responses WHERE respondent_id IS NOT NULL") == 0


def test_a_correction_made_while_posts_are_labelled_is_not_lost(database: Database) -> None:
    save(database, post(1))

    original = label_store.still_so

    def corrected_just_before(connection: Connection, batch: list[ScoredPost]) -> list[ScoredPost]:
        save_correction(connection, Correction(1, "sentiment", "negative", "positive", "bot", NOW))
        return original(connection, batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(label_store, "still_so", corrected_just_before)
        score_posts(database, LexiconScorer(), AboutUs())
    assert scalar(database, "SELECT sentiment FROM labels") == "positive"
    assert scalar(database, "SELECT corrected FROM labels") in {True}


def test_an_error_of_the_database_holds_no_text_of_a_post(database: Database) -> None:
    with pytest.raises(StoreError) as caught, database.transaction() as connection:
        connection.execute(text("INSERT INTO posts (text) VALUES (:t)"), {"t": "my private words"})
    assert "private words" not in str(caught.value) + str(caught.value.__cause__).split("DETAIL")[0]
    assert "Check that" in str(caught.value)


def test_a_view_does_not_move_while_others_write(database: Database) -> None:
    save(database, post(1))
    with database.reading() as connection:
        before = connection.execute(text("SELECT count(*) FROM posts")).scalar()
        save(database, post(2))
        assert connection.execute(text("SELECT count(*) FROM posts")).scalar() == before


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_the_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    with Database(str(tmp_path / "new" / "goodwill.db")) as database:
        save(database, post(1))
        modes = {file.name: file.stat().st_mode & 0o077 for file in (tmp_path / "new").iterdir()}
    assert set(modes.values()) == {0}


@pytest.mark.parametrize("url", ["file/x.db", "folder"])
def test_a_place_where_no_database_can_be_is_an_error_a_user_understands(tmp_path: Path, url: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match=r"database\.url"):
        Database(str(tmp_path / url))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@hunter2@127.0.0.1:1/x",
        "postgresql://u:hunter2@127.0.0.1:1/x",
        "postgresql://u:hunter2/@h:x/y",
    ],
)
def test_no_error_about_a_database_shows_its_password(url: str) -> None:
    with pytest.raises(GoodwillError) as caught:
        Database(url)
    assert "hunter2" not in str(caught.value)
    assert "database.url" in str(caught.value)


def test_a_lock_file_that_cannot_be_opened_is_an_error_a_user_understands(tmp_path: Path) -> None:
    (tmp_path / "goodwill.db.lock").mkdir()
    with (
        Database(str(tmp_path / "goodwill.db")) as database,
        pytest.raises(StoreError, match=r"goodwill\.db\.lock"),
        exclusive(database),
    ):
        pass


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
