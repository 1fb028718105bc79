"""Numbers and yes/no answers as they stand in spreadsheets."""

from __future__ import annotations

import hashlib
import re

_NOTHING = frozenset({"", "-", "–", "—", "n/a", "na", "null", "none", "nan", "#n/a", "not set"})
_GROUPED = re.compile(r"\d{1,3}(?:[ ,.'’]\d{3})+", re.ASCII)
_YES = frozenset(
    {"yes", "y", "true", "1", "won", "closed won", "qualified", "да", "выиграна", "ja", "gewonnen"}
)
_NO = frozenset(
    {"no", "n", "false", "0", "lost", "closed lost", "unqualified", "нет", "проиграна", "nein", "verloren"}
)


class BadNumberError(ValueError):
    """A cell that should hold a number and does not."""


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


def parse_number(text: str, decimal: str = ".") -> float | None:
    """A number with currency signs and grouping; "95 %" is 0.95; None for an empty cell.

    Args:
        text: the cell.
        decimal: the decimal mark, "." or ","; the other one and spaces group thousands.

    Raises:
        BadNumberError: it is no number.
    """
    if is_nothing(text):
        return None
    plain = re.sub(r"[\s'’$€£₽¥]|\b[A-Za-z]{3}\b", "", text.strip())
    percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    plain = plain.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    if not re.fullmatch(r"[-+]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][-+]?\d{1,2})?", plain, re.ASCII):
        raise BadNumberError(text)
    number = float(plain)
    return number / 100 if percent else number


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
