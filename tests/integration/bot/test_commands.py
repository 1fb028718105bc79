"""`goodwill alert` and `goodwill bot` as a person or cron calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.cli.main import main
from monitor.workflow import analysis
from monitor.workflow import run as run_job
from tests.integration.bot.conftest import SPIKE, copy_of
from tests.integration.bot.oracle import OracleScorer
from tests.integration.bot.slack_world import APP_TOKEN, TOKEN, Fault, SlackServer

EVENING = int(datetime(SPIKE.year, SPIKE.month, SPIKE.day + 2, 8, tzinfo=UTC).timestamp())


@pytest.fixture
def folder(tmp_path: Path, company_file: Path, slack: SlackServer) -> Path:
    with copy_of(company_file, tmp_path):
        pass
    (tmp_path / "goodwill.toml").write_text(
        "[company]\nname = 'Acme'\n[database]\nurl = 'company.db'\n[report]\ntime_zone = 'Europe/Berlin'\n"
        f"[slack]\nbase_url = '{slack.url}'\nchannel = 'C1'\n[alerts]\nsensitivity = 'balanced'\n"
        "[alerts.rules.red_flag]\nenabled = false\n[alerts.rules.campaign_verdict]\nenabled = false\n"
    )
    return tmp_path


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def goodwill(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """The command line, in this process and without the correlator, which takes seconds."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EVENING))
    monkeypatch.delenv("GOODWILL_SLACK_APP_TOKEN")
    monkeypatch.setattr(analysis, "_correlate", lambda *_: None)

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["goodwill", *arguments])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        return Done(code, told.out, told.err)

    return run


def test_the_life_of_a_cron_job(goodwill: Callable[..., Done], slack: SlackServer) -> None:
    """Look first, alert without being let in, alert again: one message, and each exit code as documented."""
    dry = goodwill("alert", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "Marketing complaints are spiking" in dry.stdout
    assert "In their words" not in dry.stdout
    assert slack.world.calls == []
    slack.world.fail("chat.postMessage", Fault("error", "not_in_channel"))
    failed = goodwill("alert", "--json")
    assert failed.returncode == 4
    assert "/invite" in failed.stderr
    document = json.loads(failed.stdout)
    assert (document["raised"], document["delivery"]["waiting"]) == (1, 2)
    again = goodwill("alert", "--fail-on-alert")
    assert len(slack.world.roots()) == 1
    assert again.returncode == 0, again.stderr


@pytest.fixture
def _oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run's model knows the answers."""
    monkeypatch.setattr(run_job, "load_scorer", lambda *_: OracleScorer())


@pytest.mark.usefixtures("_oracle")
def test_a_run_ends_with_the_alert_check_and_survives_its_problems(
    goodwill: Callable[..., Done], slack: SlackServer
) -> None:
    """A message that cannot be sent is a problem that is told, not a failed run; the next run sends it."""
    slack.world.fail("chat.postMessage", Fault("error", "not_in_channel"))
    failed = goodwill("run", "--json")
    assert failed.returncode == 0, failed.stderr
    assert "problem: alerts: " in failed.stderr
    assert "/invite" in failed.stderr
    document = json.loads(failed.stdout)["alerts"]
    assert (document["raised"], document["sent"], document["waiting"]) == (1, 0, 2)
    again = goodwill("run")
    assert again.returncode == 0, again.stderr
    assert "0 raised, 3 message(s) sent, 0 waiting" in again.stderr
    assert len(slack.world.roots()) == 1
    goodwill("run")
    assert len(slack.world.channels["C1"]) == 2  # the message, and the chart in its thread


@pytest.mark.usefixtures("_oracle")
@pytest.mark.parametrize("missing", ["channel", "token"])
def test_a_run_without_a_channel_checks_no_alerts_and_without_a_token_says_so(
    goodwill: Callable[..., Done], slack: SlackServer, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    if missing == "channel":
        monkeypatch.setenv("GOODWILL_SLACK__CHANNEL", "")
    else:
        monkeypatch.delenv("GOODWILL_SLACK_TOKEN")
    done = goodwill("run")
    assert done.returncode == 0, done.stderr
    assert ("GOODWILL_SLACK_TOKEN is not set" in done.stderr) is (missing == "token")
    assert ("alerts" in done.stderr) is (missing == "token")
    assert slack.world.calls == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["alert", "--backtest", "soon"], 2, "such as 26w"),
        (["alert", "--backtest", "900w"], 2, "from 1w to 104w"),
        (["bot"], 3, "GOODWILL_SLACK_APP_TOKEN"),
    ],
)
def test_mistakes_are_told(goodwill: Callable[..., Done], arguments: list[str], code: int, said: str) -> None:
    done = goodwill(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_channel_it_says_where_to_set_it(
    goodwill: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOODWILL_SLACK__CHANNEL", "")
    done = goodwill("alert")
    assert done.returncode == 3
    assert "slack.channel is empty" in done.stderr


def test_the_bot_ends_on_a_signal_and_stays_small(folder: Path, slack: SlackServer) -> None:
    """Idle memory, counted by the kernel: the libraries that compute are not loaded."""
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", "bot"],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "GOODWILL_SLACK_TOKEN": TOKEN,
            "GOODWILL_SLACK_APP_TOKEN": APP_TOKEN,
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        slack.wait_for_socket(seconds=180)
        status = Path(f"/proc/{process.pid}/status")
        if status.exists():
            resident = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            assert int(resident.split()[1]) < 150 * 1024, resident
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
