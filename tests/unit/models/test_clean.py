"""Cleaning: what identifies people goes, what carries mood stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.clean import MAXIMUM_CHARACTERS, clean


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("thanks @jane_doe see https://example.org/x?y=1", "thanks @user see http"),
        ("Fish &amp; chips", "Fish & chips"),
        ("it\\u2019s fine", "it’s fine"),
        ("nooooooooo", "nooo"),
        ("a\x00b\u200bc", "a b c"),
        ("two\n\nlines", "two\n\nlines"),
        ("great 👍", "great thumbs up"),
    ],
)
def test_cleaning(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_a_very_long_text_is_read_up_to_the_limit() -> None:
    assert len(clean("word " * 200_000)) <= MAXIMUM_CHARACTERS


@settings(deadline=None)
@given(st.text())
def test_cleaning_twice_never_fails_and_gives_encodable_text(text: str) -> None:
    clean(clean(text)).encode("utf-8")
