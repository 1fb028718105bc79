"""`goodwill export`: data out, for other tools and for training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.state import state_of, write_output
from monitor.errors import UsageError

WHAT = ("daily", "posts", "corrections")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(help="daily (counts), posts (redacted, with labels) or corrections.")
    ],
    output_format: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write. Default: standard output.")
    ] = None,
) -> None:
    """Export counts, labelled posts or corrections.

    `goodwill export daily` writes what `goodwill correlate --daily` reads.
    """
    from monitor.workflow.export import export_rows, render_rows

    if what not in WHAT:
        raise UsageError(f"{what!r} cannot be exported: expected {', '.join(WHAT)}.")
    if output_format not in {"csv", "jsonl"}:
        raise UsageError(f"--format is {output_format!r}: expected csv or jsonl.")
    state = state_of(context)
    loaded = state.load()
    with state.open_database(loaded) as database:
        names, rows = export_rows(database, what)
        write_output(render_rows(names, rows, output_format), output)
