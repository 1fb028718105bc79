"""Cut long and mixed texts into segments that a reader can take; nothing is cut off.

A segment is a run of whole sentences within a token budget, in one script. Lines that quote somebody else
are left out: their mood is not the author's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from monitor.domain.quotations import NO_QUOTATION, header_lines, without_quotations

TOKEN_BUDGET = 126
"""Tokens of a segment without the two frame tokens: what the encoder saw in training."""

_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'”»)]*\s+|\n+")
_QUOTE_LINE = re.compile(rf"^\s*(?:>|&gt;){NO_QUOTATION}")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_CHARACTERS_PER_PIECE = 400


def own_words(text: str) -> str:
    """Drop quoted lines and mails; all quotes means: keep the text as it is.

    A reply header goes with the quoted lines (`>`) below it, and the words after those are the author's own
    again. A mail whose lines carry no mark has no end: everything below its header is somebody else's.
    """
    if ">" not in text and "&gt;" not in text and ":" not in text and "--" not in text:
        return text
    kept = without_quotations(text.split("\n"), _QUOTE_LINE.match)
    first = next((index for index, line in enumerate(kept) if line.strip()), len(kept))
    below = first + max(1, header_lines(kept, first)) if first < len(kept) else first
    ends = (index for index in range(below, len(kept)) if header_lines(kept, index))
    own = "\n".join(kept[: next(ends, len(kept))]).strip()
    return own or text


def split_sentences(text: str) -> list[str]:
    """Split at sentence ends and line ends; a sentence without an end is cut at spaces."""
    pieces: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        rest = sentence.strip()
        while len(rest) > _CHARACTERS_PER_PIECE:
            cut = rest.rfind(" ", 1, _CHARACTERS_PER_PIECE)
            cut = cut if cut > 0 else _CHARACTERS_PER_PIECE
            pieces.append(rest[:cut])
            rest = rest[cut:].strip()
        if rest:
            pieces.append(rest)
    return pieces


def is_cyrillic(text: str) -> bool:
    """Whether Cyrillic letters outnumber Latin ones."""
    if text.isascii():
        return False
    return len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text))


def is_mixed(text: str) -> bool:
    """Whether Cyrillic and Latin each make up a quarter of the letters."""
    if text.isascii():
        return False
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    return min(cyrillic, latin) * 4 >= cyrillic + latin and min(cyrillic, latin) >= 12


def pack(sentences: Sequence[str], count_tokens: Callable[[Sequence[str]], list[int]]) -> list[str]:
    """Join neighbouring sentences of one script into segments within the token budget."""
    segments: list[str] = []
    current: list[str] = []
    used = 0
    script: bool | None = None
    for sentence, tokens in zip(sentences, count_tokens(sentences), strict=True):
        cyrillic = is_cyrillic(sentence)
        if current and (used + tokens > TOKEN_BUDGET or cyrillic != script):
            segments.append(" ".join(current))
            current, used = [], 0
        script = cyrillic
        current.append(sentence)
        used += tokens
    if current:
        segments.append(" ".join(current))
    return segments


def segments_of(text: str, tokens: int, count_tokens: Callable[[Sequence[str]], list[int]]) -> list[str]:
    """Segments of one clean text; a short text in one script is its own segment.

    Args:
        text: clean text.
        tokens: its number of tokens.
        count_tokens: number of tokens of each of several texts.
    """
    if tokens <= TOKEN_BUDGET and not is_mixed(text):
        return [text]
    return pack(split_sentences(text), count_tokens) or [text]
