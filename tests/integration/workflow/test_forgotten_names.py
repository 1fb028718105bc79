"""A person who is forgotten stays hidden in what other people wrote, and is nowhere in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.base import Batch
from monitor.domain.deals import Deal
from monitor.domain.posts import DeletedPost, IdentityPolicy, Post, PostKind
from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store import forgotten, search
from monitor.store.database import Database
from monitor.store.overview import overview
from monitor.store.posts import read_posts, save_posts
from monitor.store.queries import person_names
from monitor.store.records import save_records
from monitor.store.sources import register
from monitor.workflow.about_us import AboutUs
from monitor.workflow.cloud import draw_clouds
from monitor.workflow.forget import erase_traces, forget_old, forget_person
from monitor.workflow.redaction import build_redactor, build_strict_redactor
from monitor.workflow.score import score_posts
from monitor.workflow.search import search_posts
from monitor.workflow.sync import SourceJob, sync_source
from monitor.workflow.weekly import render_week, weekly_report
from reports.slack import digest_blocks
from tests.unit.reports import made_up_company

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
WEEK = IsoWeek(2026, 46)
NAME = "Ozwalda Quorndale"
PARTS = ("ozwalda", "quorndale")
SAID = "stop the e-mails that quorndale sends"
"""In lower case and without a greeting: no form gives the name away, only the owner's full name is looked up."""


def post(
    number: int, author: str = NAME, said: str = "another e-mail", source: str = "slack", **more: object
) -> Post:
    base = Post(
        source,
        f"q{number}",
        PostKind.MESSAGE,
        f"{said} {number}",
        datetime(2026, 11, 10, 9, number, tzinfo=UTC),
        channel="c1",
        author_id=author.lower().replace(" ", ""),
        author_name=author,
        about_us=True,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def save(database: Database, *posts: Post, policy: IdentityPolicy = IdentityPolicy.FIRST_PARTY) -> None:
    with database.transaction() as connection:
        for source in {one.source for one in posts}:
            register(connection, source, "slack_export", policy)
        save_posts(connection, posts, zone=database.time_zone, now=NOW)
        search.refresh(connection)


def forget(database: Database, **more: bool) -> int:
    return forget_person(database, "slack", "ozwaldaquorndale", now=NOW, **more).name_hashes


def hides(database: Database) -> bool:
    """Whether a text about the person is redacted."""
    return (
        build_strict_redactor(database).redact("ask ozwalda quorndale or Quorndale") == "ask [name] or [name]"
    )


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Loaded]]:
    """A company whose colleagues write about somebody in most posts of the week."""
    database, loaded = made_up_company.make(tmp_path_factory.mktemp("company"))
    said = [
        post(20 + n, "Ivo Quux", "Ozwalda Quorndale sends e-mail no one needs, Quorndale again")
        for n in range(12)
    ]
    with database:
        save(database, post(1), post(2), *said)
        score_posts(database, made_up_company.WordScorer(), AboutUs(("Northbeam",)))
        yield database, loaded


def told(company: tuple[Database, Loaded], folder: Path) -> dict[str, str]:
    """Everything that is shown of the week, in lower case: report, Slack digest, clouds, a search."""
    report = weekly_report(*company, WEEK, now=NOW)
    texts = {name: render_week(report, name, to_terminal=False) for name in ("json", "html", "terminal")}
    texts["slack"] = str(digest_blocks(report))
    texts["search"] = str(search_posts(company[0], "needs"))
    for file in draw_clouds(*company, WEEK, folder, report=report).files:
        texts[file.name] = file.read_bytes().decode("utf-8", "replace")
    return {name: said.lower() for name, said in texts.items()}


def test_reports_and_clouds_hide_the_forgotten_until_their_traces_are_erased(
    company: tuple[Database, Loaded], tmp_path: Path
) -> None:
    """Quotes, words and clouds alike; erased, the name is in all of them, so a leak would be seen."""
    assert forget(company[0]) == 5
    hidden = told(company, tmp_path / "hidden")
    assert [name for name, said in hidden.items() if any(part in said for part in PARTS)] == []
    assert "[name]" in hidden["search"]
    assert erase_traces(company[0]) == 5
    shown = told(company, tmp_path / "shown")
    telling = {name for name, said in shown.items() if any(part in said for part in PARTS)}
    assert {"json", "html", "terminal", "search"} <= telling
    assert [name for name in telling if name.endswith(".csv")]


def test_the_name_is_in_the_file_only_where_others_wrote_it(tmp_path: Path) -> None:
    """Not in any case, with the log and the search index looked through too."""
    with Database(str(tmp_path / "goodwill.db")) as database:
        save(database, *(post(number) for number in range(20)), post(30, "Ivo Quux", "hello"))
        forget(database)
        assert hides(database)
        there = b"".join(file.read_bytes() for file in tmp_path.glob("goodwill.db*")).lower()
        assert [part for part in PARTS if part.encode() in there] == []
        with database.transaction() as connection:
            connection.execute(text("UPDATE posts SET text = :said WHERE deleted_at IS NULL"), {"said": SAID})
        database.shrink_log()
        there = b"".join(file.read_bytes() for file in tmp_path.glob("goodwill.db*")).lower()
        assert there.count(b"quorndale") == there.count(SAID.encode()) > 0


def test_hashes_hold_nothing_but_themselves(database: Database) -> None:
    """One column of 16 bytes, one key of 32 however many are forgotten; twice forgotten is kept once."""
    save(database, post(1), post(2, "Zed Zedson"))
    assert forget(database) == 5
    with database.reading() as connection:
        key = forgotten.read_key(connection)
    assert forget_person(database, "slack", "zedzedson", now=NOW).name_hashes == 5
    save(database, post(3))
    assert forget(database) == 5
    with database.reading() as connection:
        assert forgotten.read_key(connection) == key
        rows = connection.execute(text("SELECT * FROM forgotten_names")).all()
    assert key is not None
    assert len(key) == 32
    assert {tuple(len(value) for value in row) for row in rows} == {(16,)}
    assert len(rows) == overview(database)["forgotten_names"] == 10


def test_a_database_that_forgot_nobody_has_no_key(database: Database) -> None:
    """Nothing is written or looked up."""
    save(database, post(1))
    forget_person(database, "slack", "nobody", now=NOW)
    redactor = build_strict_redactor(database)
    assert isinstance(redactor.known.people, frozenset)
    with database.reading() as connection:
        assert (forgotten.read_key(connection), forgotten.read_hashes(connection)) == (None, frozenset())


def test_forgotten_without_trace(database: Database) -> None:
    """No hash is made, and those of an earlier time go; others' stay."""
    save(database, post(1), post(2, "Zed Zedson"))
    forget_person(database, "slack", "zedzedson", now=NOW)
    forget(database)
    assert hides(database)
    save(database, post(3))
    assert forget(database, without_trace=True) == 0
    assert not hides(database)
    assert overview(database)["forgotten_names"] == 5


def test_one_name_s_traces_can_be_erased(database: Database) -> None:
    """By the name; nobody else's go."""
    save(database, post(1), post(2, "Zed Zedson"))
    forget(database)
    forget_person(database, "slack", "zedzedson", now=NOW)
    assert erase_traces(database, "Nobody Known") == 0
    assert erase_traces(database, NAME) == 5
    assert not hides(database)
    assert overview(database)["forgotten_names"] == 5
    assert erase_traces(database) == 5
    with database.reading() as connection:
        assert forgotten.read_key(connection) is None


def test_a_forgotten_owner_and_the_account_stay_hidden(database: Database, tmp_path: Path) -> None:
    """As customers' names are; `allowed_companies` and our own names count as before."""
    save(database, post(1, account="Bolt Robotics"))
    with database.transaction() as connection:
        save_records(connection, [Deal("slack", "d1", owner="Vex Ownerson")])
    said = "vex ownerson told bolt robotics"
    before = build_strict_redactor(database).redact(said)
    forget(database)
    forget_person(database, "slack", "Vex Ownerson", now=NOW)
    assert build_strict_redactor(database).redact(said) == before == "[company] told [company]"
    allowing = _settings(tmp_path, allowed=["Bolt Robotics"])
    assert build_redactor(database, allowing).redact(said) == "[company] told bolt robotics"


def _settings(folder: Path, allowed: list[str]) -> Loaded:
    from monitor.settings import Settings

    return Loaded(Settings(_env_file=None, report={"allowed_companies": allowed}), folder, None)


@pytest.mark.parametrize("policy", list(IdentityPolicy))
def test_who_leaves_by_retention_stays_hidden_where_people_may_be_known(
    database: Database, policy: IdentityPolicy
) -> None:
    """Of a public source's authors nothing stays; nor of anybody who still has a post."""
    save(database, post(1, created_at=NOW - timedelta(days=40)), post(2, "Zed Zedson"), policy=policy)
    save(database, post(3, "Zed Zedson", created_at=NOW - timedelta(days=40)), policy=policy)
    assert forget_old(database, {"slack": 30}, now=NOW) == 2
    assert hides(database) is (policy is IdentityPolicy.FIRST_PARTY)
    assert overview(database)["forgotten_names"] == (5 if policy is IdentityPolicy.FIRST_PARTY else 0)


class Deleting:
    """A source that says its first post is deleted."""

    name, kind = "slack", "slack_export"

    def __init__(self, policy: IdentityPolicy) -> None:
        self.identity_policy = policy

    def fetch(self, cursors: object, now: datetime) -> Iterator[Batch]:
        yield Batch(records=(DeletedPost("slack", "q1"),), cursors={})


@pytest.mark.parametrize("policy", list(IdentityPolicy))
def test_whose_last_post_is_deleted_at_its_source_stays_hidden_where_people_may_be_known(
    database: Database, policy: IdentityPolicy
) -> None:
    """In the transaction that deletes the post."""
    save(database, post(1), post(2, "Zed Zedson"), policy=policy)
    sync_source(database, SourceJob(Deleting(policy)), now=NOW)  # type: ignore[arg-type]
    with database.reading() as connection:
        assert [kept.external_id for kept in read_posts(connection)] == ["q2"]
    assert hides(database) is (policy is IdentityPolicy.FIRST_PARTY)


def test_who_shares_a_word_with_somebody_erased_stays_hidden(database: Database) -> None:
    """By `untrace` and by a later forgetting without trace."""
    save(database, post(1), post(2, "Ozwalda Zedson"), post(3, "Ivo Quorndale"))
    for person in ("ozwaldaquorndale", "ozwaldazedson"):
        forget_person(database, "slack", person, now=NOW)
    forget_person(database, "slack", "ivoquorndale", now=NOW, without_trace=True)
    assert hides(database)
    assert erase_traces(database, "Ozwalda Zedson") == 5
    assert hides(database)
    assert erase_traces(database, NAME) == 5
    assert overview(database)["forgotten_names"] == 0


def test_whose_posts_are_somebody_else_s_by_now_can_be_forgotten(database: Database) -> None:
    """Their name was still here; forgetting takes it, and so does retention."""
    for number, name in ((1, NAME), (2, "Retta Canaryson"), (3, "Zed Zedson")):
        save(database, post(number, name))
        save(database, post(number, "Ivo Quux", created_at=NOW - timedelta(days=40 * (number == 3))))
    assert forget(database) == 5
    with database.reading() as connection:
        assert person_names(connection) == ["Ivo Quux", "Retta Canaryson", "Zed Zedson"]
    assert hides(database)
    assert forget_old(database, {"slack": 30}, now=NOW) == 1
    with database.reading() as connection:
        assert person_names(connection) == ["Ivo Quux"]
    assert build_strict_redactor(database).redact("canaryson, retta canaryson") == "canaryson, [name]"


def test_every_account_of_posts_is_hidden_and_stays_so(database: Database) -> None:
    """Also the second one of an author, the one that came later, and the one of a post without author."""
    save(database, post(1), post(2, account="Boltex Robotics"), post(3, account="Betatron Works"))
    save(database, post(4, author_id=None, author_name=None, account="Gammaray Works"))
    said = "boltex robotics, betatron works and gammaray works"
    assert build_strict_redactor(database).redact(said) == "[company], [company] and [company]"
    assert forget_old(database, {"slack": 1}, now=NOW) == 4
    assert build_strict_redactor(database).redact(said) == "[company], [company] and [company]"
