"""Who says what in a deal note: the rep's own words, the customer's quoted ones, and what is neither.

A note may hold the rep's summary, a pasted or forwarded mail of the customer with older mails under it,
signatures and legal notices, direct speech, or a call's transcript with a name before each line. The newest
foreign mail is the customer's voice; older mails below it, signatures and notices go. In a message that the
customer wrote (`author=Voice.CUSTOMER`) everything quoted goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.html_text import html_to_text, looks_like_html, unescape_common
from connectors.text import clean_text
from monitor.domain.posts import Voice, VoiceSegment
from monitor.domain.quotations import is_dated, is_own_sentence, may_be_broken

_SAID = (
    r"(?:On|Am|Le|El|Op)\b.{0,300}\b(?:wrote|schrieb|a écrit|escribió|schreef)\b.{0,200}:"
    r"|.{0,200}\b(?:пишет|писал|писала|написал|написала)(?:\(а\))?\s*:"
)
_SAID_LINE = re.compile(rf"^\s*(?:{_SAID})\s*$", re.IGNORECASE)
_WROTE = re.compile(
    rf"^\s*(?:{_SAID}"
    r"|-{2,}\s*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Исходное сообщение|Пересылаемое сообщение"
    r"|Mensaje original|Message d'origine)\b.{0,40}|Begin forwarded message:|_{20,})\s*$",
    re.IGNORECASE,
)
# Mail programs break the line "On <date>, <somebody> wrote:"; a rep's sentence may begin so, too.
_BROKEN_WROTE = re.compile(r"^(?:On|Am|Le|El|Op) .{8,200}$")
_HEADER = re.compile(
    r"^\s*\*?(?:From|Sent|Date|To|Cc|Subject|Von|Gesendet|An|Betreff|От|Отправлено|Кому|Копия|Тема|Дата)\*?:\*?\s",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\s*\*?(?:From|Von|От)\*?:\*?\s", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"^\s*(?:--\s*|sent from my \w.{0,40}|get outlook for .{0,40}|отправлено с (?:моего )?\w.{0,40}"
    r"|von meinem \w.{0,30} gesendet)$",
    re.IGNORECASE,
)
_FAREWELL = re.compile(
    r"^\s*(?:(?:kind |best |warm )?regards|best(?: wishes)?|cheers|sincerely(?: yours)?|yours (?:sincerely|truly)"
    r"|thanks(?: and regards| again)?|many thanks|mit freundlichen grüßen|mfg|viele grüße|saludos|cordialement"
    r"|с уважением|с наилучшими пожеланиями)\s*[,.!]?\s*$",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"^\s*(?:this (?:e-?mail|message)(?: and any| is| may| contains)|confidentiality notice|disclaimer:"
    r"|(?:the information|information) (?:contained )?in this (?:e-?mail|message)|diese e-?mail (?:enthält|kann)"
    r"|(?:данное|это|настоящее) (?:сообщение|письмо) (?:и|содержит|может))",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"^\s*(?:[-*•]\s*)?(?:(?P<customer>customer|client|prospect|champion|buyer|kunde|kundin|клиент|заказчик|покупатель)"
    r"|(?P<rep>rep|me|us|ae|csm|sdr|am|sales|internal|our side|менеджер|мы|я))"
    r"(?:'s)?(?: (?:quote|feedback|said|says|replied|response|reply|comment|(?:also )?wrote|сказал|пишет))?"
    r"\s*:\s*(?P<words>.*)$",
    re.IGNORECASE,
)
_SPEECH_CUE = re.compile(
    r"(?:\b(?:said|says|saying|told|tells|wrote|writes|replied|quote[ds]?|quoting|verbatim|feedback|words|complain(?:ed|s)"
    r"|asked|adds|added|mentioned|customer|client|prospect|they|she|he|champion|response|reply|answer(?:ed)?"
    r"|клиент|сказал[аи]?|говорит|пишет|написал[аи]?|цитата|ответил[аи]?|sagt(?:e)?|meint(?:e)?|schrieb|Kunde|dijo|dice)\b"
    r"[^\n\"“”«»]{0,60}|[:—–-]\s*|^\s*(?:[-*•]\s*)?)$",
    re.IGNORECASE,
)
_SPEECH = re.compile(r"[\"“„«]([^\"“”„«»\n]{12,4000})[\"”“»]")
_OPENING_SPEECH = re.compile(r"[\"“„«](?P<speech>[^\"“”„«»\n]{1,4000})[\"”“»](?P<rest>.*)$")
_FEWEST_WORDS_OF_SPEECH = 4
_LONGEST_SIGNATURE = 8
_LOOKED_AT = 40
_LONGEST_SIGNATURE_LINE = 80


@dataclass(frozen=True, slots=True)
class NoteText:
    """A note as it is kept.

    Attributes:
        text: all kept words, in order; may be empty.
        segments: the same by speaker; empty when there is no text.
        truncated: the note was longer than what is kept of one.
    """

    text: str
    segments: tuple[VoiceSegment, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class _Part:
    voice: Voice
    lines: list[str]


def read_note(raw: str, *, author: Voice = Voice.REP, is_html: bool | None = None) -> NoteText:
    """Clean one note and tell its speakers apart.

    Args:
        raw: the note as the CRM holds it.
        author: who wrote it: the rep, or the customer (an incoming mail).
        is_html: whether it is HTML; None looks.
    """
    if is_html is None:
        is_html = looks_like_html(raw)
    text, truncated = clean_text(html_to_text(raw) if is_html else unescape_common(raw))
    parts = [part for part in _mail_parts(text.split("\n"), author) if part.lines]
    if author is Voice.REP:
        parts = [spoken for part in parts for spoken in _speakers(part)]
    segments = _merged(parts)
    return NoteText("\n\n".join(segment.text for segment in segments), segments, truncated)


def _merged(parts: list[_Part]) -> tuple[VoiceSegment, ...]:
    """Neighbours of one voice become one segment; empty ones go."""
    merged: list[VoiceSegment] = []
    for part in parts:
        text, _ = clean_text("\n".join(part.lines))
        if not any(character.isalnum() for character in text):
            continue
        if merged and merged[-1].voice is part.voice:
            text = f"{merged.pop().text}\n{text}"
        merged.append(VoiceSegment(part.voice, text))
    return tuple(merged)


def _mail_parts(lines: list[str], author: Voice) -> Iterator[_Part]:
    """The author's own lines, then the newest quoted mail; older ones are dropped.

    Quoted lines without a mail head between the author's own are the customer's, in their place.
    """
    own: list[str] = []
    position = 0
    while position < len(lines):
        is_own = author is Voice.CUSTOMER and _is_own_sentence(lines, position)
        end = position if is_own else _end_of_quotation(lines, position)
        if end == position:
            own.append(lines[position])
            position += 1
            continue
        if author is Voice.REP:
            yield _Part(author, without_signature(own))
            yield _Part(Voice.CUSTOMER, _newest_mail(lines[position:end], 0))
            own = []
        position = end
    yield _Part(author, without_signature(own))


def _is_own_sentence(lines: list[str], position: int) -> bool:
    """Whether "I wrote to you:" stands here, with no quotation below: it only looks like the head of a mail."""
    line = lines[position]
    if not _SAID_LINE.match(line) or "(а)" in line or (is_dated(line) and not is_own_sentence(line)):
        return False
    following = next((other for other in lines[position + 1 : position + 4] if other.strip()), "")
    return not _quote_depth(following)


def _end_of_quotation(lines: list[str], start: int) -> int:
    """Where the quotation that begins at `start` ends; `start` when none begins there.

    A mail whose lines carry no `>` has no end: everything below its head is foreign.
    """
    position = _after_mail_head(lines, start)
    if position > start and position < len(lines) and not _quote_depth(lines[position]):
        return len(lines)
    while position < len(lines) and _quote_depth(lines[position]):
        position += 1
    return position


def _after_mail_head(lines: list[str], start: int) -> int:
    """The first line below the mail's head that stands at `start`; `start` when none does."""
    position = start + _lines_that_begin_mail(lines, start)
    if position == start:
        return start
    while position < len(lines) and (
        not lines[position].strip() or _HEADER.match(lines[position]) or _WROTE.match(lines[position])
    ):
        position += 1
    return position


def _newest_mail(lines: list[str], start: int) -> list[str]:
    """The words of the mail that begins at `start`, without its head, older mails, and signature."""
    bare = [_unquoted(line) for line in lines]
    position = _after_mail_head(bare, start)
    while position < len(lines) and not bare[position].strip():
        position += 1
    if position >= len(lines):
        return []
    depth = _quote_depth(lines[position])
    words: list[str] = []
    for index in range(position, len(lines)):
        if _quote_depth(lines[index]) > depth or _lines_that_begin_mail(bare, index):
            break
        if _quote_depth(lines[index]) < depth and bare[index].strip():
            break
        words.append(bare[index])
    return without_signature(words)


def _lines_that_begin_mail(lines: list[str], position: int) -> int:
    """How many lines begin a mail here (0: none does): "On ... wrote:", a separator, or From and another header."""
    line = lines[position]
    if _WROTE.match(line):
        return 1
    following = lines[position + 1 : position + 3]
    if (
        following
        and _BROKEN_WROTE.match(line)
        and may_be_broken(line)
        and not _BROKEN_WROTE.match(following[0])
    ):
        return 2 if _WROTE.match(f"{line} {following[0]}") else 0
    return 1 if _FROM.match(line) and any(_HEADER.match(other) for other in following) else 0


def _quote_depth(line: str) -> int:
    """How many `>` stand before a line."""
    found = re.match(r"[ \t]{0,3}((?:>[ \t]?){1,40})(?!!)", line)
    return found.group(1).count(">") if found else 0


def _unquoted(line: str) -> str:
    return re.sub(r"^[ \t]{0,3}(?:>[ \t]?){1,40}", "", line)


def without_signature(lines: list[str]) -> list[str]:
    """Lines up to a signature, a farewell with nothing but short lines after it, or a legal notice."""
    for index, line in enumerate(lines):
        if _SIGNATURE.match(line) or _NOTICE.match(line):
            return lines[:index]
        if _FAREWELL.match(line) and _is_signature(lines[index + 1 : index + 1 + _LOOKED_AT]):
            return lines[:index]
    return lines


def _is_signature(lines: list[str]) -> bool:
    """Whether lines below a farewell are few and short, up to the end or a legal notice."""
    count = 0
    for line in lines:
        if _NOTICE.match(line) or _SIGNATURE.match(line):
            return True
        count += bool(line.strip())
        if count > _LONGEST_SIGNATURE or len(line) > _LONGEST_SIGNATURE_LINE:
            return False
    return len(lines) < _LOOKED_AT


def _speakers(part: _Part) -> Iterator[_Part]:
    """A rep's part by speaker: lines with a speaker's name before them, and direct speech."""
    if part.voice is Voice.CUSTOMER:
        yield part
        return
    voice = Voice.REP
    for line in part.lines:
        named = _SPEAKER.match(line)
        if named:
            opened = _OPENING_SPEECH.match(named["words"])
            if named["customer"] and opened:
                yield _Part(Voice.CUSTOMER, [opened["speech"]])
                yield _Part(Voice.REP, [opened["rest"]])
                continue
            voice = Voice.CUSTOMER if named["customer"] else Voice.REP
            line = named["words"]  # noqa: PLW2901 - the words without the name
        elif not line.strip():
            voice = Voice.REP
        if voice is Voice.CUSTOMER:
            yield _Part(voice, [line.strip().strip('"“”«»„')])
        else:
            yield from _speech(line)


def _speech(line: str) -> Iterator[_Part]:
    """A rep's line with the customer's direct speech taken out of it."""
    position = 0
    for found in _SPEECH.finditer(line):
        words = found.group(1)
        before = line[max(0, found.start() - 90) : found.start()]
        if len(words.split()) < _FEWEST_WORDS_OF_SPEECH or not _SPEECH_CUE.search(before):
            continue
        yield _Part(Voice.REP, [line[position : found.start()]])
        yield _Part(Voice.CUSTOMER, [words])
        position = found.end()
    yield _Part(Voice.REP, [line[position:]])
