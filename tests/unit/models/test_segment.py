"""Long and mixed texts are cut at sentences; nothing but other people's words is lost."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from models.segment import TOKEN_BUDGET, is_mixed, own_words, segments_of, split_sentences


def _count(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def test_a_short_text_is_its_own_segment() -> None:
    assert segments_of("All good here. Thanks!", 5, _count) == ["All good here. Thanks!"]


def test_a_long_text_keeps_every_word_within_the_budget() -> None:
    text = " ".join(f"This is sentence number {number}." for number in range(100))
    segments = segments_of(text, 500, _count)
    assert " ".join(segments).split() == text.split()
    assert all(len(segment.split()) <= TOKEN_BUDGET for segment in segments)


def test_a_text_in_two_scripts_is_cut_where_the_script_changes() -> None:
    text = "The product is really good. Но рассылка просто достала уже."
    assert is_mixed(text)
    assert segments_of(text, 12, _count) == ["The product is really good.", "Но рассылка просто достала уже."]


def test_quoted_lines_of_others_are_left_out() -> None:
    assert own_words("> your emails are spam\nI disagree, they are fine") == "I disagree, they are fine"


def test_a_mail_thread_ends_at_the_reply_header() -> None:
    assert own_words("Sounds good.\nOn Mon, Jan 5, 2026, Jane wrote:\nterrible, hate it") == "Sounds good."


def test_a_text_of_quotes_only_is_kept() -> None:
    assert own_words("> hello") == "> hello"


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=2000))
def test_sentences_keep_all_letters(text: str) -> None:
    letters = [character for character in text if character.isalpha()]
    assert [
        character for piece in split_sentences(text) for character in piece if character.isalpha()
    ] == letters
