"""Bring a raw text into the form that the model was trained on; used by training and by scoring alike."""

from __future__ import annotations

import html
import re
import unicodedata

MAXIMUM_CHARACTERS = 200_000
"""Longer texts are read up to here; a post of this length says what it says well before."""

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_HANDLE = re.compile(r"(?<!\w)@\w{2,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
_LONG_RUN = re.compile(r"(.)\1{4,}", re.DOTALL)
_SPACE = re.compile(r"[^\S\n]+")
_PICTOGRAPH = re.compile(r"[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")


def clean(text: str) -> str:
    """Mask links and handles, spell emoji in words, drop control characters, squeeze runs and spaces.

    Handles and links carry identity and no mood; the encoder's vocabulary has words but no emoji.
    """
    text = text[:MAXIMUM_CHARACTERS]
    if "\\u" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)
    if "&" in text:
        text = html.unescape(text)
    text = _URL.sub("http", text)
    text = _HANDLE.sub("@user", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if _PICTOGRAPH.search(text):
            text = _spell_emoji(text)
    text = _CONTROL.sub(" ", text)
    text = _LONG_RUN.sub(r"\1\1\1", text)
    return _SPACE.sub(" ", text).strip()


def _spell_emoji(text: str) -> str:
    """Replace each emoji by its English name between spaces: the names are plain words to the encoder."""
    import emoji

    def name(symbol: str, _data: dict[str, str]) -> str:
        alias = emoji.demojize(symbol, delimiters=(" ", " "))
        return alias.replace("_", " ")

    return emoji.replace_emoji(text, replace=name)
