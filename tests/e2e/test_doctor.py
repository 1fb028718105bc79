"""`goodwill doctor` tells what is wrong now, not what was wrong with sources that are gone."""

from __future__ import annotations

from pathlib import Path

from monitor.store.database import Database
from monitor.store.sources import last_runs
from tests.e2e.conftest import Goodwill
from tests.e2e.test_commands import write_reddit

REDDIT = '[[sources]]\nname = "reddit"\nkind = "reddit_jsonl"\npath = "reddit.jsonl"\n'
GONE = '[[sources]]\nname = "old-forum"\nkind = "posts"\npath = "nowhere.csv"\n'


def problems(folder: Path) -> list[str]:
    with Database(f"sqlite:///{folder / 'goodwill.db'}") as database, database.reading() as connection:
        return [f"{run.source}: {line}" for run in last_runs(connection) for line in run.problems]


def test_a_source_taken_out_or_switched_off_has_no_problem_any_more(
    goodwill: Goodwill, empty_folder: Path
) -> None:
    write_reddit(empty_folder / "reddit.jsonl", 3)
    settings = empty_folder / "goodwill.toml"
    settings.write_text(REDDIT + GONE)
    assert goodwill("sync").code == 4
    assert "nowhere.csv cannot be read" in problems(empty_folder)[0]
    for fewer in (REDDIT, REDDIT + GONE + "enabled = false\n"):
        settings.write_text(fewer)
        assert goodwill("sync").code == 0
        assert problems(empty_folder) == []
        assert [run for run in last_successes(goodwill) if not run["ok"]] == []
    settings.write_text(REDDIT + GONE)
    assert goodwill("sync", "reddit").code == 0
    assert len(problems(empty_folder)) == 1
    assert [run["name"] for run in last_successes(goodwill) if not run["ok"]] == ["last success of old-forum"]


def last_successes(goodwill: Goodwill) -> list[dict[str, object]]:
    checks = goodwill("doctor", "--offline", "--json").json["checks"]
    return [check for check in checks if check["name"].startswith("last success")]


def test_where_all_was_imported_by_hand_the_problems_of_imports_stay(
    goodwill: Goodwill, empty_folder: Path
) -> None:
    (empty_folder / "forum.csv").write_bytes(b"%PDF-1.7 not a table")
    assert goodwill("import", "posts", "forum.csv").code == 1
    assert len(problems(empty_folder)) == 1
    goodwill("init")
    shown = goodwill("doctor", "--offline").out
    assert "ok    last success of forum: never; not in goodwill.toml" in shown


def test_a_mistyped_file_leaves_no_trace(goodwill: Goodwill, empty_folder: Path) -> None:
    mistyped = goodwill("import", "posts", "nowhere.csv")
    assert (mistyped.code, "nowhere.csv does not exist" in mistyped.err) == (1, True)
    assert not (empty_folder / "goodwill.db").exists()


def test_campaigns_that_look_alike_are_named(goodwill: Goodwill, empty_folder: Path) -> None:
    head = "id,name,channel,start\n"
    (empty_folder / "plan.csv").write_text(f"{head}C1,Autumn,email,2026-10-01\nC2,Tour,email,2026-10-09\n")
    (empty_folder / "crm.csv").write_text(f"{head}X1,autumn,,2026-10-01\nX2,Tour,sms,2026-10-09\n")
    for name in ("plan.csv", "crm.csv"):
        assert goodwill("import", "campaigns", name).code == 0
    checks = goodwill("doctor", "--offline", "--json").json["checks"]
    told = [(check["ok"], check["message"]) for check in checks if check["name"] == "campaigns"]
    assert told[0] == (True, "one campaign is named by several sources and counted once")
    assert told[1][0] is False
    assert "'Tour' (X2, 2026-10-09) of crm and 'Tour' (C2, 2026-10-09) of plan look like one" in told[1][1]


def test_an_import_names_the_rows_it_left_out_and_how_columns_are_named(
    goodwill: Goodwill, empty_folder: Path
) -> None:
    (empty_folder / "nps.csv").write_text("id,score,date\n1,9,2026-10-01\n2,12,2026-10-02\n3,8,99/99/2026\n")
    done = goodwill("import", "nps", "nps.csv")
    assert (done.code, "1 added" in done.out) == (0, True)
    assert "left out row 3 (score outside 0-10" in done.err
    assert "left out row 4 (bad date" in done.err
    (empty_folder / "other.csv").write_text("a,b\n1,2\n")
    assert "--option 'columns = { ... }'" in goodwill("import", "nps", "other.csv").err
    given = goodwill("import", "nps", "nps.csv", "--option", "columns = { score = 'score' }", "--quiet")
    assert (given.code, given.err) == (0, "")


def test_a_run_where_nothing_is_configured_or_imported_is_refused_and_leaves_no_trace(
    goodwill: Goodwill, empty_folder: Path
) -> None:
    refused = goodwill("run")
    assert (refused.code, "no source is configured" in refused.err) == (3, True)
    assert list(empty_folder.iterdir()) == []
    goodwill("init")
    goodwill("db", "info")
    assert goodwill("run").code == 3


def test_the_same_export_under_another_name_is_noticed(goodwill: Goodwill, empty_folder: Path) -> None:
    """A newer download gets a new file name, and so would become a second source."""
    head = "Response ID,Score,Answered at,Comment\n"
    old = "r1,9,2026-11-02,good\nr2,2,2026-11-03,too many mails\n"
    (empty_folder / "nps.csv").write_text(head + old)
    (empty_folder / "nps (1).csv").write_text(head + old + "r3,7,2026-11-04,\n")
    (empty_folder / "other.csv").write_text(head + "r1,3,2026-11-02,bad\n")
    assert "count twice" not in goodwill("import", "nps", "nps.csv").err
    again = goodwill("import", "nps", "nps (1).csv")
    assert "4 rows of 'nps (1)' and of 'nps' are the same and count twice" in again.err
    assert again.code == 0
    assert "count twice" not in goodwill("import", "nps", "other.csv").err


def test_columns_of_values_and_names_of_metrics_are_examined(goodwill: Goodwill, empty_folder: Path) -> None:
    (empty_folder / "m.csv").write_text("date,Win rate\n2026-10-05,0.3\n")
    settings = empty_folder / "goodwill.toml"
    source = '[[sources]]\nname = "metrics"\nkind = "metrics"\npath = "m.csv"\nvalues = {{ {} = "{}" }}\n'
    settings.write_text(source.format("win_rate", "Nope"))
    shown = goodwill("doctor").out
    assert "FAIL  metrics: m.csv: source 'metrics' has no column 'Nope', which `values` names" in shown
    settings.write_text(source.format("winrate", "Win rate"))
    shown = goodwill("doctor").out
    assert "FAIL  metrics: values: winrate is no metric of the scorecard; did you mean win_rate?" in shown
    settings.write_text(source.format("win_rate", "Win rate"))
    assert "metrics: values" not in goodwill("doctor").out
    told = goodwill("import", "metrics", "m.csv", "--option", 'values = { winrate = "Win rate" }').err
    assert "m: winrate is no metric of the scorecard; did you mean win_rate?" in told
