"""Whether a post speaks about us, and which of its words do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from models.target import Target, TargetFinder
from monitor.settings import Settings

PostTarget = Literal["us", "competitor", "other"]


_RULES = (
    "names in every Russian case, and over the ends of sentences",
    "what our own sources hold is about us, whomever it names",
)
"""Says how names are found; another wording labels all posts again."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a post is aimed at.

    Attributes:
        target: us, a competitor, or neither.
        our_words: the sentences that mention us, where the post also speaks about a competitor: their mood is
            what it says about us. "" when the whole post counts.
    """

    target: PostTarget
    our_words: str = ""


@dataclass(frozen=True, slots=True)
class AboutUs:
    """Names that decide what a post is about.

    Attributes:
        names: our names, aliases and products.
        competitors: others' names.
        negative_terms: a post that holds one of these is never about us ("acme cartoons").
        sources: sources of which every post is about us (`about_us = "all"`), unless it holds a negative term.

    A post whose source says it is about us is, unless it holds a negative term, also when it names only a
    competitor: "you mail daily, I am off to ..." is the last post to lose. Elsewhere such a post is the
    competitor's. Without any name of ours every post that names no competitor counts as about us: better too
    many than a silent nothing.
    """

    names: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    negative_terms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    _away: TargetFinder = field(init=False, repr=False, compare=False)
    _home: TargetFinder = field(init=False, repr=False, compare=False)
    _never: TargetFinder = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_away", TargetFinder(self.names, self.competitors, home=not self.names))
        object.__setattr__(self, "_home", TargetFinder(self.names, self.competitors, home=True))
        object.__setattr__(self, "_never", TargetFinder(self.negative_terms))

    @classmethod
    def from_settings(cls, settings: Settings) -> AboutUs:
        """From the `[company]` section and the sources' `about_us`."""
        company = settings.company
        sources = tuple(source.name for source in settings.sources if source.about_us == "all")
        return cls(company.our_names, tuple(company.competitors), tuple(company.negative_terms), sources)

    @property
    def fingerprint(self) -> str:
        """Changes when the configuration or the rules do, so that posts are labelled again."""
        groups = (_RULES, self.names, self.competitors, self.negative_terms, self.sources)
        parts = "\x1f".join("\x1e".join(sorted(group)) for group in groups)
        return hashlib.sha256(parts.encode()).hexdigest()[:12]

    def aim_of(self, text: str, *, known: bool | None, source: str = "") -> Aim:
        """Decide for one post.

        Args:
            text: the words that count.
            known: what the connector knows of this post; None = decide by its source, then by mention.
            source: the source's name.
        """
        if known is None and source in self.sources:
            known = True
        if known is False or self._never.find(text).target is Target.US:
            return Aim("other")
        mention = (self._home if known else self._away).find(text)
        if mention.target is Target.BOTH:
            return Aim("us", mention.text)
        if mention.target is Target.US or (known and mention.target is Target.COMPETITOR):
            return Aim("us")
        return Aim("competitor" if mention.target is Target.COMPETITOR else "other")
