"""Whose fault is it: tell a negative post about us from one about a competitor or about nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.segment import split_sentences


class Target(StrEnum):
    """What a post speaks about."""

    US = "us"
    COMPETITOR = "competitor"
    BOTH = "both"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Mention:
    """The target of a text and the sentences that carry the mention of us (or, without one, of a competitor)."""

    target: Target
    sentences: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The mentioning sentences as one text, to be scored on its own."""
        return " ".join(self.sentences)


class TargetFinder:
    """Finds brand names in texts: whole words, any case, ``@name`` and ``#name`` too.

    Args:
        aliases: our names; Russian ones are found in every case.
        competitors: names of others.
        home: the text was written in a place of our own (our forum, our Slack): without any name it is about us.
    """

    def __init__(
        self, aliases: Iterable[str], competitors: Iterable[str] = (), *, home: bool = False
    ) -> None:
        self._us = _pattern(aliases)
        self._them = _pattern(competitors)
        self._home = home

    def find(self, text: str) -> Mention:
        """Tell the target of a text."""
        sentences = split_sentences(text)
        ours = _matching(self._us, sentences, text)
        theirs = _matching(self._them, sentences, text)
        if ours and theirs:
            return Mention(Target.BOTH, ours)
        if ours:
            return Mention(Target.US, ours)
        if theirs:
            return Mention(Target.COMPETITOR, theirs)
        return Mention(Target.US if self._home else Target.NEITHER)


_OF_ADJECTIVES = "(?:ая|яя|ую|юю|ой|ей|ою|ею|ый|ий|ое|ее|ые|ие|ого|его|ому|ему|ым|им|ом|ем|ых|их|ыми|ими)"
_OF_NOUNS = "(?:а|я|ы|и|е|у|ю|ь|й|ой|ей|ёй|ою|ею|ом|ем|ём|ью|ам|ям|ами|ями|ах|ях|ев)?"
_OF_OTHERS = "[а-яё]{0,3}"


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    parts = []
    for name in names:
        if words := name.split():
            ending = "" if re.search(r"[а-яё]$", words[-1].lower()) else r"(?:['’]s)?"
            parts.append(r"[\s_-]?".join(map(_inflected, words)) + ending)
    if not parts:
        return None
    return re.compile(rf"(?<!\w)[@#]?(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


def _inflected(word: str) -> str:
    """Pattern of a word of a name; a Russian one in any case ("Лента", "в Ленте"), with е for ё."""
    lower = word.lower()
    if not re.search(r"[а-яё]$", lower):
        return re.escape(word)
    stem, endings = lower, _OF_OTHERS
    if len(word) > 4 and re.search(r"(?:ая|яя|ый|ий|ой|ое|ее|ые|ие)$", lower):
        stem, endings = lower[:-2], _OF_ADJECTIVES
    elif len(word) > 3 and lower[-1] in "аяьй":
        stem, endings = lower[:-1], _OF_NOUNS
    return re.sub("[её]", "[её]", re.escape(stem)) + endings


def _matching(pattern: re.Pattern[str] | None, sentences: Sequence[str], text: str) -> tuple[str, ...]:
    """Sentences that carry a name; the whole text where a sentence ends inside of one ("Dr. Martens")."""
    if pattern is None:
        return ()
    found = tuple(sentence for sentence in sentences if pattern.search(sentence))
    return found or ((text,) if pattern.search(text) else ())
