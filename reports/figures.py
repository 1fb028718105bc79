"""Figures and quotes as text, and the small steps that turn counts into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

from monitor.domain.weekly import StoredQuote
from reports.clean import QUOTE_LENGTH, safe_text, shortened
from reports.redact import Redactor
from reports.shares import Share, UsualRange
from reports.weekly import Figure, Quote
from reports.wording import (
    CHANNEL_PHRASES,
    KIND_WORDS,
    in_unit,
    range_in_unit,
    share_with_range,
    tag_word,
    whole,
)

_ONE = {"posts about us": "post about us", "answers": "answer", "deal notes": "deal note"}
_LINK_HOSTS = ("reddit.com", "www.reddit.com", "old.reddit.com", "slack.com")
_BREAKS = re.compile(r"[\s/+_.~\-]+")
_PROFILE = re.compile(r"/u(?:ser)?/[^/]", re.IGNORECASE)
_LONG_ENOUGH = 6


def share_figure(
    label: str, share: Share | None, of: str, window: str, *, usual: UsualRange | None = None, note: str = ""
) -> Figure:
    """A share as a figure; without anything to count it says so."""
    if share is None:
        return Figure(label, None, "share", None, None, 0, of, window, note=note or "nothing to count")
    expected = ""
    if usual is not None:
        expected = f"usual {share_with_range(usual.median, usual.low, usual.high)}"
    return Figure(label, share.value, "share", share.low, share.high, share.n, of, window, expected, note)


def value_text(figure: Figure) -> str:
    """The number with its interval: "4.1 % (3.2-5.3 %)"."""
    if figure.value is None:
        return "not known"
    text = in_unit(figure.value, figure.unit)
    if figure.low is None or figure.high is None:
        return text
    if figure.unit == "share":
        return share_with_range(figure.value, figure.low, figure.high)
    return f"{text} ({range_in_unit(figure.low, figure.high, figure.unit)})"


def basis_text(figure: Figure) -> str:
    """What stands behind the number: "n = 1,490 posts about us, 9-15 Nov 2026"."""
    of = _ONE.get(figure.of, figure.of) if figure.n == 1 else figure.of
    parts = [f"n = {whole(figure.n)} {of}".strip(), figure.window, figure.usual, figure.note]
    return "; ".join(part for part in parts if part)


def quotes_from(
    stored: Iterable[StoredQuote],
    redactor: Redactor,
    *,
    limit: int,
    verbatim: bool,
    length: int = QUOTE_LENGTH,
    spread: bool = True,
) -> tuple[Quote, ...]:
    """Evidence: strongest first, equal texts folded, different tags before the same tag again.

    Args:
        stored: candidates, strongest first.
        redactor: takes personal data out.
        limit: at most so many quotes.
        verbatim: keep names in (local terminal only); control characters go all the same.
        length: characters of one quote.
        spread: prefer a tag and a source that were not shown yet.
    """
    unique = _folded(stored)
    chosen: list[tuple[StoredQuote, int]] = []
    rest = list(unique)
    while rest and len(chosen) < limit:
        best = 0
        if spread:
            shown = {tag for quote, _ in chosen for tag in quote.tags} | {quote.source for quote, _ in chosen}
            best = min(range(len(rest)), key=lambda i: (_seen(rest[i][0], shown), i))
        chosen.append(rest.pop(best))
    return tuple(
        _to_quote(quote, redactor, duplicates, verbatim=verbatim, length=length)
        for quote, duplicates in chosen
    )


def place_text(kind: str, channel: str) -> str:
    """Where a post was written, "comment in r/sales", from its kind and the redacted name of its channel."""
    word = KIND_WORDS.get(kind, kind)
    return shortened(f"{word} in {channel}" if channel else word, 60)


def _folded(stored: Iterable[StoredQuote]) -> list[tuple[StoredQuote, int]]:
    first: dict[str, StoredQuote] = {}
    more: dict[str, int] = {}
    for quote in stored:
        key = "".join(c for c in quote.text.lower() if c.isalnum())[:160]
        if key in first:
            more[key] += 1
        else:
            first[key], more[key] = quote, quote.duplicates
    return [(quote, more[key]) for key, quote in first.items()]


def _seen(quote: StoredQuote, shown: set[str]) -> int:
    tags = sum(tag in shown for tag in quote.tags)
    return 2 * tags + (quote.source in shown)


def _to_quote(
    quote: StoredQuote, redactor: Redactor, duplicates: int, *, verbatim: bool, length: int
) -> Quote:
    text = safe_text(quote.text) if verbatim else redactor.redact(quote.text, quote.names)
    channel = safe_text(quote.channel_name) if verbatim else redactor.redact(quote.channel_name, quote.names)
    marks = [tag_word(tag) for tag in quote.tags]
    marks += [CHANNEL_PHRASES[quote.contact_channel]] if quote.contact_channel in CHANNEL_PHRASES else []
    marks += ["told by the rep"] if quote.voice == "rep" else []
    marks += ["corrected by a person"] if quote.corrected else []
    marks += ["the model is unsure"] if quote.unsure else []
    link = safe_link(quote.url) if verbatim else safe_link(quote.url, quote.names, redactor)
    return Quote(
        shortened(text, length),
        place_text(quote.kind, channel),
        quote.day,
        tuple(marks),
        link,
        quote.language,
        duplicates,
    )


def safe_link(url: str | None, names: Sequence[str] = (), redactor: Redactor | None = None) -> str:
    """A link to the original that may be shown: https only, no user, no query, no token, no name in it.

    Args:
        url: as the source gave it.
        names: of the post itself (its author, its account).
        redactor: knows everybody else's; None where names may be shown.
    """
    if not url:
        return ""
    try:
        parts = urlsplit(safe_text(url))
        host = parts.hostname or ""
    except ValueError:
        return ""
    known = host in _LINK_HOSTS or host.endswith(".slack.com")
    path = parts.path
    if parts.scheme not in {"https", "http"} or not host or len(path) > 200:
        return ""
    if not known and (parts.username or parts.query):
        return ""
    if not all(c.isalnum() or c in "/-_.~%" for c in path) or not path.isascii() or not host.isascii():
        return ""
    if (names or redactor is not None) and _names_somebody(host, path, names, redactor):
        return ""
    return f"https://{host}{path}"


def _names_somebody(host: str, path: str, names: Sequence[str], redactor: Redactor | None) -> bool:
    """Whether a link tells what its quote hides: titles of threads are often part of it ("/t/zelda-quit-acme/8")."""
    for _ in range(3):  # some are encoded twice
        path = unquote(path)
    path = safe_text(path)
    if "@" in path or "＠" in path or _PROFILE.search(path):
        return True
    plain = f"{host}{path}".lower()
    letters = _letters(plain)
    for name in names:
        own = _letters(name.lower())
        if (len(name) > 2 and name.lower() in plain) or (len(own) >= _LONG_ENOUGH and own in letters):
            return True
    if redactor is None:
        return False
    # A handle may hold the very signs that stand for blanks, so both readings count.
    readings = {path.replace("/", " ").replace("+", " "), _BREAKS.sub(" ", path)}
    return any(redactor.names_somebody(reading) for reading in readings)


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
