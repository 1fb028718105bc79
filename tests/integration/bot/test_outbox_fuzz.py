"""A thousand stories of crashes, lost answers, refusals and restarts: nothing doubles, nothing is lost."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from monitor.domain.outbox import Message, MessageKind
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.workflow.alert_delivery import DeliveryOutcome, Form, Picture, deliver
from monitor.workflow.alert_view import build_view
from reports.alert import alert_blocks, escape, fallback_text, thread_blocks
from reports.slack_delivery import SlackDelivery
from tests.integration.bot.conftest import raise_incident, step_incident
from tests.integration.bot.in_process import CrashError, connect
from tests.integration.bot.slack_world import TOKEN, Answer, Fault, SlackWorld

STORIES = 1000
METHODS = (
    "auth.test",
    "chat.postMessage",
    "chat.update",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
    "conversations.history",
    "conversations.replies",
)


@dataclass
class PlainArtist:
    """Draws from the incident alone."""

    database: Database
    loaded: Loaded

    def form(self, message: Message) -> Form | None:
        if message.kind is MessageKind.THREAD:
            return Form(escape(message.body), [thread_blocks(message.body), []])
        assert message.incident_id is not None
        with self.database.reading() as connection:
            incident = store.read_incident(connection, message.incident_id)
            charts = [m.file_id for m in store.messages_of(connection, incident.id) if m.file_id]
        view = build_view(incident, [], self.loaded, chart_file=charts[0] if charts else "")
        blocks = alert_blocks(view)
        return Form(
            f"{fallback_text(view)} v{incident.version}",
            [blocks, [b for b in blocks if b["type"] != "image"], []],
        )

    def picture(self, message: Message) -> Picture | None:
        return Picture(b"png", "chart", "a chart")


class MortalWorld(SlackWorld):
    """The process that calls it may die before or after Slack takes the call."""

    def __init__(self) -> None:
        super().__init__()
        self.deaths: dict[int, bool] = {}
        self.tells_time = True

    def call(self, method: str, token: str, values: dict[str, object]) -> Answer:
        after = self.deaths.pop(len(self.calls), None)
        if after is False:
            self.calls.append((method, values))
            raise CrashError
        answer = super().call(method, token, values)
        if after is True:
            raise CrashError
        if not self.tells_time:
            answer.headers.pop("Date", None)
        return answer


@dataclass
class Story:
    """One sequence, drawn from its seed."""

    seed: int
    database: Database
    loaded: Loaded
    world: MortalWorld
    incidents: dict[int, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.deliveries: list[DeliveryOutcome] = []

    def run(self) -> None:
        for _ in range(self.dice.randint(1, 2)):
            incident = raise_incident(self.database, f"{self.seed}-{len(self.incidents)}")
            self.incidents[incident.id] = incident.version
        for _ in range(self.dice.randint(1, 4)):
            self._something_happens()
            self._break_something()
            self._deliver()
        self.world.faults.clear()
        self.world.deaths.clear()
        for _ in range(6):
            if self._deliver().waiting == 0:
                return
        raise AssertionError(f"story {self.seed}: messages are still waiting")

    def _something_happens(self) -> None:
        if self.dice.random() < 0.6:
            chosen = self.dice.choice(list(self.incidents))
            told = f"note {self.seed}/{len(self.notes)}" if self.dice.random() < 0.6 else ""
            self.incidents[chosen] = step_incident(self.database, chosen, told).version
            self.notes += [told] if told else []

    def _break_something(self) -> None:
        self.world.faults.clear()
        self.world.tells_time = self.dice.random() < 0.8
        for _ in range(self.dice.randint(0, 3)):
            self.world.fail(self.dice.choice(METHODS), self._fault())
        if self.dice.random() < 0.5:
            self.world.deaths = {len(self.world.calls) + self.dice.randint(0, 12): self.dice.random() < 0.6}

    def _fault(self) -> Fault:
        after = self.dice.random() < 0.6
        kinds: list[Callable[[], Fault]] = [
            lambda: Fault("unanswered" if after else "lost", after=after),
            lambda: Fault("status", status=500, after=after),
            lambda: Fault("status", status=503, after=after),
            lambda: Fault("html", status=self.dice.choice([200, 502]), after=after),
            lambda: Fault("status", "ratelimited", 429, headers={"Retry-After": "1"}),
            lambda: Fault(
                "error", self.dice.choice(["not_in_channel", "token_expired", "fatal_error", "msg_too_long"])
            ),
        ]
        return self.dice.choice(kinds)()

    def _deliver(self) -> DeliveryOutcome:
        slack = SlackDelivery(lambda: TOKEN, base_url="https://slack.test/api")
        artist = PlainArtist(self.database, self.loaded)
        try:
            outcome = deliver(self.database, slack, artist, channel="C1", sleep=lambda _seconds: None)
        except CrashError:
            outcome = DeliveryOutcome(waiting=-1)
        self.deliveries.append(outcome)
        return outcome

    def verdict(self) -> tuple[int, int]:
        """Messages in Slack that double another, and messages that are not there."""
        posted = Counter(
            m["metadata"]["event_payload"]["key"] for m in self.world.channels["C1"] if m.get("metadata")
        )
        charts = Counter(f["name"] for m in self.world.channels["C1"] for f in m.get("files", ()))
        expected = 0
        with self.database.reading() as connection:
            for incident in self.incidents:
                keys = {
                    m.key
                    for m in store.messages_of(connection, incident)
                    if m.kind in {MessageKind.ROOT, MessageKind.THREAD}
                }
                expected += len(keys - posted.keys())
        stale = sum(
            not any(m["text"].endswith(f" v{version}") for m in self.world.roots())
            for version in self.incidents.values()
        )
        doubled = sum(n - 1 for n in [*posted.values(), *charts.values()])
        lost = expected + stale + (len(self.incidents) - len(charts)) + (len(self.notes) - self._told())
        return doubled, lost

    def _told(self) -> int:
        texts = [m["text"] for m in self.world.channels["C1"]]
        return sum(note in texts for note in self.notes)


def test_a_thousand_broken_stories_double_nothing_and_lose_nothing(
    database: Database, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubled = lost = deaths = found = 0
    for seed in range(STORIES):
        world = MortalWorld()
        connect(monkeypatch, world)
        with database.transaction() as connection:
            for table in ("outbox", "incidents", "incident_log"):
                connection.execute(text(f"DELETE FROM {table}"))
        story = Story(seed, database, loaded, world)
        story.run()
        more, less = story.verdict()
        doubled, lost = doubled + more, lost + less
        deaths += sum(outcome.waiting == -1 for outcome in story.deliveries)
        found += sum(outcome.found for outcome in story.deliveries)
    assert (doubled, lost) == (0, 0)
    # The stories must have been hard: processes died, and sent messages had to be found again.
    assert deaths > STORIES / 10
    assert found > STORIES / 20


def test_the_story_teller_would_notice_a_double(
    database: Database, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without looking up, a lost answer doubles the message: the check above can fail."""
    world = MortalWorld()
    connect(monkeypatch, world)
    monkeypatch.setattr(SlackDelivery, "find_message", lambda *_, **__: "")
    story = Story(1, database, loaded, world)
    incident = raise_incident(database, "one")
    story.incidents[incident.id] = incident.version
    world.fail("chat.postMessage", Fault("unanswered", after=True))
    story._deliver()
    assert story.verdict()[0] == 1
