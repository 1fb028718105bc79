"""`goodwill sync` and `goodwill import`: bring texts, calendars and scores in."""

from __future__ import annotations

import difflib
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.progress import Progress
from monitor.cli.state import State, now, print_json, state_of
from monitor.errors import ConfigurationError, InputError, UsageError

if TYPE_CHECKING:
    from monitor.settings import Loaded
    from monitor.workflow.sync import SyncOutcome

EXIT_PARTIAL = 4
MOST_HINTS = 5


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("sync")(sync)
    app.command("import")(import_file)


def sync(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(help="Only these sources. Default: all enabled.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Pull what is new from the configured sources into the database."""
    from monitor.store.lock import exclusive
    from monitor.workflow.forget import forget_old
    from monitor.workflow.jobs import enabled_sources, retention_days, source_jobs
    from monitor.workflow.sync import note_configured, sync_sources

    state = state_of(context)
    loaded = state.load()
    if not loaded.settings.sources:
        raise no_source(loaded)
    jobs, problems = source_jobs(loaded, sources or ())
    with state.open_database(loaded) as database, exclusive(database), Progress(state, "reading") as progress:
        note_configured(database, enabled_sources(loaded))
        outcomes = sync_sources(database, jobs, now=now(), progress=progress.source)
        forget_old(database, retention_days(loaded), now=now())
    if state.verbose:
        show_examples(state, outcomes)
    finish(state, outcomes, problems, json_output=json_output)


def no_source(loaded: Loaded) -> ConfigurationError:
    """What to say where there is nothing to read, for instance in the wrong folder."""
    where = loaded.path or f"goodwill.toml (there is none in {Path.cwd()})"
    return ConfigurationError(
        f"no source is configured in {where}: add a [[sources]] table (`goodwill init` writes examples), or bring "
        "one file in with `goodwill import`."
    )


def import_file(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="What the file is: see `goodwill import list` for the kinds.")],
    path: Annotated[Path | None, typer.Argument(help="The file.")] = None,
    name: Annotated[str, typer.Option("--name", help="Name of the source. Default: the file's name.")] = "",
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", metavar="KEY=VALUE", help="An option of this kind; may be repeated."),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Import one file once; importing it again adds nothing."""
    state = state_of(context)
    if kind == "list":
        list_kinds(json_output=json_output)
        return
    from connectors.registry import known_kinds

    if path is None:
        raise UsageError(f"import {kind} needs the file: goodwill import {kind} FILE.")
    if kind not in known_kinds():
        raise UsageError(_unknown_kind(kind))
    if not path.exists() and not set("*?[") & set(str(path)):
        raise InputError(f"{path} does not exist: give the file that you exported.")
    from monitor.store.lock import exclusive
    from monitor.store.shared_rows import rows_held_twice
    from monitor.workflow.jobs import file_job
    from monitor.workflow.metric_names import unknown_metrics
    from monitor.workflow.sync import sync_sources

    loaded, source = state.load(), name or path.resolve().stem
    try:
        job = file_job(kind, path, source, _options(option or []))
    except ConfigurationError as error:
        raise ConfigurationError(_in_options(str(error), option or [])) from None
    with state.open_database(loaded) as database, exclusive(database), Progress(state, "reading") as progress:
        outcomes = sync_sources(database, [job], now=now(), progress=progress.source)
        with database.reading() as connection:
            doubles = rows_held_twice(connection, source)
    show_examples(state, outcomes)
    read = frozenset[str]().union(*(outcome.metrics for outcome in outcomes))
    for unknown in unknown_metrics(read)[:MOST_HINTS]:
        state.say(f"{source}: {unknown.hint}")
    for other, number in doubles:
        rows = "1 row" if number == 1 else f"{number} rows"
        state.complain(
            f"goodwill: {rows} of {source!r} and of {other!r} are the same and count twice. Give every export of the same "
            f"data one name: goodwill import {kind} FILE --name {shlex.quote(other)}; a new database is rid of the doubles."
        )
    if any("columns = {" in line for outcome in outcomes for line in outcome.summary.problems):
        state.say("Here that is written --option 'columns = { ... }'; see `goodwill import --help`.")
    finish(state, outcomes, [], json_output=json_output)


def _unknown_kind(kind: str) -> str:
    from connectors.registry import kind_names

    close = difflib.get_close_matches(kind, kind_names(), n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"there is no kind of file {kind!r}: expected one of {', '.join(kind_names())}.{hint}"


def list_kinds(*, json_output: bool) -> None:
    """Print every kind of source with its options."""
    from connectors.registry import known_kinds

    kinds = known_kinds()
    if json_output:
        print_json({"kinds": {kind: asdict(info) for kind, info in kinds.items()}})
        return
    for kind, info in sorted(kinds.items()):
        typer.echo(f"{kind:<18} {info.description}")


def _options(pairs: list[str]) -> dict[str, object]:
    import tomllib

    options: dict[str, object] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise UsageError(
                f"--option {pair!r}: expected KEY=VALUE, for instance --option time_zone=Europe/Berlin."
            )
        try:
            options[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            options[key.strip()] = value
    return options


def _in_options(message: str, pairs: list[str]) -> str:
    """What to do about a wrong option, told of the command line: no goodwill.toml holds it."""
    head, stop, _ = message.partition(" Correct it ")
    if not stop:
        return message.replace("Add it to its [[sources]] table in goodwill.toml", "Give it with --option")
    is_wrong = [pair for pair in pairs if _names(head, pair.partition("=")[0].strip())]
    given = " ".join(f"--option {pair}" for pair in is_wrong) or "its --option"
    return f"{head} Correct or leave out {given}."


def _names(message: str, key: str) -> bool:
    return any(form in message for form in (f"unknown key {key!r}", f" in `{key}`", f" has {key} = "))


def finish(state: State, outcomes: list[SyncOutcome], problems: list[str], *, json_output: bool) -> None:
    """Print what happened and leave with the right exit code."""
    if json_output:
        print_json({"sources": [_as_dict(outcome) for outcome in outcomes], "problems": problems})
    else:
        for outcome in outcomes:
            typer.echo(summary_line(outcome))
    report_problems(state, outcomes, problems)
    if exit_code(outcomes, problems):
        raise typer.Exit(exit_code(outcomes, problems))


def exit_code(outcomes: list[SyncOutcome], problems: list[str]) -> int:
    """0 complete, 4 partly read; when nothing at all could be read, 3 for wrong `[[sources]]` tables and 1 otherwise.

    Args:
        outcomes: what became of the sources that could be opened.
        problems: a line for every source whose settings are wrong.
    """
    failed = [outcome for outcome in outcomes if outcome.status != "complete"]
    if not failed and not problems:
        return 0
    if any(outcome.status != "failed" for outcome in outcomes):
        return EXIT_PARTIAL
    return ConfigurationError.exit_code if problems else 1


def report_problems(state: State, outcomes: list[SyncOutcome], problems: list[str]) -> None:
    """Say on standard error what could not be read."""
    for line in problems:
        state.complain(f"goodwill: {line}")
    for outcome in outcomes:
        for line in outcome.summary.problems:
            state.complain(f"goodwill: {outcome.summary.source}: {line}")


def show_examples(state: State, outcomes: list[SyncOutcome]) -> None:
    """Name some of the records that were left out or lack a value, so that a person finds them in the file."""
    from monitor.domain.posts import ROW_KEPT, kept_reason

    for outcome in outcomes:
        for item in outcome.examples:
            kept = item.reason.endswith(ROW_KEPT)
            reason = kept_reason(item.reason)
            told = f"{reason}: {item.detail}" if item.detail else reason
            record = item.external_id or "a record"
            what = f"kept {record} without one value" if kept else f"left out {record}"
            state.say(f"{outcome.summary.source}: {what} ({told})")


def summary_line(outcome: SyncOutcome) -> str:
    """One line a person can read: what came, what was skipped and why."""
    summary = outcome.summary
    parts = [f"{summary.added} added", f"{summary.changed} changed", f"{summary.unchanged} unchanged"]
    if summary.deleted:
        parts.append(f"{summary.deleted} deleted")
    for told, reasons in (("skipped", summary.left_out), ("kept without one value", summary.kept_in_part)):
        if reasons:
            parts.append(f"{told}: {', '.join(f'{count} × {reason}' for reason, count in reasons.items())}")
    if summary.gaps:
        parts.append(f"{len(summary.gaps)} gaps in coverage")
    return f"{summary.source}: {', '.join(parts)} ({outcome.status})"


def _as_dict(outcome: SyncOutcome) -> dict[str, Any]:
    document = asdict(outcome.summary)
    document["gaps"] = [
        {
            "channel": gap.channel,
            "start": gap.start.isoformat(),
            "end": gap.end.isoformat(),
            "reason": gap.reason,
        }
        for gap in outcome.summary.gaps
    ]
    left_out = {"skipped": outcome.summary.left_out, "kept_in_part": outcome.summary.kept_in_part}
    return {**document, **left_out, "status": outcome.status, "expected": outcome.expected}
