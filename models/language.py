"""Tell the language of a text: by script first, by common words next, by n-grams (py3langid) last.

``und`` where it cannot be told: too few letters, or a guess that is no better than chance.
"""

# ruff: noqa: SIM905 - word lists read better as lines of words
from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from typing import Any

from monitor.domain.scores import UNDETERMINED

CONFIGURED = ("en", "ru", "de", "es", "fr", "it", "pt", "nl", "pl", "tr", "uk", "sv", "cs", "hi", "ar", "id")
"""Languages that the n-gram guess chooses from: customers' languages, not all of the world's."""

MEASURED = frozenset({"en", "ru"})
"""Languages in which all outputs were measured on real text."""

_ENGLISH = frozenset(
    "the and you for that this with have not are was but they your from just what can all will about would "
    "there when get how out its it's don't i'm i is it to of my me we so if do at be on or an as no has had "
    "been were their them then than too very more because please email emails app".split()
)
_UNAMBIGUOUS = _ENGLISH - frozenset("me no do so an as on get app all was it or at very to has".split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_UKRAINIAN = frozenset("іїєґІЇЄҐ")
_BELARUSIAN = frozenset("ўЎ")
_SERBIAN = frozenset("ђјљњћџЂЈЉЊЋЏ")
_RUSSIAN = frozenset("ыэъёЫЭЪЁ")
_SCRIPT_LANGUAGE = {
    "GREEK": "el", "HEBREW": "he", "ARABIC": "ar", "DEVANAGARI": "hi", "THAI": "th", "HANGUL": "ko",
    "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh", "GEORGIAN": "ka", "ARMENIAN": "hy", "BENGALI": "bn",
}  # fmt: skip
_SAMPLE = 600
"""Characters that are enough to tell a language."""

_LOCK = threading.Lock()


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the text's language, or ``und``."""
    sample = text[:_SAMPLE]
    scripts = _count_scripts(sample)
    letters = sum(scripts.values())
    if letters < 3:
        return UNDETERMINED
    script = max(scripts, key=lambda name: scripts[name])
    if script == "CYRILLIC":
        return _cyrillic_language(sample)
    if script == "LATIN":
        return _latin_language(sample, letters)
    if script == "CJK" and (scripts.get("HIRAGANA") or scripts.get("KATAKANA")):
        return "ja"
    return _SCRIPT_LANGUAGE.get(script, UNDETERMINED)


def _count_scripts(text: str) -> dict[str, int]:
    if text.isascii():
        return {"LATIN": sum(character.isalpha() for character in text)}
    counts: dict[str, int] = {}
    for character in text:
        if character.isalpha():
            script = _script(character)
            counts[script] = counts.get(script, 0) + 1
    return counts


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    return unicodedata.name(character, "UNKNOWN").split(" ", 1)[0]


def _cyrillic_language(text: str) -> str:
    letters = set(text)
    if letters & _UKRAINIAN and not letters & _RUSSIAN:
        return "uk"
    if letters & _BELARUSIAN:
        return "be"
    if letters & _SERBIAN:
        return "sr"
    return "ru"


def _latin_language(text: str, letters: int) -> str:
    words = [word.lower() for word in _WORD.findall(text)]
    common = sum(word in _ENGLISH for word in words)
    certain = sum(word in _UNAMBIGUOUS for word in words)
    if certain and common / len(words) >= 0.25:
        return "en"
    if letters < 12 or len(words) < 3:
        return "en" if text.isascii() else UNDETERMINED
    code, probability = _classify(text)
    if code != "en" and certain and probability < 0.99:
        return "en"
    return code if probability >= 0.6 else UNDETERMINED


def _classify(text: str) -> tuple[str, float]:
    with _LOCK:  # the identifier loads once and is not documented as safe for threads
        code, probability = _identifier().classify(text)
    return str(code), float(probability)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(CONFIGURED))
    return identifier
