"""How long a weekly report takes, and how much memory, on a generated database.

    python -m benchmarks.reports.weekly_speed --posts 1000000 --folder /path/to/keep

The database holds one year of posts about a made-up company in four sources, sixteen campaigns, 900 NPS answers.
Texts are composed from word lists and labelled by the generator, not by a model, so that making the database
measures storage only. Each report runs in its own process: time and peak memory are those a user sees, imports
included.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from monitor.domain.campaigns import Campaign
from monitor.domain.nps import NpsResponse
from monitor.domain.posts import IdentityPolicy, Post, PostKind
from monitor.domain.scores import ComplaintTag, Scores, Sentiment
from monitor.store.database import Database
from monitor.store.posts import save_posts
from monitor.store.records import save_records
from monitor.store.sources import register
from monitor.workflow.about_us import AboutUs
from monitor.workflow.score import score_posts

START, DAYS, WEEK = date(2025, 11, 17), 364, "2026-W46"
SOURCES = (
    ("community", "reddit_jsonl", IdentityPolicy.FORBIDDEN, PostKind.SUBMISSION),
    ("slack", "slack_export", IdentityPolicy.FIRST_PARTY, PostKind.MESSAGE),
    ("crm", "deal_notes", IdentityPolicy.FIRST_PARTY, PostKind.DEAL_NOTE),
    ("nps", "nps", IdentityPolicy.FIRST_PARTY, PostKind.NPS_COMMENT),
)
SUBJECTS = [
    "dashboard",
    "import",
    "export",
    "filter",
    "search",
    "billing",
    "invoice",
    "login",
    "report",
    "calendar",
    "board",
    "workspace",
]
GOOD = [
    "works nicely",
    "saved us hours",
    "is clear now",
    "loads fast",
    "does what we need",
    "made the team happy",
]
BAD = [
    "keeps failing",
    "lost our data",
    "is slow again",
    "crashes on open",
    "hangs every morning",
    "broke after the update",
]
NEUTRAL = [
    "where is the setting",
    "how does it count",
    "who else uses it",
    "which plan has it",
    "when is it planned",
]
COMPLAINTS = (
    "another e-mail about {0} today, please stop",
    "a pop-up for {0} covered my work again",
    "I unsubscribed and still get {0} offers",
    "sales called three times about {0}, not relevant to us",
)


class GeneratorLabels:
    """Stands in for a model: the mood is in the word lists."""

    model_id = "generator-1"

    def score(self, texts: list[str]) -> list[Scores]:
        """Label texts by the phrases they were made from."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Scores:
        complaint = any(form.partition("{0}")[0].strip() in text for form in COMPLAINTS)
        mood = Sentiment.NEUTRAL
        if complaint or any(phrase in text for phrase in BAD):
            mood = Sentiment.NEGATIVE
        elif any(phrase in text for phrase in GOOD):
            mood = Sentiment.POSITIVE
        share = int(hashlib.sha256(text.encode()).hexdigest()[:6], 16) / 0xFFFFFF
        tag = ComplaintTag.TOO_MANY_MESSAGES if "e-mail" in text else ComplaintTag.IN_APP_INTERRUPTION
        return Scores(
            "en",
            mood,
            {one: 0.8 if one is mood else 0.1 for one in Sentiment},
            0.7 + 0.3 * share if complaint else 0.2 * share,
            complaint,
            self.model_id,
            tags=(tag,) if complaint else (),
        )


def compose(rng: random.Random) -> str:
    """One made-up text; about 40,000 different ones."""
    subject, other = rng.choice(SUBJECTS), rng.choice(SUBJECTS)
    kind = rng.random()
    if kind < 0.04:
        return f"{rng.choice(COMPLAINTS).format(subject)} ({rng.randrange(200)})"
    phrases = BAD if kind < 0.16 else GOOD if kind < 0.5 else NEUTRAL
    return f"The {subject} next to the {other} {rng.choice(phrases)}, ticket {rng.randrange(40)}"


def make_database(path: Path, posts: int) -> None:
    """Write the database and the goodwill.toml beside it."""
    rng = random.Random(5)
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "goodwill.toml").write_text(
        f'[company]\nname = "Northbeam"\ncustomers = 800\n[database]\nurl = "{path.name}"\n', encoding="utf-8"
    )
    with Database(f"sqlite:///{path}") as database:
        with database.transaction() as connection:
            for name, kind, policy, _ in SOURCES:
                register(connection, name, kind, policy)
            starts = [START + timedelta(days=20 + 21 * i) for i in range(16)]
            save_records(
                connection,
                [
                    Campaign(
                        "calendar",
                        f"C{i:02}",
                        f"Campaign {i}",
                        s,
                        s + timedelta(days=3),
                        "email",
                        "upsell",
                        sends=2000,
                    )
                    for i, s in enumerate(starts)
                ],
            )
            moment = datetime(2025, 11, 17, tzinfo=UTC)
            answers = [
                NpsResponse(
                    "nps",
                    f"n{i}",
                    moment + timedelta(hours=8700 * rng.random()),
                    rng.choice([2, 6, 7, 8, 9, 9, 10]),
                )
                for i in range(900)
            ]
            save_records(connection, answers)
        for first in range(0, posts, 20_000):
            batch = [_post(rng, number) for number in range(first, min(first + 20_000, posts))]
            with database.transaction() as connection:
                save_posts(connection, batch, zone=database.time_zone, now=moment)
        score_posts(database, GeneratorLabels(), AboutUs(("Northbeam",)))


def _post(rng: random.Random, number: int) -> Post:
    name, _, _, kind = rng.choices(SOURCES, [3, 5, 1, 1])[0]
    day = START + timedelta(days=rng.randrange(DAYS))
    return Post(
        source=name,
        external_id=f"p{number}",
        kind=kind,
        text=compose(rng),
        created_at=datetime(day.year, day.month, day.day, rng.randrange(24), tzinfo=UTC),
        channel=f"c{number % 9}",
        channel_name=f"channel {number % 9}",
        author_id=f"a{number % 20_000}",
        author_name=f"Zora Quill{number % 20_000}",
        about_us=True,
    )


def measure(folder: Path, output_format: str) -> tuple[float, float]:
    """Seconds and megabytes of one `goodwill report weekly`, in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    script = (
        "import resource, sys; from monitor.cli.main import app\n"
        "try:\n    app()\nfinally:\n    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    arguments = [
        "report",
        "weekly",
        "--week",
        WEEK,
        "--format",
        output_format,
        "--output",
        str(folder / f"out.{output_format}"),
    ]
    started = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - started
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    print(
        f"{output_format:9} {seconds:6.2f} s wall {cpu:6.2f} s CPU {int(result.stderr.split()[-1]) / 1024:7.0f} MB"
    )
    return seconds, cpu


def main() -> None:
    """Make the database once and measure every format twice (the second run has warm caches)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=50_000)
    parser.add_argument("--folder", type=Path, default=None)
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp())
    path = folder / "goodwill.db"
    if not path.exists():
        started = time.perf_counter()
        make_database(path, chosen.posts)
        print(f"database of {chosen.posts:,} posts made in {time.perf_counter() - started:.0f} s")
    for _ in range(2):
        for output_format in ("terminal", "html"):
            measure(folder, output_format)


if __name__ == "__main__":
    main()
