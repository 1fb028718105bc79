"""The Reddit connector when the source refuses, breaks off, lies or is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.registry import build_connector
from connectors.testing import MemoryStore, assert_error_has_no_secret
from monitor.errors import ConfigurationError
from tests.integration.local_server import Response, json_response
from tests.integration.reddit_reading import ACCOUNT, NOW, ago, connect, gaps, problems, sync, texts
from tests.integration.reddit_server import (
    SECRETS,
    USERNAME,
    RedditServer,
)


@pytest.fixture
def server() -> Iterator[RedditServer]:
    with RedditServer() as running:
        yield running


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
