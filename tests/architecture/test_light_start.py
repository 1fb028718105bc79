"""`goodwill --help` starts fast: nothing heavy is imported before a command needs it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {
    "altair",
    "alembic",
    "matplotlib",
    "numpy",
    "onnxruntime",
    "praw",
    "pydantic",
    "scipy",
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy",
    "sqlmodel",
    "statsmodels",
    "tokenizers",
    "torch",
    "transformers",
    "wordcloud",
}


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_line_imports_nothing_heavy() -> None:
    loaded = run_python(
        "import sys, monitor.cli.main; print(' '.join(sorted({m.split('.')[0] for m in sys.modules})))"
    )
    assert HEAVY & set(loaded.split()) == set()


def test_help_takes_less_than_0_6_seconds_of_processor_time() -> None:
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'monitor.cli', '--help'], stdout=subprocess.DEVNULL, check=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime)\n"
    )
    assert min(float(run_python(code)) for _ in range(3)) < 0.6
