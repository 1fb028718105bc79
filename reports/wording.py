"""How numbers, days and field words are said: one place, so that no two outputs differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from monitor.domain.findings import FlagLevel

TAG_WORDS = {
    "too_many_messages": "too many messages",
    "cannot_unsubscribe": "cannot unsubscribe",
    "irrelevant": "not relevant",
    "pushy_sales": "pushy sales",
    "in_app_interruption": "interrupted in the app",
    "unsolicited_contact": "contact never asked for",
    "misleading_promo": "misleading promotion",
    "privacy": "privacy",
    "discount_promo": "unfair discounts",
    "other_marketing": "other marketing",
}
CHANNEL_WORDS = {
    "email": "e-mail",
    "in_app": "in the app",
    "push": "push",
    "sms": "SMS",
    "call": "calls",
    "messenger": "messenger",
    "ads": "ads",
    "event": "events",
    "community": "community",
    "social": "social media",
}
CHANNEL_PHRASES = {
    "email": "came by e-mail",
    "in_app": "came in the app",
    "push": "came by push",
    "sms": "came by SMS",
    "call": "came by call",
    "messenger": "came by messenger",
    "ads": "came as an ad",
    "event": "came at an event",
    "community": "came in the community",
    "social": "came on social media",
}
KIND_WORDS = {
    "submission": "Reddit post",
    "comment": "comment",
    "message": "message",
    "deal_note": "deal note",
    "nps_comment": "NPS comment",
    "forum_post": "forum post",
    "review": "review",
}
LEVEL_WORDS = {
    FlagLevel.OK: "fine",
    FlagLevel.CAUTION: "caution",
    FlagLevel.CRITICAL: "critical",
    FlagLevel.NO_DATA: "no data",
}
LANGUAGE_WORDS = {
    "en": "English",
    "ru": "Russian",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "uk": "Ukrainian",
    "tr": "Turkish",
    "und": "not told apart",
}
_SMALL = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def whole(number: float) -> str:
    """A count with thousands separators."""
    return f"{number:,.0f}"


def counted(number: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 post", "12 posts"."""
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


def was_or_were(number: int) -> str:
    """The verb after a count."""
    return "was" if number == 1 else "were"


def spelled(number: int) -> str:
    """A small count as a word, a larger one in digits."""
    return _SMALL[number] if 0 <= number < len(_SMALL) else whole(number)


def _decimals(share: float) -> int:
    """Digits for a share that stands alone."""
    size = abs(share)
    if size == 0 or size >= 0.1:
        return 0
    return 1 if size >= 0.01 else 2 if size >= 0.001 else 3


def _decimals_of_range(low: float, high: float) -> int:
    """Digits that the width of an interval warrants."""
    width = abs(high - low)
    return 0 if width >= 0.05 else 1 if width >= 0.005 else 2 if width >= 0.0005 else 3


def percent(share: float, *beside: float) -> str:
    """A share in percent, as precise as its size (and the numbers beside it) deserves."""
    decimals = max(_decimals(value) for value in (share, *beside))
    return f"{100 * share:.{decimals}f} %"


def telling_decimals(share: float, low: float, high: float) -> int:
    """Digits with which a share that lies outside of a range is seen to do so."""
    for decimals in range(_decimals_of_range(low, high), 4):
        printed = [float(_hundredths(value, decimals)) for value in (share, low, high)]
        if not printed[1] <= printed[0] <= printed[2]:
            return decimals
    return 4


def percent_range(low: float, high: float, decimals: int = 0) -> str:
    """Two shares as a range, with the digits that its width warrants, or more."""
    decimals = max(decimals, _decimals_of_range(low, high))
    return f"{_hundredths(low, decimals)}-{_hundredths(high, decimals)} %"


def share_with_range(value: float, low: float, high: float, decimals: int = 0) -> str:
    """A share with its interval, both with the digits that the interval's width warrants, or more."""
    decimals = max(decimals, _decimals_of_range(low, high))
    reach = f"{_hundredths(low, decimals)}-{_hundredths(high, decimals)} %"
    return f"{_hundredths(value, decimals)} % ({reach})"


def _hundredths(share: float, decimals: int) -> str:
    """A share as a number of hundredths; one that is exactly nothing needs no digits."""
    return f"{100 * share:.{decimals}f}" if share else "0"


def in_unit(value: float, unit: str) -> str:
    """A value in the unit of a figure or a red flag."""
    if unit == "share":
        return percent(value)
    if unit == "points":
        return f"{value:+.0f}" if abs(value) >= 0.5 else "0"
    if unit == "ratio":
        return f"{value:.1f} ×"
    if unit in {"posts", "complaints", "people", "notes"}:
        return whole(value)
    number = f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"
    return number if unit in {"times", "index"} else f"{number} {unit}".strip()


def range_in_unit(low: float, high: float, unit: str) -> str:
    """An interval in the unit of a figure or a red flag."""
    if unit == "share":
        return percent_range(low, high)
    if unit == "points":
        return f"{low:+.0f} to {high:+.0f}"
    if unit == "ratio":
        return f"{low:.1f}-{high:.1f}"
    digits = 2 if abs(high) < 1 else 1
    if unit in {"posts", "complaints", "people", "notes"}:
        digits = 0
    return f"{low:,.{digits}f}-{high:,.{digits}f}"


def day_text(day: date) -> str:
    """A day as people write it: 16 Nov 2026."""
    return f"{day.day} {day:%b} {day.year}"


def days_text(first: date, last: date) -> str:
    """A stretch of days: 9-15 Nov 2026."""
    if first == last:
        return day_text(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{last.day} {last:%b} {last.year}"
    if first.year == last.year:
        return f"{first.day} {first:%b} - {last.day} {last:%b} {last.year}"
    return f"{day_text(first)} - {day_text(last)}"


def joined(parts: Sequence[str], last: str = "and") -> str:
    """Join parts as in "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def capitalised(text: str) -> str:
    """First letter upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def tag_word(tag: str) -> str:
    """A complaint tag in plain words."""
    return TAG_WORDS.get(tag, tag.replace("_", " "))


def language_word(code: str) -> str:
    """A language's name, or its code."""
    return LANGUAGE_WORDS.get(code, code)
