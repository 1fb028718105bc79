"""The weekly report as one frozen value: every output renders this object, so no two can disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from monitor.domain.analysis import Analysis
from monitor.domain.campaigns import Campaign, KnownIncident
from monitor.domain.weekly import DealNoteCount, NpsPeriod, TagCount, WeekCount
from monitor.domain.weeks import IsoWeek

TELLING_SCORE = 1.5
"""Log-odds over their standard error from which a word is more than a weak hint."""

SCHEMA_VERSION = 1
"""Version of the JSON rendering; raised when a key changes its meaning or goes."""


class Level(StrEnum):
    """How much an answer asks of its reader."""

    CROSSED = "crossed the line"
    WATCH = "worth a look"
    QUIET = "quiet"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with everything that belongs to it.

    Attributes:
        label: what was measured, in words.
        value: None when it cannot be told (`note` says why).
        unit: "share" (0..1), "points", "posts", "complaints", "ratio", "people", "notes" or a word.
        low, high: 95 % interval; None where the number has none (a plain count).
        n: what stands behind the number; of: in words ("posts about us").
        window: the days it belongs to, in words.
        usual: the usual range in words; "" when it is not known.
        note: one clause more.
    """

    label: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    n: int
    of: str
    window: str
    usual: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A post as evidence, redacted (unless the report is verbatim) and free of control characters.

    Attributes:
        text: what was said, cut to a readable length.
        where: source and channel in words; day: the day it was written.
        marks: tags and other remarks in words.
        link: where the original is; "" when it may not be shown.
        duplicates: other posts of the week that say the same.
    """

    text: str
    where: str
    day: date
    marks: tuple[str, ...]
    link: str
    language: str
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A small table of texts.

    Attributes:
        caption: what it shows, with its window.
        header: column names; the first column names the row.
        rows: cells as text.
        numeric: True for columns that hold numbers (they are set to the right).
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The answer to one of the nine questions.

    Attributes:
        number: 1 to 9; key: stable name; question: as a person asks it.
        answer: one or two sentences.
        level: how much the answer asks of its reader.
        details: further sentences, each complete in itself.
        caveats: what the answer does not say.
        next_steps: questions to ask or things to do.
    """

    number: int
    key: str
    question: str
    answer: str
    level: Level
    figures: tuple[Figure, ...] = ()
    details: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    quotes: tuple[Quote, ...] = ()
    caveats: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()

    @property
    def level_sentence(self) -> str:
        """The level as a sentence before the answer; "" where the answer itself begins with it."""
        words = self.level.value[:1].upper() + self.level.value[1:]
        return "" if self.answer.startswith(words) else f"{words}. "


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase that sets the week's posts apart from the weeks before.

    Attributes:
        term: as it is shown (the most frequent spelling of its lemma or phrase).
        score: shrunken log-odds over their standard error; the sign says which group uses it more.
        log_odds: the shrunken log-odds ratio itself.
        posts: posts of the week that hold it; earlier_posts: posts of the earlier weeks that do.
        rate, earlier_rate: those as shares of the posts compared.
        tag: the complaint tag most of its posts carry; "" when none does.
        negative: share of its posts that are negative.
        first_seen: first day of the compared stretch on which it occurs; sources: in how many sources.
    """

    term: str
    score: float
    log_odds: float
    posts: int
    earlier_posts: int
    rate: float
    earlier_rate: float
    tag: str = ""
    negative: float = 0.0
    first_seen: date | None = None
    sources: int = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """A cluster of similar posts whose share rose.

    Attributes:
        id: stable from week to week (made from the cluster's oldest post).
        name: its most distinctive words.
        posts, earlier_posts: in the week and in the eight weeks before.
        share, earlier_share: of the negative posts and complaints.
        rising: True when the week's share is above what the earlier weeks lead to expect.
    """

    id: str
    name: str
    posts: int
    earlier_posts: int
    share: float
    earlier_share: float
    first_seen: date
    sources: int
    rising: bool
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class WordFacts:
    """What the week's texts say differently.

    Attributes:
        words: most distinctive first; () when there were too few posts (`reason` says so).
        posts, earlier_posts: posts compared.
        group: whose posts ("negative posts and marketing complaints").
        weeks: weeks described: one, or four where one week has too few posts.
    """

    words: tuple[Word, ...] = ()
    topics: tuple[Topic, ...] = ()
    posts: int = 0
    earlier_posts: int = 0
    group: str = "negative posts and marketing complaints"
    reason: str = ""
    weeks: int = 1

    @property
    def telling(self) -> bool:
        """Whether at least one word differs by more than chance easily makes."""
        return any(word.score >= TELLING_SCORE for word in self.words)

    @property
    def when(self) -> str:
        """The described stretch in words."""
        return "this week" if self.weeks == 1 else "the last four weeks"


@dataclass(frozen=True, slots=True, eq=False)
class WeeklyReport:
    """Everything the week's outputs show.

    Attributes:
        week: the reported week; as_of: its Sunday.
        company: our own name; "" when not configured.
        generated_at: the run's moment, aware UTC.
        version: of this software.
        verbatim: True only for a local terminal: quotes are unredacted.
        headline: the answer in words; findings: what stands behind it, one sentence each.
        sections: nine answers, in order.
        weeks, tags, campaigns, incidents, deal_notes, nps_periods: the data behind the pictures.
        analysis: the statistics as they were computed.
        words: distinctive words and what is new.
    """

    week: IsoWeek
    as_of: date
    company: str
    time_zone: str
    generated_at: datetime
    version: str
    model_id: str
    synthetic: bool
    verbatim: bool
    headline: str
    findings: tuple[str, ...]
    level: Level
    sections: tuple[Section, ...]
    weeks: tuple[WeekCount, ...]
    tags: tuple[TagCount, ...]
    campaigns: tuple[Campaign, ...]
    incidents: tuple[KnownIncident, ...]
    deal_notes: tuple[DealNoteCount, ...]
    nps_periods: tuple[NpsPeriod, ...]
    analysis: Analysis
    words: WordFacts


def model_text(report: WeeklyReport) -> str:
    """Which model read the posts, in words."""
    return "no model" if report.model_id in {"", "none"} else f"model {report.model_id}"
