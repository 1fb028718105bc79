"""NPS answers from the exports of survey tools, or from any table by column mapping.

Each answer becomes an `NpsResponse`; its comment becomes a post of its own, so that one copy of a text is
all there is to delete. Scores outside 0..10 are refused row by row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.base import Connector, Record
from connectors.cell_values import BadNumberError, is_nothing, parse_number, stable_id
from connectors.dates import shown_value
from connectors.kinds import ConnectorKind, SourceContext
from connectors.nps_layouts import Profile, layout_finder
from connectors.options import option
from connectors.repeated_rows import SeenRows
from connectors.row_identity import KeptIds
from connectors.row_values import read_moment, read_name
from connectors.table_columns import Column, resolve_columns
from connectors.table_source import RowContext, TableConnector, TableKind, TableOptions
from connectors.tables import Row
from connectors.text import clean_name, clean_text
from monitor.domain.nps import NpsResponse
from monitor.domain.posts import DeletedPost, Post, PostKind, SkippedItem

KIND = "nps"
_SCORE = re.compile(
    r"['’+]?(-?\d{1,6})(?:[.,]0{1,3})?(?:\s*(?:(?:/|out of)\s*10|[-–—:=(].{0,80}))?", re.ASCII | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class NpsOptions(TableOptions):
    """Keys of a `[[sources]]` table of kind "nps"."""

    profile: Profile = option("the survey tool; recognised when auto", default="auto")
    segments: Mapping[str, str] = option(
        "attribute -> column; product_line, customer_type and csm_coverage are found by name", default={}
    )
    survey: str = option("the survey's id where no column tells it", default="")


_TABLE = TableKind(
    kind=KIND,
    columns=(
        Column("score", ("nps", "nps score", "rating", "answer", "nps rating", "оценка", "балл"), required=True),
        Column("date", ("answered at", "answered", "response date", "responded at", "recorded date", "end date",
                        "date created", "submit date (utc)", "submitted at", "submit date", "created at", "created",
                        "response created at", "timestamp", "start date", "completed at", "date modified", "дата"),
               required=True),
        Column("comment", ("comments", "feedback", "verbatim", "reason", "reason for score", "reason for your score",
                           "text", "nps comment", "follow up", "additional feedback", "open-ended response",
                           "комментарий", "отзыв")),
        Column("id", ("response id", "responseid", "answer id", "token", "survey response id", "submission id")),
        Column("respondent", ("respondent id", "person id", "person", "contact id", "customer id", "user id", "recipient id",
                              "external reference", "external data reference")),
        Column("account", ("company", "account name", "company name", "organization", "customer", "компания")),
        Column("survey", ("survey id", "surveyid", "survey", "survey name", "collector id")),
        Column("status", ("response type", "distribution channel")),
    ),
    moments=("date",),
    identity=("id",),
)  # fmt: skip
_USUAL_SEGMENTS = (
    Column("product_line", ("product", "plan", "product name")),
    Column("customer_type", ("customer segment", "account type", "segment", "tier", "customer tier")),
    Column("csm_coverage", ("csm", "coverage", "csm model", "service model")),
)
# Qualtrics' codes and words for answers that are none; 0 and "IP Address" are ordinary, 4 imported, 16 offline.
_NO_ANSWERS = frozenset(["1", "2", "8", "9", "12", "17", "40"])
_NO_ANSWER_WORDS = ("preview", "test", "spam")


class NpsReader:
    """Rows to answers and posts; an id that comes again is reported, the first answer stays."""

    def __init__(self, context: RowContext, options: NpsOptions) -> None:
        self._context = context
        self._survey = options.survey.strip()
        columns = (
            *_USUAL_SEGMENTS,
            *(Column(name) for name in options.segments if name not in _usual_names()),
        )
        self._segments = resolve_columns(
            columns,
            options.segments,
            {},
            context.layout.columns,
            f"source {context.source!r}",
            key="segments",
        )
        self._ids, self._former_ids, self._kept = _AnswerIds(), _AnswerIds(), KeptIds()
        self._seen = SeenRows()

    def __call__(self, row: Row) -> Iterator[Record | SkippedItem]:
        """The answer and its comment, or the reason why there is none."""
        identifier = self._identifier(row)
        if self._context.layout.name == "qualtrics" and _is_no_answer(row["status"]):
            yield row.skip("preview, test or spam answer")
            return
        score = _score(row)
        answered = read_moment(row, "date", self._context)
        if isinstance(score, SkippedItem):
            yield score
        elif isinstance(answered, SkippedItem):
            yield answered
        elif again := self._seen.again(row, identifier, from_file=True):
            yield again
        else:
            answer = self._answer(row, identifier, score, answered)
            yield answer
            yield from self._comment(row, answer)

    def _identifier(self, row: Row) -> str:
        identifier = self._ids.of(row)
        return self._kept.choose(self._former_ids.of(row.former), identifier) if row.former else identifier

    def _answer(self, row: Row, identifier: str, score: int, answered: datetime) -> NpsResponse:
        segments = {name: clean_name(row.cells.get(column, "")) for name, column in self._segments.items()}
        return NpsResponse(
            source=self._context.source,
            external_id=identifier,
            answered_at=answered,
            score=score,
            respondent_id=read_name(row, "respondent"),
            account=read_name(row, "account"),
            segments={name: value for name, value in segments.items() if value},
            survey_id=read_name(row, "survey") or self._survey or None,
        )

    def _comment(self, row: Row, answer: NpsResponse) -> Iterator[Post | DeletedPost | SkippedItem]:
        """The comment; where it is empty, one that an earlier version of the file had goes."""
        text, truncated = ("", False) if is_nothing(row["comment"]) else clean_text(row["comment"])
        if not text:
            if not is_nothing(row["comment"]):
                yield row.skip("comment without text (row kept)")
            if clean_name(row["id"]) and "comment" in row.fields:
                yield DeletedPost(answer.source, answer.external_id)
            return
        yield Post(
            source=answer.source,
            external_id=answer.external_id,
            kind=PostKind.NPS_COMMENT,
            text=text,
            created_at=answer.answered_at,
            channel=answer.survey_id or "",
            channel_name=answer.survey_id or "",
            author_id=answer.respondent_id,
            account=answer.account,
            truncated=truncated,
            about_us=True,
        )


class _AnswerIds:
    """The tool's ids, or rows' content with a number: two equal anonymous answers are two answers."""

    def __init__(self) -> None:
        self._alike: Counter[str] = Counter()

    def of(self, row: Row) -> str:
        if identifier := clean_name(row["id"]):
            return identifier
        content = stable_id(*(f"{name}={cell}" for name, cell in sorted(row.cells.items())))
        self._alike[content] += 1
        return content if self._alike[content] == 1 else f"{content}-{self._alike[content]}"


def _usual_names() -> frozenset[str]:
    return frozenset(column.field for column in _USUAL_SEGMENTS)


def _is_no_answer(status: str) -> bool:
    word = status.strip().casefold()
    return word in _NO_ANSWERS or any(part in word for part in _NO_ANSWER_WORDS)


def _score(row: Row) -> int | SkippedItem:
    text = row["score"].strip()
    if is_nothing(text):
        return row.skip("no score")
    found = _SCORE.fullmatch(text)
    if found is None:
        reason = "score is no whole number" if _is_number(text) else "score is no number"
        return row.skip(reason, f"it is {shown_value(text)}, 0 to 10 expected")
    score = int(found[1])
    return score if 0 <= score <= 10 else row.skip("score outside 0-10", f"it is {score}")


def _is_number(text: str) -> bool:
    try:
        return parse_number(text) is not None
    except BadNumberError:
        return False


def build(context: SourceContext, options: NpsOptions) -> Connector:
    """The connector of one `[[sources]]` table."""
    table = replace(_TABLE, find_layout=layout_finder(options.profile))
    return TableConnector(context.name, table, options, lambda rows: NpsReader(rows, options))


KINDS = (
    ConnectorKind(
        kind=KIND,
        description="NPS answers from Qualtrics, SurveyMonkey, Typeform, Delighted or any table",
        needs_network=False,
        options_class=NpsOptions,
        build=build,
    ),
)
