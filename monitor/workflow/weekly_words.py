"""Compare the week's words with those of the weeks before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store import queries
from monitor.store.database import Database
from monitor.store.queries import StoredText
from monitor.workflow.remembered import remembered
from reports.figures import place_text
from reports.redact import Redactor
from reports.terms import TermOptions, brand_words
from reports.topics import find_topics
from reports.weekly import WordFacts
from reports.words import ComparedPost, compare

EARLIER_WEEKS = 8
WEEK_LIMIT = 1000
EARLIER_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class PostGroup:
    """Which posts one side of a comparison takes.

    Attributes:
        complaints: True only marketing complaints, False none of them, None both.
        bad: only negative posts and complaints.
        embeddings: read the model's embeddings too.
    """

    since: date
    until: date
    limit: int
    complaints: bool | None = None
    bad: bool = True
    embeddings: bool = False


def compare_words(database: Database, loaded: Loaded, week: IsoWeek, redactor: Redactor) -> WordFacts:
    """Distinctive words and rising topics of one week's negative posts and complaints.

    Where the week has too few of them, the four weeks that end with it are described instead.
    """
    options = term_options(loaded)
    one = _compare(database, week, redactor, options, weeks=1)
    return one if one.words else _compare(database, week, redactor, options, weeks=4)


def _compare(
    database: Database, week: IsoWeek, redactor: Redactor, options: TermOptions, *, weeks: int
) -> WordFacts:
    first = week.shifted(1 - weeks)
    before_end = first.shifted(-1).end
    now = PostGroup(first.start, week.end, WEEK_LIMIT, embeddings=True)
    before = PostGroup(first.shifted(-EARLIER_WEEKS).start, before_end, EARLIER_LIMIT, embeddings=True)
    texts, earlier = _read_texts(database, now), _read_texts(database, before)

    def compute() -> WordFacts:
        posts, others = _redacted(texts, redactor), _redacted(earlier, redactor)
        words = compare(posts, others, options)
        return replace(words, topics=find_topics(posts, others, options), weeks=weeks)

    left_out = (sorted(options.brand), sorted(options.keep), options.longest_phrase)
    inputs = (texts, earlier, left_out, redactor.known.fingerprint, weeks)
    return remembered(database, WordFacts, week.end, inputs, compute)


def term_options(loaded: Loaded) -> TermOptions:
    """Our own names are no news."""
    return TermOptions(brand=brand_words(loaded.settings.company.our_names))


def read_group(database: Database, group: PostGroup, redactor: Redactor) -> list[ComparedPost]:
    """The posts of one side, redacted, equal texts once."""
    return _redacted(_read_texts(database, group), redactor)


def _read_texts(database: Database, group: PostGroup) -> list[StoredText]:
    with database.reading() as connection:
        texts = queries.comparison_texts(
            connection,
            group.since,
            group.until,
            limit=group.limit,
            complaints=group.complaints,
            bad=group.bad,
            embeddings=group.embeddings,
        )
    unique: dict[str, StoredText] = {}
    for text in texts:
        unique.setdefault(text.duplicate_key or str(text.post_id), text)
    return list(unique.values())


def _redacted(texts: Sequence[StoredText], redactor: Redactor) -> list[ComparedPost]:
    return [
        ComparedPost(
            day=text.day,
            source=text.source,
            text=redactor.redact(text.text),
            language=text.language,
            negative=text.sentiment == "negative",
            tags=text.tags,
            key=f"{text.source}:{text.duplicate_key}",
            embedding=text.embedding,
            where=place_text(text.kind, redactor.redact(text.channel_name)),
        )
        for text in texts
    ]
