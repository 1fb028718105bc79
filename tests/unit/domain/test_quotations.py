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


@pytest.mark.parametrize(
    "own",
    [
        "Я уже трижды вам писал:",
        "В 2025 году я вам написал:",
        "Вот что он мне написал:",
        "On your website you wrote:",
        "On 5 January 2026 you wrote:",
        "On 5 January I got three mails.\nThen Jane from support wrote:",
        "On 5 January 2026 your agent wrote:",
        "В январе 2026 менеджер написал:",
        "05.01.2026 ваш менеджер пишет:",
        "Итог 2026, 10:00, цена <100>:",
    ],
)
def test_a_sentence_that_looks_like_a_header_is_its_authors(own: str) -> None:
    text = f"Hello.\n{own}\nstop the mails"
    assert own_words(text) == text
    assert own_words(remove_quoted_lines(f"Hello.\n{own}\n> stop\nNothing changed.")) == (
        f"Hello.\n{own}\nNothing changed."
    )


@pytest.mark.parametrize(
    "header",
    [
        "пн, 5 янв. 2026 г. в 10:00, Анна Константиновна Иванова\n<anna.ivanova@example.com>:",
        "5 янв. 2026 г., в 10:00, Анна Иванова <anna@example.com>\nнаписал(а):",
        '05.01.2026, 10:00, "Анна Иванова" <anna@example.com>:',
        "Понедельник, 5 января 2026, 10:00 +03:00 от Анна Иванова <anna@example.com>:",
        "On 1/5/26 10:00, Jane wrote:",
    ],
)
def test_headers_of_more_mail_programs_go_with_the_mail(header: str) -> None:
    assert own_words(remove_quoted_lines(f"ok\n\n{header}\n\n> old\n\nnew")).split() == ["ok", "new"]
    assert own_words(remove_quoted_lines(f"ok\n\n{header}\n\nold")) == "ok"


@pytest.mark.parametrize("own", [">!The banner ends badly!<", ">:( your mails again", ">.< again"])
def test_spoilers_and_angry_faces_quote_nobody(own: str) -> None:
    text = f"{own}\nplease stop"
    assert own_words(remove_quoted_lines(text)) == text


def test_quoted_lines_that_are_written_as_html_go() -> None:
    assert own_words("&gt; your mails are spam\nThey are fine") == "They are fine"


BLOCKS = (
    "From: Jane Doe <jane@example.com>\nSent: Monday, 5 January 2026 10:00\nTo: Me\nSubject: Offer",
    "От: Анна Иванова\nОтправлено: 5 января 2026 г. 10:00\nКому: Борис\nТема: Предложение",
    "-----Original Message-----\nFrom: Jane Doe\nSent: Monday, 5 January 2026 10:00\nSubject: Offer",
)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_mail_below_a_head_of_several_lines_is_not_its_readers(block: str) -> None:
    assert own_words(remove_quoted_lines(f"Sounds good.\n\n{block}\n\nterrible, hate it")) == "Sounds good."
    quoted = f"Sounds good.\n\n{block}\n\n> terrible, hate it\n\nThanks"
    assert own_words(remove_quoted_lines(quoted)).split() == ["Sounds", "good.", "Thanks"]


def test_a_list_that_begins_like_a_head_is_its_authors() -> None:
    text = "Hello.\nFrom: Berlin\nTo: Hamburg\nDate: 5 May 2026\nThe train is late."
    assert own_words(text) == text


@pytest.mark.parametrize("block", BLOCKS)
def test_a_text_that_begins_with_a_mails_head_is_kept(block: str) -> None:
    """Somebody forwarded it without a word, or the export kept the head of each mail."""
    assert own_words(f"{block}\n\nStop these mails.").endswith("Stop these mails.")
