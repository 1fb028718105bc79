"""Posts and where they come from: one word for every text a customer or a colleague wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from monitor.errors import InputError

MAXIMUM_TEXT_LENGTH = 100_000
"""Characters kept of one text; a longer one is cut and `truncated` says so."""

ROW_KEPT = "(row kept)"
"""Ends the reason of a `SkippedItem` that is a value of a record which itself was kept."""


class PostKind(StrEnum):
    """What a text is at its source."""

    SUBMISSION = "submission"
    COMMENT = "comment"
    MESSAGE = "message"
    DEAL_NOTE = "deal_note"
    NPS_COMMENT = "nps_comment"
    FORUM_POST = "forum_post"
    REVIEW = "review"


class Voice(StrEnum):
    """Who speaks in a part of a text: deal notes mix the rep's words with the customer's."""

    AUTHOR = "author"
    REP = "rep"
    CUSTOMER = "customer"


class IdentityPolicy(StrEnum):
    """Whether a source's authors may be matched with known customers."""

    FORBIDDEN = "forbidden"
    FIRST_PARTY = "first_party"


@dataclass(frozen=True, slots=True)
class VoiceSegment:
    """A part of a text with its speaker."""

    voice: Voice
    text: str


@dataclass(frozen=True, slots=True)
class Post:
    """One text, identified by (source, external_id), with aware UTC times.

    Attributes:
        source: the configured source's name.
        external_id: the source's own id, as text.
        kind: what the text is at its source.
        text: cleaned text (title and body), never empty.
        created_at: when it was written, aware UTC.
        channel: the channel's, subreddit's or pipeline's own id; "" when there is none.
        channel_name: the name a person knows it by.
        author_id: the source's id of the author; None when deleted or not told.
        author_name: the name shown at the source; never leaves the database unredacted.
        parent_id: external id of the post this one answers (it may be unknown to us).
        url: link to the original.
        edited_at: last known edit; None when never edited or not told.
        account: the customer account, where the source knows it (CRM, NPS).
        deal_id: the deal a note belongs to.
        segments: parts by speaker, where they differ; empty means everything is the author's.
        truncated: the text was longer than `MAXIMUM_TEXT_LENGTH`.
        about_us: the source knows that this speaks about us (own forum, deal notes); None = decide by mention.
    """

    source: str
    external_id: str
    kind: PostKind
    text: str
    created_at: datetime
    channel: str = ""
    channel_name: str = ""
    author_id: str | None = None
    author_name: str | None = None
    parent_id: str | None = None
    url: str | None = None
    edited_at: datetime | None = None
    account: str | None = None
    deal_id: str | None = None
    segments: tuple[VoiceSegment, ...] = ()
    truncated: bool = False
    about_us: bool | None = None

    def __post_init__(self) -> None:
        """Refuse what no connector may produce.

        Raises:
            InputError: empty identity or text, or a time without zone.
        """
        if not self.source or not self.external_id:
            raise InputError(
                f"a post needs a source and an external id, got {self.source!r}, {self.external_id!r}"
            )
        if not self.text:
            raise InputError(
                f"post {self.external_id!r} of {self.source!r} has no text: skip it with a reason"
            )
        for moment in (self.created_at, self.edited_at):
            if moment is not None and moment.utcoffset() != UTC.utcoffset(None):
                raise InputError(
                    f"post {self.external_id!r} has the time {moment.isoformat()}: aware UTC expected"
                )

    @property
    def text_hash(self) -> str:
        """Hex SHA-256 of the text: decides whether a text changed, whatever the vendor's flags say."""
        return text_hash(self.text)

    @property
    def scored_text(self) -> str:
        """The customer's own words where speakers are told apart, else the whole text."""
        return customer_words(self.text, self.segments)


def scored_voice(segments: Sequence[VoiceSegment]) -> Voice:
    """Whose words `customer_words` holds."""
    if not segments:
        return Voice.AUTHOR
    return Voice.CUSTOMER if any(segment.voice is Voice.CUSTOMER for segment in segments) else Voice.REP


def customer_words(text: str, segments: Sequence[VoiceSegment]) -> str:
    """The customer's segments, a line each; the whole text when nobody else speaks in it."""
    words = [segment.text for segment in segments if segment.voice is Voice.CUSTOMER]
    return "\n".join(words) or text


def text_hash(text: str) -> str:
    """Hex SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """A record that could not be used: counted and shown, never silently lost.

    Attributes:
        reason: a short stable phrase, counted in reports ("no text", "bad date"); with `ROW_KEPT` at its end only
            a value was left out.
        external_id: the record's id or position ("row 17"), so that a person finds it.
        detail: what was wrong, without personal data or secrets.
    """

    reason: str
    external_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeletedPost:
    """The source says that a post is gone: its text, author and scores go here too."""

    source: str
    external_id: str


@dataclass(frozen=True, slots=True)
class CoverageGap:
    """A stretch of time a source was not (wholly) seen: reports break their lines there.

    Attributes:
        source: the configured source's name.
        channel: the channel's id; "" for the whole source.
        start: first moment not seen, aware UTC.
        end: last moment not seen, aware UTC; equal to `start` when the gap was closed by a later run.
        reason: a short phrase ("listing cap reached", "private", "throttled").
    """

    source: str
    channel: str
    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """What one source's sync did, for the user and for the run's record.

    Attributes:
        source: the configured source's name.
        added, changed, unchanged, deleted: posts and other records by what happened to them.
        skipped: reason -> count, of records and of single values (`left_out`, `kept_in_part`).
        gaps: what was not seen.
        problems: parts that failed (one line each, no secrets); not empty means partial.
    """

    source: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    gaps: tuple[CoverageGap, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def left_out(self) -> dict[str, int]:
        """Reason -> how many records were left out for it."""
        return {reason: n for reason, n in self.skipped.items() if not reason.endswith(ROW_KEPT)}

    @property
    def kept_in_part(self) -> dict[str, int]:
        """Reason -> how many records were kept without one value."""
        return {kept_reason(reason): n for reason, n in self.skipped.items() if reason.endswith(ROW_KEPT)}


def kept_reason(reason: str) -> str:
    """Why a value was left out of a record that was kept."""
    return reason.removesuffix(ROW_KEPT).strip()
