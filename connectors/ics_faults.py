"""What is wrong with an event of a calendar, in words a person can act on."""

from __future__ import annotations

import re
from datetime import date

from connectors.dates import shown_value
from connectors.ics_text import EventText

_MOMENT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})Z?)?", re.ASCII)
_DURATION = re.compile(
    r"[-+]?P(?=[0-9T])(?:[0-9]+W)?(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?", re.ASCII
)
_MOMENTS = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE")
_AGAIN = "correct it in the calendar program and export again"


class EndsBeforeItStartsError(ValueError):
    """An event whose end comes before its start; the message holds both days."""


def fault_of(event: EventText) -> str:
    """Why an event could not be read: the property, its value as far as it may be shown, and what to do."""
    for name in _MOMENTS:
        value = event.value(name)
        wrong = [part for part in value.split(",") if value and not _is_moment(part.strip())]
        if wrong:
            return (
                f"{name} is {shown_value(wrong[0])}: a day such as 20261005 or a time such as 20261005T090000Z "
                f"expected; {_AGAIN}"
            )
    duration = event.value("DURATION")
    if duration and not _DURATION.fullmatch(duration.upper()):
        return f"DURATION is {shown_value(duration)}: a length such as P2D or PT1H30M expected; {_AGAIN}"
    if event.repeats:
        return f"its rule of repetition (RRULE or RDATE) cannot be expanded; {_AGAIN}"
    start, end = event.value("DTSTART")[:8], event.value("DTEND")[:8] or "(none)"
    return f"its days {start} to {end} cannot be used: 1990 to 2099 and at most ten years expected; {_AGAIN}"


def _is_moment(text: str) -> bool:
    found = _MOMENT.fullmatch(text.upper())
    if found is None:
        return False
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return found[4] is None or (int(found[4]) < 24 and int(found[5]) < 60 and int(found[6]) <= 60)
