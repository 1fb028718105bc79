"""Values that several kinds of table files read from a row in the same way."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from connectors.cell_values import BadNumberError, parse_count
from connectors.dates import BadDate, shown_value
from connectors.table_source import RowContext
from connectors.tables import Row
from connectors.text import clean_name, clean_text
from monitor.domain.posts import SkippedItem

IN_FUTURE = "date in the future"
_CLOCK_TOLERANCE = timedelta(days=2)


def read_moment(row: Row, field: str, context: RowContext) -> datetime | SkippedItem:
    """A moment that has passed, or the reason why the row cannot be used."""
    moment = context.dates.moment(row[field])
    if isinstance(moment, BadDate):
        return row.skip(moment.reason, _told(row, field))
    if moment > context.now + _CLOCK_TOLERANCE:
        return row.skip(IN_FUTURE, _told(row, field))
    return moment


def read_day(row: Row, field: str, context: RowContext) -> date | SkippedItem:
    """A day, past or planned, or the reason why the row cannot be used."""
    day = context.dates.day(row[field])
    if isinstance(day, BadDate):
        return row.skip(day.reason, _told(row, field))
    return day


def read_end(row: Row, context: RowContext) -> str:
    """The last day of a row as a part of its id (ISO): its start where it tells no end, "" for no day."""
    day = context.dates.day(row["end"] if row["end"].strip() else row["start"])
    return "" if isinstance(day, BadDate) else day.isoformat()


def read_count(row: Row, field: str) -> int | SkippedItem | None:
    """A number of things; None when the cell is empty, or the reason why it is none."""
    try:
        return parse_count(row[field])
    except BadNumberError:
        return row.skip("not a count", f"{_told(row, field)}: a whole number expected")


def _told(row: Row, field: str) -> str:
    """What stands in a cell, as far as it may be shown."""
    return f"{field} is {shown_value(row[field])}" if row[field].strip() else f"{field} is empty"


def read_name(row: Row, field: str) -> str | None:
    """A one-line name; None when the cell is empty."""
    return clean_name(row[field]) or None


def read_address(row: Row, field: str) -> str | None:
    """A link; nothing but http(s) becomes one, and a long one is dropped rather than cut."""
    address = "".join(clean_text(row[field])[0].split())
    return address if address.startswith(("https://", "http://")) and len(address) <= 2_000 else None


_CHANNELS = {
    "email": "email e-mail mail newsletter mailing emails почта письмо",
    "in_app": "inapp inappmessage inappmessages banner banners modal popup tooltip appcue баннер",
    "push": "push pushnotification pushnotifications webpush mobilepush пуш",
    "sms": "sms textmessage text смс",
    "call": "call calls phone phonecall telephone coldcall звонок",
    "messenger": "messenger whatsapp telegram viber chat мессенджер",
    "ads": "ads ad advertising paid paidads retargeting реклама",
    "event": "event events webinar webinars conference meetup вебинар мероприятие",
    "community": "community forum slack",
    "social": "social socialmedia linkedin facebook twitter",
}
_CHANNEL_BY_WORD = {
    word.replace("-", ""): channel for channel, words in _CHANNELS.items() for word in words.split()
}


def known_channel(text: str) -> str:
    """Our word for a channel; "" when the tool's word is none that we know."""
    return _CHANNEL_BY_WORD.get("".join(c for c in text.casefold() if c.isalnum()), "")


def channel_word(text: str) -> str:
    """Our word for a channel where we know the tool's, else the tool's in lower case."""
    return known_channel(text) or clean_name(text).casefold()
