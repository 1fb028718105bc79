"""The Slack connector through the real `slack_sdk` client against a local Slack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.base import Batch, Connector
from connectors.registry import build_connector
from connectors.slack_history import ts_of
from connectors.testing import Case, MemoryStore, assert_conforms, assert_error_has_no_secret
from monitor.domain.posts import Post
from monitor.errors import ConfigurationError, RateLimitedError, SourceUnavailableError
from tests.integration.local_server import Response, json_response
from tests.integration.slack_server import TOKEN, Channel, SlackServer

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


def ago(days: float, micros: int = 100) -> str:
    """A ts so many days before the run."""
    return ts_of((NOW - timedelta(days=days)).replace(microsecond=micros))


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as running:
        yield running


@pytest.fixture
def general(server: SlackServer) -> Channel:
    return server.add_channel("C1", "general")


def connect(server: SlackServer, *, token: str = TOKEN, **options: object) -> Connector:
    keys = {"base_url": server.url, **options}
    return build_connector("slack", "community", keys, base_folder=Path(), secrets={"slack_token": token})


def sync(server: SlackServer, store: MemoryStore, now: datetime = NOW, **options: object) -> list[Batch]:
    return store.sync(connect(server, **options), now)


def texts(store: MemoryStore) -> set[str]:
    return {record.text for record in store.records.values() if isinstance(record, Post)}


def problems(batches: list[Batch]) -> list[str]:
    return [problem for batch in batches for problem in batch.problems]


def test_conforms_with_pages_threads_bots_and_bad_records(server: SlackServer, general: Channel) -> None:
    """The whole contract holds on a channel with every kind of message, in pages of three."""
    for number in range(10):
        general.post(ago(200 - number * 20), f"message {number}")
    general.post(ago(5), "a question")
    for number in range(1, 6):
        general.post(ago(5 - number / 10), f"reply {number}", thread=ago(5), user="U2")
    general.post(ago(4, 1), "deployed", user="UBOT")
    general.post(ago(4, 2), "deployed", bot_id="B7")
    general.post(ago(4, 3), "weekly report", user="UOWN")
    general.post(ago(4, 4), "<@U1> has joined", subtype="channel_join")
    general.post(ago(4, 5), "  ")
    general.messages[ago(3)] = {"ts": "99999999999999999999.1", "text": "when?"}
    expected = {"bot message": 2, "our own post": 1, "joined or left": 1, "no text": 1, "bad date": 1}
    store = assert_conforms(
        Case(
            make=lambda: connect(server, page_size=3),
            now=NOW,
            secrets=(TOKEN,),
            skipped=expected,
            minimum_records=16,
        )
    )
    assert len(store.records) == 16


def test_a_message_carries_what_slack_knows(server: SlackServer, general: Channel) -> None:
    """Author, thread, permalink and edit time arrive in the post."""
    general.post(ago(2), "hello")
    general.post(ago(1), "answer to <@U1>", thread=ago(2), user="U2", edited={"user": "U2", "ts": ago(0.5)})
    store = MemoryStore()
    sync(server, store)
    reply = store.records["Post", "community", f"C1:{ago(1)}"]
    assert isinstance(reply, Post)
    assert (reply.text, reply.author_id, reply.author_name) == ("answer to @user", "U2", "Bob")
    assert (reply.channel, reply.channel_name, reply.parent_id) == ("C1", "general", f"C1:{ago(2)}")
    short, parent = ago(1).replace(".", ""), ago(2)
    assert reply.url == f"https://acme.slack.com/archives/C1/p{short}?thread_ts={parent}&cid=C1"
    assert reply.edited_at is not None
    assert reply.created_at == datetime(2026, 11, 15, 12, 0, 0, 100, tzinfo=UTC)


def test_late_replies_edits_and_deletions_are_seen(server: SlackServer, general: Channel) -> None:
    """A reply weeks later, an edit without mark and a silent deletion all arrive with the next sync."""
    general.post(ago(28), "old question")
    general.post(ago(3), "to be edited")
    general.post(ago(2), "to be deleted")
    general.post(ago(20), "thread")
    general.post(ago(19), "reply to be deleted", thread=ago(20))
    general.post(ago(19, 7), "reply that stays", thread=ago(20))
    store = MemoryStore()
    sync(server, store)
    general.post(ago(0.1), "late answer", thread=ago(28))
    general.messages[ago(3)]["text"] = "edited"
    general.delete(ago(2))
    general.delete(ago(19))
    later = NOW + timedelta(hours=1)
    batches = sync(server, store, later)
    assert texts(store) == {"old question", "edited", "thread", "reply that stays", "late answer"}
    assert not problems(batches)


def test_unmoved_old_threads_are_not_read_again(server: SlackServer, general: Channel) -> None:
    """A quiet thread costs one call, once; its replies are not taken for deleted."""
    general.post(ago(20), "thread")
    general.post(ago(19), "reply", thread=ago(20))
    store = MemoryStore()
    sync(server, store)
    sync(server, store, NOW + timedelta(hours=1))
    assert server.count("/conversations.replies") == 1
    assert texts(store) == {"thread", "reply"}


def test_a_deleted_parent_keeps_its_replies(server: SlackServer, general: Channel) -> None:
    """Slack leaves a tombstone in place of a parent: the parent goes, its replies stay."""
    general.post(ago(3), "regretted")
    general.post(ago(2), "reply", thread=ago(3))
    store = MemoryStore()
    sync(server, store)
    general.messages[ago(3)].update(text="This message was deleted.", subtype="tombstone")
    sync(server, store)
    assert texts(store) == {"reply"}


def test_a_broadcast_reply_is_one_post(server: SlackServer, general: Channel) -> None:
    """A reply also sent to the channel comes from both methods and is stored once."""
    general.post(ago(3), "question")
    general.post(ago(2), "answer for all", thread=ago(3), subtype="thread_broadcast")
    store = MemoryStore()
    sync(server, store)
    assert len(store.records) == 2
    assert store.changed == 0


def test_replies_expected_and_fetched_are_counted(server: SlackServer, general: Channel) -> None:
    """Slack's own reply count stands against what came."""
    general.post(ago(3), "question")
    general.post(ago(2), "one", thread=ago(3))
    general.messages[ago(3)]["reply_count"] = 4
    batches = sync(server, MemoryStore())
    assert [b.expected for b in batches if b.expected] == [{"thread replies": (4, 1)}]


def test_a_crash_in_old_history_goes_on_where_it_stopped(server: SlackServer, general: Channel) -> None:
    """Old history is read backwards page by page; a new run does not begin again."""
    for number in range(40):
        general.post(ago(400 - number), f"old {number}")
    store = MemoryStore()
    store.sync(connect(server, page_size=5), NOW, batches=5)
    before = server.count("/conversations.history")
    sync(server, store, page_size=5)
    assert len(store.records) == 40
    assert server.count("/conversations.history") - before <= 7


def test_history_days_bounds_the_first_read(server: SlackServer, general: Channel) -> None:
    """Nothing older than history_days is read."""
    general.post(ago(100), "too old")
    general.post(ago(50), "old")
    general.post(ago(1), "new")
    store = MemoryStore()
    sync(server, store, history_days=60)
    assert texts(store) == {"old", "new"}


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


def test_channels_are_chosen_by_name_or_id_and_missing_ones_reported(
    server: SlackServer, general: Channel
) -> None:
    """Only configured channels are read; a name nobody knows is a problem."""
    general.post(ago(1), "general")
    server.add_channel("C2", "random").post(ago(1), "random")
    server.add_channel("C3", "sales").post(ago(1), "sales")
    store = MemoryStore()
    batches = sync(server, store, channels=["#general", "C3", "nowhere"])
    assert texts(store) == {"general", "sales"}
    assert "'nowhere'" in problems(batches)[0]


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


def test_check_passes_on_a_healthy_workspace(server: SlackServer, general: Channel) -> None:
    """Token, scopes and channel are well."""
    results = connect(server).check()
    assert all(result.ok for result in results)
    assert [result.name for result in results] == ["token", "scopes", "channel general"]


def test_check_recognises_the_restricted_tier(server: SlackServer, general: Channel) -> None:
    """Fifteen messages where sixteen were asked for mean one call a minute."""
    server.largest_page = 15
    for number in range(20):
        general.post(ago(number + 1), "text")
    result = connect(server).check()[-1]
    assert not result.ok
    assert "restricted tier" in result.message


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


def test_a_user_token_does_not_hide_its_owner(server: SlackServer, general: Channel) -> None:
    """Only an app's own posts are left out, not those of a person whose token is used."""
    general.post(ago(1), "mine", user="UOWN")
    server.always(
        "/auth.test", json_response({"ok": True, "user_id": "UOWN", "url": "https://acme.slack.com/"})
    )
    store = MemoryStore()
    sync(server, store)
    assert texts(store) == {"mine"}
