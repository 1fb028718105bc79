"""What each button, command and modal does; every answer is for the user who asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk import WebClient

from monitor.bot.heavy import HeavyWork
from monitor.bot.requests import BotRequest
from monitor.domain.alerts import IncidentEvent
from monitor.errors import GoodwillError, UsageError
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.workflow import bot_answers
from monitor.workflow.alert import change_incident, snooze_end
from reports.alert import Block, cut, escape, moment_token
from reports.slack_views import (
    CORRECTIONS,
    HELP,
    correction_view,
    home_view,
    message_view,
    mrkdwn,
    snooze_view,
)

_SNOOZE_FORM = "`/goodwill snooze 12 1d`, `1w` or a date such as `2026-12-01`"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer for one user; "" says nothing."""

    text: str = ""
    blocks: Sequence[Block] = field(default=())


@dataclass(slots=True)
class Handlers:
    """The bot's abilities.

    Attributes:
        heavy: does what needs the statistics, in a process of its own.
        changed: called after an incident changed, so that its message is brought up to date at once.
        clock: the present moment, aware UTC.
    """

    database: Database
    loaded: Loaded
    heavy: HeavyWork
    changed: Callable[[], None] = lambda: None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def is_new(self, request: BotRequest) -> bool:
        """False for a request that Slack delivered before."""
        if not request.key:
            return True
        with self.database.transaction() as connection:
            return store.remember_event(connection, request.key, self.clock())

    def acknowledge(self, request: BotRequest, _client: WebClient) -> Reply:
        """Somebody looks after it."""
        return self._change(_number(request.value), IncidentEvent.ACKNOWLEDGE, request, "acknowledged")

    def unmute(self, request: BotRequest, _client: WebClient) -> Reply:
        """It may be posted again."""
        return self._change(_number(request.value), IncidentEvent.UNMUTE, request, "unmuted")

    def snooze(self, request: BotRequest, client: WebClient) -> Reply:
        """One of the choices of the snooze menu."""
        number, _, choice = request.value.partition(":")
        if choice == "mute":
            return self._change(_number(number), IncidentEvent.MUTE, request, "muted")
        if choice == "until":
            day = (self.clock() + timedelta(days=2)).astimezone(self.loaded.settings.report.zone).date()
            client.views_open(
                trigger_id=request.trigger, view=snooze_view(_number(number), day, request.channel)
            )
            return Reply()
        return self._snooze(_number(number), choice, request)

    def wrong_date(self, request: BotRequest) -> str:
        """Why the date of the snooze modal cannot be used; "" when it can."""
        try:
            snooze_end(_date_of(request), self.clock(), self.loaded)
        except GoodwillError as error:
            return str(error)
        return ""

    def snooze_until(self, request: BotRequest, _client: WebClient) -> Reply:
        """The date of the snooze modal."""
        return self._snooze(_number(_metadata(request)), _date_of(request), request)

    def _snooze(self, number: int, choice: str, request: BotRequest) -> Reply:
        until = snooze_end(choice, self.clock(), self.loaded)
        return self._change(
            number, IncidentEvent.SNOOZE, request, f"snoozed until {moment_token(until)}", until
        )

    def _change(
        self, number: int, event: IncidentEvent, request: BotRequest, done: str, until: datetime | None = None
    ) -> Reply:
        change_incident(
            self.database, self.loaded, number, event, actor=request.user, now=self.clock(), until=until
        )
        self.changed()
        return Reply(f"Incident {number} is {done}.")

    def open_correction(self, request: BotRequest, client: WebClient) -> Reply:
        """Ask which posts were read wrongly."""
        number = _number(request.value)
        quotes = bot_answers.correctable_quotes(self.database, self.loaded, number)
        if quotes:
            view = correction_view(number, quotes, request.channel)
        else:
            view = message_view("Nothing to correct", "This incident shows no post any more.")
        client.views_open(trigger_id=request.trigger, view=view)
        return Reply()

    def correct(self, request: BotRequest, _client: WebClient) -> Reply:
        """Store what the modal says."""
        values = request.body["view"]["state"]["values"]
        posts = [int(option["value"]) for option in values["posts"]["posts"].get("selected_options") or ()]
        chosen = (values["field"]["field"].get("selected_option") or {}).get("value", "complaint")
        number = _number(_metadata(request))
        count = bot_answers.correct_posts(
            self.database, number, posts, chosen, by=request.user, now=self.clock()
        )
        self.changed()
        words = dict(CORRECTIONS)[chosen]
        return Reply(f"Thank you: {count} post(s) marked as {words}. Counts and reports follow at once.")

    def open_report(self, request: BotRequest, client: WebClient) -> Reply:
        """Show the latest report: a link where it is published, else the file in the thread."""
        if self.loaded.settings.slack.report_url:
            return Reply()  # the button is the link
        folder = self.loaded.folder / self.loaded.settings.report.folder
        files = sorted(folder.glob("weekly-*.html"))
        if not files:
            return Reply("There is no weekly report yet: `goodwill run` writes it.")
        message = request.body.get("message") or {}
        client.files_upload_v2(
            channel=request.channel,
            thread_ts=message.get("thread_ts") or message.get("ts"),
            filename=files[-1].name,
            content=files[-1].read_bytes(),
            title=f"Weekly report {files[-1].stem.removeprefix('weekly-')}",
        )
        return Reply("The latest weekly report is in the thread: download it and open it in a browser.")

    def command(self, request: BotRequest, client: WebClient) -> Reply:
        """Everything that begins with /goodwill."""
        words = request.value.split()
        name, rest = (words[0].lower(), words[1:]) if words else ("help", [])
        if name == "status":
            return _lines(bot_answers.status(self.database))
        if name == "week":
            return self._week()
        if name == "why":
            return _lines(bot_answers.why(self.database, _number(rest[0] if rest else "")))
        if name == "snooze":
            if len(rest) != 2:
                raise UsageError(f"a snooze needs an incident and an end: write {_SNOOZE_FORM}.")
            return self._snooze(_number(rest[0]), rest[1].lower(), request)
        if name == "cloud":
            return self._cloud(client)
        if name == "help":
            return Reply(HELP)
        return Reply(f"“{escape(name)}” is no command.\n{HELP}")

    def _week(self) -> Reply:
        digest = self.heavy.digest()
        return Reply(str(digest["text"]), digest["blocks"])

    def _cloud(self, client: WebClient) -> Reply:
        picture = self.heavy.cloud()
        if picture.png is None:
            return Reply(escape(picture.words))
        uploaded = client.files_upload_v2(filename=picture.name, content=picture.png, title="Word cloud")
        image = {
            "type": "image",
            "slack_file": {"id": uploaded["files"][0]["id"]},
            "alt_text": cut(picture.words, 1900),
        }
        return Reply(escape(picture.words), [mrkdwn(escape(picture.words)), image])

    def home(self, request: BotRequest, client: WebClient) -> Reply:
        """Draw the home tab: at once what is going on, then with the week's scorecard."""
        status = bot_answers.status(self.database)
        week = self.heavy.known_digest()
        client.views_publish(user_id=request.user, view=home_view(status, week, self.clock()))
        if not self.heavy.is_fresh:
            drawn = self.heavy.digest()["blocks"]
            client.views_publish(user_id=request.user, view=home_view(status, drawn, self.clock()))
        return Reply()


def _lines(lines: Sequence[str]) -> Reply:
    text = "\n".join(lines)
    return Reply(text, [mrkdwn(text)])


def _number(text: str) -> int:
    cleaned = text.strip().lstrip("#")
    if not cleaned.isdigit() or len(cleaned) > 9:
        raise UsageError(
            f"{escape(text) or 'nothing'} is no incident: give its number, which `/goodwill status` shows."
        )
    return int(cleaned)


def _metadata(request: BotRequest) -> str:
    return str(request.body["view"].get("private_metadata", "")).partition(":")[0]


def _date_of(request: BotRequest) -> str:
    values: dict[str, Any] = request.body["view"]["state"]["values"]
    return str(values["until"]["until"].get("selected_date") or "")
