"""The made-up company: the same seed gives the same year, and the truth agrees with the files."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import build_connector
from monitor.demo.company import DemoCompany, write_company
from monitor.demo.words import MAIL, Writer, sections
from monitor.domain.campaigns import Campaign, KnownIncident
from monitor.domain.deals import Deal
from monitor.domain.nps import NpsResponse
from monitor.domain.posts import IdentityPolicy, Post
from monitor.domain.scores import ComplaintTag
from monitor.errors import UsageError

NOT_FOR_CONNECTORS = {"name", "kind", "about_us"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoCompany]:
    """The default demo, written once."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, write_company(folder)


@pytest.fixture(scope="module")
def truth(demo: tuple[Path, DemoCompany]) -> dict[str, Any]:
    return json.loads((demo[0] / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def records(demo: tuple[Path, DemoCompany]) -> dict[str, tuple[list[Any], Counter[str]]]:
    """What the real connectors read: source -> records and reasons of skipped ones."""
    folder, company = demo
    found = {}
    for source in tomllib.loads((folder / "goodwill.toml").read_text(encoding="utf-8"))["sources"]:
        options = {key: value for key, value in source.items() if key not in NOT_FOR_CONNECTORS}
        connector = build_connector(source["kind"], source["name"], options, base_folder=folder, secrets={})
        batches = list(connector.fetch({}, company.last_moment))
        assert not [problem for batch in batches for problem in batch.problems]
        skipped = Counter(item.reason for batch in batches for item in batch.skipped)
        found[source["name"]] = ([record for batch in batches for record in batch.records], skipped)
    return found


def posts_of(records: dict[str, tuple[list[Any], Counter[str]]], *sources: str) -> list[Post]:
    names = sources or tuple(records)
    return [record for name in names for record in records[name][0] if isinstance(record, Post)]


def test_the_same_seed_gives_the_same_bytes(demo: tuple[Path, DemoCompany], tmp_path: Path) -> None:
    """Two demos of one seed do not differ in a single byte."""
    again = write_company(tmp_path / "again", seed=7)
    for path in demo[1].files:
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
    assert again.counts == demo[1].counts


def test_bytes_do_not_depend_on_hash_randomisation(demo: tuple[Path, DemoCompany], tmp_path: Path) -> None:
    """Another process with another hash seed writes the same."""
    code = f"from pathlib import Path; from monitor.demo.company import write_company as w; w(Path({str(tmp_path / 'x')!r}))"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONHASHSEED": "99"})
    for path in demo[1].files:
        assert path.read_bytes() == (tmp_path / "x" / path.name).read_bytes(), path.name


def test_another_seed_gives_another_year(demo: tuple[Path, DemoCompany], tmp_path: Path) -> None:
    """Posts, effects and answers all change with the seed."""
    other = write_company(tmp_path / "other", seed=8)
    same = [
        path.name
        for path in demo[1].files
        if path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
    ]
    assert same == ["goodwill.toml"]
    assert other.week == demo[1].week


def test_generation_needs_no_heavy_library() -> None:
    """`goodwill demo --files-only` must start at once."""
    code = "import sys, monitor.demo.company; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"numpy", "scipy", "sqlmodel", "torch", "pydantic", "connectors"} & set(done.stdout.split())


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """Neither `overwrite` nor its absence touches files that are no demo."""
    (tmp_path / "thesis.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(UsageError, match="no earlier demo"):
            write_company(tmp_path, overwrite=overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_earlier_demo_is_replaced_only_on_request(tmp_path: Path) -> None:
    """The old database goes with it, since its posts belong to the old files."""
    write_company(tmp_path)
    (tmp_path / "goodwill.db").write_bytes(b"old")
    with pytest.raises(UsageError, match="--force"):
        write_company(tmp_path)
    write_company(tmp_path, seed=8, overwrite=True)
    assert not (tmp_path / "goodwill.db").exists()


def test_every_file_is_read_by_its_connector_without_a_loss(records: dict[str, Any]) -> None:
    """Only what shall be left out is left out."""
    reasons = {name: set(skipped) for name, (_, skipped) in records.items() if skipped}
    assert reasons == {
        "customer-slack": {"bot message", "joined or left"},
        "events": {"cancelled", "not included by its words"},
    }
    assert all(found for found, _ in records.values())


def test_counts_are_in_the_promised_ranges(records: dict[str, Any]) -> None:
    """Enough for statistics, little enough to be scored in under a minute."""
    assert 12_000 <= len(posts_of(records)) <= 18_000
    assert 2_000 <= len([r for r in records["nps"][0] if isinstance(r, NpsResponse)]) <= 3_000
    assert len([r for r in records["deal-notes"][0] if isinstance(r, Deal)]) > 150
    campaigns = [r for name in ("campaigns", "events") for r in records[name][0] if isinstance(r, Campaign)]
    assert 16 <= len(campaigns) <= 22
    assert len({campaign.external_id for campaign in campaigns}) == len(campaigns)
    kinds = Counter(r.kind for r in records["incidents"][0] if isinstance(r, KnownIncident))
    assert kinds == {"outage": 2, "release": 3}


def test_every_day_of_the_year_is_covered_and_none_beyond(
    demo: tuple[Path, DemoCompany], records: dict[str, Any]
) -> None:
    """52 whole weeks that end with the week to report."""
    days = {post.created_at.date() for post in posts_of(records, "customer-slack", "subreddit")}
    assert min(days) == date(2025, 11, 17)
    assert max(days) == demo[1].week.end
    assert max(post.created_at for post in posts_of(records)) < demo[1].last_moment
    assert len(days) > 355


def test_texts_are_hardly_ever_repeated(records: dict[str, Any]) -> None:
    """Word by word repetitions stay rare, those of longer texts most of all."""
    texts = Counter(post.text for post in posts_of(records))
    repeated = sum(count - 1 for count in texts.values())
    longer = sum(count - 1 for text, count in texts.items() if len(text.split()) > 6)
    assert repeated / texts.total() < 0.04
    assert longer / texts.total() < 0.02
    assert len(texts) > 10_000


def test_negative_posts_are_as_few_as_in_real_life(truth: dict[str, Any]) -> None:
    """0.5 to 6 a day, more on weekdays than on weekends, more on bad days."""
    counts = {date.fromisoformat(row["date"]): row["negative"] for row in truth["daily"]}
    mean = sum(counts.values()) / len(counts)
    weekend = [count for day, count in counts.items() if day.weekday() >= 5]
    assert 1.2 <= mean <= 4.0
    assert sum(weekend) / len(weekend) < mean * 0.6
    assert sorted(counts.values())[int(len(counts) * 0.95)] <= 8
    assert all(row["negative_marketing"] <= row["negative"] for row in truth["daily"])


@pytest.mark.parametrize("seed", [1, 7, 23])
def test_what_is_planted_keeps_its_promises(seed: int, tmp_path: Path) -> None:
    """Effects in their ranges, two overlapping campaigns, an outage beside a harmless one, harm in the last weeks."""
    company = write_company(tmp_path, seed=seed)
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    campaigns = {campaign["name"]: campaign for campaign in truth["campaigns"]}
    harmful = [campaign for campaign in truth["campaigns"] if campaign["harmful"]]
    assert 4 <= len(harmful) <= 5
    for campaign in harmful:
        assert 1.6 <= campaign["rate_ratio"] <= 3.0
        assert 0 <= campaign["lag_days"] <= 5
        assert 4 <= campaign["duration_days"] <= 10
        assert campaign["tags"]
        assert set(campaign["tags"]) <= set(ComplaintTag)
    last = date.fromisoformat(harmful[-1]["start"])
    assert timedelta(days=6) <= company.week.end - last <= timedelta(days=20)
    drip, drive = campaigns["Flows upsell drip"], campaigns["Referral drive"]
    assert drip["start"] <= drive["start"] <= drip["end"]
    webinar, outage = campaigns["Spring release webinar"], truth["incidents"][1]
    assert not webinar["harmful"]
    assert date.fromisoformat(outage["start"]) - date.fromisoformat(webinar["start"]) == timedelta(days=1)
    assert [incident["in_incidents_csv"] for incident in truth["incidents"]] == [
        True,
        True,
        False,
        True,
        True,
        True,
    ]


def test_the_truth_agrees_with_the_campaign_files(truth: dict[str, Any], records: dict[str, Any]) -> None:
    """Same ids, names and days; each campaign is read from the file that the truth names."""
    read = {
        record.external_id: (record.name, record.start.isoformat(), record.end.isoformat(), file)
        for source, file in (("campaigns", "campaigns.csv"), ("events", "campaigns.ics"))
        for record in records[source][0]
    }
    planted = {c["id"]: (c["name"], c["start"], c["end"], c["only_in"]) for c in truth["campaigns"]}
    assert read == planted
    assert {file for *_, file in read.values()} == {"campaigns.csv", "campaigns.ics"}


def test_complaints_pile_up_where_the_truth_says(truth: dict[str, Any]) -> None:
    """In the windows of harmful campaigns marketing complaints are several times as many as elsewhere."""
    daily = {date.fromisoformat(row["date"]): row["negative_marketing"] for row in truth["daily"]}
    windows = [tuple(map(date.fromisoformat, c["window"])) for c in truth["campaigns"] if c["harmful"]]
    inside = [count for day, count in daily.items() if any(first <= day <= last for first, last in windows)]
    outside = [
        count for day, count in daily.items() if not any(first <= day <= last for first, last in windows)
    ]
    assert sum(inside) / len(inside) > 2.5 * sum(outside) / len(outside)


def test_nps_dips_when_the_truth_says(truth: dict[str, Any], records: dict[str, Any]) -> None:
    """The score of the dip's days lies at least 15 points below the rest."""
    dip = truth["nps_dip"]
    first, last = date.fromisoformat(dip["start"]), date.fromisoformat(dip["end"])
    answers = [record for record in records["nps"][0] if isinstance(record, NpsResponse)]
    inside = [a.score for a in answers if first <= a.answered_at.date() <= last]
    outside = [a.score for a in answers if not first <= a.answered_at.date() <= last]

    def score(values: list[int]) -> float:
        return 100 * (sum(v >= 9 for v in values) - sum(v <= 6 for v in values)) / len(values)

    assert score(outside) - score(inside) >= 15
    assert next(c for c in truth["campaigns"] if c["id"] == dip["campaign"])["nps_dip_follows"]


def test_nobody_real_is_named(demo: tuple[Path, DemoCompany]) -> None:
    """Addresses are at example.com only, and there is no telephone number."""
    folder, company = demo
    text = "\n".join(path.read_text(encoding="utf-8") for path in company.files if path.suffix != ".zip")
    with zipfile.ZipFile(folder / "slack-export.zip") as archive:
        text += "\n".join(archive.read(name).decode() for name in archive.namelist())
    addresses = re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", text)
    assert set(addresses) == {"example.com"}
    assert not re.search(r"\+\d{2}[\d ]{8,}", text)
    assert "SYNTHETIC" in (folder / "README.txt").read_text(encoding="utf-8")


def test_slack_day_files_are_named_by_los_angeles_days(demo: tuple[Path, DemoCompany]) -> None:
    """As in real exports, a message of the early UTC morning lies in the file of the day before."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("America/Los_Angeles")
    with zipfile.ZipFile(demo[0] / "slack-export.zip") as archive:
        names = [name for name in archive.namelist() if "/" in name]
        assert len(names) > 1_000
        for name in names[::25]:
            for message in json.loads(archive.read(name)):
                day = datetime.fromtimestamp(float(message["ts"]), UTC).astimezone(zone).date()
                assert name.endswith(f"/{day}.json")


def test_slack_holds_what_real_exports_hold(demo: tuple[Path, DemoCompany]) -> None:
    """Threads whose replies are counted, edits, reactions, joins and bots."""
    with zipfile.ZipFile(demo[0] / "slack-export.zip") as archive:
        messages = [m for name in archive.namelist() if "/" in name for m in json.loads(archive.read(name))]
    by_ts = {message["ts"]: message for message in messages}
    assert len(by_ts) == len(messages)
    replies = [m for m in messages if m.get("thread_ts", m["ts"]) != m["ts"]]
    counted = Counter(reply["thread_ts"] for reply in replies)
    assert all(by_ts[head]["reply_count"] == count for head, count in counted.items())
    assert len(replies) > 2_000
    assert {m.get("subtype") for m in messages} == {None, "channel_join", "bot_message"}
    assert sum("edited" in m for m in messages) > 100
    assert sum("reactions" in m for m in messages) > 300


def test_reddit_mentions_us_competitors_and_neither(
    demo: tuple[Path, DemoCompany], records: dict[str, Any]
) -> None:
    """Most of a subreddit is not about us; its authors may never be matched."""
    texts = [post.text for post in posts_of(records, "subreddit")]
    ours = sum("Ploverdesk".casefold() in text.casefold() for text in texts)
    theirs = sum(bool(re.search("heronflow|tidewick|mistralane", text, re.IGNORECASE)) for text in texts)
    assert 0.05 < ours / len(texts) < 0.25
    assert 0.05 < theirs / len(texts) < 0.25
    connector = build_connector(
        "reddit_jsonl", "x", {"path": "reddit.jsonl"}, base_folder=demo[0], secrets={}
    )
    assert connector.identity_policy is IdentityPolicy.FORBIDDEN


def test_deal_notes_keep_the_customers_words_apart(records: dict[str, Any]) -> None:
    """Many notes quote the customer, and the connector finds the quotation."""
    notes = posts_of(records, "deal-notes")
    quoting = [note for note in notes if any(segment.voice == "customer" for segment in note.segments)]
    assert len(quoting) > 0.35 * len(notes)
    assert not any("<p>" in note.text or "&quot;" in note.text for note in notes)


def test_every_slot_of_the_texts_can_be_filled() -> None:
    """No brace survives, whatever line is drawn."""
    writer = Writer(1, "test")
    words = {**MAIL.words, "topic": "the webinar"}
    for heading, lines in sections().items():
        for line in lines:
            filled = writer.fill(line, words)
            assert "{" not in filled, (heading, line)
            assert "the the " not in filled.casefold(), (heading, line)


@cache
def complaint_lines() -> Counter[str]:
    tags = set(ComplaintTag)
    return Counter(
        {tag: sum(len(lines) for head, lines in sections().items() if tag in head.split()) for tag in tags}
    )


def test_complaint_texts_are_many_and_none_stands_twice() -> None:
    """Every tag has its texts, the frequent ones most."""
    counts = complaint_lines()
    assert min(counts.values()) >= 20
    assert counts[ComplaintTag.TOO_MANY_MESSAGES] >= 60
    assert counts[ComplaintTag.IN_APP_INTERRUPTION] >= 60
    every = [line for lines in sections().values() for line in lines]
    long = Counter(line.casefold() for line in every if len(line.split()) > 5)
    assert [line for line, count in long.items() if count > 1] == []


def test_results_and_metrics_show_tired_customers(
    demo: tuple[Path, DemoCompany], truth: dict[str, Any]
) -> None:
    """Harmful mail campaigns lose more readers than harmless ones."""
    harmful = {c["id"] for c in truth["campaigns"] if c["harmful"]}
    with (demo[0] / "campaign-results.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["channel"] == "email"]

    def rate(*, hurts: bool) -> float:
        chosen = [row for row in rows if (row["campaign"] in harmful) is hurts]
        return sum(int(row["unsubscribes"]) for row in chosen) / sum(int(row["delivered"]) for row in chosen)

    assert rate(hurts=True) > 3 * rate(hurts=False)
    assert sum(row["campaign"] == "weekly-digest" for row in rows) == 52
    assert all(int(row["opens"]) <= int(row["delivered"]) <= int(row["sent"]) for row in rows)
