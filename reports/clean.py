"""Hostile texts made harmless: no control codes, no direction tricks, no towers of accents, no endless words."""

from __future__ import annotations

import re
import unicodedata

QUOTE_LENGTH = 420
_LONGEST_WORD = 40
_MARKS_PER_LETTER = 2
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]"
)
# Zero-width and direction characters; the joiner stays (emoji families need it) where an emoji is before it.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_LOOSE_JOINER = re.compile(f"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])")
_SPACE = re.compile(r"\s+")
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")
_FORMULA = re.compile(r"^[\s]*[=+\-@\t\r|%]")


def safe_text(text: str) -> str:
    """A text that can be shown anywhere: one line, printable, in reading order.

    Escape sequences, control, direction and zero-width characters go; at most two combining marks stay on a
    letter; lone surrogates become a replacement character; white space becomes single blanks.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()  # most names and posts, of which there may be a hundred thousand
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = _ESCAPES.sub("", text)
    text = _SPACE.sub(" ", text)
    if not text.isascii():
        text = _LOOSE_JOINER.sub("", _INVISIBLE.sub("", text))
        text = _fewer_marks(unicodedata.normalize("NFC", text))
    if not text.isprintable():
        text = "".join(c for c in text if c.isprintable() or unicodedata.category(c) == "Cf")
    if "  " in text:  # something between two blanks went
        text = _SPACE.sub(" ", text)
    return text.strip()


def _fewer_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= _MARKS_PER_LETTER:
            kept.append(character)
    return "".join(kept)


def shortened(text: str, length: int = QUOTE_LENGTH) -> str:
    """A text cut to a length at a word's end, with an ellipsis; endless words are cut too."""
    text = _LONG_WORD.sub(lambda match: match.group()[: _LONGEST_WORD - 1] + "…", text)
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > length // 2 else cut).rstrip(" ,;:.-") + "…"


def csv_cell(value: object) -> str:
    """A value for a CSV cell; a text that a spreadsheet would run as a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) else text
