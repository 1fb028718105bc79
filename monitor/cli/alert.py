"""`goodwill alert`: one check of the alert rules, as cron calls it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.state import State, now, print_json, state_of
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.settings import Loaded
    from monitor.store.database import Database
    from monitor.workflow.alert import CheckOutcome
    from monitor.workflow.alert_delivery import DeliveryOutcome

PARTIAL, RAISED = 4, 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("alert")(alert)


def alert(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be posted; post and store nothing.")
    ] = False,
    fail_on_alert: Annotated[
        bool, typer.Option("--fail-on-alert", help="Exit 10 when an alert was raised.")
    ] = False,
    backtest: Annotated[
        str,
        typer.Option("--backtest", help="Replay so many weeks (26w) and print what would have been sent."),
    ] = "",
    digest: Annotated[
        bool, typer.Option("--digest", help="Post the last complete week's digest, once.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Check the alert rules once; tell Slack about each new problem once and keep its message up to date."""
    state = state_of(context)
    loaded = state.load()
    if backtest:
        _backtest(state, loaded, backtest, json_output)
        return
    if not dry_run:
        _require_channel(loaded, digest=digest)
    with state.open_database(loaded) as database:
        if digest:
            _digest(state, database, loaded, dry_run=dry_run, json_output=json_output)
            return
        _check(state, database, loaded, (dry_run, fail_on_alert, json_output))


def _require_channel(loaded: Loaded, *, digest: bool) -> None:
    from monitor.errors import ConfigurationError

    slack = loaded.settings.slack
    if not (slack.channel or (digest and slack.digest_channel)):
        raise ConfigurationError(
            "slack.channel is empty: put the channel's id (it begins with C) into [slack] of goodwill.toml, "
            "or look first with `goodwill alert --dry-run`."
        )


def _check(state: State, database: Database, loaded: Loaded, flags: tuple[bool, bool, bool]) -> None:
    from monitor.workflow.alert import check_alerts
    from monitor.workflow.alert_slack import deliver_alerts

    dry_run, fail_on_alert, json_output = flags
    outcome = check_alerts(database, loaded, now=now(), dry_run=dry_run)
    delivered = None if dry_run else deliver_alerts(database, loaded)
    if json_output:
        print_json(_document(outcome, delivered))
    else:
        _print(state, database, loaded, outcome, delivered)
    if delivered is not None and delivered.problems:
        for problem in dict.fromkeys(delivered.problems):
            state.complain(f"problem: {problem}")
        raise typer.Exit(PARTIAL)
    if fail_on_alert and outcome.raised:
        raise typer.Exit(RAISED)


def _print(
    state: State, database: Database, loaded: Loaded, outcome: CheckOutcome, delivered: DeliveryOutcome | None
) -> None:
    from monitor.workflow.alert_view import IncidentArtist, build_view
    from reports.alert import plain_lines

    for note in outcome.notes:
        state.say(f"note: {note}")
    artist = IncidentArtist(database, loaded)
    living = [change.after for change in outcome.changes]
    for incident in living:
        for line in plain_lines(build_view(incident, artist.evidence(incident), loaded)):
            typer.echo(line)
    typer.echo(f"checked up to {outcome.as_of}: {len(living)} incident(s), {len(outcome.raised)} raised now")
    if delivered is not None:
        state.say(f"Slack: {delivered.sent} sent, {delivered.waiting} waiting")


def _document(outcome: CheckOutcome, delivered: DeliveryOutcome | None) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "as_of": outcome.as_of.isoformat(),
        "notes": list(outcome.notes),
        "incidents": [
            {
                "id": change.after.id,
                "event": str(change.event),
                "state": change.after.state.value,
                "rules": list(change.after.members),
                "since": change.after.onset.isoformat(),
                "sentence": change.after.lead.sentence,
                "measure": change.after.lead.measure.sentence(),
                "posted": change.after.posted_on is not None,
            }
            for change in outcome.changes
        ],
        "raised": len(outcome.raised),
        "delivery": None if delivered is None else asdict(delivered),
    }


def _backtest(state: State, loaded: Loaded, weeks: str, json_output: bool) -> None:
    from monitor.workflow.backtest import backtest, backtest_lines

    match = re.fullmatch(r"(\d{1,3})w?", weeks.strip().lower())
    if match is None or not 1 <= int(match[1]) <= 104:
        raise UsageError(f"--backtest is {weeks!r}: expected a number of weeks from 1w to 104w, such as 26w.")
    with state.open_database(loaded) as database:
        result = backtest(database, loaded, weeks=int(match[1]), now=now())
    if json_output:
        print_json(result.document())
        return
    for line in backtest_lines(result):
        typer.echo(line)


def _digest(state: State, database: Database, loaded: Loaded, *, dry_run: bool, json_output: bool) -> None:
    from monitor.workflow.digest import preview_digest, send_digest

    if dry_run:
        preview = preview_digest(database, loaded, now=now())
        if json_output:
            print_json(preview)
        else:
            typer.echo(preview["text"])
        return
    week, delivered = send_digest(database, loaded, now=now())
    if json_output:
        print_json(
            {
                "week": str(week),
                "sent": delivered.sent,
                "waiting": delivered.waiting,
                "problems": delivered.problems,
            }
        )
    else:
        typer.echo(f"digest of {week}: {'sent' if delivered.sent else 'nothing new to send'}")
    for problem in dict.fromkeys(delivered.problems):
        state.complain(f"problem: {problem}")
    if delivered.problems:
        raise typer.Exit(PARTIAL)
