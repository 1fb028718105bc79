"""The bot over a real WebSocket and the real Bolt: buttons, modals, commands, the home tab, and a bad line."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from monitor.bot import heavy
from monitor.bot.app import WORKERS, Bot
from monitor.bot.handlers import Handlers
from monitor.bot.heavy import HeavyWork
from monitor.bot.requests import read_request
from monitor.bot.runner import Runner
from monitor.domain.alerts import IncidentState
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.counts import daily_counts
from monitor.store.database import Database
from monitor.workflow.about_us import AboutUs
from monitor.workflow.alert_slack import deliver_alerts, read_bot_token
from monitor.workflow.score import score_posts
from reports.alert import ACKNOWLEDGE, CORRECT, REPORT, SNOOZE
from reports.slack_views import CORRECT_VIEW, SNOOZE_VIEW
from tests.integration.bot.conftest import SPIKE, copy_of, loaded_for, raise_incident, set_tokens
from tests.integration.bot.oracle import OracleScorer
from tests.integration.bot.slack_socket import Socket
from tests.integration.bot.slack_world import SlackServer
from tests.integration.bot.talk import answers, command, interaction, send, submission, until

Stage = tuple[SlackServer, Database, Loaded, Runner]
NO_CLOUD = {"week": "2026-W21", "files": [], "notes": ["No word cloud for 2026-W21: 3 posts <only>."]}
DIGEST = {"text": "Week 2026-W21: complaints rose", "blocks": [{"type": "divider"}]}


def small_work(arguments: Sequence[str]) -> str:
    """Stands in for the processes that need the statistics."""
    return json.dumps(DIGEST) if arguments[0] == "alert" else json.dumps(NO_CLOUD)


def start(database: Database, loaded: Loaded) -> Runner:
    runner = Runner(database, loaded, heavy=HeavyWork(loaded, small_work), ping_seconds=2.0)
    runner.start()
    return runner


@pytest.fixture(scope="module")
def stage(company_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One bot for the whole file: it takes seconds to stop one."""
    folder = tmp_path_factory.mktemp("bot")
    with (
        pytest.MonkeyPatch.context() as patch,
        SlackServer() as server,
        copy_of(company_file, folder) as database,
    ):
        set_tokens(patch)
        loaded = loaded_for(folder, server.url)
        running = start(database, loaded)
        yield server, database, loaded, running
        running.stop()


def finish_work(bot: Bot) -> None:
    """Wait for what the test before has asked for, so that its answers do not come into this one."""
    time.sleep(0.05)  # from the acknowledgement to the queue
    everybody = threading.Barrier(WORKERS + 1)
    for _ in range(WORKERS):
        bot._pool.submit(everybody.wait, 60)
    everybody.wait(60)


@pytest.fixture
def slack(stage: Stage) -> SlackServer:
    """The stage's Slack, with nothing said yet."""
    server = stage[0]
    finish_work(stage[3].bot)
    world = server.world
    for told in (server.responses, world.views, world.ephemeral, world.calls, world.channels["C1"]):
        told.clear()
    world.homes.clear()
    return server


@pytest.fixture
def company(stage: Stage) -> Database:
    """The stage's company, without incidents."""
    database = stage[1]
    with database.transaction() as connection:
        for table in ("outbox", "incidents", "incident_log", "corrections"):
            connection.execute(text(f"DELETE FROM {table}"))
    return database


@pytest.fixture
def loaded(stage: Stage) -> Loaded:
    return stage[2]


@pytest.fixture
def line(stage: Stage, slack: SlackServer, company: Database, loaded: Loaded) -> Socket:
    """The present socket, with incident 1 in the channel."""
    stage[3].handlers.heavy = HeavyWork(loaded, small_work)
    raise_incident(company)
    with company.transaction() as connection:
        store.save_check(connection, SPIKE)
    deliver_alerts(company, loaded, draws_charts=False)
    slack.world.calls.clear()
    return slack.open_socket()


def state(database: Database, incident: int = 1) -> IncidentState:
    with database.reading() as connection:
        return store.read_incident(connection, incident).state


def test_acknowledge_changes_the_incident_and_its_message(
    line: Socket, slack: SlackServer, company: Database
) -> None:
    line.wait_for_ack(
        send(line, "interactive", interaction(slack, ACKNOWLEDGE, {"type": "button", "value": "1"}))
    )
    until(lambda: state(company) is IncidentState.ACKNOWLEDGED)
    until(lambda: "acknowledged by <@U7>" in json.dumps(slack.world.roots()[0]["blocks"]))
    until(lambda: "Incident 1 is acknowledged." in answers(slack))
    assert slack.responses[0]["response_type"] == "ephemeral"


def test_a_request_that_slack_repeats_is_done_once(
    line: Socket, slack: SlackServer, company: Database
) -> None:
    event = {
        "type": "event_callback",
        "event_id": "Ev1",
        "team_id": "T1",
        "event": {"type": "app_home_opened", "user": "U7", "tab": "home"},
    }
    for retry in range(3):
        line.wait_for_ack(send(line, "events_api", event, retry=retry))
    until(lambda: slack.world.count("views.publish") == 2)
    line.wait_for_ack(send(line, "events_api", {**event, "event_id": "Ev2"}))
    until(lambda: slack.world.count("views.publish") == 3)
    time.sleep(0.2)
    # The first opening draws twice (at once, then with the week), the second once.
    assert slack.world.count("views.publish") == 3
    pressed = interaction(slack, ACKNOWLEDGE, {"type": "button", "value": "1"})
    for _ in range(3):
        line.wait_for_ack(send(line, "interactive", pressed))
    until(lambda: "Incident 1 is acknowledged." in answers(slack))
    time.sleep(0.2)
    assert len(slack.responses) == 1


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("1d", IncidentState.SNOOZED), ("1w", IncidentState.SNOOZED), ("mute", IncidentState.MUTED)],
)
def test_the_snooze_menu(
    line: Socket, slack: SlackServer, company: Database, choice: str, expected: IncidentState
) -> None:
    chosen = {"type": "static_select", "selected_option": {"value": f"1:{choice}"}}
    line.wait_for_ack(send(line, "interactive", interaction(slack, SNOOZE, chosen)))
    until(lambda: state(company) is expected)


def test_snooze_until_a_date_by_its_modal(line: Socket, slack: SlackServer, company: Database) -> None:
    chosen = {"type": "static_select", "selected_option": {"value": "1:until"}}
    line.wait_for_ack(send(line, "interactive", interaction(slack, SNOOZE, chosen)))
    view = until(lambda: slack.world.views and slack.world.views[0]["view"])
    assert view["callback_id"] == SNOOZE_VIEW
    wrong = submission(SNOOZE_VIEW, 1, {"until": {"until": {"selected_date": "2020-02-30"}}})
    answer = line.wait_for_ack(send(line, "interactive", wrong))
    assert "no end of a snooze" in answer["payload"]["errors"]["until"]
    coming = view["blocks"][0]["element"]["initial_date"]
    line.wait_for_ack(
        send(line, "interactive", submission(SNOOZE_VIEW, 1, {"until": {"until": {"selected_date": coming}}}))
    )
    until(lambda: state(company) is IncidentState.SNOOZED)
    with company.reading() as connection:
        until_moment = store.read_incident(connection, 1).snoozed_until
    assert until_moment is not None
    assert until_moment.date().isoformat() == coming


def test_not_a_complaint_becomes_a_correction_that_beats_the_model(
    line: Socket, slack: SlackServer, company: Database
) -> None:
    line.wait_for_ack(
        send(line, "interactive", interaction(slack, CORRECT, {"type": "button", "value": "1"}))
    )
    view = until(lambda: slack.world.views and slack.world.views[0]["view"])
    options = view["blocks"][1]["element"]["options"]
    assert len(options) == 3
    before = complaints(company)
    chosen = {
        "posts": {"posts": {"selected_options": options[:2]}},
        "field": {"field": {"selected_option": {"value": "complaint"}}},
    }
    line.wait_for_ack(send(line, "interactive", submission(CORRECT_VIEW, 1, chosen)))
    ids = [int(option["value"]) for option in options[:2]]
    rows = until(lambda: corrections(company))
    assert [(r.post_id, r.field, r.old_value, r.new_value, r.corrected_by) for r in rows] == [
        (post, "complaint", "true", "false", "U7") for post in sorted(ids)
    ]
    # Labels, counts and the message change at once, and the next scoring leaves it so.
    assert complaints(company) == before - 2
    until(lambda: options[0]["text"]["text"][3:40] not in json.dumps(slack.world.roots()[0]["blocks"]))
    score_posts(company, OracleScorer(), AboutUs(("Acme",), (), ()))
    assert complaints(company) == before - 2
    with company.reading() as connection:
        labels = connection.execute(
            text(f"SELECT complaint, corrected FROM labels WHERE post_id IN ({ids[0]}, {ids[1]})")
        ).all()
    assert [tuple(label) for label in labels] == [(0, 1), (0, 1)]
    shown = json.dumps(view)
    until(lambda: any(values["user"] == "U7" for values in slack.world.ephemeral))
    assert "<!channel>" not in shown


def complaints(database: Database) -> int:
    with database.reading() as connection:
        return sum(count.complaints for count in daily_counts(connection, date.min, date.max))


def corrections(database: Database) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(text("SELECT * FROM corrections ORDER BY post_id")))


def test_open_report_without_an_address_gives_the_file_in_the_thread(
    line: Socket, slack: SlackServer, loaded: Loaded
) -> None:
    pressed = interaction(slack, REPORT, {"type": "button", "value": "1"})
    line.wait_for_ack(send(line, "interactive", pressed))
    until(lambda: "no weekly report yet" in answers(slack))
    folder = loaded.folder / "reports"
    folder.mkdir()
    (folder / "weekly-2026-W21.html").write_text("<html></html>")
    line.wait_for_ack(send(line, "interactive", interaction(slack, REPORT, {"type": "button", "value": "1"})))
    until(
        lambda: any(
            f["name"] == "weekly-2026-W21.html"
            for m in slack.world.channels["C1"]
            for f in m.get("files", ())
        )
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "What /goodwill can do"),
        ("help", "What /goodwill can do"),
        ("status", "*1* open: Complaints rose."),
        ("why 1", "*What happened*"),
        ("why #1", "*What happened*"),
        ("why 99", "there is no incident 99"),
        ("why", "is no incident: give its number"),
        ("why <!channel>", "is no incident"),
        ("week", DIGEST["text"]),
        ("snooze 1 1w", "snoozed until <!date"),
        ("snooze 1", "a snooze needs an incident and an end"),
        ("snooze 1 yesterday", "is no end of a snooze"),
        ("cloud", "No word cloud for 2026-W21: 3 posts &lt;only&gt;."),
        ("dance <!here>", "is no command"),
    ],
)
def test_the_slash_command(line: Socket, slack: SlackServer, words: str, expected: str) -> None:
    line.wait_for_ack(send(line, "slash_commands", command(slack, words)))
    until(lambda: slack.responses)
    assert expected in answers(slack)
    assert slack.responses[0]["response_type"] == "ephemeral"
    assert "<!channel>" not in json.dumps(slack.responses)
    assert "<!here>" not in json.dumps(slack.responses)


def test_only_listed_people_and_channels_may_use_it(
    line: Socket, company: Database, slack: SlackServer, loaded: Loaded
) -> None:
    strict = loaded_for(loaded.folder, slack.url, allowed_users=["U1"], allowed_channels=["C5"])
    handlers = Handlers(company, strict, HeavyWork(strict, small_work))
    bot = Bot(handlers, strict.settings.slack, read_bot_token)

    def ask(work: Any, body: dict[str, Any]) -> str:
        slack.responses.clear()
        bot.submit(work, read_request(body), bot.client).result()
        return answers(slack)

    assert "not on the list" in ask(handlers.command, command(slack, "status"))
    for allowed in ({"user_id": "U1"}, {"channel_id": "C5"}):
        assert "1 open" in ask(handlers.command, command(slack, "status", **allowed))
    pressed = interaction(slack, ACKNOWLEDGE, {"type": "button", "value": "1"})
    assert "not on the list" in ask(handlers.acknowledge, pressed)
    assert state(company) is IncidentState.OPEN
    bot.close()


def test_a_broken_line_is_taken_up_again_and_nothing_is_lost(
    line: Socket, slack: SlackServer, company: Database
) -> None:
    count = len(slack.sockets)
    line.close()
    second = slack.wait_for_socket(count + 1)
    second.send({"type": "disconnect", "reason": "warning"})
    third = slack.wait_for_socket(count + 2)
    third.wait_for_ack(
        send(third, "interactive", interaction(slack, ACKNOWLEDGE, {"type": "button", "value": "1"}))
    )
    until(lambda: state(company) is IncidentState.ACKNOWLEDGED)


def test_the_home_tab_shows_what_is_going_on_and_the_week(line: Socket, slack: SlackServer) -> None:
    event = {
        "type": "event_callback",
        "event_id": "Ev9",
        "team_id": "T1",
        "event": {"type": "app_home_opened", "user": "U7", "tab": "home"},
    }
    line.wait_for_ack(send(line, "events_api", event))
    home = until(lambda: "U7" in slack.world.homes and slack.world.homes["U7"])
    assert home["type"] == "home"
    assert "1 open" in json.dumps(home)


def test_an_old_week_in_the_home_tab_is_drawn_anew(
    stage: Stage, line: Socket, slack: SlackServer, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bot that runs for months shows at once what it has, then the present week."""
    weeks = iter(["2026-W21", "2026-W22"])

    def work(_arguments: Sequence[str]) -> str:
        return json.dumps({"text": "", "blocks": [{"type": "context", "week": next(weeks)}]})

    monkeypatch.setattr(heavy, "FRESH_SECONDS", -1.0)
    stage[3].handlers.heavy = HeavyWork(loaded, work)
    for number, expected in ((1, "2026-W21"), (2, "2026-W22")):
        event = {"type": "app_home_opened", "user": "U7", "tab": "home"}
        payload = {"type": "event_callback", "event_id": f"Old{number}", "team_id": "T1", "event": event}
        line.wait_for_ack(send(line, "events_api", payload))
        until(lambda shown=expected: shown in json.dumps(slack.world.homes.get("U7", {})))


def test_acknowledgements_come_within_three_seconds_at_fifty_events_a_second(
    line: Socket, slack: SlackServer
) -> None:
    """A hundred commands in two seconds, while each of them reads the database."""
    sent: dict[str, float] = {}
    for number in range(100):
        sent[send(line, "slash_commands", command(slack, "status"))] = time.monotonic()
        time.sleep(max(0.0, next(iter(sent.values())) + (number + 1) / 50 - time.monotonic()))
    for envelope in sent:
        line.wait_for_ack(envelope, seconds=3.0)
    assert time.monotonic() - max(sent.values()) < 3.0
