"""Read JSON from people we do not know, without a crash: bad input is a reason, never an exception."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_LONGEST_INTEGER = 40
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
_EARLIEST = 946_684_800  # 2000-01-01: before any source we read existed
_LATEST = 4_102_444_800  # 2100-01-01


@dataclass(frozen=True, slots=True)
class BadJson:
    """Text that is no JSON we can use, with a short stable reason."""

    reason: str


def parse_json(text: str) -> object:
    """The value of a JSON text, or `BadJson`.

    Integers of more than 40 digits become None (Python refuses to convert thousands of digits), NaN and
    infinities too; nesting beyond the interpreter's limit is refused.
    """
    try:
        return json.loads(text, parse_int=_integer, parse_constant=lambda _: None)
    except RecursionError:
        return BadJson("nested too deeply")
    except ValueError:
        return BadJson("broken JSON")


def parse_json_array(text: str) -> Iterator[object]:
    """The elements of a JSON array; where the whole is unreadable, element by element.

    One hostile element costs itself only: it comes as `BadJson`, the others as values. Text that is no array
    comes as one `BadJson`.
    """
    whole = parse_json(text)
    if isinstance(whole, list):
        yield from whole
    elif isinstance(whole, BadJson):
        elements = _split_array(text)
        yield parse_json(next(elements, text))
        yield from map(parse_json, elements)
    else:
        yield BadJson("not a list")


def _split_array(text: str) -> Iterator[str]:
    """The texts of an array's elements, found by counting brackets outside strings (linear time)."""
    depth = 0
    start = 0
    for token in _TOKENS.finditer(text):
        mark = token.group()
        if mark in "[{":
            depth += 1
            start = token.end() if depth == 1 else start
        elif mark in "]}":
            depth -= 1
        if depth == 0 or (mark == "," and depth == 1):
            element = text[start : token.start()].strip()
            start = token.end()
            if element:
                yield element
            if depth <= 0:
                return
    rest = text[start:].strip()
    if rest:
        yield rest


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else None


def as_mapping(value: object) -> dict[str, object]:
    """`value` where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """`value` where it is text, a number as text, else ""."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def as_count(value: object) -> int:
    """A number of things, also from a text such as "3"; 0 when there is none."""
    text = as_text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def as_moment(value: object) -> datetime | None:
    """Seconds since 1970 (number or text) as aware UTC; None when they are no plausible time."""
    text = as_text(value).strip()
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text):
        return None
    whole, _, fraction = text.partition(".")
    seconds = int(whole)
    if not _EARLIEST <= seconds < _LATEST:
        return None
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=int(fraction[:6].ljust(6, "0")))
