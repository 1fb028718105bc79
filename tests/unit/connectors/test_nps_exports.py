"""NPS exports of the usual survey tools, and of any other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain.nps import NpsResponse
from monitor.domain.posts import Post, PostKind
from monitor.errors import InputError
from tests.unit.connectors.file_sources import Seen, see

QUALTRICS = (
    "\ufeffStartDate,EndDate,Status,RecordedDate,ResponseId,ExternalReference,Q3,Q3_NPS_GROUP,Q4\n"
    "Start Date,End Date,Response Type,Recorded Date,Response ID,External Data Reference,"
    "How likely are you to recommend us?,How likely - Group,What is the main reason for your score?\n"
    '"{""ImportId"":""startDate"",""timeZone"":""America/Denver""}","{""ImportId"":""endDate""}",'
    '"{""ImportId"":""status""}","{""ImportId"":""recordedDate"",""timeZone"":""America/Denver""}",'
    '"{""ImportId"":""_recordId""}","{""ImportId"":""x""}","{""ImportId"":""QID3""}","{""ImportId"":""QID3_G""}",'
    '"{""ImportId"":""QID4_TEXT""}"\n'
    "2026-10-01 09:00:00,2026-10-01 09:05:00,IP Address,2026-10-01 09:06:00,R_1,crm-7,3,Detractor,Too many mails\n"
    "2026-10-01 09:00:00,2026-10-01 09:05:00,Survey Preview,2026-10-01 09:06:00,R_2,,10,Promoter,test\n"
)
QUALTRICS_LEGACY = (
    "\ufeffV1,V8,V9,Q1\n"
    "ResponseID,StartDate,EndDate,How likely are you to recommend us?\n"
    "R_1,2026-10-01 09:00:00,2026-10-01 09:05:00,3\n"
)
SURVEYMONKEY = (
    "Respondent ID,Collector ID,Date Created,Date Modified,IP Address,"
    "How likely is it that you would recommend us to a friend?,,What would you improve?\n"
    ",,,,,Response,Group,Open-Ended Response\n"
    '118,44,10/01/2026 03:00:00 PM,10/01/2026 03:06:00 PM,,"3",Detractor,Too many mails\n'
)
TYPEFORM = (
    "#,How likely are you to recommend us to a colleague?,What is the reason for your score?,"
    "Start Date (UTC),Submit Date (UTC),Network ID\n"
    "tok1,3,Too many mails,2026-10-01 14:59:00,2026-10-01 15:06:00,n1\n"
)
DELIGHTED = (
    "id,person_id,survey_type,score,comment,permalink,created_at,updated_at,Company\n"
    "d1,p1,nps,3,Too many mails,https://example.com/r,1790866800,1790866800,Acme\n"
)


def answer_of(seen: Seen) -> tuple[NpsResponse, Post]:
    answer, post = seen.records
    assert isinstance(answer, NpsResponse)
    assert isinstance(post, Post)
    return answer, post


@pytest.mark.parametrize(
    ("profile", "content", "options", "identifier", "moment"),
    [
        ("qualtrics", QUALTRICS, {}, "R_1", datetime(2026, 10, 1, 15, 6, tzinfo=UTC)),
        ("surveymonkey", SURVEYMONKEY, {"time_zone": "UTC"}, "118", datetime(2026, 10, 1, 15, 0, tzinfo=UTC)),
        ("typeform", TYPEFORM, {}, "tok1", datetime(2026, 10, 1, 15, 6, tzinfo=UTC)),
        ("delighted", DELIGHTED, {}, "d1", datetime(2026, 10, 1, 15, 0, tzinfo=UTC)),
    ],
)
def test_each_tool_is_recognised(
    profile: str, content: str, options: dict[str, object], identifier: str, moment: datetime, tmp_path: Path
) -> None:
    """Score, comment, id and moment are found without a mapping, and the same with the profile named."""
    for more in ({}, {"profile": profile}):
        seen = see(tmp_path, "nps", content, **options, **more)
        answer, post = answer_of(seen)
        assert f"({profile})" in seen.check
        assert (answer.score, answer.external_id, answer.answered_at) == (3, identifier, moment)
        assert answer.comment == ""  # the text is the post's, once
        assert (post.text, post.kind, post.about_us) == ("Too many mails", PostKind.NPS_COMMENT, True)
        assert post.external_id == identifier


def test_qualtrics_previews_are_no_answers(tmp_path: Path) -> None:
    """They are counted."""
    assert see(tmp_path, "nps", QUALTRICS).skipped == {"preview, test or spam answer": 1}


def test_the_old_qualtrics_export(tmp_path: Path) -> None:
    """Names stand in its second row; the zone is the user's to name."""
    answer = see(tmp_path, "nps", QUALTRICS_LEGACY, time_zone="America/Denver").only
    assert (answer.external_id, answer.score, answer.answered_at.hour) == ("R_1", 3, 15)


def test_a_tools_zone_and_order_can_be_overruled(tmp_path: Path) -> None:
    """What the user says wins over what the layout tells."""
    answer, _ = answer_of(see(tmp_path, "nps", QUALTRICS, time_zone="UTC"))
    assert answer.answered_at.hour == 9
    answer, _ = answer_of(see(tmp_path, "nps", SURVEYMONKEY, time_zone="UTC", date_order="day_first"))
    assert answer.answered_at.month == 1


@pytest.mark.parametrize(
    ("written", "score"),
    [
        ("0", 0),
        ("10", 10),
        ("10 - Extremely likely", 10),
        ("9.0", 9),
        ("7/10", 7),
        (" 8 ", 8),
        ("0: not at all", 0),
        ("+9", 9),
        ("'8", 8),
        ("10 out of 10", 10),
    ],
)
def test_ways_to_write_a_score(written: str, score: int, tmp_path: Path) -> None:
    """Labels beside the number are no obstacle."""
    assert see(tmp_path, "nps", f"score,date\n{written},2026-10-01\n").only.score == score


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("11", "score outside 0-10"),
        ("-1", "score outside 0-10"),
        ("100", "score outside 0-10"),
        ("7.5", "score is no whole number"),
        ('"7,5"', "score is no whole number"),
        ("75 %", "score is no whole number"),
        ("ten", "score is no number"),
        ("", "no score"),
        ("n/a", "no score"),
        ("٣", "score is no number"),
        ("9" * 5_000, "score is no number"),
    ],
)
def test_scores_that_are_none(written: str, reason: str, tmp_path: Path) -> None:
    """Each is reported with its row."""
    content = f"id,score,date\n1,5,2026-10-01\n2,{written},2026-10-01\n"
    seen = see(tmp_path, "nps", content)
    assert (len(seen.records), seen.places) == (1, {reason: "row 3"})


def test_equal_anonymous_answers_are_several_answers(tmp_path: Path) -> None:
    """Without ids, three equal rows are three people, whatever their order."""
    rows = ["9,2026-10-01", "9,2026-10-01", "3,2026-10-01", "9,2026-10-01"]
    first = see(tmp_path, "nps", "score,date\n" + "\n".join(rows)).records
    second = see(tmp_path, "nps", "score,date\n" + "\n".join(reversed(rows))).records
    assert len({record.external_id for record in first}) == 4
    assert {r.external_id for r in first} == {r.external_id for r in second}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Antwort-ID;Date;Score;Comments;Comment date;Account", "1;2026-10-05;3;slow help;06.10.2026;Acme"),
        ("Response ID;Rating;Submitted at;Comment type;Comment", "1;3;2026-10-05;public;slow help"),
        ("Response ID;Answered at;Score;Feedback form;Feedback", "1;2026-10-05;3;Form A;slow help"),
        ("Response ID;Score;NPS Category;Answered at;Comments", "1;3;Detractor;2026-10-05;slow help"),
        ("NPS;NPS survey date;Comments;Date", "3;2026-10-01;slow help;2026-10-05"),
        ("Date;Score;Reason code;Reason for score;Follow up", "2026-10-05;3;R1;slow help;yes"),
        ("Date;NPS Category;How likely are you to recommend us?;Comment date;Why is that?",
         "2026-10-05;Detractor;3;2026-10-06;slow help"),
        ("Date;Score;Comment date;Comment rating;Please leave a comment", "2026-10-05;3;2026-10-06;4;slow help"),
    ],
)  # fmt: skip
def test_a_column_of_the_exact_name_wins_over_one_that_resembles_it(
    header: str, row: str, tmp_path: Path
) -> None:
    """Question words decide only where no name does, and a comment's date or type is no comment."""
    answer, post = answer_of(see(tmp_path, "nps", f"{header}\n{row}\n"))
    assert (answer.score, answer.answered_at.day, post.text) == (3, 5, "slow help")


def test_a_date_beside_the_comment_is_not_taken_for_one(tmp_path: Path) -> None:
    """No comment is better than a wrong one."""
    seen = see(tmp_path, "nps", "Date;Score;Comment date;Comment sentiment\n2026-10-05;3;2026-10-06;good\n")
    assert isinstance(seen.only, NpsResponse)
    assert "comment =" not in seen.check


def test_a_tools_own_marks_win_over_names(tmp_path: Path) -> None:
    """Qualtrics marks its NPS question: another column named "Score" is another score."""
    content = QUALTRICS.replace("ExternalReference", "Score").replace("crm-7", "55")
    answer, _ = answer_of(see(tmp_path, "nps", content))
    assert answer.score == 3


def test_segments_by_name_and_by_mapping(tmp_path: Path) -> None:
    """The three that reports know are found; others are named by the user; empty ones are absent."""
    content = "score,date,Product Line,Plan name,CSM\n9,2026-10-01,Core,Gold,\n"
    answer = see(tmp_path, "nps", content, segments={"plan": "Plan Name"}).only
    assert answer.segments == {"product_line": "Core", "plan": "Gold"}
    with pytest.raises(InputError, match="'Region'"):
        see(tmp_path, "nps", content, segments={"region": "Region"})


def test_respondent_account_and_survey_are_kept(tmp_path: Path) -> None:
    """They connect an answer with a customer we know."""
    content = "score,date,comment,respondent id,company,survey\n2,2026-10-01,meh,p1,Acme,q3\n"
    answer, post = answer_of(see(tmp_path, "nps", content))
    assert (answer.respondent_id, answer.account, answer.survey_id) == ("p1", "Acme", "q3")
    assert (post.author_id, post.account, post.channel) == ("p1", "Acme", "q3")
    assert see(tmp_path, "nps", "score,date\n2,2026-10-01\n", survey="s1").only.survey_id == "s1"
