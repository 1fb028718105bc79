"""The Reddit connector through the real `praw` client against a local Reddit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.testing import Case, MemoryStore, assert_conforms
from monitor.domain.posts import IdentityPolicy, Post, PostKind
from tests.integration.reddit_reading import ACCOUNT, NOW, ago, connect, gaps, problems, sync, texts
from tests.integration.reddit_server import (
    SECRETS,
    RedditServer,
)


@pytest.fixture
def server() -> Iterator[RedditServer]:
    with RedditServer() as running:
        yield running


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


@pytest.mark.parametrize("held_from_the_start", [True, False])
def test_a_post_that_moderators_approve_comes_back(
    server: RedditServer, *, held_from_the_start: bool
) -> None:
    """Held by a filter or removed later, and approved when the listing does not reach it any more."""
    held = server.submit("a1", ago(1), "approved", removed_by_category="automod_filtered")
    if not held_from_the_start:
        held["removed_by_category"] = None
    server.cap = 5
    store = MemoryStore()
    sync(server, store)
    held["removed_by_category"] = "moderator"
    for number in range(10):
        server.submit(f"x{number}", ago(0.1), f"newer {number}")
    sync(server, store, NOW + timedelta(hours=1))
    assert "approved" not in texts(store)
    held["removed_by_category"] = None
    sync(server, store, NOW + timedelta(days=3))
    assert "approved" in texts(store)


def test_posts_that_are_gone_for_good_are_no_broken_answer(server: RedditServer) -> None:
    """Each deletion was believed when it came; that none of them is answered later is no news."""
    for number in range(25):
        server.submit(f"s{number:02}", ago(number / 10 + 1), f"title {number}")
    store = MemoryStore()
    sync(server, store)
    for start in (0, 15):
        for number in range(start, min(25, start + 15)):
            server.things.pop(f"t3_s{number:02}")
        assert not problems(sync(server, store))
    assert not problems(sync(server, store, NOW + timedelta(days=1)))
    assert not store.records


def test_what_is_gone_is_asked_for_within_the_look_back(server: RedditServer) -> None:
    """Later it is forgotten, so that the cursor does not grow."""
    server.submit("a1", ago(1), "spam", removed_by_category="moderator")
    store = MemoryStore()
    sync(server, store)
    assert '"gone":{"t3_a1"' in store.cursors["new/sales"]
    server.things.clear()
    sync(server, store, NOW + timedelta(days=20))
    assert '"gone":{}' in store.cursors["new/sales"]


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


def test_search_finds_our_name_across_reddit(server: RedditServer) -> None:
    """A search is a stream of its own; a post found twice is stored once."""
    server.submit("a1", ago(1), "Acme spams us", subreddit="elsewhere")
    server.submit("a2", ago(1), "unrelated", subreddit="elsewhere")
    server.submit("a3", ago(1), "acme again")
    store = MemoryStore()
    sync(server, store, search=["acme"])
    assert texts(store) == {"Acme spams us", "acme again"}
    assert store.changed == 0
