"""How survey tools lay out their exports: header rows, question texts, dates.

What is recognised: Qualtrics (three header rows, or two in the legacy export), SurveyMonkey (two header rows,
US dates), Typeform (question texts as names, UTC) and Delighted. Anything else is generic: one header row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from connectors.json_values import as_mapping, as_text, parse_json
from connectors.table_columns import plain_name
from connectors.tables import FindLayout, Layout
from connectors.text import clean_name

Profile = Literal["auto", "generic", "qualtrics", "surveymonkey", "typeform", "delighted"]

_SCORE_QUESTION = re.compile(
    r"\bnps\b|\bhow likely\b|\blikely are you to recommend|\bвероятно\b.{0,80}\b(?:по)?рекоменд"
    r"|\bwahrscheinlich\b.{0,80}empfehl"
    r"|\bprobab.{0,80}recom",
    re.IGNORECASE,
)
_COMMENT_QUESTION = re.compile(
    r"\breason\b|\bwhy\b|\bcomment|\bimprove|\bfeedback\b|\btell us\b|\bopen-ended\b"
    r"|\bпочему\b|\bкомментар|\bпричин|\bwarum\b",
    re.IGNORECASE,
)
_GROUP = "_NPS_GROUP"
_PROPERTY_WORDS = (
    "date time day datum zeit дата время type typ тип form code category kategorie категория group segment status id "
    "language sprache sentiment author by source channel tags topic count url link"
)
_PROPERTIES = frozenset(_PROPERTY_WORDS.split())


def layout_finder(profile: Profile) -> FindLayout:
    """The reading of the first rows that a profile stands for; "auto" recognises it."""

    def find(rows: Sequence[Sequence[str]]) -> Layout:
        found = recognise(rows) if profile == "auto" else profile
        return _READERS[found](rows)

    return find


def recognise(rows: Sequence[Sequence[str]]) -> str:
    """The profile whose marks the first rows bear."""
    names = {plain_name(name) for name in rows[0]}
    second = {plain_name(name) for name in rows[1]} if len(rows) > 1 else set()
    if {"responseid", "startdate"} <= names or {"responseid", "startdate"} <= second:
        return "qualtrics"
    if {"respondentid", "collectorid"} <= names:
        return "surveymonkey"
    if "networkid" in names and {"submitdateutc", "startdateutc"} & names:
        return "typeform"
    if {"score", "comment"} <= names and {"permalink", "surveytype", "delightedsource", "personid"} & names:
        return "delighted"
    return "generic"


def _generic(rows: Sequence[Sequence[str]]) -> Layout:
    return Layout(tuple(rows[0]), guessed=_by_question(rows[0], rows[0]), name="generic")


def _delighted(rows: Sequence[Sequence[str]]) -> Layout:
    return Layout(tuple(rows[0]), name="delighted")


def _typeform(rows: Sequence[Sequence[str]]) -> Layout:
    guessed = _by_question(rows[0], rows[0])
    marked = {}
    for name in rows[0]:
        if plain_name(name) == "submitdateutc":
            marked["date"] = name
        if name.strip() == "#":
            marked["id"] = name
    return Layout(tuple(rows[0]), marked=marked, guessed=guessed, time_zone="UTC", name="typeform")


def _surveymonkey(rows: Sequence[Sequence[str]]) -> Layout:
    """Questions in row 1, once for all their columns; row 2 names the single column ("Response")."""
    second = [*(rows[1] if len(rows) > 1 else []), *[""] * len(rows[0])]
    columns: list[str] = []
    questions: list[str] = []
    question = ""
    for name, part in zip(rows[0], second, strict=False):
        question = name or question
        questions.append(f"{question} {part}")
        columns.append(_new_name(name or f"{question} / {part}", columns))
    is_second_header = bool(set(map(str.casefold, second)) & {"response", "open-ended response"}) or not any(
        second[:2]
    )
    # "Respondent ID" is SurveyMonkey's word for one response.
    marked = dict([("id", name) for name in columns if plain_name(name) == "respondentid"][:1])
    return Layout(
        tuple(columns),
        2 if is_second_header else 1,
        marked,
        _by_question(columns, questions),
        date_order="month_first",
        name="surveymonkey",
    )


def _qualtrics(rows: Sequence[Sequence[str]]) -> Layout:
    """Names in row 1, question texts in row 2, import ids as JSON in row 3; legacy: names in row 2 of two."""
    legacy = "responseid" not in {plain_name(name) for name in rows[0]}
    columns = tuple(rows[1] if legacy and len(rows) > 1 else rows[0])
    questions = columns if legacy or len(rows) < 2 else rows[1]
    third = rows[2] if len(rows) > 2 and not legacy else []
    details = [as_mapping(parse_json(cell)) if cell.startswith("{") else {} for cell in third]
    has_ids = any("ImportId" in detail for detail in details)
    zone = next((clean_name(as_text(d["timeZone"])) for d in details if d.get("timeZone")), None)
    scored = [name.removesuffix(_GROUP) for name in columns if name.endswith(_GROUP)]
    marked = dict([("score", name) for name in scored if name in columns][:1])
    header_rows = 2 if legacy else 3 if has_ids else 2
    guessed = _by_question(columns, questions)
    return Layout(columns, header_rows, marked, guessed, time_zone=_known_zone(zone), name="qualtrics")


def _known_zone(zone: str | None) -> str | None:
    """A zone of the export's own; one that is no zone here (Qualtrics writes some old names) is the user's to name."""
    from zoneinfo import available_timezones

    return zone if zone in available_timezones() else None


def _by_question(columns: Sequence[str], questions: Sequence[str]) -> Mapping[str, str]:
    """Score and comment columns by the words of their question; plain names are left to the aliases."""
    guessed: dict[str, str] = {}
    for column, question in zip(columns, questions, strict=False):
        if not column or column.endswith(_GROUP) or len(question) < 12 or _is_about_another(question):
            continue
        if (
            "score" not in guessed
            and _SCORE_QUESTION.search(question)
            and not _COMMENT_QUESTION.search(question)
        ):
            guessed["score"] = column
        elif (
            "comment" not in guessed
            and _COMMENT_QUESTION.search(question)
            and not _is_about_another(question, "score", "rating")
        ):
            guessed["comment"] = column
    return guessed


def _is_about_another(name: str, *properties: str) -> bool:
    """Whether a short name means a property of an answer ("Comment date", "NPS Category"), not the answer."""
    words = name.casefold().split()
    return 2 <= len(words) <= 3 and "for" not in words and words[-1] in {*_PROPERTIES, *properties}


def _new_name(name: str, taken: Sequence[str]) -> str:
    """`name`, with a number where it is taken: a survey may ask the same twice."""
    known = {plain_name(other) for other in taken}
    number = 2
    candidate = name
    while plain_name(candidate) in known and name:
        candidate = f"{name} ({number})"
        number += 1
    return candidate


_READERS: Mapping[str, FindLayout] = {
    "generic": _generic,
    "qualtrics": _qualtrics,
    "surveymonkey": _surveymonkey,
    "typeform": _typeform,
    "delighted": _delighted,
}
