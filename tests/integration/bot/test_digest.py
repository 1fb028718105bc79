"""The weekly digest: drawn from the weekly report, posted once with its files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain.outbox import MessageKind
from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.workflow import analysis
from monitor.workflow.alert_delivery import Form, Picture
from monitor.workflow.alert_slack import deliver_alerts
from monitor.workflow.digest import DigestArtist, preview_digest, send_digest
from tests.integration.bot.conftest import raise_incident
from tests.integration.bot.slack_world import SlackServer

MONDAY = datetime(2026, 5, 25, 6, tzinfo=UTC)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawing takes seconds and is tested with the reports."""

    def file(self: DigestArtist, week: IsoWeek, kind: MessageKind) -> Picture | None:
        return Picture(kind.value.encode(), kind.value, kind.value)

    monkeypatch.setattr(DigestArtist, "form", lambda _, week: Form(f"Week {week}", [[]]))
    monkeypatch.setattr(DigestArtist, "file", file)


@pytest.mark.usefixtures("drawn")
def test_it_goes_out_once_with_the_cloud_and_the_report_in_its_thread(
    company: Database, loaded: Loaded, slack: SlackServer
) -> None:
    for _ in range(2):
        week, delivered = send_digest(company, loaded, now=MONDAY)
        assert (str(week), delivered.problems, delivered.waiting) == ("2026-W21", [], 0)
    (root,) = slack.world.roots()
    names = [file["name"] for message in slack.world.thread(root["ts"]) for file in message["files"]]
    assert [name.rpartition("-")[2] for name in names] == ["cloud.png", "report.html"]


@pytest.mark.usefixtures("drawn")
def test_a_published_report_is_linked_and_not_sent_as_a_file(
    company: Database, loaded: Loaded, slack: SlackServer
) -> None:
    address = loaded.settings.slack.model_copy(update={"report_url": "https://reports.example/{week}.html"})
    object.__setattr__(loaded, "settings", loaded.settings.model_copy(update={"slack": address}))
    send_digest(company, loaded, now=MONDAY)
    (root,) = slack.world.roots()
    assert len(slack.world.thread(root["ts"])) == 1


@pytest.mark.usefixtures("drawn")
def test_a_digest_that_waits_is_left_alone_by_a_process_that_cannot_draw_it(
    company: Database, loaded: Loaded, slack: SlackServer
) -> None:
    del slack.world.channels["C1"]
    assert send_digest(company, loaded, now=MONDAY)[1].waiting == 3
    slack.world.channels["C1"] = []
    raise_incident(company)
    assert deliver_alerts(company, loaded).waiting == 3
    assert len(slack.world.roots()) == 1
    assert send_digest(company, loaded, now=MONDAY)[1].waiting == 0
    assert len(slack.world.roots()) == 2


def test_it_is_drawn_from_the_report_and_pings_nobody(
    company: Database, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_correlator(*_: Any) -> None:
        return None

    monkeypatch.setattr(analysis, "_correlate", no_correlator)
    preview = preview_digest(company, loaded, now=MONDAY)
    assert preview["week"] == "2026-W21"
    said = json.dumps(preview, ensure_ascii=False)
    assert "<!channel>" not in said
    assert "<!here>" not in said
    assert preview["blocks"][0]["type"] == "header"
