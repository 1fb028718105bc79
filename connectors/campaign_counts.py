"""Which counts of a campaign cannot be true beside the others, so that no share above 1 is formed or cut to 1.

People who unsubscribe, complain or bounce are at most as many as the messages. Openings and clicks may be more
where a tool counts each of them and not people: such a count is no fault, but nothing that a share can be made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.table_columns import plain_name

_EACH = ("total", "всего")
_PEOPLE = ("unique", "уникальн")


@dataclass(frozen=True, slots=True)
class ImpossibleCount:
    """A count that is left out: `field` is its word, `reason` short and stable, `detail` holds the numbers."""

    field: str
    reason: str
    detail: str


def impossible_counts(
    counts: Mapping[str, int | None], columns: Mapping[str, str]
) -> Iterator[ImpossibleCount]:
    """The counts to leave out of one row; of a row without messages (a later day of a mailing) none.

    Args:
        counts: sent, delivered, opens, clicks, unsubscribes, complaints and bounces.
        columns: our word -> the file's column, which may say whether people or openings are counted.
    """
    left = dict(counts)
    for field in ("delivered", "bounces"):
        if _more(left[field], left["sent"]):
            yield ImpossibleCount(
                field, f"more {field} than sent", f"{field} is {left[field]} of {left['sent']} sent"
            )
            left[field] = None
    messages, named = _messages(left)
    for field in ("unsubscribes", "complaints", "opens"):
        if _more(left[field], messages):
            advice = _advice("opens", columns) if field == "opens" else ": correct the export or `columns`"
            detail = f"{field} is {left[field]} of {messages} {named}{advice}"
            yield ImpossibleCount(field, f"more {field} than messages", detail)
            left[field] = None
    if _more(left["clicks"], left["opens"]):
        detail = f"clicks is {left['clicks']} of {left['opens']} opens{_advice('clicks', columns)}"
        yield ImpossibleCount("clicks", "more clicks than opens", detail)


def _more(part: int | None, whole: int | None) -> bool:
    return part is not None and whole is not None and part > whole > 0


def _messages(counts: Mapping[str, int | None]) -> tuple[int | None, str]:
    """What counts of people are divided by, and what it is."""
    if counts["delivered"] is not None or counts["sent"] is None:
        return counts["delivered"], "delivered"
    if counts["bounces"]:
        return max(0, counts["sent"] - counts["bounces"]), "sent and not bounced"
    return counts["sent"], "sent"


def _advice(field: str, columns: Mapping[str, str]) -> str:
    column = columns.get(field, field)
    name = plain_name(column)
    if any(word in name for word in _PEOPLE):
        return ": correct the export or `columns`"
    sure = "counts" if any(word in name for word in _EACH) else "seems to count"
    return f": {column!r} {sure} each of them and not people, name a column of unique {field} in `columns`"
