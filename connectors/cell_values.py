"""Numbers and yes/no answers as they stand in spreadsheets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Literal

_NOTHING = frozenset({"", "-", "–", "—", "n/a", "na", "null", "none", "nan", "#n/a", "not set"})
Mark = Literal[".", ","]
Decimal = Literal["auto", ".", ","]
_OTHER: Mapping[Mark, Mark] = {".": ",", ",": "."}
_LONGEST_NUMBER = 60
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<digits>[\d.,]{1,40})(?P<exponent>[eE][-+]?\d{1,2})?(?P<percent>%?)", re.ASCII
)
_PLAIN_NUMBER = re.compile(r"\d{1,15}\.\d{0,15}|\.\d{1,15}", re.ASCII)
# Groups of two digits before the last one are Indian: 12,34,567. No group follows a zero: 0,082 is no 82.
_GROUPS = {
    mark: re.compile(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{2,3}})*{re.escape(mark)}\d{{3}}", re.ASCII)
    for mark in _OTHER
}
_GROUPED = re.compile(r"\d{1,3}(?:[ ,.'’]\d{3})+", re.ASCII)
_YES = frozenset(
    {"yes", "y", "true", "1", "won", "closed won", "qualified", "да", "выиграна", "ja", "gewonnen"}
)
_NO = frozenset(
    {"no", "n", "false", "0", "lost", "closed lost", "unqualified", "нет", "проиграна", "nein", "verloren"}
)


class BadNumberError(ValueError):
    """A cell that should hold a number and does not."""


class UnclearNumberError(BadNumberError):
    """A number that is a thousand times another, depending on what its only dot means: "12.000"."""


TWO_WAYS = 'can be read in two ways, set decimal to "," or "."'
"""What is said of an unclear number."""


def is_nothing(text: str) -> bool:
    """Whether a cell says "no value", in one of the usual ways."""
    return text.strip().casefold() in _NOTHING


def parse_count(text: str) -> int | None:
    """A number of things, also grouped ("12,345") or with a zero fraction ("7.0"); None for an empty cell.

    Raises:
        BadNumberError: it is no whole number of at least 0 (a percentage, a text, a negative number).
    """
    if is_nothing(text):
        return None
    plain = text.strip().replace("\u00a0", " ").replace("\u202f", " ")
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[ ,.'’]", "", plain)
    plain = re.sub(r"[.,]0{1,4}$", "", plain)
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 15):
        raise BadNumberError(text)
    return int(plain)


def parse_number(text: str, decimal: Decimal = "auto", usual: Mark | None = ".") -> float | None:
    """A number with currency signs and grouping; "95 %" is 0.95; None for an empty cell.

    Args:
        text: the cell.
        decimal: the decimal mark, "." or ","; the other one and spaces group thousands. "auto" takes the mark
            that can be no other: "1.234,5", "31,5" and "0,082" have a comma, "1,234.5" and "1,234,567" a point.
        usual: the mark "auto" takes where both are possible: "1,234" is 1234 with "." and 1.234 with ",". None =
            nothing tells: then "1,234" is 1234, "1.234 %" has a decimal point, and another "1.234" is refused.

    Raises:
        UnclearNumberError: it has one dot with three digits behind it, and nothing tells what it means.
        BadNumberError: it is no number, or what groups its digits does not stand where thousands end.
    """
    if is_nothing(text):
        return None
    found = _NUMBER.fullmatch(_bare(text)) if len(text) <= _LONGEST_NUMBER else None
    if found is None:
        raise BadNumberError(text)
    digits = found["digits"]
    mark = (_only_mark(digits) or usual) if decimal == "auto" else decimal
    if mark is None:
        if "." in digits and not (found["percent"] or found["exponent"]):
            raise UnclearNumberError(text)
        mark = "."
    plain = _plain_number(digits, mark)
    if not plain:
        raise BadNumberError(text)
    number = float(f"{found['sign']}{plain}{found['exponent'] or ''}")
    return number / 100 if found["percent"] else number


def usual_mark(cells: Iterable[str]) -> Mark | None:
    """The decimal mark of a column: "," where cells show it for certain and none shows a point; None = none is shown."""
    marks: set[str] = set()
    for cell in cells:
        found = _NUMBER.fullmatch(_bare(cell)) if len(cell) <= _LONGEST_NUMBER else None
        mark = _only_mark(found["digits"]) if found else None
        if found and mark and _plain_number(found["digits"], mark):  # a day such as 2026.11.22 tells nothing
            marks.add(mark)
    if not marks:
        return None
    return "," if marks == {","} else "."


def _plain_number(digits: str, mark: Mark) -> str:
    """Digits with a point and nothing else; "" where they are no number with this decimal mark."""
    whole, _, fraction = digits.partition(mark)
    group = _OTHER[mark]
    if group in whole and not _GROUPS[group].fullmatch(whole):
        return ""
    plain = f"{whole.replace(group, '')}.{fraction}"
    return plain if _PLAIN_NUMBER.fullmatch(plain) else ""


def _bare(text: str) -> str:
    """A number without spaces, apostrophes and currencies."""
    return re.sub(r"[\s'’$€£₽¥]|\b[A-Za-z]{3}\b", "", text.strip())


def _only_mark(digits: str) -> Mark | None:
    """The decimal mark that digits with commas and points must have; None where they say nothing."""
    if "," in digits and "." in digits:
        return "," if digits.rfind(",") > digits.rfind(".") else "."
    for mark, other in _OTHER.items():
        if mark in digits and digits.count(mark) > 1:
            return other
        if mark in digits and not _GROUPS[mark].fullmatch(digits):
            return mark
    return None


def parse_yes_no(text: str) -> bool | None:
    """True, False, or None when the cell says neither."""
    word = " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
    if word in _YES:
        return True
    return False if word in _NO else None


def stable_id(*parts: str) -> str:
    """An id made of a row's content: the same content has the same id, wherever the row stands."""
    joined = "\x1f".join(part.strip() for part in parts)
    return "row-" + hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:24]
