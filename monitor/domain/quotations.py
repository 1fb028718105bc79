"""Other people's words in a text: quoted lines, and the reply headers of mail programs above them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_REPLY_HEADER = re.compile(
    r"^\s*(?:On .{6,160} wrote:"
    r"|-{2,} ?(?i:(?:Original|Forwarded) message|Исходное сообщение|Пересылаемое сообщение) ?-{2,}"
    r"|\S.{6,160} (?:писал|написал)\w*(?:\(а\))?:|\d.{6,160} пишет:"
    r"|[\w,. ]{4,30}\d{4} ?г\. в \d{1,2}:\d\d, .{1,120}<\S{3,80}>:)\s*$"
)
_BROKEN_HEADER = re.compile(r"^\s*On (?=.*\d).{6,120}$")


def header_lines(lines: Sequence[str], position: int) -> int:
    """How many lines form the reply header that begins here (0: none): mail programs break long ones in two."""
    if _REPLY_HEADER.match(lines[position]):
        return 1
    is_broken = position + 1 < len(lines) and _BROKEN_HEADER.match(lines[position])
    joined = f"{lines[position].strip()} {lines[position + 1].strip()}" if is_broken else ""
    return 2 if is_broken and _REPLY_HEADER.match(joined) else 0


def without_quotations(lines: Sequence[str], is_quoted: Callable[[str], object]) -> list[str]:
    """Lines without the quoted ones and the reply headers right above them; what stands below them is kept."""
    kept: list[str] = []
    position = 0
    while position < len(lines):
        below = position + header_lines(lines, position)
        while position < below < len(lines) and not lines[below].strip():
            below += 1
        if position < below < len(lines) and is_quoted(lines[below]):
            position = below
        elif not is_quoted(lines[position]):
            kept.append(lines[position])
        position += 1
    return kept
