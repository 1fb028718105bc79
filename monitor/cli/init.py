"""`goodwill init`: a commented settings file to start from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from monitor.errors import UsageError

TEMPLATE = """\
# Goodwill's settings. Every value can also come from the environment, for instance
# GOODWILL_REPORT__TIME_ZONE=Europe/Berlin. Secrets never stand here: see the end of this file.

[company]
name = ""            # posts that mention this name (or an alias, or a product) are about you
aliases = []         # ["acme", "acme.io"]
products = []        # ["Acme Desk"]
competitors = []     # a complaint about one of these is not yours
customers = 0        # people your marketing can reach; touches per customer need it
negative_terms = []  # a post with one of these is never about you: ["acme cartoons"]

[database]
url = "goodwill.db"  # a file, or postgresql://user@host/name (pip install 'goodwill-monitor[postgres]')

[report]
time_zone = "UTC"    # days and weeks are counted in this zone: "Europe/Berlin"
holidays = ""        # country whose holidays quiet people down: "DE", "US", ...
folder = "reports"   # where `goodwill run` writes
history_weeks = 52   # how far back a report looks
allowed_companies = []  # customers who may be named in quotes: ["Acme Rockets"]; all others become [company]

[model]
engine = "onnx"      # onnx (shipped), lexicon (word lists only), torch (any Hugging Face classifier)

[alerts]
sensitivity = "balanced"  # how easily `goodwill alert` speaks up: "fewer", "balanced" or "more"
weekly_budget = 3         # at most so many new alerts a week
quotes = 3                # redacted posts shown with an alert

[slack]
channel = ""              # where alerts go, by id (it begins with C); empty: `goodwill alert --dry-run` only
digest_channel = ""       # where the weekly digest goes; empty: the same
allowed_users = []        # ids of those who may use buttons and /goodwill; empty: everybody

# One [[sources]] table for each place to read. `goodwill import list` shows every kind.
# about_us = "all" counts every post of the source as about you; "mentions" (default) looks for your names.

# [[sources]]
# name = "community-slack"
# kind = "slack_export"
# path = "exports/slack.zip"
# about_us = "all"

# [[sources]]
# name = "subreddits"
# kind = "reddit"
# subreddits = ["sysadmin"]
# search = ["acme"]

# [[sources]]
# name = "deal-notes"
# kind = "deal_notes"
# path = "exports/notes.csv"

# [[sources]]
# name = "nps"
# kind = "nps"
# path = "exports/nps.csv"
# time_zone = "UTC"

# [[sources]]
# name = "campaigns"
# kind = "campaigns"
# path = "exports/campaigns.csv"

# Secrets come from the environment (or .env beside this file), or from a file named by <NAME>_FILE:
# GOODWILL_SLACK_TOKEN, GOODWILL_SLACK_APP_TOKEN, GOODWILL_REDDIT_CLIENT_ID, GOODWILL_REDDIT_CLIENT_SECRET, ...
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    folder: Annotated[Path, typer.Option("--dir", help="Folder for goodwill.toml.")] = Path(),
    show: Annotated[bool, typer.Option("--print", help="Print the file instead of writing it.")] = False,
) -> None:
    """Write a commented goodwill.toml; an existing one is never touched."""
    if show:
        typer.echo(TEMPLATE, nl=False)
        return
    path = folder / "goodwill.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(
            f"{path} is there already and stays as it is: edit it, or choose another --dir."
        ) from None
    except OSError as error:
        raise UsageError(f"cannot write {path} ({error.strerror}): choose another --dir.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(TEMPLATE)
    typer.echo(f"{path} written. Next: name your company and sources in it, then `goodwill doctor`.")
