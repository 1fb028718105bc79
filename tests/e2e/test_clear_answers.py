"""What a command says when there is little to say: one clear line, once, and nothing private into a file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Goodwill
from tests.e2e.test_commands import write_reddit


@pytest.fixture
def year(goodwill: Goodwill, empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with some scored posts; the last is of 15 Nov 2025."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1763400000")
    write_reddit(empty_folder / "reddit.jsonl")
    goodwill("import", "reddit_jsonl", "reddit.jsonl")
    goodwill("score", "--engine", "lexicon")
    return empty_folder


def test_unredacted_posts_are_shown_on_a_terminal_only(
    goodwill: Goodwill, year: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe or `> file` would keep what is for one pair of eyes."""
    refused = goodwill("report", "weekly", "--verbatim")
    assert (refused.code, refused.out) == (2, "")
    assert "standard output is no terminal" in refused.err
    assert "without > or |" in refused.err
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = goodwill("report", "weekly", "--verbatim")
    assert shown.code == 0, shown.err
    assert "for this terminal only" in " ".join(shown.out.split())


def test_correlate_says_what_is_missing(
    goodwill: Goodwill, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty database, and campaigns without posts: each has its own sentence."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1763400000")
    empty = goodwill("correlate")
    assert (empty.code, empty.out) == (0, "")
    assert "nothing to judge: there are neither scored posts nor campaigns" in empty.err
    assert "neither" in goodwill("correlate", "--json").json["notes"][0]
    (empty_folder / "campaigns.csv").write_text("id,name,start\nc1,One,2025-10-06\n")
    goodwill("import", "campaigns", "campaigns.csv")
    assert "nothing to judge: there are no scored posts" in goodwill("correlate").err


def test_correlate_says_that_no_campaign_is_known_and_as_of_which_day_it_judges(
    goodwill: Goodwill, year: Path
) -> None:
    """As alerts do: today is not over, so its few posts would pass for a quiet day. The weekly report takes its Sunday."""
    bare = goodwill("correlate").err
    assert "nothing to judge: no campaign" in bare
    (year / "campaigns.csv").write_text("id,name,start\nc1,One,2025-11-05\n")
    goodwill("import", "campaigns", "campaigns.csv")
    judged = goodwill("correlate")
    assert judged.out.startswith("cannot tell  c1: only ")
    assert "cannot tell;" not in judged.out
    assert "judged as of 2025-11-16, the last complete day" in judged.err
    assert goodwill("correlate", "--json").json["as_of"] == "2025-11-16"
    assert "nothing to judge" not in judged.err
    assert "judged as of" not in goodwill("--quiet", "correlate").err


def test_a_search_without_a_hit_says_so(goodwill: Goodwill, year: Path) -> None:
    """Nothing on standard output; an empty list as JSON."""
    missed = goodwill("db", "search", "zeppelin")
    assert (missed.code, missed.out) == (0, "")
    assert "no post holds 'zeppelin'" in missed.err
    assert goodwill("db", "search", "zeppelin", "--json").json["posts"] == []
    assert "no post" not in goodwill("db", "search", "crashed").err


def test_forgetting_counts_in_words_and_says_once_that_nobody_is_known(
    goodwill: Goodwill, empty_folder: Path
) -> None:
    """One post is not "1 posts", and of a stranger there is nothing to count."""
    write_reddit(empty_folder / "reddit.jsonl", 1)
    goodwill("import", "reddit_jsonl", "reddit.jsonl")
    unknown = goodwill("db", "forget", "--source", "reddit", "--author", "nobody")
    assert unknown.out == ""
    assert "knows no 'nobody'" in unknown.err
    known = goodwill("db", "forget", "--source", "reddit", "--author", "user0")
    assert known.out.startswith("1 post deleted, 0 NPS answers and 0 deals made anonymous")
    assert goodwill("db", "untrace").out.strip().endswith("erased")


def test_the_bot_says_that_it_runs_when_it_does(goodwill: Goodwill) -> None:
    """Without a token it does not."""
    failed = goodwill("bot")
    assert failed.code == 3
    assert "GOODWILL_SLACK_APP_TOKEN is not set" in failed.err
    assert "the bot runs" not in failed.err


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("zzz=1", "Correct or leave out --option zzz=1."),
        ("time_zone=Nowhere", "Correct or leave out --option time_zone=Nowhere."),
        ('columns={strt="x"}', "Correct or leave out --option columns="),
    ],
)
def test_a_wrong_option_of_an_import_is_named_as_it_was_given(
    goodwill: Goodwill, empty_folder: Path, pair: str, said: str
) -> None:
    """No goodwill.toml has anything to do with it."""
    (empty_folder / "campaigns.csv").write_text("id,name,start\nc1,One,2025-10-06\n")
    wrong = goodwill("import", "campaigns", "campaigns.csv", "--option", pair)
    assert wrong.code == 3
    assert said in wrong.err
    assert "goodwill.toml" not in wrong.err
