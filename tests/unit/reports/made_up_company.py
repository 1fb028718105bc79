"""A small scored database with canaries in every path by which personal data could leave it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from monitor.domain.campaigns import Campaign
from monitor.domain.deals import Deal
from monitor.domain.nps import NpsResponse
from monitor.domain.posts import CoverageGap, IdentityPolicy, Post, PostKind, SyncSummary, Voice, VoiceSegment
from monitor.domain.scores import ComplaintTag, Scores, Sentiment
from monitor.settings import Loaded, load
from monitor.store import sources as source_store
from monitor.store.database import Database
from monitor.store.posts import save_posts
from monitor.store.records import save_records
from monitor.workflow.about_us import AboutUs
from monitor.workflow.score import score_posts

CANARIES = (
    "Canaryname",
    "canary.handle99",
    "canaryhandle",
    "canary@mail",
    "Canarycorp",
    "canarytoken",
    "canaryhost",
    "0151 2345678",
    "canarypass7",
    "Canaryowner",
    "Canaryrep",
)
WEEK_START = date(2026, 11, 9)
_LEAKS = (
    "Canaryname Quill here: stop the e-mails about renewals",
    "ask @canary.handle99 or u/canaryhandle why the pop-up covers my work",
    "write to canary@mail.example.com about the endless webinar invitations",
    "we at Canarycorp Rockets get three banners a day",
    "see https://canaryhost.example.com/x?key=canarytoken for the misleading offer",
    "call me on 0151 2345678, I never asked for this newsletter",
    "password: canarypass7 and the discount is unfair",
)
_HOSTILE = (
    "<script>window.hacked = 1</script><img src=x onerror=alert(1)>",
    "[red]markup[/red] \x1b[31mescape\x1b[0m \x9b31m \x07",
    "\u202eright to left\u202c \u2066isolate",
    "z" + "\u0301\u0302\u0303" * 40 + "algo",
    '=HYPERLINK("http://x","y")',
    "x" * 10_000,
    "{{ 7*7 }} ${7*7} `code` | a | b |",
    "</script><!-- --> ]]>",
)


class WordScorer:
    """A stand-in for a model: complaints are told by a word list."""

    model_id = "words-1"
    _SIGNS = (
        "e-mail",
        "pop-up",
        "webinar",
        "banner",
        "offer",
        "newsletter",
        "discount",
        "script",
        "markup",
        "left",
        "algo",
        "HYPER",
        "xxx",
        "code",
        "!--",
    )

    def score(self, texts: list[str]) -> list[Scores]:
        """One score a text, in order."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Scores:
        complaint = any(sign in text for sign in self._SIGNS)
        mood = Sentiment.NEGATIVE if complaint or "slow" in text else Sentiment.POSITIVE
        place = sum(text.encode()) % 16
        return Scores(
            "en",
            mood,
            {one: 0.8 if one is mood else 0.1 for one in Sentiment},
            0.9 if complaint else 0.1,
            complaint,
            self.model_id,
            tags=(ComplaintTag.TOO_MANY_MESSAGES,) if complaint else (),
            embedding=bytes(100 if axis == 0 else 60 if axis == place else 0 for axis in range(17)),
        )


def make(folder: Path, *, posts_a_week: int = 25, weeks: int = 10) -> tuple[Database, Loaded]:
    """A database with `weeks` weeks of posts, the last one full of canaries and hostile texts."""
    (folder / "goodwill.toml").write_text(
        '[company]\nname = "Northbeam"\n[database]\nurl = "goodwill.db"\n', encoding="utf-8"
    )
    loaded = load(folder / "goodwill.toml")
    database = Database(loaded.database_url, time_zone=loaded.settings.report.zone)
    posts = []
    for week in range(weeks):
        texts = list(_LEAKS + _HOSTILE) if week == weeks - 1 else []
        while len(texts) < posts_a_week:
            n = len(texts)
            texts.append(
                f"report {n} is slow on day {week}" if n % 2 else f"import {n} works well, batch {week}"
            )
        if week < weeks - 1:
            texts[:4] = [f"another e-mail about invoices, number {week} {i}" for i in range(4)]
        monday = WEEK_START - timedelta(weeks=weeks - 1 - week)
        posts += [_post(monday, week, index, text) for index, text in enumerate(texts)]
    moment = datetime(2026, 11, 16, tzinfo=UTC)
    with database.transaction() as connection:
        source_store.register(connection, "slack", "slack_export", IdentityPolicy.FIRST_PARTY)
        source_store.register(connection, "crm", "deal_notes", IdentityPolicy.FIRST_PARTY)
        save_posts(connection, posts, zone=database.time_zone, now=moment)
        _save_records(connection)
        gap = CoverageGap("slack", "c1", moment - timedelta(days=4), moment - timedelta(days=3), "private")
        source_store.save_gaps(connection, [gap])
        run = source_store.start_run(connection, "slack", moment)
        summary = SyncSummary("slack", problems=("channel of canary@mail.example.com cannot be read",))
        source_store.finish_run(connection, run, summary, moment, status="partial", expected={})
    score_posts(database, WordScorer(), AboutUs(("Northbeam",)))
    return database, loaded


def _post(monday: date, week: int, index: int, text: str) -> Post:
    day = monday + timedelta(days=index % 7)
    note = index % 5 == 3
    return Post(
        source="crm" if note else "slack",
        external_id=f"p{week}-{index}",
        kind=PostKind.DEAL_NOTE if note else PostKind.MESSAGE,
        text=text,
        created_at=datetime(day.year, day.month, day.day, 9, index % 60, tzinfo=UTC),
        channel="c1",
        channel_name="canaryhost.example.com",
        author_id=f"a{index % 6}",
        author_name=(
            "Canaryname Quill",
            "canary.handle99",
            "canaryhandle",
            "Canaryrep Stone",
            "bea",
            "Ivo Quux",
        )[index % 6],
        url="https://acme.slack.com/archives/C1/p1?token=canarytoken",
        account="Canarycorp Rockets",
        segments=(VoiceSegment(Voice.CUSTOMER, text),) if note else (),
        about_us=True,
    )


def _save_records(connection: object) -> None:
    start = WEEK_START - timedelta(days=3)
    campaign = Campaign(
        "calendar",
        "C1",
        "Upsell for Canarycorp Rockets",
        start,
        start + timedelta(days=2),
        "email",
        "upsell",
        "Canarycorp Rockets",
    )
    deal = Deal("crm", "d1", "expansion", owner="Canaryowner Stone", account="Canarycorp Rockets")
    moment = datetime(2026, 9, 7, tzinfo=UTC)
    answers = [
        NpsResponse("nps", f"n{i}", moment + timedelta(days=i), 5 + i % 6, account="Canarycorp Rockets")
        for i in range(60)
    ]
    save_records(connection, [campaign, deal, *answers])  # type: ignore[arg-type]
