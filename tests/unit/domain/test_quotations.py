"""What others said goes before a post is stored, and what its author wrote below it stays."""

from __future__ import annotations

import pytest

from connectors.text import remove_quoted_lines
from models.segment import own_words

HEADERS = ("On Mon, Jan 5, 2026, Jane Doe wrote:", "5 января 2026 г., 10:00, Анна Иванова написала:")


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_reply_below_a_quoted_mail_outlives_the_import(header: str, end: str) -> None:
    text = end.join(["Hi Jane,", "", header, "", "> terrible", "", "Your mails are far too many."])
    stored = remove_quoted_lines(text)
    assert stored.split() == ["Hi", "Jane,", "Your", "mails", "are", "far", "too", "many."]
    assert own_words(stored).split() == stored.split()


def test_a_header_without_quoted_lines_stays_for_the_reader() -> None:
    text = f"Sounds good > fine.\n{HEADERS[0]}\nterrible"
    assert remove_quoted_lines(text) == text
    assert remove_quoted_lines("a\n> b\nc\n>!spoiler!< d") == "a\nc\n>!spoiler!< d"
    assert remove_quoted_lines("> b") == ""
