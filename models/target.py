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
        aliases: our names; Russian case endings of up to three letters are accepted for Cyrillic names.
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
        ours = _matching(self._us, sentences)
        theirs = _matching(self._them, sentences)
        if ours and theirs:
            return Mention(Target.BOTH, ours)
        if ours:
            return Mention(Target.US, ours)
        if theirs:
            return Mention(Target.COMPETITOR, theirs)
        return Mention(Target.US if self._home else Target.NEITHER)


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    parts = []
    for name in names:
        if stripped := name.strip():
            ending = r"[а-яё]{0,3}" if re.search(r"[а-яё]$", stripped.lower()) else r"(?:['’]s)?"
            parts.append(re.escape(stripped).replace(r"\ ", r"[\s_-]?") + ending)
    if not parts:
        return None
    return re.compile(rf"(?<!\w)[@#]?(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


def _matching(pattern: re.Pattern[str] | None, sentences: Sequence[str]) -> tuple[str, ...]:
    if pattern is None:
        return ()
    return tuple(sentence for sentence in sentences if pattern.search(sentence))
