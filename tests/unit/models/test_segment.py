"""Long and mixed texts are cut at sentences; nothing but other people's words is lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
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


HEADERS = (
    "On Mon, Jan 5, 2026 at 10:00 AM Jane Doe <jane.doe@customer-of-ours.example.com> wrote:",
    "On Mon, Jan 5, 2026 at 10:00 AM Jane Doe\n<jane.doe@customer-of-ours.example.com> wrote:",
    "-----Original Message-----",
    "---------- Forwarded message ---------",
    "5 января 2026 г., 10:00, Анна Иванова написала:",
    "05.01.2026 10:00, Анна Иванова пишет:",
    "Анна Иванова писал(а):",
    "пн, 5 янв. 2026 г. в 10:00, Анна Иванова <anna@example.com>:",
    "-------- Исходное сообщение --------",
)


@pytest.mark.parametrize("header", HEADERS)
def test_a_reply_below_a_quoted_mail_is_kept(header: str) -> None:
    text = f"Hi Jane,\n\n{header}\n\n> terrible, hate it\n> really\n\nYour mails are far too many."
    assert own_words(text) == "Hi Jane,\n\n\nYour mails are far too many."
    assert own_words(f"{header}\n> terrible, hate it\nYour mails are far too many.") == (
        "Your mails are far too many."
    )


@pytest.mark.parametrize("header", HEADERS)
def test_a_mail_without_quotation_marks_has_no_end(header: str) -> None:
    assert own_words(f"Sounds good.\n{header}\n\nterrible, hate it\n\nreally") == "Sounds good."


def test_a_sentence_that_ends_with_a_colon_is_no_reply_header() -> None:
    for text in (
        "On top of that they say:\nbuy now",
        "Поддержка мне пишет:\nкупите",
        "Итог, цена <100>:\nмного",
    ):
        assert own_words(text) == text
        assert own_words(f"Hello.\n{text}") == f"Hello.\n{text}"


_LINES = st.lists(
    st.text(alphabet="abc деж.,!", min_size=1, max_size=20).map(lambda line: f"x{line}"), max_size=4
)


@settings(deadline=None)
@given(st.lists(st.tuples(_LINES, st.sampled_from(("", *HEADERS)), st.integers(1, 3)), max_size=4), _LINES)
def test_own_words_after_quoted_lines_survive_and_quoted_ones_do_not(
    parts: list[tuple[list[str], str, int]], last: list[str]
) -> None:
    lines: list[str] = []
    for own, header, quoted in parts:
        lines += [*own, *([header] if header else []), *["> quoted words"] * quoted]
    own_lines = [line for own, _, _ in parts for line in own] + last
    if own_lines:
        assert own_words("\n".join([*lines, *last])).split() == " ".join(own_lines).split()


def test_a_text_of_quotes_only_is_kept() -> None:
    assert own_words("> hello") == "> hello"


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=2000))
def test_sentences_keep_all_letters(text: str) -> None:
    letters = [character for character in text if character.isalpha()]
    assert [
        character for piece in split_sentences(text) for character in piece if character.isalpha()
    ] == letters
