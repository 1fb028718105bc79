"""One check of the rules, from labelled posts to the messages in Slack, over HTTP and the real SDK."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.alerts import IncidentEvent, IncidentState, RuleName
from monitor.domain.posts import DeletedPost
from monitor.errors import InputError, UsageError
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.store.posts import delete_posts
from monitor.workflow import alert as workflow
from monitor.workflow.alert import change_incident, check_alerts, last_complete_day, redraw, snooze_end
from monitor.workflow.alert_slack import deliver_alerts
from monitor.workflow.backtest import backtest, backtest_lines
from tests.integration.bot.conftest import FIRST, NOW, SPIKE, loaded_for
from tests.integration.bot.slack_world import SlackServer

EVENING = datetime(SPIKE.year, SPIKE.month, SPIKE.day, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_correlator(monkeypatch: pytest.MonkeyPatch) -> None:
    """The correlator takes seconds a day and is tested elsewhere."""
    from monitor.workflow import analysis

    monkeypatch.setattr(analysis, "_correlate", lambda *_: None)


def at(days: int) -> datetime:
    """The morning so many days after the spike's first evening."""
    return EVENING + timedelta(days=days, hours=11)


def texts(server: SlackServer) -> str:
    return json.dumps(server.world.channels["C1"], ensure_ascii=False)


def run(company: Database, loaded: Loaded, days: int) -> workflow.CheckOutcome:
    outcome = check_alerts(company, loaded, now=at(days))
    delivered = deliver_alerts(company, loaded)
    assert delivered.problems == []
    assert delivered.waiting == 0
    return outcome


def test_a_spike_is_one_message_with_chart_quotes_and_campaign_and_grows_in_place(
    company: Database, loaded: Loaded, slack: SlackServer
) -> None:
    run(company, loaded, -10)
    assert slack.world.channels["C1"] == []
    outcomes = [run(company, loaded, days) for days in range(4)]
    assert sum(len(outcome.raised) for outcome in outcomes) == 1
    (root,) = slack.world.roots()
    kinds = [block["type"] for block in root["blocks"]]
    assert "image" in kinds
    assert "actions" in kinds
    said = json.dumps(root["blocks"], ensure_ascii=False)
    assert "Marketing complaints rose above their usual range" in said
    assert "In their words" in said
    assert "Summer [name] sale" in said
    assert "Worth asking" in said
    assert root["text"].startswith("Marketing complaints are spiking")
    assert slack.world.thread(root["ts"])[0]["files"][0]["name"].endswith("chart.png")


def test_nothing_in_a_post_or_a_campaign_name_pings_links_or_formats(
    company: Database, loaded: Loaded, slack: SlackServer
) -> None:
    for days in range(3):
        run(company, loaded, days)
    said = texts(slack)
    assert "<!channel>" not in said
    assert "<!here>" not in said
    assert "<https://evil" not in said
    assert "@here" not in said
    for _, values in slack.world.calls:
        assert not values.get("link_names")


def test_a_post_deleted_at_its_source_leaves_the_message(
    company: Database, loaded: Loaded, slack: SlackServer
) -> None:
    for days in range(2):
        run(company, loaded, days)
    assert "unsubscribe" in texts(slack)
    offset = (SPIKE - FIRST).days
    with company.transaction() as connection:
        delete_posts(connection, [DeletedPost("forum", f"{offset}-0")], now=NOW)
        (incident,) = [i for i in store.read_incidents(connection) if i.posted_on]
    redraw(company, incident.id)
    deliver_alerts(company, loaded)
    assert "unsubscribe" not in texts(slack)
    with company.reading() as connection:
        stored = json.dumps([str(row) for row in connection.exec_driver_sql("SELECT payload FROM incidents")])
    assert "unsubscribe" not in stored


def test_a_second_check_of_the_same_day_sends_nothing(
    company: Database, loaded: Loaded, slack: SlackServer
) -> None:
    run(company, loaded, 1)
    before = len(slack.world.calls)
    outcome = run(company, loaded, 1)
    assert outcome.raised == ()
    assert len(slack.world.calls) == before


def test_the_end_is_told_in_the_thread_and_shown_in_the_message(
    company: Database, loaded: Loaded, slack: SlackServer
) -> None:
    run(company, loaded, 1)
    quiet = without_rules(loaded)
    check_alerts(company, quiet, now=at(6))
    deliver_alerts(company, quiet)
    (root,) = slack.world.roots()
    assert "Resolved" in json.dumps(root["blocks"])
    assert not [block for block in root["blocks"] if block["type"] == "actions"]
    assert any("Resolved: nothing more since" in m["text"] for m in slack.world.thread(root["ts"]))


def without_rules(loaded: Loaded) -> Loaded:
    """The same settings with every rule off."""
    off: Any = {name: {"enabled": False} for name in RuleName}
    settings = loaded.settings
    alerts = type(settings.alerts)(rules=off)
    return replace(loaded, settings=settings.model_copy(update={"alerts": alerts}))


def test_a_dry_run_stores_and_sends_nothing(company: Database, loaded: Loaded, slack: SlackServer) -> None:
    outcome = check_alerts(company, loaded, now=at(1), dry_run=True)
    assert len(outcome.raised) == 1
    with company.reading() as connection:
        assert store.read_incidents(connection) == []
        assert store.last_check(connection) is None
    assert slack.world.calls == []


def test_muted_incidents_are_evaluated_and_logged_but_never_posted(
    company: Database, loaded: Loaded, slack: SlackServer
) -> None:
    muted: Any = {name: {"muted": True} for name in ("complaint_spike", "negative_spike")}
    alerts = type(loaded.settings.alerts)(rules=muted)
    quiet = replace(loaded, settings=loaded.settings.model_copy(update={"alerts": alerts}))
    for days in range(3):
        run(company, quiet, days)
    posted = texts(slack)
    assert "rose above" not in posted
    assert "Red flag, marketing complaints" in posted  # its rule is not muted
    with company.reading() as connection:
        (incident,) = [i for i in store.read_incidents(connection) if "spike" in i.members[0]]
        log = store.read_log(connection, incident.id)
    assert incident.state is IncidentState.MUTED
    assert [entry.event for entry in log][:2] == ["raise", "signal"]


def test_acknowledging_changes_the_message_and_counts_as_useful(
    company: Database, loaded: Loaded, slack: SlackServer
) -> None:
    run(company, loaded, 1)
    with company.reading() as connection:
        (incident,) = [i for i in store.read_incidents(connection) if i.posted_on]
    after = change_incident(company, loaded, incident.id, IncidentEvent.ACKNOWLEDGE, actor="U7", now=at(1))
    assert after.useful is True
    deliver_alerts(company, loaded)
    assert "acknowledged by <@U7>" in texts(slack)
    with pytest.raises(UsageError, match="cannot be changed by 'acknowledge'"):
        change_incident(company, loaded, incident.id, IncidentEvent.ACKNOWLEDGE, actor="U8", now=at(1))


def test_a_day_that_was_never_read_is_not_taken_for_a_quiet_one(company: Database, loaded: Loaded) -> None:
    """A clock a month ahead, or a cron job whose sync has stopped: the last read day is checked."""
    last_post = FIRST + timedelta(days=89)
    assert last_complete_day(company, loaded, NOW + timedelta(days=31)) == last_post


def test_without_any_post_it_says_what_to_run(database: Database, loaded: Loaded) -> None:
    with pytest.raises(InputError, match="goodwill sync"):
        check_alerts(database, loaded, now=NOW)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("1d", datetime(2028, 2, 29, 12, tzinfo=UTC)),
        ("1w", datetime(2028, 3, 6, 12, tzinfo=UTC)),
        ("2028-02-29", datetime(2028, 2, 29, 8, tzinfo=UTC)),  # nine in Berlin's winter
        (
            "2028-03-27",
            datetime(2028, 3, 27, 7, tzinfo=UTC),
        ),  # nine in Berlin's summer, a day after the change
    ],
)
def test_snoozes_end_when_a_person_means_over_leap_day_and_summer_time(
    loaded: Loaded, choice: str, expected: datetime
) -> None:
    assert snooze_end(choice, datetime(2028, 2, 28, 12, tzinfo=UTC), loaded) == expected


@pytest.mark.parametrize("choice", ["", "soon", "2028-02-30", "2028-02-27", "2030-01-01", "1d; drop table"])
def test_a_senseless_snooze_is_refused(loaded: Loaded, choice: str) -> None:
    with pytest.raises(UsageError):
        snooze_end(choice, datetime(2028, 2, 28, 12, tzinfo=UTC), loaded)


def test_the_back_test_finds_the_spike_on_its_day_and_compares_with_the_truth(
    company: Database, tmp_path: Path, slack: SlackServer
) -> None:
    truth = {
        "campaigns": [
            {"id": "c1", "name": "Summer", "harmful": True, "window": [SPIKE.isoformat(), "2026-05-30"]},
            {"id": "c0", "name": "Earlier", "harmful": True, "window": ["2026-04-20", "2026-04-25"]},
        ]
    }
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    result = backtest(company, loaded_for(tmp_path, slack.url), weeks=6, now=NOW)
    delays = {harm.name: harm.delay for harm in result.harms}
    assert delays["c1 Summer"] is not None
    assert delays["c1 Summer"] <= 2
    assert result.false_alerts == len(result.sent) - 1
    lines = "\n".join(backtest_lines(result))
    assert "1 of 1 harmful stretches" in lines or "1 of 2 harmful stretches" in lines
    assert result.document()["alerts_per_week"] <= 0.5
    with company.reading() as connection:
        assert store.read_incidents(connection) == []
