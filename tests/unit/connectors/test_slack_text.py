"""mrkdwn to text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.slack_text import mrkdwn_to_text
from connectors.text import clean_text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain", "plain"),
        ("<@U123> and <@W9|ann> hi", "@user and @user hi"),
        ("<!channel> <!here|here> <!everyone>", "@channel @here @everyone"),
        ("<!subteam^S1|@support>", "@group"),
        ("<!date^1392734382^{date}|18 February>", "18 February"),
        ("<#C1|general> <#C2>", "#general #channel"),
        ("<https://example.com/a?b=1&amp;c=2|our page>", "our page"),
        ("<https://example.com/a?b=1&amp;c=2>", "https://example.com/a?b=1&c=2"),
        ("<mailto:ann@example.com|ann@example.com>", "[email]"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("&lt;@U1&gt; is typed", "<@U1> is typed"),
        (":tada: *bold*", ":tada: *bold*"),
        ("&gt; their words\nmy words", "my words"),
        ("> their words\nmy words &gt; theirs", "my words > theirs"),
        ("see ```code &gt; x``` end", "see code > x end"),
        ("1 < 2 and <nothing known>", "1 < 2 and <nothing known>"),
    ],
)
def test_entities_quotes_and_escapes(raw: str, text: str) -> None:
    """Each of Slack's entities becomes what a reader would read."""
    assert mrkdwn_to_text(raw) == text


@given(st.text(alphabet=st.sampled_from(list("<>@#!|&;^:ltgamp \nU1*`")), max_size=200) | st.text())
def test_any_text_is_survived(raw: str) -> None:
    """No text crashes, and none grows much."""
    assert len(mrkdwn_to_text(raw)) <= len(raw) + 8 * raw.count("<")


@pytest.mark.parametrize(
    "bait", ["<" * 200_000, "<a|" * 70_000, "&gt;" * 50_000, "\n" * 200_000, "> " * 100_000]
)
def test_reading_takes_linear_time(bait: str) -> None:
    """Text made to slow a pattern down does not."""
    started = time.process_time()
    clean_text(mrkdwn_to_text(bait))
    assert time.process_time() - started < 2
