"""Commands as a new user meets them: exit codes, messages that say what to do, data on stdout only."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor import __version__
from tests.e2e.conftest import Goodwill


def write_reddit(path: Path, count: int = 30) -> None:
    """A JSON-lines file of submissions, every third an angry one about mail."""
    texts = [
        "Too many marketing emails, unsubscribe me now",
        "It crashed again, terrible",
        "Works fine, thanks",
    ]
    lines = [
        {
            "kind": "t3",
            "data": {
                "id": f"p{number}",
                "name": f"t3_p{number}",
                "title": f"Northbeam {number}",
                "selftext": f"{texts[number % 3]} ({number})",
                "subreddit": "northbeam",
                "subreddit_id": "t5_x",
                "author": f"user{number % 5}",
                "created_utc": 1_762_000_000 + number * 40_000,
                "permalink": f"/r/northbeam/comments/p{number}/",
            },
        }
        for number in range(count)
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")


def test_help_lists_every_command_and_the_exit_codes(goodwill: Goodwill) -> None:
    shown = goodwill("--help")
    assert shown.code == 0
    for command in (
        "init",
        "demo",
        "doctor",
        "sync",
        "import",
        "score",
        "correlate",
        "report",
        "cloud",
        "run",
    ):
        assert f" {command} " in shown.out
    assert "Exit codes" in shown.out


def test_the_version_is_printed(goodwill: Goodwill) -> None:
    assert goodwill("--version").out.strip() == f"goodwill {__version__}"


def test_init_writes_a_private_file_once_and_never_overwrites(goodwill: Goodwill, empty_folder: Path) -> None:
    assert goodwill("init").code == 0
    path = empty_folder / "goodwill.toml"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("# mine")
    again = goodwill("init")
    assert again.code == 2
    assert "stays as it is" in again.err
    assert path.read_text() == "# mine"


def test_the_written_settings_are_valid(goodwill: Goodwill) -> None:
    goodwill("init")
    assert goodwill("config", "show").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("sync",), 3, "no source is configured"),
        (("sync", "nowhere"), 3, "no source is configured"),
        (("--config", "missing.toml", "sync"), 3, "missing.toml does not exist"),
        (("report", "weekly", "--week", "46"), 2, "2026-W46"),
        (("report", "weekly", "--format", "pdf"), 2, "terminal, markdown, json, html"),
        (("report", "weekly", "--verbatim", "--format", "json"), 2, "--verbatim"),
        (("correlate", "--daily", "x.csv"), 2, "--campaigns is missing"),
        (("correlate", "--series", "happy"), 2, "negative_marketing or negative"),
        (("detect", "--daily", "x.csv"), 1, "x.csv"),
        (("import", "reddit_jsonl"), 2, "needs the file"),
        (("import", "tea_leaves", "x.csv"), 2, "tea_leaves"),
        (("import", "nsp", "x.csv"), 2, "Did you mean 'nps'?"),
        (("run",), 3, "no source is configured"),
        (("export", "secrets"), 2, "daily, posts, corrections"),
        (("score", "--engine", "abacus"), 2, "abacus"),
        (("--database", "mysql://x/y", "db", "info"), 3, "only sqlite and postgresql"),
        (("db", "search", "?!"), 1, "no word"),
        (("doctor", "teeth"), 2, "expected nothing or slack"),
    ],
)
def test_a_mistake_gets_its_exit_code_and_a_message_that_helps(
    goodwill: Goodwill, arguments: tuple[str, ...], code: int, said: str
) -> None:
    outcome = goodwill(*arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_import_twice_adds_nothing_and_counts_are_told(goodwill: Goodwill, empty_folder: Path) -> None:
    write_reddit(empty_folder / "reddit.jsonl")
    first = goodwill("import", "reddit_jsonl", "reddit.jsonl")
    assert first.code == 0, first.err
    assert "30 added" in first.out
    second = goodwill("import", "reddit_jsonl", "reddit.jsonl")
    assert "0 added" in second.out
    info = goodwill("db", "info", "--json").json
    assert info["posts"] == 30
    assert info["schema_version"] == 1


def test_import_score_export_correlate_go_together(goodwill: Goodwill, empty_folder: Path) -> None:
    write_reddit(empty_folder / "reddit.jsonl", 90)
    goodwill("import", "reddit_jsonl", "reddit.jsonl")
    scored = goodwill("score", "--engine", "lexicon", "--json")
    assert scored.json["scored"] == 90
    assert goodwill("score", "--engine", "lexicon", "--json").json["scored"] == 0
    assert goodwill("export", "daily", "--output", "daily.csv").code == 0
    (empty_folder / "campaigns.csv").write_text("id,type,start,end\nc1,upsell,2025-11-20,2025-11-22\n")
    verdicts = goodwill("correlate", "--daily", "daily.csv", "--campaigns", "campaigns.csv", "--json")
    assert verdicts.code == 0, verdicts.err
    assert verdicts.json["campaigns"][0]["verdict"] in {"likely", "possible", "no sign", "cannot tell"}
    spikes = goodwill("detect", "--daily", "daily.csv", "--json")
    assert len(spikes.json["points"]) == len((empty_folder / "daily.csv").read_text().splitlines()) - 1


def test_correlate_says_in_plain_text_how_customers_who_received_a_campaign_fared(
    goodwill: Goodwill, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1763400000")
    start = date(2025, 10, 6)
    lines = ["id,score,date,account,customer_type"]
    for number in range(160):
        received, day = (
            number % 2 == 0,
            min(start + timedelta(days=number // 2 * 2 - 120), date(2025, 11, 16)),
        )
        score = (9 if number % 4 < 2 else 7) - (6 if received and day >= start else 0)
        lines.append(f"{number},{score},{day},,{'Enterprise' if received else 'Small'}")
    (empty_folder / "nps.csv").write_text("\n".join(lines) + "\n")
    (empty_folder / "campaigns.csv").write_text(
        "id,name,audience,start\nc1,One,customer_type=Enterprise,2025-10-06\nc2,Two,,2025-10-06\n"
        "c3,Three,Nobody Ltd,2025-10-06\n"
    )
    segments = '{ customer_type = "customer_type" }'
    assert goodwill("import", "nps", "nps.csv", "-o", f"segments={segments}").code == 0
    assert goodwill("import", "campaigns", "campaigns.csv").code == 0
    shown = goodwill("correlate")
    assert shown.code == 0, shown.err
    sentences = {item["id"]: item["sentence"] for item in goodwill("correlate", "--json").json["exposed"]}
    assert "NPS of the customers who received it moved by" in sentences["c1"]
    assert sentences["c1"] in shown.out
    assert "c3: temporal only; its audience names neither" in shown.out
    assert "c2: temporal only" in sentences["c2"]
    assert "c2: temporal only" not in shown.out


def test_config_show_never_prints_a_secret(
    goodwill: Goodwill, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOODWILL_SLACK_TOKEN", "xoxb-very-secret")
    monkeypatch.setenv("GOODWILL_DATABASE__URL", "postgresql://user:hunter2@localhost/x")
    for arguments in (("config", "show"), ("config", "show", "--json")):
        shown = goodwill(*arguments)
        assert "xoxb" not in shown.out + shown.err
        assert "hunter2" not in shown.out + shown.err
        assert "slack_token" in shown.out


def test_quiet_says_nothing_but_the_result(goodwill: Goodwill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODWILL_REPROT__X", "1")
    assert "GOODWILL_REPROT__X" in goodwill("config", "show").err
    assert goodwill("--quiet", "config", "show").err == ""


def test_a_run_with_a_broken_source_reports_the_rest_and_says_so_even_when_quiet(
    goodwill: Goodwill, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1763400000")
    monkeypatch.setenv("GOODWILL_MODEL__ENGINE", "lexicon")
    write_reddit(empty_folder / "reddit.jsonl")
    sources = '[[sources]]\nname = "{}"\nkind = "reddit_jsonl"\npath = "{}"\n'
    settings = empty_folder / "goodwill.toml"
    settings.write_text(sources.format("good", "reddit.jsonl") + sources.format("bad", "nowhere.jsonl"))
    done = goodwill("--quiet", "sync")
    assert (done.code, "30 added" in done.out, "nowhere.jsonl" in done.err) == (4, True, True)
    done = goodwill("--quiet", "run")
    assert (done.code, "nowhere.jsonl" in done.err) == (4, True)
    assert "\x1b" not in done.out
    assert (empty_folder / "reports" / "weekly-2025-W46.html").exists()
    settings.write_text(sources.format("bad", "nowhere.jsonl"))
    assert goodwill("sync").code == 1


def test_a_sources_table_with_wrong_keys_is_a_wrong_configuration_unless_another_is_read(
    goodwill: Goodwill, empty_folder: Path
) -> None:
    write_reddit(empty_folder / "reddit.jsonl")
    settings = empty_folder / "goodwill.toml"
    wrong = '[[sources]]\nname = "bad"\nkind = "reddit_jsonl"\npath = "reddit.jsonl"\ntea = "leaves"\n'
    settings.write_text(wrong)
    done = goodwill("sync")
    assert (done.code, "tea" in done.err) == (3, True)
    settings.write_text(wrong + '[[sources]]\nname = "good"\nkind = "reddit_jsonl"\npath = "reddit.jsonl"\n')
    done = goodwill("sync")
    assert (done.code, "30 added" in done.out, "tea" in done.err) == (4, True, True)


def test_a_database_is_looked_at_from_another_folder_without_being_changed(
    goodwill: Goodwill, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, elsewhere = empty_folder / "home", empty_folder / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    (home / "goodwill.toml").write_text('[report]\ntime_zone = "Asia/Tokyo"\n')
    write_reddit(home / "reddit.jsonl")
    monkeypatch.chdir(home)
    made = goodwill("import", "reddit_jsonl", "reddit.jsonl")
    assert "a new, empty database was made" in made.err
    first = goodwill("db", "info", "--json").json
    monkeypatch.chdir(elsewhere)
    seen = goodwill("--database", "../home/goodwill.db", "db", "info", "--json")
    assert {**seen.json, "database": ""} == {**first, "database": ""}
    assert list(elsewhere.iterdir()) == []


def test_forgetting_names_the_source_and_the_person_it_does_not_know(
    goodwill: Goodwill, empty_folder: Path
) -> None:
    write_reddit(empty_folder / "reddit.jsonl")
    goodwill("import", "reddit_jsonl", "reddit.jsonl")
    assert [source["name"] for source in goodwill("db", "sources", "--json").json["sources"]] == ["reddit"]
    wrong = goodwill("db", "forget", "--source", "redit", "--author", "user1")
    assert (wrong.code, "expected one of reddit" in wrong.err) == (1, True)
    assert "knows no 'nobody'" in goodwill("db", "forget", "--source", "reddit", "--author", "nobody").err
    done = goodwill("db", "forget", "--source", "reddit", "--author", "user1", "--json")
    assert done.json == {"schema_version": 1, "posts": 6, "answers": 0, "deals": 0, "name_hashes": 2}
    assert "2 keyed hashes erased" in goodwill("db", "untrace").out
    again = goodwill("db", "forget", "--source", "reddit", "--author", "user2", "--without-trace", "--json")
    assert (again.json["posts"] > 0, again.json["name_hashes"]) == (True, 0)
    assert goodwill("db", "untrace", "--name", "user2", "--json").json["erased"] == 0
    assert "no forgotten name is 'user2'" in goodwill("db", "untrace", "--name", "user2").err


def test_doctor_tells_of_a_secret_file_that_is_missing_and_goes_on(
    goodwill: Goodwill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOODWILL_MODEL__ENGINE", "lexicon")
    monkeypatch.setenv("GOODWILL_SLACK_TOKEN_FILE", "nowhere")
    done = goodwill("doctor", "--json")
    failed = {check["name"] for check in done.json["checks"] if not check["ok"]}
    assert (done.code, "secrets" in failed) == (1, True)
    assert goodwill("doctor", "slack", "--json").code == 1


def test_ctrl_c_ends_with_130(empty_folder: Path) -> None:
    # A shell starts background jobs with the signal ignored, and children inherit that: the test must not.
    code = "import monitor.workflow.doctor as d, os, signal\n"
    code += "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "d.examine = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT) or __import__('time').sleep(5)\n"
    code += "import sys; sys.argv = ['goodwill', 'doctor']\nfrom monitor.cli.main import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr


def test_a_closed_pipe_and_another_locale_do_no_harm(empty_folder: Path) -> None:
    command = f"{sys.executable} -m monitor.cli import list --json | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{", "")
    (empty_folder / "goodwill.toml").write_text('[company]\nname = "Акме"\n', encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "monitor.cli", "config", "show"],
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
        capture_output=True,
        check=False,
    )
    assert "Акме" in shown.stdout.decode("utf-8")


def test_classify_reports_bad_lines_and_keeps_the_order(empty_folder: Path) -> None:
    lines = b'{"id": 1, "text": "stop mailing me"}\nnot json\n{"id": 3, "text": "\xff\xfe"}\n{"id": 4, "text": ""}\n'
    done = subprocess.run(
        [sys.executable, "-m", "monitor.cli", "classify", "--engine", "lexicon"],
        input=lines,
        capture_output=True,
        check=False,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 4
    assert [row["id"] for row in rows] == [1, None, 3, 4]
    assert "error" in rows[1]
