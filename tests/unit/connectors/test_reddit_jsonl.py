"""Reddit JSON lines: shapes, damage, growth."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import json_lines
from connectors.base import Batch, Connector
from connectors.registry import build_connector
from connectors.testing import Case, MemoryStore, assert_conforms
from monitor.domain.posts import DeletedPost, IdentityPolicy, Post
from monitor.errors import ConfigurationError, InputError

NOW = datetime(2026, 11, 16, tzinfo=UTC)
CREATED = 1_761_955_200


def comment(identifier: str, body: str = "hello", **more: Any) -> dict[str, Any]:
    data = {"id": identifier, "body": body, "created_utc": CREATED, "subreddit": "Sales", "author": "someone"}
    return {"kind": "t1", "data": {**data, **more}}


def submission(identifier: str, title: str = "title", **more: Any) -> dict[str, Any]:
    data = {
        "id": identifier,
        "title": title,
        "created_utc": CREATED,
        "subreddit": "Sales",
        "author": "someone",
    }
    return {"kind": "t3", "data": {**data, **more}}


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def connect(path: Path, **options: object) -> Connector:
    return build_connector(
        "reddit_jsonl", "dump", {"path": path.name, **options}, base_folder=path.parent, secrets={}
    )


def sync(path: Path, store: MemoryStore, **options: object) -> list[Batch]:
    return store.sync(connect(path, **options), NOW)


def read(path: Path, content: bytes, **options: object) -> MemoryStore:
    path.write_bytes(content)
    store = MemoryStore()
    sync(path, store, **options)
    return store


def texts(store: MemoryStore) -> set[str]:
    return {record.text for record in store.records.values() if isinstance(record, Post)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dump.jsonl"


def test_conforms_with_damage_of_every_kind(path: Path) -> None:
    """The whole contract holds on a file of three thousand items and some bad lines."""
    good = [comment(f"c{number}", f"comment {number}") for number in range(2500)]
    bad = [comment("x1", body=""), comment("x2", created_utc="soon"), comment("x3", author="AutoModerator")]
    bad += [submission("x4", stickied=True), {"kind": "t5", "data": {}}, 7, comment("x6", author="Acme")]
    path.write_bytes(lines(*good[:1250], *bad) + b"{broken\n\n\xff\xfe\n" + lines(*good[1250:]))
    skipped = {"no text": 1, "bad date": 1, "bot message": 1, "stickied": 1, "not a post or comment": 2}
    skipped |= {"our own post": 1, "broken JSON": 1, "not UTF-8": 1}
    store = assert_conforms(
        Case(lambda: connect(path, own_accounts=["acme"]), NOW, skipped=skipped, minimum_records=2500)
    )
    assert len(store.records) == 2500


def test_reddit_people_may_not_be_matched(path: Path) -> None:
    """A dump is as much Reddit as the API."""
    assert connect(path).identity_policy is IdentityPolicy.FORBIDDEN


def test_every_shape_in_use_is_read(path: Path) -> None:
    """Wrapped and bare objects, listings, saved pages with nested replies, numbers as texts."""
    nested = comment(
        "n1", "parent", replies={"kind": "Listing", "data": {"children": [comment("n2", "child")]}}
    )
    more = {"kind": "more", "data": {"children": ["a", "b"]}}
    listing = {"kind": "Listing", "data": {"children": [submission("l1", "listed"), nested, more]}}
    bare = {"name": "t1_b1", "body": "bare", "created_utc": str(CREATED), "replies": ""}
    guessed = {"id": "b2", "title": "dumped", "selftext": "text", "created_utc": float(CREATED)}
    store = read(path, lines(comment("w1", "wrapped"), [listing, listing], bare, guessed))
    assert texts(store) == {"wrapped", "listed", "parent", "child", "bare", "dumped\n\ntext"}
    assert not store.skipped


def test_removed_items_are_deletions(path: Path) -> None:
    """A later line that says [removed] takes the text away."""
    gone = submission("a1", selftext="[removed]")
    path.write_bytes(lines(submission("a1"), gone))
    records = [record for batch in connect(path).fetch({}, NOW) for record in batch.records]
    assert records == [DeletedPost("dump", "t3_a1")]


def test_a_second_import_adds_nothing_and_an_appended_file_reads_only_the_rest(path: Path) -> None:
    """The cursor is position and content."""
    store = read(path, lines(comment("a1"), comment("a2")))
    assert sync(path, store)[-1].records == ()
    with path.open("ab") as file:
        file.write(lines(comment("a3", "appended")))
    (batch,) = sync(path, store)
    assert [record.external_id for record in batch.records if isinstance(record, Post)] == ["t1_a3"]


def test_a_changed_beginning_reads_everything(path: Path) -> None:
    """Another file under the same name is not taken for an appended one."""
    store = read(path, lines(comment("a1", "one"), comment("a2", "two")))
    path.write_bytes(lines(comment("a1", "ONE"), comment("a2", "two"), comment("a3", "three")))
    (batch,) = sync(path, store)
    assert len(batch.records) == 3
    path.write_bytes(lines(comment("a9", "short")))
    assert len(sync(path, store)[0].records) == 1


def test_a_half_written_last_line_is_read_when_it_is_complete(path: Path) -> None:
    """Counted now, not lost: the rest of the line arrives later."""
    whole = lines(comment("a1"), comment("a2", "completed"))
    store = read(path, whole[:-30])
    assert dict(store.skipped) == {"incomplete last line": 1}
    path.write_bytes(whole)
    sync(path, store)
    assert texts(store) == {"hello", "completed"}


def test_a_last_line_without_line_end_is_read_once(path: Path) -> None:
    """Complete JSON at the end of the file needs no line end, also when the file grows."""
    store = read(path, lines(comment("a1"))[:-1])
    assert texts(store) == {"hello"}
    path.write_bytes(lines(comment("a1"), comment("a2", "next")))
    sync(path, store)
    assert texts(store) == {"hello", "next"}
    assert not store.skipped


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(path: Path, encoding: str) -> None:
    """Files of Windows tools are read without an option; a second import adds nothing."""
    text = "".join(json.dumps(comment(f"a{n}", f"привет {n}"), ensure_ascii=False) + "\n" for n in range(3))
    store = read(path, text.encode(encoding))
    assert texts(store) == {"привет 0", "привет 1", "привет 2"}
    assert not any(batch.records for batch in sync(path, store))


def test_cp1251_is_counted_or_read_with_the_option(path: Path) -> None:
    """Without the option the lines are counted with a reason, with it they are read."""
    content = json.dumps(comment("a1", "привет"), ensure_ascii=False).encode("cp1251") + b"\n"
    assert dict(read(path, content).skipped) == {"not UTF-8": 1}
    assert texts(read(path, content, encoding="cp1251")) == {"привет"}


@pytest.mark.parametrize("encoding", ["klingon", "hex", "a\x00b"])
def test_an_unknown_encoding_is_a_configuration_error(path: Path, encoding: str) -> None:
    """The message shows the value and an example."""
    with pytest.raises(ConfigurationError, match="cp1251"):
        connect(path, encoding=encoding)


def test_hostile_lines_cost_only_themselves(path: Path) -> None:
    """Deep nesting, endless integers, surrogates and NUL: counted or cleaned."""
    deep = b'{"kind": "t1", "data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
    long = b'{"kind": "t1", "data": {"id": "b1", "body": "long", "created_utc": %d, "n": %s}}\n'
    store = read(path, deep + long % (CREATED, b"9" * 5000) + lines(comment("b2", "a\x00b \ud800")))
    assert texts(store) == {"long", "ab \ufffd"}
    assert dict(store.skipped) == {"nested too deeply": 1}
    nested: object = []
    for _ in range(150):
        nested = {"kind": "Listing", "data": {"children": [nested]}}
    assert not read(path, lines(nested)).records


def test_a_huge_line_is_counted_in_constant_memory(path: Path) -> None:
    """Sixty megabytes in one line do not come into memory; the next line is read."""
    with path.open("wb") as file:
        for _ in range(60):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + lines(comment("a1")))
    store = MemoryStore()
    tracemalloc.start()
    sync(path, store)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert texts(store) == {"hello"}
    assert dict(store.skipped) == {"line too long": 1}
    assert peak < 6 * json_lines.MAXIMUM_LINE_BYTES


def test_a_folder_is_many_files(tmp_path: Path) -> None:
    """Each file has its own position; other files are left alone."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(lines(comment("a1", "one")))
    (folder / "b.NDJSON").write_bytes(lines(comment("b1", "two")))
    (folder / "notes.txt").write_bytes(b"x")
    store = MemoryStore()
    sync(folder, store)
    assert texts(store) == {"one", "two"}
    assert set(store.cursors) == {"a.jsonl", "b.NDJSON"}
    (folder / "c.jsonl").write_bytes(lines(comment("c1", "three")))
    assert [r.external_id for b in sync(folder, store) for r in b.records if isinstance(r, Post)] == ["t1_c1"]


def test_missing_and_empty_sources_say_so(tmp_path: Path) -> None:
    """Neither a missing file nor an empty folder is silently nothing; `check` never raises."""
    (tmp_path / "empty").mkdir()
    for name in ("none.jsonl", "empty"):
        with pytest.raises(InputError, match="Correct `path`"):
            sync(tmp_path / name, MemoryStore())
        assert not connect(tmp_path / name).check()[0].ok


def test_check_recognises_other_files(path: Path) -> None:
    """A file that does not begin with JSON is told apart."""
    path.write_bytes(b"id,title\n1,x\n")
    assert not connect(path).check()[0].ok
    path.write_bytes(lines(comment("a1")))
    assert connect(path).check()[0].ok


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_counted(path: Path, content: bytes) -> None:
    """Arbitrary files never crash, and a second import never adds."""
    store = read(path, content)
    assert not store.records
    sync(path, store)
    assert not store.added


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"id,title\n1,x\n2,y\n", "none of its 3 lines or objects could be used (3 \u00d7 broken JSON)"),
        (b"id,title\n1,x", "none of its 2 lines"),
        (b'{"id": 1}\n', "1 \u00d7 not a post or comment"),
        (b"no object", "1 \u00d7 incomplete last line"),
        (b"", "dump.jsonl is empty"),
        (b"\n \n", "dump.jsonl is empty"),
        (b"\xff\xfe", "dump.jsonl is empty"),
    ],
)
def test_a_file_of_which_nothing_can_be_used_is_a_problem_of_every_run(
    path: Path, content: bytes, told: str
) -> None:
    """Another kind of file, or an empty one, is no source without news; put right, it is read."""
    path.write_bytes(content)
    store = MemoryStore()
    for _ in range(2):
        (problem,) = [line for batch in sync(path, store) for line in batch.problems]
        assert told in problem
    path.write_bytes(lines(comment("a1")))
    assert not any(batch.problems for batch in sync(path, store))
    assert texts(store) == {"hello"}


@pytest.mark.parametrize(
    "content",
    [
        lines(comment("a1", author="AutoModerator")),
        lines(comment("a1", body="[removed]")),
        lines({"kind": "Listing", "data": {"children": []}}),
        lines(comment("a1"))[:-9],
        lines(comment("a1")) + b"broken\n" * 5,
    ],
)
def test_a_file_without_news_is_no_problem(path: Path, content: bytes) -> None:
    """Bots, removed posts, empty listings, and a first line that is still being written."""
    path.write_bytes(content)
    assert not any(batch.problems for batch in sync(path, MemoryStore()))


def test_damage_at_the_end_of_a_growing_file_is_no_problem(path: Path) -> None:
    """What was read before shows that the file is of this kind; unchanged it is silent."""
    store = read(path, lines(comment("a1")))
    with path.open("ab") as file:
        file.write(b"broken\n" * 1_500)
    for _ in range(2):
        assert not any(batch.problems for batch in sync(path, store))
    assert store.skipped == {"broken JSON": 1_500}


def test_one_unusable_file_of_a_folder_is_named(tmp_path: Path) -> None:
    """The others are read."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(b"broken\n" * 2_500)
    (folder / "b.jsonl").write_bytes(lines(comment("b1")))
    store = MemoryStore()
    problems = [line for batch in sync(folder, store) for line in batch.problems]
    assert [problem.split(":")[0] for problem in problems] == ["a.jsonl"]
    assert texts(store) == {"hello"}
    assert set(store.cursors) == {"b.jsonl"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(CREATED),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "kind",
                    "data",
                    "children",
                    "replies",
                    "id",
                    "name",
                    "body",
                    "title",
                    "created_utc",
                    "author",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(_JSON, max_size=5))
def test_any_json_is_posts_or_counted(path: Path, values: list[object]) -> None:
    """Whatever the shape, items are posts, deletions or counted reasons, and reading again changes nothing."""
    store = read(path, lines(*values))
    once = dict(store.records)
    store.cursors.clear()
    sync(path, store)
    assert store.records == once


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 700), max_size=5))
def test_however_a_file_grows_its_items_are_read_once(path: Path, cuts: list[int]) -> None:
    """A file seen at any stages of its growth ends with the same posts, none read twice as new."""
    whole = lines(*(comment(f"c{number}", f"text {number}") for number in range(5)))
    store = MemoryStore()
    for cut in [*sorted(cuts), len(whole)]:
        path.write_bytes(whole[:cut])
        sync(path, store)
    assert texts(store) == {f"text {number}" for number in range(5)}
    assert store.changed == 0
