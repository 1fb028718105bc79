"""Compare the week's words with those of the weeks before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store import queries
from monitor.store.database import Database
from monitor.store.queries import StoredText
from reports.redact import Redactor
from reports.terms import TermOptions, brand_words
from reports.weekly import WordFacts
from reports.words import ComparedPost, compare

EARLIER_WEEKS = 8
WEEK_LIMIT = 1500
EARLIER_LIMIT = 3000


@dataclass(frozen=True, slots=True)
class PostGroup:
    """Which posts one side of a comparison takes.

    Attributes:
        complaints: True only marketing complaints, False none of them, None both.
        bad: only negative posts and complaints.
    """

    since: date
    until: date
    limit: int
    complaints: bool | None = None
    bad: bool = True


def compare_words(database: Database, loaded: Loaded, week: IsoWeek, redactor: Redactor) -> WordFacts:
    """Distinctive words of one week's negative posts and complaints against the eight weeks before."""
    now = PostGroup(week.start, week.end, WEEK_LIMIT)
    before = PostGroup(week.shifted(-EARLIER_WEEKS).start, week.shifted(-1).end, EARLIER_LIMIT)
    return compare(
        read_group(database, now, redactor), read_group(database, before, redactor), term_options(loaded)
    )


def term_options(loaded: Loaded) -> TermOptions:
    """Our own names are no news."""
    return TermOptions(brand=brand_words(loaded.settings.company.our_names))


def read_group(database: Database, group: PostGroup, redactor: Redactor) -> list[ComparedPost]:
    """The posts of one side, redacted, equal texts once."""
    with database.reading() as connection:
        texts = queries.comparison_texts(
            connection,
            group.since,
            group.until,
            limit=group.limit,
            complaints=group.complaints,
            bad=group.bad,
        )
    unique: dict[str, StoredText] = {}
    for text in texts:
        unique.setdefault(text.duplicate_key or str(text.post_id), text)
    return [
        ComparedPost(
            day=text.day,
            source=text.source,
            text=redactor.redact(text.text),
            language=text.language,
            negative=text.sentiment == "negative",
            tags=text.tags,
        )
        for text in unique.values()
    ]
