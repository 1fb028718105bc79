"""`goodwill classify`, `bench` and `train`: the local model on its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.state import print_json, state_of

EXIT_PARTIAL = 4


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("classify")(classify)
    app.command("bench")(bench)
    app.command("train")(train)


def classify(
    engine: Annotated[str, typer.Option("--engine", help="onnx, torch or lexicon.")] = "onnx",
    model: Annotated[str, typer.Option("--model", help="Model id or folder. Default: the shipped one.")] = "",
) -> None:
    """Score JSON lines from standard input: {"id", "text"[, "lang"]} a line; results in the same order.

    A line that cannot be read gives {"id", "error"}, and the command ends with exit code 4.
    """
    from models.classify import classify_stream
    from models.load import load_scorer

    bad = classify_stream(load_scorer(engine, model or None), sys.stdin.buffer, sys.stdout.buffer)
    if bad:
        raise typer.Exit(EXIT_PARTIAL)


def bench(
    engine: Annotated[str, typer.Option("--engine", help="onnx, torch or lexicon.")] = "onnx",
    model: Annotated[str, typer.Option("--model", help="Model id or folder. Default: the shipped one.")] = "",
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Measure texts and tokens a second, memory, cold start, and the share of this machine's int8 speed."""
    from models.bench import measure

    document = measure(engine, model or None)
    if json_output:
        print_json(document)
        return
    for name, value in document.items():
        typer.echo(f"{name:<40} {value}")


def train(
    context: typer.Context,
    data: Annotated[Path, typer.Argument(help="Folder with the data sets.")],
    output: Annotated[Path, typer.Option("--output", help="Folder of the finished model.")],
    config: Annotated[
        Path | None, typer.Option("--recipe", help="TOML file with the training recipe.")
    ] = None,
) -> None:
    """Train the local model again (needs the extra `torch`); resumes where it was interrupted."""
    from models.train.run import train as train_model

    state = state_of(context)
    train_model(data, output, recipe=config, say=state.say)
