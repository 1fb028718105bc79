"""Slack export ZIPs: what is read, what is refused, what is counted."""

from __future__ import annotations

import contextlib
import json
import struct
import tracemalloc
import warnings
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import slack_archive
from connectors.base import Connector
from connectors.registry import build_connector
from connectors.slack_archive import SlackArchive
from connectors.testing import Case, MemoryStore, assert_conforms
from monitor.domain.posts import IdentityPolicy, Post
from monitor.errors import InputError
from tests.unit.connectors.slack_zip import message, write_export

NOW = datetime(2026, 11, 16, tzinfo=UTC)
DAY = "general/2026-11-01.json"


def ts(number: int) -> str:
    return f"{1_761_955_200 + number}.000100"


def connect(path: Path, **options: object) -> Connector:
    return build_connector(
        "slack_export", "export", {"path": path.name, **options}, base_folder=path.parent, secrets={}
    )


def read(path: Path, **options: object) -> MemoryStore:
    store = MemoryStore()
    store.sync(connect(path, **options), NOW)
    return store


def texts(store: MemoryStore) -> set[str]:
    return {record.text for record in store.records.values() if isinstance(record, Post)}


def test_conforms_with_bots_joins_bad_records_and_foreign_members(tmp_path: Path) -> None:
    """The whole contract holds on an export with every kind of member and message."""
    days: dict[str, Any] = {
        f"general/2026-10-{day:02}.json": [message(ts(day * 1000 + n), f"text {day} {n}") for n in range(300)]
        for day in range(1, 8)
    }
    days[DAY] = [
        message(ts(1), "joined", subtype="channel_join"),
        message(ts(2), "deployed", "UBOT"),
        message(ts(3), ""),
        message("yesterday", "when?"),
        "not a message",
    ]
    days["random/2026-11-01.json"] = b"{ broken"
    days["../evil/2026-11-01.json"] = []
    days["general/notes.txt"] = b"x"
    path = write_export(tmp_path / "e.zip", days)
    expected = {"joined or left": 1, "bot message": 1, "no text": 1, "bad date": 2, "broken JSON": 1}
    store = assert_conforms(
        Case(lambda: connect(path), NOW, skipped={**expected, "not a day file": 2}, minimum_records=2100)
    )
    assert len(store.records) == 2100


def test_a_message_is_the_same_post_as_through_the_api(tmp_path: Path) -> None:
    """Channel ids come from channels.json, time from ts, not from the file's name."""
    days = {DAY: [message(ts(5), "hello <@U1>", thread_ts=ts(1), edited={"ts": ts(9)})]}
    path = write_export(tmp_path / "e.zip", days)
    (post,) = read(path, workspace_url="https://acme.slack.com").records.values()
    assert isinstance(post, Post)
    assert (post.external_id, post.channel, post.channel_name) == (f"C1:{ts(5)}", "C1", "general")
    assert (post.text, post.author_id, post.author_name) == ("hello @user", "U1", "Ann")
    assert post.parent_id == f"C1:{ts(1)}"
    assert post.created_at == datetime.fromtimestamp(1_761_955_205, UTC).replace(microsecond=100)
    assert post.url is not None
    assert post.url.startswith("https://acme.slack.com/archives/C1/p1761955205000100?thread_ts=")


def test_people_of_a_workspace_may_be_matched(tmp_path: Path) -> None:
    """An export is the customer's own workspace."""
    assert connect(tmp_path / "e.zip").identity_policy is IdentityPolicy.FIRST_PARTY


def test_numbers_may_be_texts_and_texts_numbers(tmp_path: Path) -> None:
    """ts as a number and counts as texts are read."""
    days = {
        DAY: [
            {"ts": 1761955201.0001, "text": "a", "user": "U1", "reply_count": "3"},
            {"ts": ts(2), "text": 12},
        ]
    }
    store = read(write_export(tmp_path / "e.zip", days))
    assert set(store.records) == {("Post", "export", f"C1:{ts(1)}"), ("Post", "export", f"C1:{ts(2)}")}


def test_direct_messages_are_never_read(tmp_path: Path) -> None:
    """Folders of dms.json and mpims.json are left out."""
    days = {DAY: [message(ts(1), "public")], "D7/2026-11-01.json": [message(ts(2), "private")]}
    days["mpdm-a-b/2026-11-01.json"] = [message(ts(3), "private too")]
    path = write_export(
        tmp_path / "e.zip", days, dms=[{"id": "D7"}], mpims=[{"id": "G8", "name": "mpdm-a-b"}]
    )
    assert texts(read(path)) == {"public"}


def test_channels_can_be_chosen(tmp_path: Path) -> None:
    """Names and ids select; changing the selection reads the file again."""
    days = {DAY: [message(ts(1), "general")], "random/2026-11-01.json": [message(ts(2), "random")]}
    path = write_export(tmp_path / "e.zip", days)
    store = read(path, channels=["#general"])
    assert texts(store) == {"general"}
    store.sync(connect(path, channels=["C1", "random"]), NOW)
    assert texts(store) == {"general", "random"}


def test_the_same_file_again_reads_nothing_and_another_one_everything(tmp_path: Path) -> None:
    """The cursor is the content; an edited message in a later export changes its post."""
    path = write_export(tmp_path / "e.zip", {DAY: [message(ts(1), "before")]})
    store = read(path)
    assert not [record for batch in connect(path).fetch(store.cursors, NOW) for record in batch.records]
    write_export(path, {DAY: [message(ts(1), "after"), message(ts(2), "new")]})
    store.sync(connect(path), NOW)
    assert texts(store) == {"after", "new"}


def test_hostile_json_costs_only_itself(tmp_path: Path) -> None:
    """Deep nesting, endless integers, lone surrogates and NUL: counted or cleaned, neighbours stay."""
    day = "[" + ",".join(
        [
            json.dumps(message(ts(1), "first")),
            '{"ts": "' + ts(2) + '", "text": "deep", "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
            '{"ts": "' + ts(3) + '", "text": "long", "n": ' + "9" * 5000 + "}",
            '{"ts": "' + ts(4) + '", "text": "a\\u0000b \\ud800"}',
            json.dumps(message(ts(5), 'text with ]}" inside')),
        ]
    )
    store = read(write_export(tmp_path / "e.zip", {DAY: (day + "]").encode()}))
    assert texts(store) == {"first", "long", "ab \ufffd", 'text with ]}" inside'}
    assert dict(store.skipped) == {"nested too deeply": 1}
    bom = read(
        write_export(
            tmp_path / "bom.zip", {DAY: b"\xef\xbb\xbf" + json.dumps([message(ts(1), "x")]).encode()}
        )
    )
    assert texts(bom) == {"x"}


def test_a_damaged_user_list_is_counted_and_costs_only_names(tmp_path: Path) -> None:
    """Messages are read without it."""
    users = b'[{"id": "U1", "name": "ann"}, {broken}, {"id": "UBOT", "is_bot": true}]'
    days = {DAY: [message(ts(1), "hello"), message(ts(2), "beep", "UBOT")]}
    path = write_export(tmp_path / "e.zip", days, users=users)
    store = read(path)
    assert texts(store) == {"hello"}
    assert dict(store.skipped) == {"broken JSON": 1, "bot message": 1}
    assert dict(read(write_export(path, days, channels={"id": "C1"})).skipped) == {
        "not a list": 1,
        "bot message": 1,
    }


def test_a_name_that_comes_twice_is_refused(tmp_path: Path) -> None:
    """Which of two members is true cannot be told."""
    path = write_export(tmp_path / "e.zip", {DAY: []})
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(DAY, "[]")
    with pytest.raises(InputError, match="twice"):
        read(path)


def test_a_bomb_is_refused_unread(tmp_path: Path) -> None:
    """A member that compresses a thousandfold is counted and not unpacked."""
    days = {DAY: b"[" + b" " * 30_000_000 + b"]", "random/2026-11-01.json": [message(ts(1), "fine")]}
    path = write_export(tmp_path / "e.zip", days)
    tracemalloc.start()
    store = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert dict(store.skipped) == {"day file compressed too much": 1}
    assert texts(store) == {"fine"}
    assert peak < 15_000_000


def test_the_byte_budget_ends_reading_not_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What exceeds the member's limit or the archive's budget is counted."""
    days = {DAY: [message(ts(1), "small")], "random/2026-11-01.json": [message(ts(2), "large " * 1000)]}
    path = write_export(tmp_path / "e.zip", days)
    monkeypatch.setattr(slack_archive, "MAXIMUM_MEMBER_BYTES", 2000)
    store = read(path)
    assert texts(store) == {"small"}
    assert dict(store.skipped) == {"day file too large": 1}
    monkeypatch.undo()
    with SlackArchive(path, total_bytes=50) as archive:
        assert "budget" in str(archive.messages(archive.day_files[0]))


def test_a_lying_size_is_counted(tmp_path: Path) -> None:
    """A directory that understates a member's size does not get its bytes in."""
    path = write_export(tmp_path / "e.zip", {DAY: [message(ts(1), "x" * 500)], "random/2026-11-01.json": []})
    data = bytearray(path.read_bytes())
    size = struct.pack("<I", len(json.dumps([message(ts(1), "x" * 500)])))
    path.write_bytes(bytes(data.replace(size, struct.pack("<I", 10))))
    assert dict(read(path).skipped) == {"unreadable day file": 1}


def test_links_and_encrypted_members_are_counted(tmp_path: Path) -> None:
    """A symbolic link is never followed."""
    path = write_export(tmp_path / "e.zip", {"random/2026-11-01.json": []})
    link = zipfile.ZipInfo(DAY)
    link.create_system, link.external_attr = 3, 0o120777 << 16
    locked = zipfile.ZipInfo("general/2026-11-02.json")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr(locked, "[]")
        locked.flag_bits |= 0x1
    assert dict(read(path).skipped) == {"unreadable day file": 1, "encrypted day file": 1}


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", b"<html>Sign in</html>"])
def test_what_is_no_zip_is_an_input_error(tmp_path: Path, content: bytes) -> None:
    """The message names the file and what to do."""
    path = tmp_path / "e.zip"
    path.write_bytes(content)
    with pytest.raises(InputError, match="Download it again"):
        read(path)
    assert not connect(path).check()[0].ok


def test_a_missing_file_and_a_foreign_zip_are_input_errors(tmp_path: Path) -> None:
    """Neither is silently an empty source."""
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "none.zip")
    with pytest.raises(InputError, match="YYYY-MM-DD"):
        read(write_export(tmp_path / "e.zip", {"export/general/2026-11-01.json": []}))


def test_check_tells_what_the_file_holds(tmp_path: Path) -> None:
    """`doctor` counts day files and channels."""
    path = write_export(
        tmp_path / "e.zip", {DAY: [], "general/2026-11-02.json": [], "random/2026-11-02.json": []}
    )
    assert connect(path).check()[0].message == "3 day files of 2 channels"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_MESSAGES = st.lists(
    st.dictionaries(
        st.sampled_from(["ts", "text", "user", "subtype", "bot_id", "thread_ts", "edited", "reply_count"]),
        _JSON | st.just("1761955201.000100"),
    )
    | _JSON,
    max_size=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=_MESSAGES | _JSON, users=_JSON, channels=_JSON)
def test_any_json_is_posts_or_counted(tmp_path: Path, day: Any, users: Any, channels: Any) -> None:
    """Every element of a day file is a post, a deletion or a counted reason, whatever its shape."""
    path = write_export(tmp_path / "any.zip", {DAY: day}, users=users, channels=channels)
    store = read(path)
    if isinstance(day, list):
        lists = sum(not isinstance(value, list) for value in (users, channels))
        accounted = len(store.records) + sum(store.skipped.values()) - lists
        assert accounted <= len(day)
        assert bool(accounted) == bool(day)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), cut=st.integers(0, 400), flip=st.integers(0, 400))
def test_any_bytes_are_an_error_with_advice_or_counted(
    tmp_path: Path, data: bytes, cut: int, flip: int
) -> None:
    """Random members, cut and bent archives never crash."""
    path = write_export(tmp_path / "bytes.zip", {DAY: data})
    content = bytearray(path.read_bytes())
    content[flip % len(content)] ^= 0x55
    path.write_bytes(bytes(content[: len(content) - cut % len(content)] if cut % 3 == 0 else content))
    with contextlib.suppress(InputError):
        read(path)
