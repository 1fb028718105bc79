"""Whether a post speaks about us, about a competitor, or about neither."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from monitor.settings import CompanySettings

Target = Literal["us", "competitor", "other"]


@dataclass(frozen=True, slots=True)
class AboutUs:
    """Names that decide what a post is about.

    Attributes:
        names: our names, aliases and products.
        competitors: others' names.
        negative_terms: a post that holds one of these is never about us ("acme cartoons").

    A post whose source says it is about us is, unless it holds a negative term. Without any configured
    name every post counts as about us: better too many than a silent nothing.
    """

    names: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    negative_terms: tuple[str, ...] = ()
    _ours: re.Pattern[str] | None = field(init=False, repr=False)
    _theirs: re.Pattern[str] | None = field(init=False, repr=False)
    _never: re.Pattern[str] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ours", _pattern(self.names))
        object.__setattr__(self, "_theirs", _pattern(self.competitors))
        object.__setattr__(self, "_never", _pattern(self.negative_terms))

    @classmethod
    def from_settings(cls, company: CompanySettings) -> AboutUs:
        """From the `[company]` section."""
        return cls(company.our_names, tuple(company.competitors), tuple(company.negative_terms))

    @property
    def fingerprint(self) -> str:
        """Changes when the configuration does, so that posts are labelled again."""
        parts = "\x1f".join(
            "\x1e".join(sorted(group)) for group in (self.names, self.competitors, self.negative_terms)
        )
        return hashlib.sha256(parts.encode()).hexdigest()[:12]

    def target_of(self, text: str, *, known: bool | None) -> Target:
        """Decide for one post.

        Args:
            text: the post's text.
            known: what its source knows; None = decide by mention.
        """
        if known is False or (self._never is not None and self._never.search(text)):
            return "other"
        if known:
            return "us"
        if self._ours is None or self._ours.search(text):
            return "us"
        if self._theirs is not None and self._theirs.search(text):
            return "competitor"
        return "other"


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Whole words, any case; a plural or genitive ending after the name still counts."""
    words = sorted({name.strip() for name in names if name.strip()}, key=lambda name: (-len(name), name))
    if not words:
        return None
    joined = "|".join(r"\s+".join(re.escape(part) for part in word.split()) for word in words)
    return re.compile(rf"(?<!\w)(?:{joined})(?:['’]?s)?(?!\w)", re.IGNORECASE)
