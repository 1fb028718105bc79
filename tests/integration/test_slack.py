"""The Slack connector through the real `slack_sdk` client against a local Slack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.testing import Case, MemoryStore, assert_conforms
from monitor.domain.posts import Post
from tests.integration.local_server import json_response
from tests.integration.slack_reading import NOW, ago, connect, problems, sync, texts
from tests.integration.slack_server import TOKEN, Channel, SlackServer


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as running:
        yield running


@pytest.fixture
def general(server: SlackServer) -> Channel:
    return server.add_channel("C1", "general")


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


def test_a_user_token_does_not_hide_its_owner(server: SlackServer, general: Channel) -> None:
    """Only an app's own posts are left out, not those of a person whose token is used."""
    general.post(ago(1), "mine", user="UOWN")
    server.always(
        "/auth.test", json_response({"ok": True, "user_id": "UOWN", "url": "https://acme.slack.com/"})
    )
    store = MemoryStore()
    sync(server, store)
    assert texts(store) == {"mine"}


def test_nothing_is_lost_by_a_pause_that_is_longer_than_history_days(
    server: SlackServer, general: Channel
) -> None:
    """`history_days` bounds the first read, not what a later run makes up for."""
    general.post(ago(1), "before")
    store = MemoryStore()
    sync(server, store, history_days=7)
    general.post(ago(-5), "in the pause")
    general.post(ago(-19), "recent")
    sync(server, store, NOW + timedelta(days=20), history_days=7)
    assert texts(store) == {"before", "in the pause", "recent"}


@pytest.mark.parametrize("pause", [11, 23, 40])
def test_what_was_watched_before_a_pause_is_looked_at_after_it(
    server: SlackServer, general: Channel, pause: int
) -> None:
    """A late answer and a deletion that came just after the last run, in threads that have left the window since."""
    general.post(ago(20), "thread")
    general.post(ago(19.9), "answer", thread=ago(20))
    general.post(ago(18), "to be deleted")
    store = MemoryStore()
    sync(server, store)
    general.post(ago(-1), "late answer", thread=ago(20))
    general.delete(ago(18))
    sync(server, store, NOW + timedelta(days=pause))
    assert texts(store) == {"thread", "answer", "late answer"}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("short", ["no thread", "parent only"])
def test_a_thread_answered_short_deletes_nothing_and_is_asked_for_again(
    server: SlackServer, general: Channel, known: bool, short: str
) -> None:
    general.post(ago(12), "thread")
    for number in range(3):
        general.post(ago(7.5, number), f"answer {number}", thread=ago(12))
    whole = {"thread", "answer 0", "answer 1", "answer 2"}
    store = MemoryStore()
    if known:
        sync(server, store, NOW - timedelta(hours=12))
    parent = {"type": "message", "ts": ago(12), "user": "U1", "text": "thread"}
    failed = {"ok": False, "error": "thread_not_found"}
    server.always(
        "/conversations.replies",
        json_response(failed if short == "no thread" else {"ok": True, "messages": [parent]}),
    )
    sync(server, store, NOW - timedelta(hours=10))
    assert texts(store) == (whole if known else {"thread"})
    server.always("/conversations.replies", None)
    sync(server, store, NOW + timedelta(days=1))
    assert texts(store) == whole
