"""Clean foreign text before anything else sees it: all text from outside is hostile."""

from __future__ import annotations

import re

from monitor.domain.posts import MAXIMUM_TEXT_LENGTH
from monitor.domain.quotations import NO_QUOTATION, without_quotations

# C0 and C1 controls except tab and newline; NUL and escape sequences would reach databases and terminals.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
# Marks that reorder or hide text: bidirectional overrides and isolates, zero-width space, BOM.
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BLANK_LINES = re.compile(r"\n[ \t]*\n[ \t\n]*")
# Zalgo: more than four combining marks on one character carry no meaning in any script we read.
_STACKED_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})[\u0300-\u036f\u0483-\u0489\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def clean_text(text: str) -> tuple[str, bool]:
    """Text that can be stored, scored and shown.

    Controls except tab and newline, bidirectional overrides and stacked marks are removed, lone surrogates
    (which SQLite refuses) become U+FFFD, line ends become newlines, runs of blank lines become one.

    Returns:
        the text, at most `MAXIMUM_TEXT_LENGTH` characters, and whether it was cut. It may be empty.
    """
    truncated = len(text) > MAXIMUM_TEXT_LENGTH
    if text.isascii() and text.isprintable():  # most names and many texts: nothing below would change them
        return text[:MAXIMUM_TEXT_LENGTH].strip(), truncated
    text = text[:MAXIMUM_TEXT_LENGTH].replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROLS.sub("", text)
    text = _SURROGATES.sub("\ufffd", text)
    text = _INVISIBLE.sub("", text)
    text = _STACKED_MARKS.sub(r"\1", text)
    return _BLANK_LINES.sub("\n\n", text).strip(), truncated


# A line that begins with > repeats somebody else's words; >! opens a spoiler, which is the author's own.
_QUOTED_LINE = re.compile(rf"[ \t]{{0,3}}>{NO_QUOTATION}")


def remove_quoted_lines(text: str) -> str:
    """Text without the lines that quote others (Markdown and e-mail `> ...`); it may become empty.

    A reply header right above them goes, too: alone it would look like the head of a mail without marks.
    """
    return "\n".join(without_quotations(text.split("\n"), _QUOTED_LINE.match)) if ">" in text else text


def escaped(name: str) -> str:
    r"""A file's name, or a message with one, that can be stored: bytes that are not UTF-8 show as `\udce9`."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def clean_name(text: str) -> str:
    """A one-line name (channel, author, campaign) of at most 200 characters."""
    return " ".join(clean_text(text)[0].split())[:200]
