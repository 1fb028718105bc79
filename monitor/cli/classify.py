"""`goodwill classify`, `bench` and `train`: the local model on its own."""

from __future__ import annotations

import io
import logging
import sys
from dataclasses import asdict
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

    scorer = load_scorer(engine, model or None)
    # Undecodable bytes become U+FFFD: a bad line must not end the stream.
    source = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n")
    target = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n", write_through=False)
    tally = classify_stream(scorer, source, target)
    target.flush()
    target.detach()
    if tally.errors:
        raise typer.Exit(EXIT_PARTIAL)


def bench(
    engine: Annotated[str, typer.Option("--engine", help="onnx, torch or lexicon.")] = "onnx",
    model: Annotated[str, typer.Option("--model", help="Model id or folder. Default: the shipped one.")] = "",
    threads: Annotated[int, typer.Option("--threads", help="Compute threads.", min=1, max=64)] = 2,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Measure texts and tokens a second, memory, cold start, and the share of this machine's int8 speed."""
    from models.bench import bench as measure
    from models.load import load_scorer

    scorer = load_scorer(engine, model or None, threads=threads)
    document = asdict(measure(scorer, engine, model or None, threads=threads))
    if json_output:
        print_json(document)
        return
    for name, value in document.items():
        shown = f"{value:,.3f}" if isinstance(value, float) else value
        typer.echo(f"{name.replace('_', ' '):<24} {'not measured' if value is None else shown}")


def train(
    context: typer.Context,
    data: Annotated[Path, typer.Argument(help="Folder with one sub-folder for each data set.")],
    output: Annotated[Path, typer.Option("--output", help="Folder of the finished model.")],
    work: Annotated[
        Path | None, typer.Option("--work", help="Folder of checkpoints. Default: beside the output.")
    ] = None,
    base: Annotated[Path | None, typer.Option("--base", help="Base encoder in Hugging Face layout.")] = None,
    larger: Annotated[
        Path | None,
        typer.Option("--larger", help="Larger encoder in Hugging Face layout, whose reading is learnt."),
    ] = None,
    written: Annotated[
        Path | None, typer.Option("--written", help="Folder of texts written for training.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="Hand labels of the pool of real texts.")
    ] = None,
    labelled: Annotated[
        Path | None, typer.Option("--labelled", help="Hand labels of texts of the data sets.")
    ] = None,
    model_id: Annotated[str, typer.Option("--model-id", help="Name of the new model.")] = "goodwill-minilm",
    seed: Annotated[int, typer.Option("--seed", help="The same seed and data make the same weights.")] = 20,
    threads: Annotated[int, typer.Option("--threads", help="Compute threads.", min=1, max=256)] = 2,
) -> None:
    """Train the local model again (needs the extra `torch`); goes on where it was interrupted."""
    from models.train.config import TrainingConfig
    from models.train.run import train as train_model

    config = TrainingConfig(
        data=data,
        output=output,
        work=work or output.with_name(output.name + "-work"),
        base=base,
        larger=larger,
        written=written,
        labels=labels,
        labelled=labelled,
        model_id=model_id,
        seed=seed,
        threads=threads,
    )
    logging.getLogger("models").setLevel(logging.INFO)
    state_of(context).say(f"training from {data} into {output}, checkpoints in {config.work}")
    typer.echo(str(train_model(config)))
