"""How many records a second each file connector reads and parses, and in how much memory.

    python benchmarks/connectors/reading_speed.py [--records 50000] [--only deal_notes]

Files are generated with texts of the length of real ones, in a folder that goes away; each kind is read by a
process of its own, so that its memory is its own. Nothing is stored: the store has `benchmarks/store`.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from connectors.registry import build_connector

START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 16, tzinfo=UTC)
SAID = (
    "The export worked, but the newsletter came twice again this week, why?",
    "Thanks, that fixed it. <b>Great</b> support as always & quick",
    "Stop calling my finance team about the upgrade; we said no three times already and meant it.",
    "Is there a way to mute the banner? It covers the reply box on small screens.",
)
NOTE = """<div><p>Call with the admin. {said}</p><p>Next step: send the quote by Friday.</p>
<blockquote>On Tue, Oct 6, 2026 at 9:14 AM Dana wrote:<br>&gt; {said}<br>&gt; Regards, Dana</blockquote></div>"""


def said(number: int) -> str:
    """One of a few texts, made different by its number."""
    return f"{SAID[number % len(SAID)]} ({number})"


def moment(number: int) -> datetime:
    """A moment of the last two years, later with the number."""
    return START + timedelta(minutes=number * 7 % 900_000)


def write_table(path: Path, names: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)


def write_slack(path: Path, count: int) -> None:
    days: dict[tuple[int, str], list[dict[str, object]]] = {}
    for number in range(count):
        when = START + timedelta(minutes=number * 9)
        message = {
            "type": "message",
            "user": f"U{number % 500}",
            "text": f"{said(number)} <@U{number % 77}> <https://example.com/{number}|link> :thumbsup:",
            "ts": f"{when.timestamp():.0f}.{number % 1_000_000:06d}",
        }
        days.setdefault((number % 8, f"{when:%Y-%m-%d}"), []).append(message)
    users = [{"id": f"U{n}", "name": f"u{n}", "profile": {"real_name": f"User {n}"}} for n in range(500)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        channels = [{"id": f"C{n}", "name": f"channel-{n}", "created": 0, "members": []} for n in range(8)]
        archive.writestr("channels.json", json.dumps(channels))
        archive.writestr("users.json", json.dumps(users))
        for (channel, day), messages in days.items():
            archive.writestr(f"channel-{channel}/{day}.json", json.dumps(messages))


def write_reddit(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            data = {
                "id": f"p{number}",
                "name": f"t3_p{number}",
                "title": f"Question {number}",
                "selftext": said(number),
                "subreddit": "northbeam",
                "subreddit_id": "t5_x",
                "author": f"user{number % 500}",
                "created_utc": moment(number).timestamp(),
                "permalink": f"/r/northbeam/comments/p{number}/",
                "score": number % 40,
                "num_comments": number % 9,
            }
            file.write(json.dumps({"kind": "t3", "data": data}) + "\n")


def write_posts(path: Path, count: int) -> None:
    rows = (
        (n, moment(n).isoformat(), f"Topic {n}", said(n), f"user{n % 500}", f"board {n % 8}")
        for n in range(count)
    )
    write_table(path, ("id", "date", "title", "text", "author", "channel"), rows)


def write_notes(path: Path, count: int) -> None:
    names = ("Note ID", "Deal ID", "Account", "Deal type", "Stage", "Amount", "Owner", "Note date", "Body")
    rows = (
        (
            f"N{n}",
            f"D{n % 4000}",
            f"Account {n % 900}",
            ("Renewal", "Expansion", "New")[n % 3],
            "Proposal",
            1000 + n % 50_000,
            f"Owner {n % 30}",
            moment(n).isoformat(),
            NOTE.format(said=said(n)),
        )
        for n in range(count)
    )
    write_table(path, names, rows)


def write_nps(path: Path, count: int) -> None:
    names = ("Response ID", "Answered at", "Score", "Comment", "Product line", "Account", "Respondent ID")
    rows = (
        (
            f"r{n}",
            moment(n).isoformat(),
            n % 11,
            said(n) if n % 3 == 0 else "",
            "Core",
            f"Account {n % 900}",
            f"p{n % 9000}",
        )
        for n in range(count)
    )
    write_table(path, names, rows)


def day(number: int) -> date:
    """A day of the last two years."""
    return (START + timedelta(days=number % 600)).date()


def write_campaigns(path: Path, count: int) -> None:
    names = ("id", "name", "channel", "type", "audience", "start", "end", "sends")
    rows = (
        (f"c{n}", f"Campaign {n}", "email", "upsell", "all customers", day(n), day(n) + timedelta(days=3), n)
        for n in range(count)
    )
    write_table(path, names, rows)


def write_results(path: Path, count: int) -> None:
    names = (
        "Title",
        "Send Date",
        "Total Recipients",
        "Successful Deliveries",
        "Unique Opens",
        "Unsubscribes",
    )
    write_table(path, names, ((f"c{n}", day(n), 8200, 8110, 2300 + n % 90, n % 40) for n in range(count)))


def write_incidents(path: Path, count: int) -> None:
    rows = (("outage", f"Sign-in down {n}", day(n), day(n)) for n in range(count))
    write_table(path, ("kind", "name", "start", "end"), rows)


def write_metrics(path: Path, count: int) -> None:
    rows = (("win_rate", day(n), n % 90, 100, f"segment {n // 600}") for n in range(count))
    write_table(path, ("metric", "date", "numerator", "denominator", "segment"), rows)


def write_calendar(path: Path, count: int) -> None:
    """Single events; the connector reads 20,000 at most unless it is told otherwise."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//benchmark//\r\n")
        for n in range(count):
            file.write(
                f"BEGIN:VEVENT\r\nUID:{n}@example.com\r\nSUMMARY:Campaign {n}\r\nCATEGORIES:Email,Upsell\r\n"
                f"DTSTART;VALUE=DATE:{day(n):%Y%m%d}\r\nDTEND;VALUE=DATE:{day(n) + timedelta(days=2):%Y%m%d}\r\n"
                "END:VEVENT\r\n"
            )
        file.write("END:VCALENDAR\r\n")


FILES: dict[str, tuple[str, Callable[[Path, int], None], dict[str, object]]] = {
    "slack_export": ("slack.zip", write_slack, {}),
    "reddit_jsonl": ("reddit.jsonl", write_reddit, {}),
    "posts": ("posts.csv", write_posts, {}),
    "deal_notes": ("notes.csv", write_notes, {}),
    "nps": ("nps.csv", write_nps, {}),
    "campaigns": ("campaigns.csv", write_campaigns, {}),
    "campaign_results": ("results.csv", write_results, {}),
    "incidents": ("incidents.csv", write_incidents, {}),
    "metrics": ("metrics.csv", write_metrics, {}),
    "calendar": ("calendar.ics", write_calendar, {"maximum_events": 1_000_000}),
}


def read_once(kind: str, path: Path) -> None:
    """Read one file and print what it took, as JSON. Imports are paid before the clock starts."""
    options = {"path": path.name, **FILES[kind][2]}
    connector = build_connector(kind, kind, options, base_folder=path.parent, secrets={})
    connector.check()
    start = time.process_time()
    records = skipped = 0
    for batch in connector.fetch({}, NOW):
        records += len(batch.records)
        skipped += len(batch.skipped)
    seconds = time.process_time() - start
    used = {"records": records, "skipped": skipped, "seconds": seconds, "megabytes": peak_megabytes()}
    print(json.dumps(used))


def peak_megabytes() -> float:
    """Most memory this process ever held; 0 where the system has no /proc (getrusage counts the parent's too)."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def main() -> None:
    """Print one line a kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50_000, help="rows, messages or events of each file")
    parser.add_argument("--only", choices=FILES, help="one kind")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        read_once(arguments.only, arguments.read)
        return
    print("kind                rows a processor second   file MB   peak MB in all    records   left out")
    with tempfile.TemporaryDirectory() as folder:
        for kind in [arguments.only] if arguments.only else FILES:
            name, write, _ = FILES[kind]
            path = Path(folder) / name
            write(path, arguments.records)
            command = [sys.executable, __file__, "--only", kind, "--read", str(path)]
            done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            rate = arguments.records / done["seconds"]
            print(
                f"{kind:<18} {rate:>24,.0f} {path.stat().st_size / 1e6:>9.1f} {done['megabytes']:>18.0f} "
                f"{done['records']:>9,} {done['skipped']:>10,}",
                flush=True,
            )


if __name__ == "__main__":
    main()
