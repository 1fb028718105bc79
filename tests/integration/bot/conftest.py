"""A small company with a spike of marketing complaints, and a Slack to tell it to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.alerts import Incident, IncidentState, Measure, RuleName, Signal
from monitor.domain.campaigns import Campaign
from monitor.domain.incidents import Change
from monitor.domain.posts import IdentityPolicy, Post, PostKind
from monitor.settings import Loaded, Settings
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.store.posts import save_posts
from monitor.store.records import save_records
from monitor.store.sources import register
from monitor.workflow.about_us import AboutUs
from monitor.workflow.alert import record
from monitor.workflow.score import score_posts
from tests.integration.bot.oracle import OracleScorer
from tests.integration.bot.slack_world import APP_TOKEN, TOKEN, SlackServer

FIRST = date(2026, 3, 2)
DAYS = 90
SPIKE = FIRST + timedelta(days=80)
NOW = datetime(2026, 6, 1, 7, tzinfo=UTC)
HOSTILE = "<!channel> @here stop your emails, unsubscribe <https://evil.example|me> & `code`"


def loaded_for(folder: Path, url: str, **slack: Any) -> Loaded:
    """Settings of a company whose Slack is `url`."""
    sections: dict[str, Any] = {
        "company": {"name": "Acme"},
        "report": {"time_zone": "Europe/Berlin"},
        "slack": {"base_url": url, "channel": "C1", **slack},
    }
    return Loaded(Settings(_env_file=None, **sections), folder, None)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as running:
        yield running


def set_tokens(patch: pytest.MonkeyPatch) -> None:
    """The tokens that the world knows."""
    patch.setenv("GOODWILL_SLACK_TOKEN", TOKEN)
    patch.setenv("GOODWILL_SLACK_APP_TOKEN", APP_TOKEN)


@pytest.fixture(autouse=True)
def _secrets(_clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    set_tokens(monkeypatch)


@pytest.fixture
def dotenv_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings folder whose .env alone holds the tokens, seen from another folder."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    (home / ".env").write_text(f"GOODWILL_SLACK_TOKEN={TOKEN}\nGOODWILL_SLACK_APP_TOKEN={APP_TOKEN}\n")
    monkeypatch.delenv("GOODWILL_SLACK_TOKEN")
    monkeypatch.delenv("GOODWILL_SLACK_APP_TOKEN")
    monkeypatch.chdir(elsewhere)
    return home


@pytest.fixture
def loaded(tmp_path: Path, slack: SlackServer) -> Loaded:
    return loaded_for(tmp_path, slack.url)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    with Database(str(tmp_path / "goodwill.db"), time_zone=ZoneInfo("Europe/Berlin")) as opened:
        yield opened


@pytest.fixture(scope="session")
def company_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety days of a small company, written once."""
    path = tmp_path_factory.mktemp("company") / "goodwill.db"
    with Database(str(path), time_zone=ZoneInfo("Europe/Berlin")) as database:
        fill(database)
    return path


@contextmanager
def copy_of(file: Path, folder: Path) -> Iterator[Database]:
    """A database that tests may change."""
    target = folder / "company.db"
    for ending in ("", "-wal", "-shm"):
        source = Path(f"{file}{ending}")
        if source.exists():
            shutil.copy(source, f"{target}{ending}")
    with Database(str(target), time_zone=ZoneInfo("Europe/Berlin")) as opened:
        yield opened


@pytest.fixture
def company(tmp_path: Path, company_file: Path) -> Iterator[Database]:
    """A copy of the company."""
    with copy_of(company_file, tmp_path) as opened:
        yield opened


_PRAISE = ("dashboard", "charts", "export", "filters", "search", "keyboard", "colours", "reports")
_ANGER = ("unsubscribe", "banner", "salesperson", "discount", "webinar", "popup", "newsletter", "renewal")


def fill(database: Database, *, wordy: bool = False) -> None:
    """Two complaints a day, then nine; a campaign begins the day before.

    Args:
        database: empty.
        wordy: posts say what they are about, so that there are words for a cloud.
    """
    zone = ZoneInfo("Europe/Berlin")
    posts = []
    for offset in range(DAYS):
        day = FIRST + timedelta(days=offset)
        complaints = 9 if day >= SPIKE else 1 + offset % 3
        kinds = ["complaint"] * complaints + ["praise"] * 8 + ["bug"] * (1 + offset % 2)
        for number, mood in enumerate(kinds):
            at = datetime(day.year, day.month, day.day, 10, number, tzinfo=zone).astimezone(UTC)
            text = f"Acme {mood} {offset} {number}"
            if wordy:
                topics = _ANGER if mood == "complaint" and day >= SPIKE - timedelta(days=4) else _PRAISE
                text += "".join(f" {topics[(offset * 5 + number + more) % 8]}" for more in (0, 2, 5))
            if mood == "complaint" and number == 0 and day == SPIKE:
                text = f"Acme complaint {HOSTILE}"
            url = f"https://acme.slack.com/archives/C9/p{offset}{number:03d}"
            posts.append(
                Post(
                    "forum",
                    f"{offset}-{number}",
                    PostKind.FORUM_POST,
                    text,
                    at,
                    about_us=True,
                    url=url,
                    author_id="u1",
                )
            )
    with database.transaction() as connection:
        register(connection, posts[0].source, "posts", IdentityPolicy.FIRST_PARTY)
        save_posts(connection, posts, zone=zone, now=NOW)
        start = SPIKE - timedelta(days=1)
        save_records(
            connection, [Campaign("calendar", "c1", "Summer <!here> sale", start, start, "email", "promo")]
        )
    score_posts(database, OracleScorer(), AboutUs(("Acme",), (), ()))


def raise_incident(database: Database, name: str = "all", *, channel: str = "C1") -> Incident:
    """An open incident that asks for its messages, without any statistics."""
    measure = Measure("marketing complaints", "9", "2.0", "0", "5", 9, "2026-05-21 to 2026-05-22")
    signal = Signal(RuleName.COMPLAINT_SPIKE, name, SPIKE, SPIKE, "Complaints rose.", measure, 4.5)
    incident = Incident(
        key=f"complaint_spike/{name}",
        state=IncidentState.OPEN,
        members=(signal.member,),
        signals=(signal,),
        onset=SPIKE,
        opened_on=SPIKE,
        seen_on=SPIKE,
        posted_on=SPIKE,
    )
    with database.transaction() as connection:
        return record(connection, Change(None, incident, "raise", visible=True), NOW, channel).after


def step_incident(
    database: Database, incident_id: int, told: str, *, loud: bool = False, **changes: Any
) -> Incident:
    """A visible step of a stored incident."""
    with database.transaction() as connection:
        before = store.read_incident(connection, incident_id, to_change=True)
        after = replace(before, version=before.version + 1, **changes)
        change = Change(before, after, "signal", visible=True, told=told, loud=loud)
        return record(connection, change, NOW, "C1").after
