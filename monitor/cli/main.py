"""The `goodwill` command: global options, command registration, errors to exit codes."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__
from monitor.cli import (
    alert,
    bot,
    classify,
    cloud,
    config,
    correlate,
    database,
    demo,
    detect,
    doctor,
    export,
    init,
    report,
    run,
    score,
    sync,
)
from monitor.cli.everywhere import accept_everywhere
from monitor.cli.state import State, set_up_logging
from monitor.errors import GoodwillError

EPILOG = (
    "Exit codes: 0 done, 1 failed, 2 wrong use, 3 wrong configuration, 4 partly done (the rest is reported), "
    "10 alert raised (only with --fail-on-alert), 130 interrupted."
)

app = typer.Typer(
    name="goodwill",
    help="Notice when customer marketing crosses the line: posts, NPS and campaigns in, an honest weekly report out.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (
    init,
    demo,
    doctor,
    sync,
    score,
    correlate,
    detect,
    report,
    cloud,
    run,
    alert,
    bot,
    classify,
    config,
    database,
    export,
):
    group.register(app)
accept_everywhere(app)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"goodwill {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config", envvar="GOODWILL_CONFIG", help="Settings file. Default: goodwill.toml here."
        ),
    ] = None,
    database_url: Annotated[
        str, typer.Option("--database", help="Database file or URL, instead of the settings' one.")
    ] = "",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing but the result and problems.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more about what happens.")] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """These options hold for every command; they may stand before or after it."""
    set_up_logging(verbose=verbose, quiet=quiet)
    context.obj = State(config_file, database_url, quiet, verbose)


def _speak_utf8() -> None:
    """Results are UTF-8 whatever the locale; a character that cannot be shown is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def main() -> None:
    """Run the command line; every known error becomes one message and its exit code."""
    # Model libraries must never reach for the network, whatever the user's environment says.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # The statistics solve many small systems: several threads for each cost more than they bring.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # The process ends and gives its memory back whole: looking for cycles in it takes a tenth of a second.
    atexit.register(gc.freeze)
    _speak_utf8()
    try:
        app()
    except GoodwillError as error:
        typer.echo(f"goodwill: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # the reader of a pipe went away: not an error of ours, and Python must not complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
