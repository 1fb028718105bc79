"""The Slack digest mentions nobody and keeps Slack's limits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from monitor.domain.findings import FlagLevel
from reports.slack import digest_blocks, digest_text, escaped, scorecard_lines
from tests.golden import samples


@pytest.mark.parametrize(
    "text", ["<!channel>", "<@U1>", "<https://x|y>", "@here", "#general", "*b* _i_ ~s~ `c`", ":fire:"]
)
def test_nothing_is_a_mention_or_a_format(text: str) -> None:
    """Angle brackets are entities; format characters are followed by a word joiner."""
    safe = escaped(text)
    assert "<" not in safe
    assert ">" not in safe
    for character in "*_~`@#:":
        assert f"{character}\u2060" in safe or character not in safe


def test_limits_hold_for_long_answers() -> None:
    """50 blocks, 3,000 characters a text, 150 a header."""
    report = samples.busy_report()
    long = replace(report, headline="x" * 9000, findings=("y <!channel> " * 900,) * 9, company="z" * 400)
    blocks = digest_blocks(long, link="https://example.com/report.html")
    assert len(blocks) <= 50
    for block in blocks:
        for text in [block.get("text"), *block.get("elements", [])]:
            assert text is None or len(text["text"]) <= 3000
    assert len(blocks[0]["text"]["text"]) <= 150
    assert "<!channel>" not in json.dumps(blocks)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://x|y> <!channel>", "http://plain.example.com"]
)
def test_only_a_plain_https_link_is_shown(link: str) -> None:
    """A link cannot break out of its place."""
    assert "full report" not in json.dumps(digest_blocks(samples.busy_report(), link=link))


def test_notification_says_the_headline() -> None:
    """What a phone shows."""
    assert "crossed the line" in digest_text(samples.busy_report())


def test_the_scorecard_names_what_is_up_with_its_number_and_counts_the_rest() -> None:
    """Red first, each with its usual range; what is fine or unknown is only counted."""
    flags = samples.busy_report().analysis.red_flags
    up = [flag for flag in flags if flag.level in {FlagLevel.CRITICAL, FlagLevel.CAUTION}]
    lines = scorecard_lines(flags)
    assert lines[0] == "*Boundary scorecard*"
    assert len(lines) == 2 + len(up)
    assert lines[1].startswith(":red_circle:")
    assert up[0].metric in lines[1]
    assert "usual " in "".join(lines)
    assert scorecard_lines(()) == []
    many = scorecard_lines([*up] * 20)
    assert "more that are up" in many[-2]
