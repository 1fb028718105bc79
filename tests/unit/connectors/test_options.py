"""Options and registry: strict, with messages that say what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest

from connectors.options import describe_options, option, parse_options
from connectors.registry import build_connector, kind_names, known_kinds
from monitor.errors import ConfigurationError


class Order(StrEnum):
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


@dataclass(frozen=True, slots=True)
class Example:
    path: Path = option("the file")
    order: Order | None = option("order of dates", default=None)
    profile: Literal["a", "b"] = option("layout", default="a")
    days: int = option("look-back", default=7, minimum=1, maximum=30)
    share: float = option("a share", default=0.5)
    names: tuple[str, ...] = option("names", default=())
    columns: Mapping[str, str] = option("field to column", default={})
    rules: Mapping[str, object] = option("rules", default={})
    strict: bool = option("refuse", default=False)


def parse(**values: object) -> Example:
    return parse_options(Example, values, source="notes", kind="example", base_folder=Path("/data"))


def test_values_arrive_in_their_types() -> None:
    """Paths against the folder, lists as tuples, one word as a list of one, whole numbers as floats."""
    parsed = parse(
        path="a/b.csv", order="day first", names="one", share=1, columns={"text": "Note"}, rules={"x": [1]}
    )
    assert parsed.path == Path("/data/a/b.csv")
    assert (parsed.order, parsed.names, parsed.share) == (Order.DAY_FIRST, ("one",), 1.0)
    assert (parsed.columns, parsed.rules, parsed.days) == ({"text": "Note"}, {"x": [1]}, 7)
    assert parse(path="/abs/x.csv", names=["a", " b ", "a"]).names == ("a", "b")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, ["lacks 'path'", "a path", "the file"]),
        ({"path": "x", "pth": 1}, ["unknown key 'pth'", "Did you mean 'path'?", "columns, days"]),
        ({"path": ""}, ["path = ''", "expected a path"]),
        ({"path": "a\x00b"}, ["expected a path"]),
        ({"path": 7}, ["path = 7"]),
        ({"path": "x", "days": "7"}, ["days = '7'", "a whole number of at least 1 and at most 30"]),
        ({"path": "x", "days": 0}, ["days = 0"]),
        ({"path": "x", "days": 31}, ["days = 31"]),
        ({"path": "x", "days": True}, ["days = True"]),
        ({"path": "x", "share": float("nan")}, ["share = nan"]),
        ({"path": "x", "order": "year first"}, ["one of 'day first', 'month first'"]),
        ({"path": "x", "profile": "c"}, ["one of 'a', 'b'"]),
        ({"path": "x", "names": [1]}, ["a list of texts"]),
        ({"path": "x", "names": [""]}, ["a list of texts"]),
        ({"path": "x", "columns": {"text": 1}}, ["a table of texts"]),
        ({"path": "x", "columns": "Note"}, ["a table of texts"]),
        ({"path": "x", "rules": []}, ["a table"]),
        ({"path": "x", "strict": "yes"}, ["true or false"]),
        ({"path": "x", "names": ["n" * 500, 1]}, ["..."]),
    ],
)
def test_wrong_values_say_value_expectation_and_next_step(
    values: dict[str, object], words: list[str]
) -> None:
    """Each message names the source, the value, what was expected and where to correct it."""
    with pytest.raises(ConfigurationError) as caught:
        parse(**values)
    message = str(caught.value)
    assert all(word in message for word in [*words, "'notes'", "goodwill.toml"])


def test_options_describe_themselves() -> None:
    """What documentation needs: name, type, need, default."""
    described = {info.name: info for info in describe_options(Example)}
    assert described["path"].required
    assert (described["days"].expected, described["days"].default) == (
        "a whole number of at least 1 and at most 30",
        7,
    )
    assert described["columns"].default == {}
    assert described["order"].expected == "one of 'day first', 'month first'"


def test_every_kind_has_a_description_and_documented_options() -> None:
    """`goodwill init` and the reference are made from this."""
    kinds = known_kinds()
    assert tuple(kinds) == kind_names()
    assert {"slack", "slack_export", "reddit", "reddit_jsonl"} <= set(kinds)
    for info in kinds.values():
        assert info.description
        assert all(described.description and described.expected for described in info.options)
    assert kinds["slack"].needs_network
    assert not kinds["slack_export"].needs_network


def test_an_unknown_kind_lists_the_known_ones() -> None:
    """With a guess for a typing error."""
    with pytest.raises(ConfigurationError, match=r"slack_export.*Did you mean 'slack'"):
        build_connector("slak", "s", {}, base_folder=Path(), secrets={})


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("slack", {"base_url": "ftp://x"}),
        ("slack", {"base_url": "http://slack.example.com/api/"}),
        ("slack", {"base_url": "https://user:secret-9@slack.example.com/api/"}),
        ("slack", {"base_url": "https://[/"}),
        ("slack", {"base_url": "https://"}),
        ("slack_export", {"path": "x.zip", "workspace_url": "acme.slack.com"}),
        ("reddit", {"subreddits": ["a/b"]}),
        ("reddit", {}),
        ("reddit", {"subreddits": ["sales"], "oauth_url": "file:///etc"}),
    ],
)
def test_senseless_options_are_refused_when_the_connector_is_built(
    kind: str, options: dict[str, object]
) -> None:
    """Before any request is made."""
    secrets = {"slack_token": "x", "reddit_client_id": "x", "reddit_client_secret": "x"}
    with pytest.raises(ConfigurationError, match="expected") as caught:
        build_connector(kind, "s", options, base_folder=Path(), secrets=secrets)
    assert "secret-9" not in str(caught.value)


def test_a_missing_token_names_its_variable() -> None:
    """The next step is in the message."""
    with pytest.raises(ConfigurationError, match="GOODWILL_SLACK_TOKEN"):
        build_connector("slack", "s", {}, base_folder=Path(), secrets={"slack_token": " "})


def test_listing_kinds_imports_no_sdk() -> None:
    """Vendors' SDKs are imported only when their kind is built."""
    code = (
        "import sys; from connectors.registry import known_kinds; known_kinds();"
        "print([m for m in ('praw', 'prawcore', 'slack_sdk', 'requests') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
