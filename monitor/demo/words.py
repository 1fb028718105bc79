"""The hand-written texts and how sentences are put together from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from monitor.demo.dice import Dice

COMPANY = "Ploverdesk"
_FILES = (
    "complaints",
    "complaints_other",
    "help",
    "talk",
    "negative",
    "reddit",
    "deals",
    "nps",
    "slots",
    "more",
)
_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLES = re.compile(r"\b((?:the|our|your|their|this|new) )the (?=\w)", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?<=[a-zа-я0-9)][.!?] )[a-z]")
_TRIES = 8


@cache
def sections() -> Mapping[str, tuple[str, ...]]:
    """Heading -> lines of all text files."""
    found: dict[str, list[str]] = {}
    for name in _FILES:
        text = (files("monitor.demo") / "texts" / f"{name}.txt").read_text(encoding="utf-8")
        lines: list[str] = []
        for line in text.splitlines():
            if line.startswith("== "):
                lines = found.setdefault(line.removeprefix("== ").strip(), [])
            elif line.strip() and not line.startswith("# "):
                lines.append(line.strip())
    return {heading: tuple(lines) for heading, lines in found.items()}


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody writes in one place; shares are probabilities.

    Attributes:
        you: how the company is addressed: "you" to its face, "they" behind its back.
        lower, typo, no_stop, smile: lower case throughout, a typing error, no final stop, an emoji.
    """

    you: str = "you"
    lower: float = 0.0
    typo: float = 0.0
    no_stop: float = 0.0
    smile: float = 0.0

    @property
    def words(self) -> dict[str, str]:
        """What fills the slots that depend on the voice."""
        near = self.you == "you"
        return {
            "you": "you" if near else "they",
            "You": "You" if near else "They",
            "your": "your" if near else "their",
            "Your": "Your" if near else "Their",
            "them": "you" if near else "them",
            "us": COMPANY,
            "year": "2026",
        }


CHAT = Manner(lower=0.22, typo=0.05, no_stop=0.45, smile=0.05)
FORUM = Manner(you="they", lower=0.10, typo=0.04, no_stop=0.15)
SURVEY = Manner(lower=0.25, typo=0.05, no_stop=0.55)
MAIL = Manner()
EVERYDAY_TOPICS = (
    "the webinar", "the upgrade", "the user conference", "Insights", "the annual plan", "Flows", "the new bundle",
    "the partner programme", "more seats", "the Voice add-on", "the AI assistant", "the certification",
)  # fmt: skip


class Writer:
    """Draws lines like cards from shuffled decks and fills their slots."""

    def __init__(self, seed: int, purpose: str) -> None:
        self.dice = Dice(seed, f"words/{purpose}")
        self._decks: dict[str, list[str]] = {}
        self._used: set[str] = set()

    def draw(self, heading: str) -> str:
        """The next card of a deck; it is shuffled again when all have been drawn."""
        deck = self._decks.get(heading)
        if not deck:
            deck = self._decks[heading] = self.dice.shuffled(sections()[heading])
        return deck.pop()

    def fill(self, line: str, words: Mapping[str, str] | None = None) -> str:
        """A line with its slots filled; a slot that comes twice gets two different words."""
        given = dict(words or {})
        taken: set[str] = set()

        def word(match: re.Match[str]) -> str:
            slot = match.group(1)
            if slot in given:
                return given[slot]
            if slot == "Advice":
                return _capital(self.dice.pick(sections()["advice"]))
            pool = sections().get(slot) or sections()[slot.rstrip("0123456789")]
            chosen = next((c for _ in range(_TRIES) if (c := self.dice.pick(pool)) not in taken), pool[0])
            taken.add(chosen)
            return chosen

        filled = line
        while "{" in filled:  # what fills a slot may hold slots itself
            filled = _SLOT.sub(word, filled)
        return _ARTICLES.sub(r"\1", filled)

    def unique(self, make: Callable[[], str]) -> str:
        """A text that was not written before, where a few tries find one."""
        text = make()
        for _ in range(_TRIES):
            if text not in self._used:
                break
            text = make()
        self._used.add(text)
        return text

    def say(
        self,
        heading: str,
        manner: Manner,
        *,
        lead: tuple[str, float] = ("", 0.0),
        tail: tuple[str, float] = ("", 0.0),
        words: Mapping[str, str] | None = None,
    ) -> str:
        """A line of `heading`, perhaps with a lead before and a tail after it, in somebody's manner."""
        slots = {**manner.words, **(words or {})}

        def make() -> str:
            text = self.draw(heading)
            if self.dice.chance(tail[1]):
                text = f"{_closed(text)} {self.draw(tail[0])}"
            if self.dice.chance(lead[1]):
                text = _led(self.draw(lead[0]), text)
            return self.roughen(self.fill(text, slots), manner)

        return self.unique(make)

    def roughen(self, text: str, manner: Manner) -> str:
        """What fingers do to a sentence."""
        if self.dice.chance(manner.lower):
            text = text.lower()
        elif self.dice.chance(1.0 - manner.no_stop):
            text = _capital(text)
            text = _SENTENCE_START.sub(lambda found: found.group().upper(), text)
        if self.dice.chance(manner.typo):
            text = self._mistyped(text)
        if text.endswith(".") and not text.endswith("..") and self.dice.chance(manner.no_stop):
            text = text[:-1]
        if self.dice.chance(manner.smile) and text[-1].isalnum():
            text = f"{text} {self.dice.pick(sections()['face'])}"
        return text

    def _mistyped(self, text: str) -> str:
        places = [found.start() for found in re.finditer(r"\b[a-z]{5,}\b", text)]
        if not places:
            return text
        at = self.dice.pick(places) + self.dice.whole(1, 2)
        if self.dice.chance(0.6):
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text[:at] + text[at + 1 :]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _closed(text: str) -> str:
    return text if text[-1] in ".!?…" or not (text[-1].isalnum() or text[-1] in "\"”)'") else f"{text}."


def _led(lead: str, text: str) -> str:
    """Lower the first letter in the middle of a sentence, unless the word is a name or "I"."""
    first = text.split(" ", 1)[0]
    plain = first[:1].isupper() and first[1:].islower() and first not in {"I", COMPANY} and len(first) > 1
    if (
        lead[-1] not in ".!?"
        and plain
        and not first.startswith(("Monday", "Plover", "Insights", "Flows", "LinkedIn"))
    ):
        text = text[0].lower() + text[1:]
    return f"{lead} {text}"
