"""From posts with accounts and campaigns with audiences to comparisons in the analysis and its JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from connectors.base import Batch
from monitor.domain.analysis import Analysis
from monitor.domain.campaigns import Campaign
from monitor.domain.nps import NpsResponse
from monitor.domain.posts import IdentityPolicy, Post, PostKind
from monitor.settings import ReportSettings
from monitor.store.database import Database
from monitor.workflow.about_us import AboutUs
from monitor.workflow.analysis import analyse
from monitor.workflow.correlate_database import analysis_as_dict
from monitor.workflow.score import score_posts
from monitor.workflow.sync import SourceJob, sync_source
from tests.integration.workflow.test_sync_and_score import ScriptedConnector, WordScorer

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
FIRST, LAST, START = date(2026, 6, 1), date(2026, 11, 15), date(2026, 10, 19)
RECEIVED = ("Acme", "Blue, Inc.", "Corvid")
OTHERS = ("Dune", "Elm", "Fjord", "Gale")


def _posts(ratio: float) -> list[Post]:
    """Complaints of every account; those of RECEIVED are `ratio` times as many after START."""
    rng = np.random.default_rng(5)
    posts = []
    for offset in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=offset)
        for account in (*RECEIVED, *OTHERS):
            rate = 0.3 * (ratio if account in RECEIVED and day >= START else 1.0)
            for _ in range(int(rng.poisson(rate))):
                number = len(posts)
                posts.append(
                    Post(
                        "forum",
                        str(number),
                        PostKind.FORUM_POST,
                        f"spam {number}",
                        datetime.combine(day, time(12), tzinfo=UTC),
                        account=account.upper() if number % 2 else account,
                        about_us=True,
                    )
                )
    return posts


def _answers(drop: int) -> list[NpsResponse]:
    answers = []
    for number in range(160):
        received = number % 2 == 0
        day = START + timedelta(days=-80 + number)
        score = 9 if number % 4 < 2 else 7
        answers.append(
            NpsResponse(
                "nps",
                str(number),
                datetime.combine(min(day, LAST), time(9), tzinfo=UTC),
                score - drop if received and day >= START else score,
                segments={"customer_type": "Enterprise" if received else "Mid-market"},
            )
        )
    return answers


def _analysis(
    database: Database,
    audiences: Sequence[str],
    *,
    posts: Sequence[Post] = (),
    answers: Sequence[NpsResponse] = (),
    policy: IdentityPolicy = IdentityPolicy.FIRST_PARTY,
) -> Analysis:
    campaigns = [
        Campaign("calendar", f"C{n}", f"Campaign {n}", START, START, audience=audience)
        for n, audience in enumerate(audiences)
    ]
    for name, records in (("forum", posts), ("calendar", campaigns), ("nps", answers)):
        connector = ScriptedConnector([Batch(records=tuple(records))], name=name, identity_policy=policy)
        sync_source(database, SourceJob(connector), now=NOW)
    score_posts(database, WordScorer(), AboutUs())
    return analyse(database, ReportSettings(), LAST)


def test_a_campaign_that_annoys_those_who_received_it_is_likely(database: Database) -> None:
    """Accounts of the audience (one with a comma in its name, in any case) against the others."""
    analysis = _analysis(database, ["acme; Blue, Inc.; Corvid"], posts=_posts(3.0))
    (found,) = analysis.exposure
    assert (found.compared, found.outcome, found.verdict) == (True, "complaints", "likely")
    assert found.effect is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < 3.0 < found.high
    assert (found.exposed.accounts, found.unexposed.accounts) == (3, 4)
    assert "likely it rose more among them" in found.sentence()
    assert "not drawn at random" in found.sentence()


@pytest.mark.parametrize(
    ("audience", "reason"),
    [
        ("", "its audience is not known"),
        ("all customers", "it went to everybody"),
        ("Nobody Ltd", "neither an account nor a segment"),
        ("Acme; customer_type=Enterprise", "mixes accounts and segments"),
    ],
)
def test_without_two_groups_the_link_stays_temporal(database: Database, audience: str, reason: str) -> None:
    """The reason says what is missing; no number is invented."""
    analysis = _analysis(database, [audience], posts=_posts(1.0)[:40])
    (found,) = analysis.exposure
    assert not found.compared
    assert found.effect is None
    assert found.p_value is None
    assert reason in found.reason
    assert found.sentence().startswith("C0: temporal only; ")


def test_authors_who_must_not_be_matched_are_not_compared(database: Database) -> None:
    """A source whose policy forbids it gives no accounts."""
    policy = IdentityPolicy.FORBIDDEN
    analysis = _analysis(database, ["Acme"], posts=_posts(3.0), policy=policy)
    assert not analysis.exposure[0].compared


def test_nps_of_a_segment_falls_against_the_others(database: Database) -> None:
    """A bare segment value is understood; posts without accounts stay temporal."""
    analysis = _analysis(database, ["Enterprise"], answers=_answers(6))
    posts, nps = analysis.exposure
    assert not posts.compared
    assert (nps.outcome, nps.verdict) == ("nps", "likely")
    assert nps.high is not None
    assert nps.high < 0


def test_two_campaigns_of_one_day_with_one_audience_are_named_as_rivals(database: Database) -> None:
    """What either did cannot be told apart, so neither is called likely."""
    analysis = _analysis(database, ["Acme; Blue, Inc.; Corvid"] * 2, posts=_posts(3.0))
    assert [c.confounded_with for c in analysis.exposure] == [("C1",), ("C0",)]
    assert {c.verdict for c in analysis.exposure} == {"possible"}


def test_a_hold_out_is_said_to_be_one(database: Database) -> None:
    """The accounts named are the ones left out."""
    analysis = _analysis(database, [f"hold-out: {'; '.join(OTHERS)}"], posts=_posts(3.0))
    (found,) = analysis.exposure
    assert found.verdict == "likely"
    assert found.exposed.accounts == 3
    assert "the others are a hold-out" in found.sentence()


def test_the_json_document_lists_comparisons(database: Database) -> None:
    """The note on missing comparisons goes when there is one; the document is JSON without NaN."""
    document = analysis_as_dict(_analysis(database, ["Acme; Corvid"], posts=_posts(1.0)))
    json.dumps(document, allow_nan=False)
    assert document["exposed"][0]["compared"] is True
    assert not [note for note in document["notes"] if "exposed" in note]


@pytest.mark.parametrize(("audience", "compared"), [("", False), ("Acme; Blue, Inc.; Corvid", True)])
def test_the_weekly_report_shows_the_comparison_under_its_campaign(
    database: Database, audience: str, compared: bool
) -> None:
    """Its sentence takes the place of the line that nobody is compared."""
    from monitor.domain.weeks import IsoWeek
    from monitor.workflow.weekly_facts import collect_facts
    from reports.answer_campaigns import answer_campaigns
    from reports.context import ReportContext
    from reports.redact import KnownNames, Redactor
    from reports.weekly import WordFacts

    redactor = Redactor(KnownNames.build([], list(RECEIVED), []))
    analysis = _analysis(database, [audience], posts=_posts(3.0))
    facts = collect_facts(database, ReportSettings(), IsoWeek.of(LAST))
    section = answer_campaigns(ReportContext(facts, analysis, WordFacts(), redactor, verbatim=False))
    assert ("of the customers who received it ran" in " ".join(section.details)) is compared
    assert ("No exposed and unexposed" in " ".join(section.caveats)) is not compared
    assert section.caveats[0].startswith(
        "Without a comparison of customers" if compared else "The link is one in time"
    )
