"""Names in a campaign's name or id stay in the database: alerts say of campaigns what the weekly report says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.alerts import AlertOptions, RuleName
from monitor.domain.analysis import Analysis
from monitor.domain.campaigns import Campaign
from monitor.domain.effects import CorrelationReport, EffectEstimate
from monitor.domain.posts import Post, PostKind
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.store.posts import save_posts
from monitor.store.records import save_records
from monitor.workflow import redaction
from monitor.workflow.alert import change_incident, check_alerts
from monitor.workflow.alert_rules import find_signals
from monitor.workflow.alert_slack import deliver_alerts
from monitor.workflow.alert_view import build_chart
from monitor.workflow.bot_answers import why
from monitor.workflow.redaction import build_redactor, late_redact
from tests.integration.bot.conftest import NOW, SPIKE
from tests.integration.bot.slack_world import SlackServer
from tests.integration.bot.test_check import at

NAME = "Win-back: Priya Raman, Bolt Robotics"
SHOWN = "Win-back: [name], [company]"
HIDDEN = ("priya", "raman", "bolt robotics")
CALLS = Campaign("calendar", "priya-raman-calls", NAME, SPIKE - timedelta(days=2), SPIKE, "call")


@pytest.fixture(autouse=True)
def _verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict on the campaign, without the correlator's seconds."""
    from monitor.workflow import analysis

    monkeypatch.setattr(analysis, "_correlate", lambda *_: CorrelationReport("negative_marketing", (LIKELY,)))


LIKELY = EffectEstimate(
    CALLS.external_id,
    "negative_marketing",
    "likely",
    q_value=0.001,
    rate_ratio=3.0,
    low=2.0,
    high=4.0,
    lag_days=1,
    last_day=4,
    excess=20.0,
    confounded_with=("priya-raman-mails",),
    n=40,
)


@pytest.fixture
def named(company: Database) -> Database:
    """The company with a known author, customer, and a campaign that is named after both."""
    post = Post("forum", "p", PostKind.FORUM_POST, "hello", NOW, author_id="a", author_name="Priya Raman")
    with company.transaction() as connection:
        save_posts(connection, [replace(post, account="Bolt Robotics")], zone=company.time_zone, now=NOW)
        save_records(connection, [CALLS])
    return company


def test_message_thread_and_reasons_hide_the_names_of_a_campaign(
    named: Database, loaded: Loaded, slack: SlackServer
) -> None:
    """Neither what Slack got, nor what the database keeps of the incident, nor `/goodwill why` tells them."""
    for days in range(3):
        check_alerts(named, loaded, now=at(days))
        deliver_alerts(named, loaded)
    with named.reading() as connection:
        (incident,) = [i for i in store.read_incidents(connection) if i.posted_on]
        kept = [str(signal.sentence) + " ".join(signal.nearby) for signal in incident.signals]
        told = json.dumps([m.body for m in store.messages_of(connection, incident.id)], ensure_ascii=False)
    said = json.dumps(slack.world.channels["C1"], ensure_ascii=False)
    reasons = "\n".join(why(named, incident.id))
    assert SHOWN in said
    assert SHOWN in reasons
    for text in (said, reasons, told, *kept):
        assert not [name for name in HIDDEN if name in text.lower()]


def test_chart_labels_hide_the_names_of_a_campaign(named: Database, loaded: Loaded) -> None:
    """The chart's labels are redacted as the message is."""
    check_alerts(named, loaded, now=at(0))
    with named.reading() as connection:
        (incident,) = [i for i in store.read_incidents(connection) if i.posted_on]
    chart = build_chart(named, loaded, incident, build_redactor(named, loaded))
    assert (CALLS.start, SHOWN) in chart.campaigns


def test_what_identifies_an_incident_keeps_the_campaigns_id(named: Database, loaded: Loaded) -> None:
    """The same day checked again after a name became known belongs to the same incident, and no second one is made."""
    first = check_alerts(named, loaded, now=at(0))
    later = Post("forum", "q", PostKind.FORUM_POST, "hi", NOW, author_id="b", author_name="Summer Sale")
    with named.transaction() as connection:
        save_posts(connection, [later], zone=named.time_zone, now=NOW)
    again = check_alerts(named, loaded, now=at(0))
    before, after = [c.after for c in first.changes], [c.after for c in again.changes]
    assert [(i.id, i.key, i.members, i.campaigns) for i in after] == [
        (i.id, i.key, i.members, i.campaigns) for i in before
    ]
    assert any(CALLS.external_id in i.campaigns for i in after)


def test_a_verdict_of_a_campaign_hides_names_in_its_id_too() -> None:
    """The sentence says the redacted id, `subject` and `campaigns` keep the calendar's own."""
    analysis = Analysis(SPIKE, None, CorrelationReport("negative_marketing", (LIKELY,)), None)
    (signal,) = find_signals(
        analysis, [CALLS], [], AlertOptions(), redact=lambda text: text.replace("priya-raman", "[name]")
    )
    assert signal.rule is RuleName.CAMPAIGN_VERDICT
    assert signal.member == "campaign_verdict/priya-raman-calls"
    assert signal.campaigns == (CALLS.external_id,)
    (near,) = signal.nearby
    assert "[name]-calls" in near
    assert "[name]-mails" in near
    assert "priya-raman" not in near


def test_names_are_read_once_and_only_when_a_campaign_is_shown(
    named: Database, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quiet check reads no names; one with many campaigns reads them once."""
    built: list[int] = []
    real = redaction.build_redactor

    def counted(database: Database, settings: Loaded) -> object:
        built.append(1)
        return real(database, settings)

    monkeypatch.setattr(redaction, "build_redactor", counted)
    redact = late_redact(named, loaded)
    assert built == []
    assert [redact(f"{NAME} {number}") for number in range(3)] == [f"{SHOWN} {number}" for number in range(3)]
    assert built == [1]


def test_incidents_can_still_be_changed(named: Database, loaded: Loaded) -> None:
    """A person's step on an incident with a hidden campaign works as before."""
    check_alerts(named, loaded, now=at(0))
    with named.reading() as connection:
        (incident,) = [i for i in store.read_incidents(connection) if i.posted_on]
    from monitor.domain.alerts import IncidentEvent, IncidentState

    after = change_incident(named, loaded, incident.id, IncidentEvent.ACKNOWLEDGE, actor="U1", now=at(0))
    assert after.state is IncidentState.ACKNOWLEDGED
