"""Nothing of a muted incident goes out, not even its first message; unmuted, it does."""

from __future__ import annotations

import pytest

from monitor.domain.alerts import AlertOptions, IncidentEvent, RuleName, RuleOptions
from monitor.domain.outbox import MessageKind, MessageState
from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.workflow.alert import change_incident
from monitor.workflow.alert_delivery import DeliveryOutcome, deliver
from monitor.workflow.alert_slack import open_slack
from tests.integration.bot.conftest import NOW, raise_incident, step_incident
from tests.integration.bot.slack_world import SlackServer
from tests.integration.bot.test_delivery import states
from tests.integration.bot.test_outbox_fuzz import PlainArtist

MUTED_RULES = AlertOptions(rules={name: RuleOptions(muted=True) for name in RuleName})


def _deliver(database: Database, loaded: Loaded, options: AlertOptions | None = None) -> DeliveryOutcome:
    return deliver(database, open_slack(loaded), PlainArtist(database, loaded), channel="C1", options=options)


@pytest.mark.parametrize("by_settings", [False, True])
def test_a_first_message_that_waits_is_kept_back_until_nothing_mutes_it(
    database: Database, loaded: Loaded, slack: SlackServer, by_settings: bool
) -> None:
    raised = raise_incident(database)
    if not by_settings:
        change_incident(database, loaded, raised.id, IncidentEvent.MUTE, actor="U1", now=NOW)
    outcome = _deliver(database, loaded, MUTED_RULES if by_settings else None)
    assert (outcome.sent, outcome.waiting, slack.world.roots()) == (0, 0, [])
    assert states(database, raised.id)[MessageKind.ROOT] is MessageState.DROPPED
    if by_settings:
        step_incident(database, raised.id, "It got worse.")
    else:
        change_incident(database, loaded, raised.id, IncidentEvent.UNMUTE, actor="U1", now=NOW)
    assert _deliver(database, loaded).waiting == 0
    (root,) = slack.world.roots()
    assert len(slack.world.thread(root["ts"])) == 1  # its picture
