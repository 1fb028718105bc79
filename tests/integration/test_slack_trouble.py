"""The Slack connector when the source refuses, breaks off, lies or is gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.testing import MemoryStore, assert_error_has_no_secret
from monitor.errors import ConfigurationError, RateLimitedError, SourceUnavailableError
from tests.integration.local_server import Response, json_response
from tests.integration.slack_reading import NOW, ago, connect, problems, sync, texts
from tests.integration.slack_server import TOKEN, Channel, SlackServer


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as running:
        yield running


@pytest.fixture
def general(server: SlackServer) -> Channel:
    return server.add_channel("C1", "general")


def test_one_bad_channel_does_not_stop_the_others(server: SlackServer, general: Channel) -> None:
    """A channel the app was removed from is a problem and a gap; the gap closes when it is readable again."""
    general.post(ago(1), "fine")
    private = server.add_channel("C0", "private")
    private.error = "not_in_channel"
    private.post(ago(1), "hidden")
    store = MemoryStore()
    batches = sync(server, store)
    gaps = [gap for batch in batches for gap in batch.gaps]
    assert texts(store) == {"fine"}
    assert len(problems(batches)) == 1
    assert "not_in_channel" in problems(batches)[0]
    assert [(gap.channel, gap.reason, gap.end) for gap in gaps] == [("C0", "private or gone", NOW)]
    private.error = ""
    closed = [gap for batch in sync(server, store) for gap in batch.gaps]
    assert texts(store) == {"fine", "hidden"}
    assert [(gap.start, gap.end) for gap in closed] == [(gaps[0].start, gaps[0].start)]


def test_rate_limits_are_waited_for(server: SlackServer, general: Channel) -> None:
    """A 429 with Retry-After is repeated by the client and nothing is lost."""
    general.post(ago(1), "hello")
    refusal = json_response({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "0"})
    server.fail("/conversations.history", refusal)
    store = MemoryStore()
    assert not problems(sync(server, store))
    assert texts(store) == {"hello"}


def test_a_long_rate_limit_ends_the_run_as_partial(server: SlackServer, general: Channel) -> None:
    """A wait of an hour is left to the next run; every channel left out is a gap."""
    server.add_channel("C2", "random")
    refusal = json_response({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "3600"})
    server.always("/conversations.history", refusal)
    batches = sync(server, MemoryStore())
    assert [gap.reason for batch in batches for gap in batch.gaps] == ["throttled", "throttled"]
    assert server.count("/conversations.history") == 1


@pytest.mark.parametrize("wait", ["soon", "-1", "9" * 5000, ""])
def test_a_senseless_retry_after_is_no_crash(server: SlackServer, general: Channel, wait: str) -> None:
    """Retry-After that is no number of seconds counts as a refusal."""
    server.fail(
        "/auth.test", json_response({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": wait})
    )
    with pytest.raises(RateLimitedError):
        sync(server, MemoryStore())


def test_server_errors_are_repeated(server: SlackServer, general: Channel) -> None:
    """A passing 503 costs nothing."""
    general.post(ago(1), "hello")
    server.fail("/conversations.history", Response(b"down", 503))
    store = MemoryStore()
    assert not problems(sync(server, store))
    assert texts(store) == {"hello"}


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Sign in</html>",
        b"[]",
        b"[1]",
        b'"ok"',
        b"null",
        b"",
        b"{",
        b'{"ok": true}',
        b'{"ok": true, "messages": {"a": 1}}',
        b'{"ok": false, "error": {"deep": 1}}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"ok": true, "n": ' + b"9" * 5000 + b"}",
        b"\xff\xfe\x00",
    ],
)
def test_broken_answers_are_a_problem_of_their_channel(
    server: SlackServer, general: Channel, body: bytes
) -> None:
    """HTML, wrong shapes, deep nesting and endless numbers are reported, and another channel goes on."""
    server.add_channel("C2", "random").post(ago(1), "fine")
    server.fail("/conversations.history", Response(body, 200, {"Content-Type": "application/json"}))
    store = MemoryStore()
    batches = sync(server, store)
    assert len(problems(batches)) == 1
    assert texts(store) == {"fine"}


def test_hostile_messages_are_survived(server: SlackServer, general: Channel) -> None:
    """Lone surrogates, NUL and wrong types inside a page are cleaned or counted."""
    general.post(ago(1), "a\x00b \ud800 c\x1b[31m")
    general.messages[ago(2)] = {"ts": ago(2), "text": {"not": "text"}, "user": ["U1"]}
    general.messages[ago(3)] = {"ts": None}
    server.users.append({"id": None, "profile": []})
    server.users.append("nobody")  # type: ignore[arg-type]
    store = MemoryStore()
    sync(server, store)
    assert texts(store) == {"ab \ufffd c[31m"}
    assert dict(store.skipped) == {"no text": 1, "bad date": 1}


def test_an_endless_cursor_is_refused(server: SlackServer, general: Channel) -> None:
    """The same next_cursor again and again does not hang the run."""
    page = {"ok": True, "messages": [], "response_metadata": {"next_cursor": "again"}}
    server.always("/conversations.history", json_response(page))
    assert "again and again" in problems(sync(server, MemoryStore()))[0]


def test_a_wrong_token_is_a_configuration_error_without_the_token(server: SlackServer) -> None:
    """The error names the setting, not the secret."""
    with pytest.raises(ConfigurationError, match="GOODWILL_SLACK_TOKEN") as caught:
        sync(server, MemoryStore(), token="xoxb-wrong-secret")
    assert_error_has_no_secret(caught.value, ["xoxb-wrong-secret"])


def test_a_token_echoed_by_the_server_stays_out_of_errors(server: SlackServer, general: Channel) -> None:
    """Even an answer that repeats the token does not bring it into an error."""
    server.always("/auth.test", json_response({"ok": False, "error": f"bad token {TOKEN}"}))
    with pytest.raises(SourceUnavailableError) as caught:
        sync(server, MemoryStore())
    assert_error_has_no_secret(caught.value, [TOKEN])


def test_a_dead_server_is_a_retriable_error() -> None:
    """No connection at all is not a crash."""
    server = SlackServer()
    server._server.server_close()
    with pytest.raises(SourceUnavailableError):
        sync(server, MemoryStore())


def test_a_mass_disappearance_is_not_believed(server: SlackServer, general: Channel) -> None:
    """An empty answer for a channel of many known messages deletes nothing."""
    for number in range(25):
        general.post(ago(number / 2 + 0.1), f"message {number}")
    store = MemoryStore()
    sync(server, store)
    server.fail("/conversations.history", json_response({"ok": True, "messages": []}))
    batches = sync(server, store)
    assert len(store.records) == 25
    assert "not taken for deletions" in problems(batches)[0]
    general.delete(ago(0.1))
    sync(server, store)
    assert len(store.records) == 24


def test_messages_hidden_by_the_plan_are_no_deletions(server: SlackServer, general: Channel) -> None:
    """A free plan hides old messages: they stay here, and the hidden stretch is a gap."""
    general.post(ago(25), "soon hidden")
    general.post(ago(1), "new")
    store = MemoryStore()
    sync(server, store)
    general.delete(ago(25))
    server.is_limited = True
    sync(server, store)
    assert texts(store) == {"soon hidden", "new"}
    fresh = MemoryStore()
    gaps = [gap for batch in sync(server, fresh) for gap in batch.gaps]
    assert [gap.reason for gap in gaps] == ["hidden by the Slack plan"]


def test_missing_scopes_are_named_by_check(server: SlackServer, general: Channel) -> None:
    """`doctor` says which scope is missing."""
    server.scopes = "channels:read"
    results = {result.name: result for result in connect(server).check()}
    assert not results["scopes"].ok
    assert "channels:history" in results["scopes"].message


def test_check_never_raises(server: SlackServer) -> None:
    """A refused token, a broken answer and missing rights are lines, not errors."""
    assert not connect(server, token="wrong").check()[0].ok
    server.always("/users.conversations", Response(b"<html>", 500))
    assert not all(result.ok for result in connect(server).check())


def test_missing_users_scope_costs_only_the_names(server: SlackServer, general: Channel) -> None:
    """Posts arrive without names, and the run says why."""
    general.post(ago(1), "hello")
    server.refuse("users.list", "missing_scope", needed="users:read", provided="channels:history")
    store = MemoryStore()
    batches = sync(server, store)
    assert texts(store) == {"hello"}
    assert "users:read" in problems(batches)[0]


def test_missing_history_scope_names_the_scope(server: SlackServer, general: Channel) -> None:
    """The problem says which scope to add."""
    server.refuse("conversations.history", "missing_scope", needed="channels:history")
    assert "channels:history" in problems(sync(server, MemoryStore()))[0]
