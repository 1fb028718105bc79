"""The plain facts a weekly report is made of, as the database gives them: counts, quotes, coverage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from monitor.domain.campaigns import Campaign, KnownIncident
from monitor.domain.nps import NpsScore
from monitor.domain.weeks import IsoWeek


@dataclass(frozen=True, slots=True)
class WeekCount:
    """Posts of one week; of all sources together, or of one of them.

    Attributes:
        total: posts of any mood about us.
        complaints: marketing complaints among them, of any mood.
        unsure: posts the model was not confident about; unmeasured: in a language it was never measured on.
        missed_days: days of the week on which a whole source was not read, or nothing came where posts are usual.
    """

    week: IsoWeek
    total: int = 0
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    complaints: int = 0
    unsure: int = 0
    unmeasured: int = 0
    missed_days: int = 0


@dataclass(frozen=True, slots=True)
class TagCount:
    """Complaints of one week that carry one tag."""

    week: IsoWeek
    tag: str
    complaints: int


@dataclass(frozen=True, slots=True)
class SourceCount:
    """One source's week beside the weeks before it.

    Attributes:
        earlier_total, earlier_negative, earlier_complaints: sums over the eight weeks before.
        policy: "forbidden" or "first_party": whether its authors may be matched with customers.
    """

    source: str
    kind: str
    policy: str
    total: int
    negative: int
    complaints: int
    earlier_total: int
    earlier_negative: int
    earlier_complaints: int
    last_success_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredQuote:
    """A post that may be shown as evidence; unredacted, so it never leaves the builder as it is.

    Attributes:
        names: author's and account's names to take out of the text.
        duplicates: how many other posts of the week say the same.
    """

    post_id: int
    day: date
    source: str
    kind: str
    channel_name: str
    text: str
    url: str | None
    sentiment: str
    complaint: bool
    tags: tuple[str, ...]
    contact_channel: str
    voice: str
    language: str
    unsure: bool
    corrected: bool
    score: float
    names: tuple[str, ...] = ()
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class DealNoteCount:
    """Deal notes of one week, by what they say.

    Attributes:
        in_app: complaints that came through in-app messages or notifications.
        customer_voice: notes in which the customer is quoted; rep_voice: told by the rep.
    """

    week: IsoWeek
    total: int
    negative: int
    complaints: int
    in_app: int
    customer_voice: int
    rep_voice: int


@dataclass(frozen=True, slots=True)
class NpsPeriod:
    """The score of a stretch of days."""

    start: date
    end: date
    score: NpsScore


@dataclass(frozen=True, slots=True)
class WriterCounts:
    """How many people wrote the week's negative posts and complaints, and whether we know them.

    Attributes:
        writers: distinct authors in first-party sources.
        known: those of them whose customer account is known.
        accounts: distinct accounts among the known ones.
        repeat: writers with two or more such posts in the last eight weeks.
        unnamed: first-party posts without an author.
        not_matched: posts in sources whose policy forbids matching.
        notes: deal notes, written by people of ours about what a customer said.
    """

    writers: int = 0
    known: int = 0
    accounts: int = 0
    repeat: int = 0
    unnamed: int = 0
    not_matched: int = 0
    notes: int = 0


@dataclass(frozen=True, slots=True)
class GapFact:
    """A stretch not seen, in the report's days."""

    source: str
    channel_name: str
    first_day: date
    last_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class CoverageFacts:
    """What was not seen or could not be used.

    Attributes:
        gaps: stretches that touch the week; older_gaps counts the ones before it in the history.
        skipped: (source, reason, count) of each source's latest run.
        problems: lines of each source's latest run.
        deleted: posts of the week that were deleted: at their source, at a person's request, past their retention.
        truncated: posts of the week that were too long and cut.
        unscored: posts of the week that no model has read.
    """

    gaps: tuple[GapFact, ...] = ()
    older_gaps: int = 0
    skipped: tuple[tuple[str, str, int], ...] = ()
    problems: tuple[str, ...] = ()
    deleted: int = 0
    truncated: int = 0
    unscored: int = 0


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Which model read the posts and how good it was measured to be.

    Attributes:
        measured_languages: language codes with measured quality.
        measurements: (what, value 0..1, low, high, n) on labelled texts; () when nothing was measured.
    """

    model_id: str
    measured_languages: tuple[str, ...] = ()
    measurements: tuple[tuple[str, float, float | None, float | None, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CorrectedComplaints:
    """Share of marketing complaints, corrected for the complaints the model misses and the texts it flags wrongly.

    Attributes:
        share, low, high: corrected share with its 95 % interval, which carries the error rates' uncertainty.
        flagged, n: posts flagged, of the posts in languages with measured error rates.
        languages: those languages.
    """

    share: float
    low: float
    high: float
    flagged: int
    n: int
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CorrectionFacts:
    """Labels that people corrected, all time and in the week."""

    total: int = 0
    in_week: int = 0


@dataclass(frozen=True, slots=True)
class WeeklyFacts:
    """Everything the database says about one week and the weeks before it.

    Attributes:
        weeks: consecutive weeks, oldest first, the reported one last; at least one.
        tags: complaints by week and tag.
        sources: one entry a source that has posts or was ever read.
        complaint_quotes, negative_quotes, note_quotes: candidates, strongest first.
        languages: (language, posts of the week, complaints among them), most frequent first.
        corrected_complaints: None where the model's errors were not measured.
        others: posts of the week that were read and are not about us.
    """

    week: IsoWeek
    weeks: tuple[WeekCount, ...]
    tags: tuple[TagCount, ...] = ()
    contact_channels: tuple[tuple[str, int], ...] = ()
    sources: tuple[SourceCount, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    incidents: tuple[KnownIncident, ...] = ()
    complaint_quotes: tuple[StoredQuote, ...] = ()
    negative_quotes: tuple[StoredQuote, ...] = ()
    note_quotes: tuple[StoredQuote, ...] = ()
    deal_notes: tuple[DealNoteCount, ...] = ()
    nps_periods: tuple[NpsPeriod, ...] = ()
    writers: WriterCounts = field(default_factory=WriterCounts)
    coverage: CoverageFacts = field(default_factory=CoverageFacts)
    model: ModelFacts = field(default_factory=lambda: ModelFacts("none"))
    corrections: CorrectionFacts = field(default_factory=CorrectionFacts)
    languages: tuple[tuple[str, int, int], ...] = ()
    corrected_complaints: CorrectedComplaints | None = None
    others: int = 0
