"""The Reddit connector through the real `praw` client against a local Reddit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.base import Batch, Connector
from connectors.reddit import RedditConnector
from connectors.registry import build_connector
from connectors.testing import Case, MemoryStore, assert_conforms, assert_error_has_no_secret
from monitor.domain.posts import CoverageGap, IdentityPolicy, Post, PostKind
from monitor.errors import ConfigurationError
from tests.integration.local_server import Response, json_response
from tests.integration.reddit_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    PASSWORD,
    SECRETS,
    USERNAME,
    RedditServer,
)

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
ACCOUNT = {"reddit_username": USERNAME, "reddit_password": PASSWORD}


def ago(days: float) -> float:
    return (NOW - timedelta(days=days)).timestamp()


@pytest.fixture
def server() -> Iterator[RedditServer]:
    with RedditServer() as running:
        yield running


def connect(server: RedditServer, secrets: dict[str, str] | None = None, **options: object) -> Connector:
    keys: dict[str, object] = {
        "reddit_url": server.url,
        "oauth_url": server.url,
        "subreddits": ["Sales"],
        **options,
    }
    credentials = {"reddit_client_id": CLIENT_ID, "reddit_client_secret": CLIENT_SECRET, **(secrets or {})}
    connector = build_connector("reddit", "reddit", keys, base_folder=Path(), secrets=credentials)
    assert isinstance(connector, RedditConnector)
    connector._api._sleep = [].append
    return connector


def sync(server: RedditServer, store: MemoryStore, now: datetime = NOW, **options: object) -> list[Batch]:
    return store.sync(connect(server, **options), now)


def texts(store: MemoryStore) -> set[str]:
    return {record.text for record in store.records.values() if isinstance(record, Post)}


def problems(batches: list[Batch]) -> list[str]:
    return [problem for batch in batches for problem in batch.problems]


def gaps(batches: list[Batch]) -> list[CoverageGap]:
    return [gap for batch in batches for gap in batch.gaps]


def test_conforms_with_pages_bots_and_bad_records(server: RedditServer) -> None:
    """The whole contract holds on a subreddit with every kind of item, in pages of three."""
    for number in range(8):
        server.submit(f"s{number}", ago(number + 1), f"title {number}", "text" if number % 2 else "")
        server.comment(f"c{number}", ago(number + 0.5), f"comment {number}")
    server.submit("auto", ago(1), "weekly thread", author="AutoModerator")
    server.submit("pin", ago(2), "rules", stickied=True)
    server.comment("ours", ago(2), "we are sorry", author="Acme_Support")
    server.comment("quote", ago(3), "&gt; only a quote")
    server.comment("when", ago(4), "no date")["created_utc"] = "soon"
    server.delete("t1_c7")
    expected = {"bot message": 1, "stickied": 1, "our own post": 1, "no text": 1, "bad date": 1}
    store = assert_conforms(
        Case(
            make=lambda: connect(
                server, ACCOUNT, own_accounts=["u/acme_support"], search=["title"], page_size=3
            ),
            now=NOW,
            secrets=SECRETS,
            skipped=expected,
            minimum_records=15,
            strict_skipped=True,
        )
    )
    assert len(store.records) == 15


def test_a_post_carries_what_reddit_knows(server: RedditServer) -> None:
    """Text, author, time from created_utc, parent and link arrive in the post."""
    server.submit(
        "a1", ago(1), "Title &amp; more", "see [our page](https://example.com/x)\n&gt; quoted", edited=True
    )
    server.comment("b1", ago(0.5), "answer", edited=ago(0.4), parent_id="t3_a1")
    store = MemoryStore()
    sync(server, store)
    submission, comment = store.records["Post", "reddit", "t3_a1"], store.records["Post", "reddit", "t1_b1"]
    assert isinstance(submission, Post)
    assert isinstance(comment, Post)
    assert submission.text == "Title & more\n\nsee our page"
    assert submission.kind is PostKind.SUBMISSION
    assert submission.created_at == NOW - timedelta(days=1)
    assert submission.edited_at is None
    assert (submission.channel, submission.channel_name) == ("sales", "r/Sales")
    assert (submission.author_id, submission.author_name) == ("t2_1", "someone")
    assert submission.url == "https://www.reddit.com/r/Sales/comments/a1/"
    assert (comment.kind, comment.parent_id) == (PostKind.COMMENT, "t3_a1")
    assert comment.edited_at is not None


def test_reddit_people_may_not_be_matched(server: RedditServer) -> None:
    """Reddit's policy on off-platform identifiers is the source's identity policy."""
    assert connect(server).identity_policy is IdentityPolicy.FORBIDDEN


def test_edits_deletions_and_late_comments_are_seen(server: RedditServer) -> None:
    """An unmarked edit, a deletion, a vanished item and a new comment on an old post arrive."""
    server.submit("a1", ago(5), "edited later")
    server.submit("a2", ago(4), "deleted later")
    server.comment("b1", ago(3), "vanishes")
    server.comment("b2", ago(3), "stays")
    store = MemoryStore()
    sync(server, store)
    server.things["t3_a1"]["data"]["title"] = "edited"
    server.delete("t3_a2")
    del server.things["t1_b1"]
    server.comment("b3", ago(0.01), "late answer", parent_id="t3_a1")
    assert not problems(sync(server, store, NOW + timedelta(hours=1)))
    assert texts(store) == {"edited", "stays", "late answer"}


def test_a_moderators_removal_is_honoured(server: RedditServer) -> None:
    """removed_by_category means that the text may not be kept."""
    server.submit("a1", ago(1), "spam")
    store = MemoryStore()
    sync(server, store)
    server.things["t3_a1"]["data"]["removed_by_category"] = "moderator"
    sync(server, store)
    assert not store.records


def test_only_new_pages_are_read_and_the_look_back_is_asked_by_id(server: RedditServer) -> None:
    """A second run stops at the overlap instead of paging to the end."""
    for number in range(30):
        server.submit(f"s{number}", ago(number + 1), f"title {number}")
    store = MemoryStore()
    sync(server, store, page_size=5)
    before = server.count("/r/sales/new")
    sync(server, store, NOW + timedelta(hours=1), page_size=5)
    assert server.count("/r/sales/new") - before == 1
    assert server.count("/api/info") == 2


def test_a_deleted_anchor_does_not_stop_new_posts(server: RedditServer) -> None:
    """The newest post of the last run is deleted: the next run still sees newer ones."""
    server.submit("a1", ago(1), "anchor")
    store = MemoryStore()
    sync(server, store)
    server.delete("t3_a1")
    server.submit("a2", ago(0.01), "newer")
    sync(server, store, NOW + timedelta(hours=1))
    assert texts(store) == {"newer"}


def test_a_clock_that_was_ahead_loses_nothing(server: RedditServer) -> None:
    """A run whose clock was a month ahead does not hide what is written until then."""
    store = MemoryStore()
    sync(server, store, NOW + timedelta(days=30))
    for number in range(5):
        server.submit(f"a{number}", ago(number / 10), f"title {number}")
    sync(server, store, page_size=2)
    assert len(store.records) == 5


def test_the_listing_cap_leaves_a_gap(server: RedditServer) -> None:
    """More than a listing holds since the last run: the stretch not seen is recorded."""
    server.submit("first", ago(10), "first")
    store = MemoryStore()
    first = NOW - timedelta(days=9)
    sync(server, store, first)
    for number in range(1100):
        server.submit(f"x{number:04}", ago(5) - number * 60, f"title {number}")
    (gap,) = gaps(sync(server, store, look_back_days=1))
    assert (gap.channel, gap.reason, gap.start) == ("sales", "listing cap reached", first)
    assert gap.end == NOW - timedelta(days=5, seconds=999 * 60)
    assert len(store.records) == 1001


def test_a_quiet_subreddit_has_no_gap(server: RedditServer) -> None:
    """A short listing that begins after the last run is complete."""
    store = MemoryStore()
    sync(server, store, NOW - timedelta(days=9))
    server.submit("a1", ago(1), "first post ever")
    assert not gaps(sync(server, store))


@pytest.mark.parametrize(
    ("response", "word"),
    [
        (json_response({"reason": "private", "error": 403}, 403), "private"),
        (json_response({"reason": "banned", "error": 404}, 404), "banned"),
        (Response(b"", 302, {"Location": "/subreddits/search?q=lost"}), "redirect"),
        (json_response({"error": 451}, 451), "451"),
    ],
)
def test_a_lost_subreddit_does_not_stop_the_others(
    server: RedditServer, response: Response, word: str
) -> None:
    """Private, banned and missing subreddits are problems and gaps; the gap closes when they come back."""
    server.submit("a1", ago(1), "fine")
    server.submit("l1", ago(1), "hidden", subreddit="lost")
    server.lost["lost"] = response
    store = MemoryStore()
    names = ["lost", "sales"]
    batches = sync(server, store, subreddits=names)
    assert texts(store) == {"fine"}
    assert len(problems(batches)) == 2
    assert word in problems(batches)[0]
    assert {(gap.channel, gap.reason, gap.end) for gap in gaps(batches)} == {("lost", "private or gone", NOW)}
    del server.lost["lost"]
    again = sync(server, store, subreddits=names)
    assert texts(store) == {"fine", "hidden"}
    assert all(gap.start == gap.end for gap in gaps(again))


def test_a_subreddit_that_turns_private_deletes_nothing(server: RedditServer) -> None:
    """What cannot be asked for is not taken for deleted."""
    server.submit("a1", ago(1), "known")
    store = MemoryStore()
    sync(server, store)
    server.lost["sales"] = json_response({"reason": "private"}, 403)
    server.things.clear()
    sync(server, store)
    assert texts(store) == {"known"}


def test_an_empty_info_answer_is_not_believed(server: RedditServer) -> None:
    """None of many known items answered: reported, nothing deleted."""
    for number in range(25):
        server.submit(f"s{number}", ago(number / 10 + 1), f"title {number}")
    store = MemoryStore()
    sync(server, store)
    server.always("/api/info", json_response({"kind": "Listing", "data": {"children": []}}))
    batches = sync(server, store)
    assert len(store.records) == 25
    assert "not taken for deletions" in problems(batches)[0]


def test_too_many_requests_are_waited_for(server: RedditServer) -> None:
    """prawcore never repeats a 429: the connector waits as long as Reddit asks."""
    server.submit("a1", ago(1), "hello")
    server.fail("/r/sales/new", Response(b"slow down", 429, {"Retry-After": "7"}))
    connector = connect(server)
    waits: list[float] = []
    connector._api._sleep = waits.append  # type: ignore[attr-defined]
    store = MemoryStore()
    assert not problems(store.sync(connector, NOW))
    assert waits == [7.0]
    assert texts(store) == {"hello"}


@pytest.mark.parametrize("wait", ["3600", ""])
def test_lasting_refusal_ends_the_run_as_partial(server: RedditServer, wait: str) -> None:
    """Every stream left out is a problem and a gap; no hour is slept through."""
    server.always("/r/sales/new", Response(b"", 429, {"Retry-After": wait} if wait else {}))
    batches = sync(server, MemoryStore())
    assert [gap.reason for gap in gaps(batches)] == ["throttled", "throttled"]
    assert server.count("/r/sales/comments") == 0


def test_server_errors_are_repeated(server: RedditServer) -> None:
    """A passing 503 costs nothing."""
    server.submit("a1", ago(1), "hello")
    server.fail("/r/sales/new", Response(b"down", 503))
    store = MemoryStore()
    assert not problems(sync(server, store))
    assert texts(store) == {"hello"}


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Our CDN was unable to reach our servers</html>",
        b"[]",
        b"null",
        b"",
        b"{",
        b'{"kind": "Listing"}',
        b'{"data": {"children": {"a": 1}}}',
        b"[" * 100_000,
        b'{"data": {"children": [], "n": ' + b"9" * 5000 + b"}}",
        b"\xff\xfe\x00",
    ],
)
def test_broken_answers_are_a_problem_of_their_stream(server: RedditServer, body: bytes) -> None:
    """HTML, wrong shapes, deep nesting and endless numbers are reported, and the comments are still read."""
    server.comment("b1", ago(1), "fine")
    server.fail("/r/sales/new", Response(body, 200, {"Content-Type": "application/json"}))
    store = MemoryStore()
    batches = sync(server, store)
    assert len(problems(batches)) == 1
    assert texts(store) == {"fine"}


@pytest.mark.parametrize(
    "response",
    [
        Response(b"", 302),
        Response(b"", 418),
        Response(
            b"{}", 200, {"x-ratelimit-remaining": "many", "x-ratelimit-used": "", "x-ratelimit-reset": "-"}
        ),
        Response(b"", 429, {"Retry-After": "soon"}),
        Response(b'{"fields": ["a", "b"], "reason": "x"}', 400),
        json_response({"message": "Bad Request", "error": 400}, 400),
        Response(b"", 413),
        Response(b"[]", 415),
    ],
    ids=[
        "redirect nowhere",
        "teapot",
        "rate headers",
        "retry-after",
        "bad fields",
        "bad request",
        "too large",
        "special",
    ],
)
def test_senseless_answers_are_a_problem_of_their_stream(server: RedditServer, response: Response) -> None:
    """Statuses and headers that prawcore itself trips over are problems, not crashes."""
    server.comment("b1", ago(1), "fine")
    server.fail("/r/sales/new", response)
    store = MemoryStore()
    assert len(problems(sync(server, store))) == 1
    assert texts(store) == {"fine"}


def test_hostile_items_are_survived(server: RedditServer) -> None:
    """Lone surrogates, NUL and wrong types inside a listing are cleaned or counted."""
    server.comment("b1", ago(1), "a\x00b \ud800 c")
    server.comment("b2", ago(2), "x").update(body=["not text"], author={"name": "x"}, edited="yesterday")
    server.comment("b3", ago(3), "x").update(id=None, name="t9_zz")
    page = server._listing(type("R", (), {"path": "/r/sales/comments", "parameters": {}})())
    broken = page.body.replace(b'"children": [', b'"children": [null, 7, [1], {"kind": "t1"}, ')
    server.fail("/r/sales/comments", Response(broken))
    store = MemoryStore()
    assert not problems(sync(server, store))
    assert texts(store) == {"ab \ufffd c"}
    assert dict(store.skipped) == {"no text": 1, "not a post or comment": 5}


def test_an_endless_listing_ends(server: RedditServer) -> None:
    """The same `after` again and again does not hang the run."""
    page = {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {"id": "a"}}], "after": "t3_a"}}
    server.always("/r/sales/new", json_response(page))
    sync(server, MemoryStore())
    assert server.count("/r/sales/new") == 2


def test_search_finds_our_name_across_reddit(server: RedditServer) -> None:
    """A search is a stream of its own; a post found twice is stored once."""
    server.submit("a1", ago(1), "Acme spams us", subreddit="elsewhere")
    server.submit("a2", ago(1), "unrelated", subreddit="elsewhere")
    server.submit("a3", ago(1), "acme again")
    store = MemoryStore()
    sync(server, store, search=["acme"])
    assert texts(store) == {"Acme spams us", "acme again"}
    assert store.changed == 0


@pytest.mark.parametrize(
    ("secrets", "grant"), [({}, "client_credentials"), (ACCOUNT, "password")], ids=["app", "account"]
)
def test_an_app_may_work_with_or_without_an_account(
    server: RedditServer, secrets: dict[str, str], grant: str
) -> None:
    """Both kinds of app get their token."""
    server.submit("a1", ago(1), "hello")
    store = MemoryStore()
    store.sync(connect(server, secrets), NOW)
    assert texts(store) == {"hello"}
    assert server.grants == [grant]


@pytest.mark.parametrize(
    "secrets",
    [
        {"reddit_client_secret": "wrong-secret-8"},
        {"reddit_username": USERNAME, "reddit_password": "wrong-secret-8"},
    ],
    ids=["client secret", "password"],
)
def test_wrong_credentials_are_a_configuration_error_without_them(
    server: RedditServer, secrets: dict[str, str]
) -> None:
    """The error names the settings and Reddit's approval, not the secrets."""
    connector = connect(server, secrets)
    with pytest.raises(ConfigurationError, match="approved") as caught:
        list(connector.fetch({}, NOW))
    assert_error_has_no_secret(caught.value, [*SECRETS, "wrong-secret-8"])
    assert not connector.check()[0].ok


def test_missing_credentials_name_the_variable() -> None:
    """Without keys the error says which variable to set."""
    with pytest.raises(ConfigurationError, match="GOODWILL_REDDIT_CLIENT_SECRET"):
        build_connector(
            "reddit", "r", {"subreddits": ["a1"]}, base_folder=Path(), secrets={"reddit_client_id": "x"}
        )


def test_check_tells_access_and_streams(server: RedditServer) -> None:
    """`doctor` says that the app is approved and which subreddits are readable."""
    server.lost["lost"] = json_response({"reason": "private"}, 403)
    results = connect(server, subreddits=["sales", "lost"]).check()
    assert [(result.name, result.ok) for result in results] == [
        ("Reddit API access", True),
        ("new/sales", True),
        ("comments/sales", True),
        ("new/lost", False),
        ("comments/lost", False),
    ]
    assert "588 calls left" in results[0].message


def test_a_dead_server_is_a_problem_not_a_crash() -> None:
    """No connection at all ends as partial with gaps, and `check` says so."""
    server = RedditServer()
    server._server.server_close()
    assert not connect(server).check()[0].ok
