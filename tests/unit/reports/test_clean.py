"""Hostile texts become harmless."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.clean import csv_cell, safe_text, shortened


@given(st.text(max_size=300))
def test_nothing_invisible_or_controlling_is_left(text: str) -> None:
    """Whatever comes in, one printable line comes out, and cleaning it again changes nothing."""
    clean = safe_text(text)
    kinds = {unicodedata.category(c) for c in clean}
    assert not kinds & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert "\u202e" not in clean
    assert safe_text(clean) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("a\u202eb\u2066c", "abc"),
        ("a\r\n\tb", "a b"),
        ("z" + "\u0301" * 9, "ź\u0301\u0301"),
        ("👩\u200d👧 ok", "👩\u200d👧 ok"),
        ("lone \ud800 surrogate", "lone ? surrogate"),
    ],
)
def test_known_tricks(text: str, clean: str) -> None:
    """Escapes, direction marks, line breaks, zalgo and surrogates."""
    assert safe_text(text) == clean


def test_endless_words_are_cut() -> None:
    """A ten-thousand-letter word cannot break a layout."""
    assert len(shortened("x" * 10_000, 400)) <= 40
    assert len(shortened("word " * 1000, 400)) <= 400


@pytest.mark.parametrize("text", ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "|x", "%x"])
def test_formulas_become_text(text: str) -> None:
    """A spreadsheet shows the cell and runs nothing."""
    assert csv_cell(text).startswith("'")


def test_numbers_stay_numbers() -> None:
    """A negative count is not a formula."""
    assert csv_cell(-3) == "-3"
    assert csv_cell(None) == ""
