"""Delivery over HTTP and the real SDK: everything Slack may say or not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.alerts import AlertOptions, IncidentEvent, RuleName, RuleOptions
from monitor.domain.outbox import MessageKind, MessageState
from monitor.errors import ConfigurationError
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.workflow import alert_delivery
from monitor.workflow.alert import change_incident
from monitor.workflow.alert_delivery import DeliveryOutcome, deliver
from monitor.workflow.alert_slack import open_slack, read_bot_token
from reports.alert import AlertQuote, alert_blocks, cut, escape
from tests.integration.bot.conftest import NOW, loaded_for, raise_incident, step_incident
from tests.integration.bot.slack_world import SCOPES, TOKEN, Fault, SlackServer
from tests.integration.bot.test_outbox_fuzz import PlainArtist

waits: list[float] = []


@pytest.fixture(autouse=True)
def _no_waits() -> None:
    waits.clear()


def send(database: Database, loaded: Loaded, channel: str = "C1") -> DeliveryOutcome:
    return deliver(
        database, open_slack(loaded), PlainArtist(database, loaded), channel=channel, sleep=waits.append
    )


def states(database: Database, incident: int) -> dict[MessageKind, MessageState]:
    with database.reading() as connection:
        return {m.kind: m.state for m in store.messages_of(connection, incident)}


def test_a_lost_answer_is_looked_up_and_not_sent_again(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    raise_incident(database)
    slack.world.fail("chat.postMessage", Fault("unanswered", after=True))
    outcome = send(database, loaded)
    assert (outcome.found, outcome.waiting) == (1, 0)
    assert len(slack.world.roots()) == 1
    assert waits == [alert_delivery.SETTLE_SECONDS]


MUTED_RULES = AlertOptions(rules={name: RuleOptions(muted=True) for name in RuleName})


@pytest.mark.parametrize("by_settings", [False, True])
def test_a_note_that_waits_when_somebody_mutes_stays_unsent(
    database: Database, loaded: Loaded, slack: SlackServer, by_settings: bool
) -> None:
    raised = raise_incident(database)
    assert send(database, loaded).waiting == 0
    step_incident(database, raised.id, "It got worse.", loud=True)
    if not by_settings:
        change_incident(database, loaded, raised.id, IncidentEvent.MUTE, actor="U1", now=NOW)
    artist = PlainArtist(database, loaded)
    options = MUTED_RULES if by_settings else AlertOptions()
    outcome = deliver(database, open_slack(loaded), artist, channel="C1", options=options)
    (root,) = slack.world.roots()
    assert (outcome.waiting, len(slack.world.thread(root["ts"]))) == (0, 1)  # the picture of before
    assert states(database, raised.id)[MessageKind.THREAD] is MessageState.DROPPED
    assert outcome.sent == 1  # the message itself shows how things stand


def test_a_note_that_slack_took_before_the_mute_is_known_as_sent(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    raised = raise_incident(database)
    assert send(database, loaded).waiting == 0
    step_incident(database, raised.id, "It got worse.")
    slack.world.fail("chat.postMessage", Fault("unanswered", after=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alert_delivery, "TRIES_A_SESSION", 1)
        assert send(database, loaded).waiting == 1
    change_incident(database, loaded, raised.id, IncidentEvent.MUTE, actor="U1", now=NOW)
    assert send(database, loaded).found == 1
    assert states(database, raised.id)[MessageKind.THREAD] is MessageState.SENT


def test_a_lost_request_is_sent_again_after_looking(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    raise_incident(database)
    slack.world.fail("chat.postMessage", Fault("lost"))
    assert send(database, loaded).waiting == 0
    assert len(slack.world.roots()) == 1
    assert slack.world.count("conversations.history") == 1


def test_a_lost_answer_to_a_picture_does_not_double_it(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    raise_incident(database)
    slack.world.fail("files.completeUploadExternal", Fault("unanswered", after=True))
    assert send(database, loaded).waiting == 0
    (root,) = slack.world.roots()
    assert len(slack.world.thread(root["ts"])) == 1


def test_a_time_out_counts_as_no_answer(database: Database, tmp_path: Path, slack: SlackServer) -> None:
    """Slack takes the message but says so too late for the client."""
    import time

    raise_incident(database)
    patient = slack.world.call

    def slow(method: str, token: str, values: dict[str, object]) -> object:
        answer = patient(method, token, values)
        if method == "chat.postMessage":
            time.sleep(1.5)
        return answer

    slack.world.call = slow  # type: ignore[method-assign,assignment]
    outcome = send(database, loaded_for(tmp_path, slack.url, timeout_seconds=1))
    assert outcome.found == 1
    assert len(slack.world.roots()) == 1


def test_429_waits_as_long_as_slack_says_and_goes_on(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    raise_incident(database)
    slack.world.fail("chat.postMessage", Fault("status", "ratelimited", 429, headers={"Retry-After": "7"}))
    assert send(database, loaded).waiting == 0
    assert waits == [7.0]
    assert slack.world.count("conversations.history") == 0  # Slack surely did not take it


def test_a_long_429_is_left_to_the_next_run(database: Database, loaded: Loaded, slack: SlackServer) -> None:
    raise_incident(database)
    slack.world.fail("chat.postMessage", Fault("status", "ratelimited", 429, headers={"Retry-After": "3600"}))
    outcome = send(database, loaded)
    assert outcome.waiting == 2
    assert "3600 s" in outcome.problems[0]
    assert send(database, loaded).waiting == 0


@pytest.mark.parametrize("code", ["token_expired", "invalid_auth", "account_inactive", "missing_scope"])
def test_a_bad_token_or_scope_loses_nothing_and_says_what_to_do(
    database: Database, loaded: Loaded, slack: SlackServer, code: str
) -> None:
    raise_incident(database)
    slack.world.fail("chat.postMessage", Fault("error", code))
    outcome = send(database, loaded)
    assert outcome.waiting == 2
    assert "Add the scope" in outcome.problems[0] or "GOODWILL_SLACK_TOKEN" in outcome.problems[0]
    assert TOKEN not in "".join(outcome.problems)
    assert send(database, loaded).waiting == 0
    assert len(slack.world.roots()) == 1


def test_a_token_that_was_rotated_is_read_anew(
    database: Database, loaded: Loaded, slack: SlackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    monkeypatch.delenv("GOODWILL_SLACK_TOKEN")
    monkeypatch.setenv("GOODWILL_SLACK_TOKEN_FILE", str(file))
    delivery = open_slack(loaded)
    slack.world.tokens = {"xoxb-new"}
    file.write_text("xoxb-new")
    raise_incident(database)
    outcome = deliver(database, delivery, PlainArtist(database, loaded), channel="C1", sleep=waits.append)
    assert (outcome.problems, outcome.waiting) == ([], 0)


def test_without_a_token_it_says_where_to_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOODWILL_SLACK_TOKEN")
    with pytest.raises(ConfigurationError, match="GOODWILL_SLACK_TOKEN_FILE"):
        read_bot_token()


def test_a_token_in_dotenv_beside_the_settings_is_found_from_another_folder(
    database: Database, slack: SlackServer, dotenv_home: Path
) -> None:
    raise_incident(database)
    assert send(database, loaded_for(dotenv_home, slack.url)).waiting == 0
    assert len(slack.world.roots()) == 1


@pytest.mark.parametrize("kind", ["deleted", "archived"])
def test_a_channel_that_is_gone_loses_nothing_and_a_new_one_gets_it(
    database: Database, loaded: Loaded, slack: SlackServer, kind: str
) -> None:
    raise_incident(database)
    if kind == "archived":
        slack.world.archived.add("C1")
    else:
        del slack.world.channels["C1"]
    outcome = send(database, loaded)
    assert outcome.waiting == 2
    assert "slack.channel" in outcome.problems[0]
    slack.world.channels["C2"] = []
    assert send(database, loaded, "C2").waiting == 0
    assert len(slack.world.roots("C2")) == 1


def test_a_message_that_somebody_deleted_is_left_alone(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    incident = raise_incident(database)
    send(database, loaded)
    slack.world.channels["C1"].clear()
    step_incident(database, incident.id, "")
    outcome = send(database, loaded)
    assert outcome.waiting == 0
    assert slack.world.channels["C1"] == []


@pytest.mark.parametrize("code", ["msg_too_long", "invalid_blocks"])
def test_a_message_that_slack_finds_unfit_is_sent_in_a_shorter_form(
    database: Database, loaded: Loaded, slack: SlackServer, code: str
) -> None:
    raise_incident(database)
    slack.world.fail("chat.postMessage", Fault("error", code), Fault("error", code))
    assert send(database, loaded).waiting == 0
    (root,) = slack.world.roots()
    assert root["text"].startswith("Marketing complaints are spiking")


def test_a_picture_that_slack_still_processes_is_left_out_of_the_message(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    raise_incident(database)
    slack.world.file_ready = False
    assert send(database, loaded).waiting == 0
    (root,) = slack.world.roots()
    assert "image" not in [block["type"] for block in root["blocks"]]


def test_a_picture_that_slack_processes_for_some_seconds_is_waited_for(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    raise_incident(database)
    slack.world.file_ready = False

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        slack.world.file_ready = len(waits) == 2

    artist = PlainArtist(database, loaded)
    assert deliver(database, open_slack(loaded), artist, channel="C1", sleep=sleep).waiting == 0
    (root,) = slack.world.roots()
    assert "image" in [block["type"] for block in root["blocks"]]
    assert waits == list(alert_delivery.PICTURE_WAITS[:2])


def test_another_workspace_never_gets_an_incident_of_the_first(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    incident = raise_incident(database)
    send(database, loaded)
    slack.world.team = "T2"
    step_incident(database, incident.id, "worse")
    outcome = send(database, loaded)
    assert "another workspace (T1)" in outcome.problems[0]
    slack.world.team = "T1"
    assert send(database, loaded).waiting == 0


def test_updates_that_a_newer_one_makes_needless_are_not_sent(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    incident = raise_incident(database)
    send(database, loaded)
    before = slack.world.count("chat.update")
    for _ in range(5):
        step_incident(database, incident.id, "")
    assert send(database, loaded).waiting == 0
    assert slack.world.count("chat.update") == before + 1


def test_only_one_process_delivers_at_a_time(database: Database, loaded: Loaded, slack: SlackServer) -> None:
    raise_incident(database)
    with store.delivering(database):
        assert send(database, loaded).waiting == 2
    assert slack.world.channels["C1"] == []
    assert send(database, loaded).waiting == 0


def test_messages_of_an_incident_follow_its_first_one(
    database: Database, loaded: Loaded, slack: SlackServer
) -> None:
    incident = raise_incident(database)
    step_incident(database, incident.id, "a note")
    slack.world.fail("chat.postMessage", Fault("error", "not_in_channel"))
    assert send(database, loaded).sent == 0
    assert send(database, loaded).waiting == 0
    (root,) = slack.world.roots()
    assert [m["text"] for m in slack.world.thread(root["ts"]) if m["text"]] == ["a note"]


@pytest.mark.parametrize("loud", [True, False])
def test_only_news_for_the_whole_channel_leaves_its_thread(
    database: Database, loaded: Loaded, slack: SlackServer, loud: bool
) -> None:
    incident = raise_incident(database)
    step_incident(database, incident.id, "It came back.", loud=loud)
    assert send(database, loaded).waiting == 0
    (note,) = [values for name, values in slack.world.calls if values.get("text") == "It came back."]
    assert bool(note.get("reply_broadcast")) is loud
    assert note["thread_ts"] == slack.world.roots()[0]["ts"]


def test_scopes_of_the_world_are_those_of_the_manifest() -> None:
    manifest = (Path(alert_delivery.__file__).parents[2] / "manifest.yml").read_text("utf-8")
    for scope in SCOPES.split(","):
        assert f"- {scope}" in manifest


def test_blocks_stay_within_slacks_limits_whatever_they_hold(database: Database, loaded: Loaded) -> None:
    from dataclasses import replace
    from datetime import date

    from monitor.workflow.alert_view import build_view

    view = build_view(raise_incident(database), [], loaded)
    long = "&<>`@here " * 2000
    quotes = tuple(
        AlertQuote(long, long[:500], date(2026, 1, 1), "https://a.example/" + "x" * 3000) for _ in range(5)
    )
    huge = replace(
        view,
        title=long,
        sentence=long,
        also=(long,) * 40,
        quotes=quotes,
        nearby=(long,) * 40,
        questions=(long,) * 40,
    )
    blocks = alert_blocks(huge)
    assert len(blocks) <= 50
    assert len(str(blocks)) <= 13_000
    for block in blocks:
        text = (block.get("text") or {}).get("text", "")
        assert len(text) <= (150 if block["type"] == "header" else 3000)
        assert "<!" not in text.replace("<!date", "")


def test_cutting_never_leaves_half_an_escaped_character() -> None:
    for limit in range(1, 40):
        short = cut(escape("a < b & c > d <!channel> e"), limit)
        assert len(short) <= limit
        assert "&" not in short.rsplit("&", 1)[-1]
        assert not short.rstrip("…").endswith(("&", "&a", "&am", "&amp", "&l", "&lt", "&g", "&gt"))
