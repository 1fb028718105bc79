"""From a post to its terms: lemmas, negated words, phrases of two and three words, named emoji."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from reports.lemmas import lemmatizer
from reports.stop_words import MEANT_AFTER_NEGATION, NEGATIONS, SKIPPED_AFTER_NEGATION, STOP_WORDS

_TOKEN = re.compile(r"\[[\w\- ]+\]|:[\w\-]+:|[^\W\d_]+(?:['’\-][^\W\d_]+)*|[.!?;\n…]")
_END = frozenset(".!?;\n…")
_LONGEST = 28
_SHORTEST = 3
_LANGUAGES = frozenset("bg ca cs da de en es et fi fr hu it lt lv nb nl pl pt ro sk sl sv tr uk".split())  # noqa: SIM905
_CONTRACTED = re.compile(r"(?i)\b(\w+)n['’]t\b")
_ONE_SPELLING = (
    (re.compile(r"(?i)\bpop[\s\-]?up(s?)\b"), r"pop-up\1"),
    (re.compile(r"(?i)\be[\s\-]?mail(s?|ing)\b"), r"e-mail\1"),
    (re.compile(r"(?i)\bopt[\s\-]?out\b"), "opt-out"),
    (re.compile(r"(?i)\bup[\s\-]?sell(s|ing)?\b"), r"upsell\1"),
    (re.compile(r"(?i)\bsign[\s\-]?up(s?)\b"), r"sign-up\1"),
)
_BASE_OF_CONTRACTION = {"ca": "can", "wo": "will", "sha": "shall"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text.

    Attributes:
        lemma: what is counted; shown: as it was written (lower case).
        stop: says nothing by itself; negation: turns the next word around.
        boundary: a sentence ends here, so no phrase runs over it.
    """

    lemma: str
    shown: str
    stop: bool = False
    negation: bool = False
    boundary: bool = False


@dataclass(frozen=True, slots=True)
class TermOptions:
    """What is left out.

    Attributes:
        brand: lower-case words of our own names.
        keep: words to keep although they are on a stop list.
        longest_phrase: words in the longest phrase.
    """

    brand: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    longest_phrase: int = 3


def post_terms(text: str, language: str, options: TermOptions) -> dict[str, str]:
    """Terms of one redacted text, each once, with the spelling it was first seen in."""
    tokens = _negated(_tokens(text, language, options))
    found: dict[str, str] = {}
    for position, token in enumerate(tokens):
        if token.boundary or token.stop:
            continue
        if _worth(token, options):
            found.setdefault(token.lemma, token.shown)
        for length in range(2, options.longest_phrase + 1):
            phrase = tokens[position : position + length]
            if len(phrase) < length or any(t.boundary for t in phrase):
                break
            if phrase[-1].stop or not _worth_phrase(phrase, options):
                continue
            found.setdefault(" ".join(t.lemma for t in phrase), " ".join(t.shown for t in phrase))
    return found


def _worth(token: Token, options: TermOptions) -> bool:
    word = token.lemma
    return (
        _SHORTEST <= len(word) <= _LONGEST and word not in options.brand and token.shown not in options.brand
    )


def _worth_phrase(phrase: Sequence[Token], options: TermOptions) -> bool:
    words = [token for token in phrase if not token.stop]
    if len(words) < 2 or sum(len(t.shown) for t in phrase) > 2 * _LONGEST:
        return False
    if any(t.lemma in options.brand or t.shown in options.brand for t in phrase):
        return False
    return len({t.lemma for t in words}) == len(words)


def _tokens(text: str, language: str, options: TermOptions) -> list[Token]:
    text = _CONTRACTED.sub(_spell_out, named_emoji(text)).replace("cannot", "can not")
    for pattern, spelling in _ONE_SPELLING:
        text = pattern.sub(spelling, text)
    lemma_language = _known_language(language, text)
    tokens = []
    for match in _TOKEN.finditer(text):
        word = match.group().lower().replace("’", "'")
        if word in _END or word[0] == "[":
            tokens.append(Token(word, word, boundary=True))
        elif word[0] == ":":
            name = word.strip(":").replace("_", " ")
            tokens.append(Token(f":{name}:", f":{name}:"))
        elif word in NEGATIONS and word not in options.keep:
            tokens.append(Token(word, word, stop=True, negation=True))
        else:
            token = _word_token(word, lemma_language)
            tokens.append(replace(token, stop=False) if token.stop and word in options.keep else token)
    return tokens


@lru_cache(maxsize=200_000)
def _word_token(word: str, language: str) -> Token:
    bare = word.removesuffix("'s")
    lemma = lemma_of(bare, language)
    return Token(lemma, bare, stop=word in STOP_WORDS or lemma in STOP_WORDS or len(bare) < 2)


def _spell_out(match: re.Match[str]) -> str:
    base = match.group(1)
    return f"{_BASE_OF_CONTRACTION.get(base.lower(), base)} not"


def _negated(tokens: list[Token]) -> list[Token]:
    """Join each negation with the word it turns around; a negation that turns nothing around is dropped."""
    joined: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if not token.negation:
            joined.append(token)
            continue
        ahead = position
        while ahead < len(tokens) and ahead - position < 3 and tokens[ahead].shown in SKIPPED_AFTER_NEGATION:
            ahead += 1
        following = tokens[ahead] if ahead < len(tokens) else None
        meant = following is not None and (not following.stop or following.shown in MEANT_AFTER_NEGATION)
        if following is None or following.boundary or following.negation or not meant:
            joined.append(token)
            continue
        joined.append(Token(f"{token.lemma} {following.lemma}", f"{token.shown} {following.shown}"))
        position = ahead + 1
    return joined


def named_emoji(text: str) -> str:
    """Emoji as :their_name:, so that they can be counted and drawn with any font."""
    if text.isascii():
        return text
    import emoji

    named: str = emoji.demojize(text)
    return named


def _known_language(language: str, text: str) -> str:
    if not language or language in _LANGUAGES or language == "ru":
        return language
    cyrillic = sum("а" <= c <= "я" for c in text[:400].lower())
    return "ru" if cyrillic > len(text[:400]) / 4 else "en"


def lemma_of(word: str, language: str) -> str:
    """Dictionary form of a lower-case word; the word itself where it (or the language) is not known.

    Russian by pymorphy3, the others by simplemma.
    """
    if language == "ru" and any("а" <= c <= "я" or c == "ё" for c in word):
        return str(_russian().parse(word)[0].normal_form).replace("ё", "е")
    if not word.isascii() and unicodedata.name(word[0], "").startswith("CYRILLIC"):
        if language not in {"uk", "bg"}:
            return lemma_of(word, "ru") if "а" <= word[0] <= "я" else word
    elif language == "ru":
        language = "en"  # Latin words in Russian texts are product and trade words
    if not language:
        return word
    return lemmatizer().lemmatize(word, language).lower()


@lru_cache(maxsize=1)
def _russian() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


def brand_words(names: Iterable[str]) -> frozenset[str]:
    """Lower-case words of our own names, for `TermOptions.brand`."""
    return frozenset(
        word for name in names for word in re.findall(r"[^\W\d_]+", name.lower()) if len(word) > 2
    )
