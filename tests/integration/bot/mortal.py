"""Processes of ours that a test can kill in the middle of a request, and a Slack that does it.

Nothing in the product knows of it: the local Slack kills the process, as kill -9 does, when a chosen request
arrives, before or after it was processed; the answer of a processed one is lost.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.bot.slack_world import (
    APP_TOKEN,
    TOKEN,
    Answer,
    LostAnswerError,
    LostRequestError,
    SlackWorld,
)

# Everything is imported once; each run is a fork, which starts in no time and dies alone.
STARTER = """
import importlib, os, signal, sys, traceback

def live(folder, epoch, words):
    os.chdir(folder)
    os.environ["SOURCE_DATE_EPOCH"] = epoch
    sys.argv = ["goodwill", "--quiet", *words.split(" ")]
    from monitor.cli.main import main
    main()

def start(folder, epoch, words):
    child = os.fork()
    if child:
        return child
    os.setpgid(0, 0)
    null = os.open(os.devnull, os.O_RDONLY)
    output = os.open(folder + "/output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(null, 0), os.dup2(output, 1), os.dup2(output, 2)
    code = 0
    try:
        live(folder, epoch, words)
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 99
    sys.stdout.flush(), sys.stderr.flush()
    os._exit(code)

for name in ("monitor.cli.main", "monitor.workflow.alert_slack", "monitor.workflow.alert", "monitor.bot.runner",
             "monitor.correlate.event_study", "reports.alert_chart", "altair", "vl_convert", "slack_sdk"):
    try:
        importlib.import_module(name)
    except ImportError:
        pass
for line in sys.stdin:
    asked, *rest = line.rstrip("\\n").split("\\t")
    if asked == "start":
        print(start(*rest), flush=True)
    else:
        print(os.waitstatus_to_exitcode(os.waitpid(int(rest[0]), 0)[1]), flush=True)
"""


@dataclass
class Run:
    """One process of ours."""

    starter: Starter
    pid: int
    folder: Path

    def wait(self) -> int:
        """Its exit code; minus nine when it was killed."""
        return self.starter.ask(f"wait\t{self.pid}")

    def kill(self) -> int:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def output(self) -> str:
        file = self.folder / "output.txt"
        return file.read_text("utf-8") if file.exists() else ""


@dataclass
class Starter:
    """Starts commands of ours in folders."""

    process: subprocess.Popen[str]

    def ask(self, line: str) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self, folder: Path, moment: int, words: str) -> Run:
        """Begin `goodwill <words>` in a folder, at a moment in seconds since 1970."""
        return Run(self, self.ask(f"start\t{folder}\t{moment}\t{words}"), folder)


@contextlib.contextmanager
def starting(home: Path, prelude: str = "") -> Iterator[Starter]:
    """A starter with the tokens that the world knows; `prelude` is Python that runs before all else."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "TZ": "UTC",
        "GOODWILL_SLACK_TOKEN": TOKEN,
        "GOODWILL_SLACK_APP_TOKEN": APP_TOKEN,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", prelude + STARTER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    try:
        yield Starter(process)
    finally:
        process.communicate()


@dataclass(frozen=True)
class Death:
    """When the process dies: at its n-th call of a method, before Slack processes it or after."""

    method: str
    number: int = 1
    after: bool = True


@dataclass
class _Sentence:
    death: Death
    run: Run | None = None
    told: threading.Event = field(default_factory=threading.Event)
    calls: int = 0
    done: bool = False


class DeadlyWorld(SlackWorld):
    """A Slack that kills who calls it."""

    def __init__(self) -> None:
        super().__init__()
        self._sentence: _Sentence | None = None
        self.paused: threading.Event | None = None
        self.waiting = threading.Event()

    def condemn(self, death: Death) -> None:
        """The next process that calls dies so."""
        self._sentence = _Sentence(death)

    def name(self, run: Run) -> None:
        """Which process it is."""
        if self._sentence is not None:
            self._sentence.run = run
            self._sentence.told.set()

    def was_executed(self) -> bool:
        """Whether the process came so far; nobody dies any more."""
        sentence, self._sentence = self._sentence, None
        return sentence is not None and sentence.done

    def call(self, method: str, token: str, values: dict[str, Any]) -> Answer:
        sentence = self._sentence
        if sentence is None or method != sentence.death.method or sentence.done:
            return self._unhurried(method, token, values)
        sentence.calls += 1
        if sentence.calls < sentence.death.number:
            return super().call(method, token, values)
        sentence.done = True
        if sentence.death.after:
            super().call(method, token, values)
        assert sentence.told.wait(30)
        assert sentence.run is not None
        os.kill(sentence.run.pid, signal.SIGKILL)
        time.sleep(0.01)
        raise LostAnswerError if sentence.death.after else LostRequestError

    def _unhurried(self, method: str, token: str, values: dict[str, Any]) -> Answer:
        """Keep a post waiting while the test looks at something else."""
        if self.paused is not None and method == "chat.postMessage":
            self.waiting.set()
            assert self.paused.wait(60)
        return super().call(method, token, values)
