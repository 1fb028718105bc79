"""Other people's words in a text: quoted lines, and the reply headers of mail programs above them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_DAY_OR_TIME = r"(?:\d[./-]\d{1,2}[./-]\d\d|\d{1,2}:\d\d)"
_DATE = rf"(?:\b(?:19|20)\d\d\b|{_DAY_OR_TIME})"
_DATED = re.compile(rf".{{0,200}}?{_DATE}")
# What mail programs write holds a date or "(а)": a person's own "you wrote:" is no header. Yandex, Mail.ru and
# Gmail in Russian end it with the address.
_REPLY_HEADER = re.compile(
    rf"^\s*(?:(?=.{{0,160}}{_DATE})On .{{6,160}} wrote:"
    rf"|(?=.{{0,160}}{_DAY_OR_TIME}).{{6,160}} (?:(?:на)?писал\w*(?:\(а\))?|пишет):"
    rf"|-{{2,}} ?(?i:(?:Original|Forwarded) message|Исходное сообщение|Пересылаемое сообщение) ?-{{2,}}"
    rf"|\S.{{6,160}} (?:на)?писал\(а\):"
    rf"|(?=.{{0,80}}\b20\d\d\b)(?=.{{0,100}}\d:\d\d).{{10,200}}<[^<>\s]{{1,80}}@[^<>\s]{{1,80}}>:)\s*$"
)
_OWN_SENTENCE = re.compile(
    r"\b(?:(?:I|you|we|he|she|they|who|also|just|even|then|already)|(?:your|our|my)\b.*)\s+wrote:\s*$"
    r"|\b(?:я|мы|вы|ты|он|она|они|мне|нам|вам|тебе|уже|снова|также|ваш\w*|наш\w*|мо[йя])\b.*(?:писал\w*|пишет):\s*$",
    re.IGNORECASE,
)
_WRITER = re.compile(r"^\s*\*?(?:From|От|От кого)\*?:\*?\s", re.IGNORECASE)
_FIELD = re.compile(
    r"^\s*\*?(?:Sent|Date|To|Cc|Subject|Отправлено|Дата|Кому|Копия|Тема)\*?:\*?\s", re.IGNORECASE
)
_SUBJECT = re.compile(r"^\s*\*?(?:Subject|Тема)\*?:", re.IGNORECASE)
_FEWEST_FIELDS, _MOST_FIELDS = 3, 8
_SENTENCE_END = re.compile(r"[.!?…:;]\s*$")
_SECOND_HALF = re.compile(
    r"^\s*(?:.{0,80}<\S{3,80}>.{0,20}|(?:на)?писал\w*(?:\(а\))?|пишет|.{0,60}\bwrote):\s*$"
)


NO_QUOTATION = r"(?!!|:['-]?[(\[/|]|[._]<)"
"""What follows a `>` that quotes nobody: a spoiler (`>!`) or an angry face (`>:(`)."""


def is_dated(line: str) -> bool:
    """Whether a line holds a year, a day in digits or a time, as the reply headers of mail programs do."""
    return bool(_DATED.match(line))


def header_lines(lines: Sequence[str], position: int) -> int:
    """How many lines form the reply header that begins here (0: none): mail programs break long ones in two."""
    if _is_header(lines[position]):
        return 1 + _fields(lines, position + 1)
    if count := _fields(lines, position):
        return count
    if position + 1 == len(lines) or not may_be_broken(lines[position]):
        return 0
    joined = f"{lines[position].strip()} {lines[position + 1].strip()}"
    return 2 if _SECOND_HALF.match(lines[position + 1]) and _is_header(joined) else 0


def _fields(lines: Sequence[str], position: int) -> int:
    """How many lines the head of a mail has here that names writer, day and subject or reader; 0 for none."""
    if position >= len(lines) or not _WRITER.match(lines[position]):
        return 0
    count = 1
    while count < _MOST_FIELDS and position + count < len(lines) and _FIELD.match(lines[position + count]):
        count += 1
    has_subject = any(_SUBJECT.match(line) for line in lines[position : position + count])
    return count if count >= _FEWEST_FIELDS and has_subject else 0


def may_be_broken(line: str) -> bool:
    """Whether a line may be the first half of a reply header: it has the date, and no sentence ends there."""
    return len(line) <= 200 and is_dated(line) and not _SENTENCE_END.search(line)


def _is_header(line: str) -> bool:
    return bool(_REPLY_HEADER.match(line)) and not is_own_sentence(line)


def is_own_sentence(line: str) -> bool:
    """Whether somebody says "I wrote:" or "you wrote:", which no mail program does."""
    return bool(_OWN_SENTENCE.search(line[-300:]))


def without_quotations(lines: Sequence[str], is_quoted: Callable[[str], object]) -> list[str]:
    """Lines without the quoted ones and the reply headers right above them; what stands below them is kept."""
    kept: list[str] = []
    position = 0
    while position < len(lines):
        below = position + header_lines(lines, position)
        while position < below < len(lines) and not lines[below].strip():
            below += 1
        if position < below < len(lines) and is_quoted(lines[below]):
            position = below
        elif not is_quoted(lines[position]):
            kept.append(lines[position])
        position += 1
    return kept
