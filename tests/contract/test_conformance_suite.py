"""The conformance suite can fail: each broken promise is noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from connectors.base import Batch, CheckResult
from connectors.registry import kind_names
from connectors.testing import Case, ConformanceError, assert_conforms, assert_error_has_no_secret
from monitor.domain.posts import CoverageGap, DeletedPost, IdentityPolicy, Post, PostKind, SkippedItem
from monitor.errors import ConfigurationError

NOW = datetime(2026, 11, 16, tzinfo=UTC)
SECRET = "secret-token-1"


def post(number: int, **more: object) -> Post:
    made = Post("s", str(number), PostKind.MESSAGE, f"text {number}", NOW)
    for name, value in more.items():
        object.__setattr__(made, name, value)  # what a careless connector could hand over
    return made


class Example:
    """Three batches of one post; each test breaks one thing."""

    name = "s"
    kind = "slack"
    identity_policy = IdentityPolicy.FIRST_PARTY

    def __init__(self, **broken: object) -> None:
        self.broken = broken

    def check(self) -> list[CheckResult]:
        return self.broken.get("check", [CheckResult("token", ok=True, message="fine")])  # type: ignore[return-value]

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        start = int(cursors.get("all", "0"))
        for number in range(start, 3):
            batch = Batch((post(number),), (SkippedItem("no text"),), cursors={"all": str(number + 1)})
            yield replace(batch, **self.broken.get("batch", {}))  # type: ignore[arg-type]


class Doubling(Example):
    """Gives new ids at every reading."""

    readings = 0

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        Doubling.readings += 1
        yield Batch((post(Doubling.readings),), (SkippedItem("no text"),))


class Losing(Example):
    """Moves its cursor before the batch that it belongs to."""

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        if "all" not in cursors:
            yield Batch((post(1),), (SkippedItem("no text"),), cursors={"all": "2"})
            yield Batch((post(2),))


class Leaking(Example):
    """Shows its token."""

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        yield from super().fetch(cursors if "all" in cursors else {}, now)
        if "unknown stream" in cursors:
            raise ConfigurationError(f"bad token {SECRET}")


def case(connector: Example, **more: object) -> Case:
    values: dict[str, object] = {"secrets": (SECRET,), "skipped": {"no text": 1}, **more}
    return Case(make=lambda: connector, now=NOW, **values)  # type: ignore[arg-type]


def test_a_sound_connector_conforms() -> None:
    """And the store after its first sync is handed back."""
    assert len(assert_conforms(case(Example())).records) == 3


_ELSEWHERE = timezone(timedelta(hours=3))


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"check": []}, "says nothing"),
        ({"check": [CheckResult("token", ok=True, message="")]}, "nothing to say"),
        ({"check": [CheckResult("token", ok=True, message=SECRET)]}, "a secret shows"),
        ({"batch": {"problems": (f"bad {SECRET}",)}}, "a secret shows"),
        ({"batch": {"records": (post(1, source="other"),)}}, "of source 'other'"),
        ({"batch": {"records": (post(1, created_at=NOW.astimezone(_ELSEWHERE)),)}}, "not aware UTC"),
        ({"batch": {"records": (post(1, created_at=NOW.replace(tzinfo=None)),)}}, "not aware UTC"),
        ({"batch": {"records": (post(1, text="a\x00b"),)}}, "control characters"),
        ({"batch": {"records": (post(1, author_name="\ud800"),)}}, "lone surrogates"),
        ({"batch": {"records": (post(1, text=" a "),)}}, "unstripped"),
        ({"batch": {"records": tuple(post(n) for n in range(2001))}}, "a batch of 2001"),
        ({"batch": {"records": (DeletedPost("s", "1"),)}}, "only 0 records"),
        ({"batch": {"skipped": ()}}, "0 records skipped"),
        ({"batch": {"skipped": (SkippedItem("no text"), SkippedItem("surprise"))}}, "unexpected reasons"),
        ({"batch": {"gaps": (CoverageGap("s", "", NOW, NOW - timedelta(1), "private"),)}}, "inside out"),
    ],
)
def test_broken_promises_are_noticed(broken: dict[str, object], message: str) -> None:
    """One thing wrong, one message."""
    with pytest.raises(ConformanceError, match=message):
        assert_conforms(case(Example(**broken)))


def test_unstable_identity_is_noticed() -> None:
    """New ids at every reading would double every post."""
    with pytest.raises(ConformanceError, match="a second sync added 1"):
        assert_conforms(case(Doubling()))


def test_a_cursor_that_runs_ahead_is_noticed() -> None:
    """A crash after the first batch would lose the second."""
    with pytest.raises(ConformanceError, match="a crash after batch 1"):
        assert_conforms(case(Losing()))


def test_a_secret_in_an_error_is_noticed() -> None:
    """Also in the error that caused it, and in notes."""
    with pytest.raises(ConformanceError, match="a secret shows in an error"):
        assert_conforms(case(Leaking()))
    error = ConfigurationError("fine")
    error.__cause__ = ValueError(SECRET)
    with pytest.raises(ConformanceError):
        assert_error_has_no_secret(error, [SECRET])


def test_an_unknown_kind_is_noticed() -> None:
    """A connector that nobody can configure."""
    connector = Example()
    connector.kind = "nowhere"
    with pytest.raises(ConformanceError, match="not in the registry"):
        assert_conforms(case(connector))


@pytest.mark.parametrize("kind", kind_names())
def test_every_kind_is_tried(kind: str) -> None:
    """No connector reaches the registry without a conformance test that builds it."""
    tests = Path(__file__).parents[1]
    tried = [
        text
        for path in tests.rglob("test_*.py")
        if path != Path(__file__) and "assert_conforms(" in (text := path.read_text("utf-8"))
    ]
    # A test may build its connector in a module that it shares with others.
    shared = [
        (tests / "integration" / f"{name}.py").read_text("utf-8")
        for text in tried
        for name in re.findall(r"from tests\.integration\.(\w+_reading) import", text)
    ]
    assert any(f'"{kind}"' in text for text in (*tried, *shared))
