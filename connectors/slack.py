"""Slack through its Web API: the only connector module that knows `slack_sdk`.

Each customer installs an internal app of its own, which keeps the usual limits (about 50 calls a minute);
distributed apps outside the Marketplace get one call a minute of 15 messages, which `check` recognises.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from connectors.addresses import checked_address
from connectors.base import Batch, CheckResult
from connectors.json_values import as_mapping, as_moment, as_text
from connectors.kinds import ConnectorKind, SourceContext
from connectors.options import option
from connectors.slack_advice import channel_advice, scope_result
from connectors.slack_history import ChannelReader, HistoryPage, Window
from connectors.slack_messages import SlackPeople, SlackPlace, people_from_users
from connectors.slack_state import state_from_cursor
from connectors.text import clean_name
from monitor.domain.posts import IdentityPolicy
from monitor.errors import (
    ChannelUnavailableError,
    ConfigurationError,
    GoodwillError,
    RateLimitedError,
    RetriableError,
    SourceUnavailableError,
)

if TYPE_CHECKING:
    from slack_sdk import WebClient
    from slack_sdk.http_retry.handler import RetryHandler

KIND = "slack"
_LONGEST_WAIT_S = 120
_BAD_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required"}
)
_CHANNEL_LOST = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "no_permission",
        "missing_scope",
        "method_not_supported_for_channel_type",
    }
)
_RESTRICTED_PAGE = 15
_CHECKED_CHANNELS = 25


@dataclass(frozen=True, slots=True)
class SlackOptions:
    """Keys of a `[[sources]]` table of kind "slack"."""

    channels: tuple[str, ...] = option(
        "channel names or ids; empty for every channel the app is a member of", default=()
    )
    base_url: str = option("address of the Web API, for proxies and tests", default="https://slack.com/api/")
    look_back_days: int = option(
        "threads with a reply younger than so many days are read again for edits",
        default=7,
        minimum=1,
        maximum=365,
    )
    thread_look_back_days: int = option(
        "messages of so many days are read again for edits, new replies and deletions",
        default=30,
        minimum=1,
        maximum=365,
    )
    history_days: int | None = option(
        "how far back the first read goes; everything when absent", default=None, minimum=1
    )
    page_size: int = option("messages asked for in one call", default=200, minimum=1, maximum=999)


class SlackApi:
    """The Web API in Goodwill's words: pages in, Goodwill errors out, no secret in any of them."""

    def __init__(self, client: WebClient, source: str, page_size: int) -> None:
        self._client = client
        self._source = source
        self._page_size = page_size

    def call(self, method: str, **parameters: object) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """One call.

        Returns:
            the answer and its headers (names in lower case).

        Raises:
            ConfigurationError: the token is not accepted.
            ChannelUnavailableError: the channel is not readable with this token.
            RateLimitedError: Slack still refuses after the waits it asked for.
            SourceUnavailableError: no answer, or none of Slack's.
        """
        from slack_sdk.errors import SlackApiError, SlackClientError

        try:
            response = self._client.api_call(method, params={k: v for k, v in parameters.items() if v != ""})
            data = as_mapping(response.data)
            headers = {str(name).lower(): value for name, value in dict(response.headers or {}).items()}
        except SlackApiError as error:
            if as_mapping(error.response.data).get("error") == "thread_not_found":
                return {"messages": []}, {}
            raise self._translated(method, error.response) from None
        except (SlackClientError, OSError, HTTPException) as error:
            raise self._unavailable(method, type(error).__name__) from None
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise self._unavailable(method, "an answer that is not Slack's") from None
        return data, headers

    def pages(self, method: str, **parameters: object) -> Iterator[Mapping[str, Any]]:
        """Every page of a paged method; an empty or absent `next_cursor` ends it."""
        cursor = ""
        used: set[str] = set()
        while True:
            data, _ = self.call(method, limit=self._page_size, cursor=cursor, **parameters)
            yield data
            cursor = as_text(as_mapping(data.get("response_metadata")).get("next_cursor"))
            if not cursor:
                return
            if cursor in used:
                raise self._unavailable(method, "the same page again and again")
            used.add(cursor)

    def items(self, method: str, key: str, **parameters: object) -> Iterator[object]:
        """The entries of a paged list."""
        for page in self.pages(method, **parameters):
            yield from self._list(method, page, key)

    def history(self, channel: str, oldest: str, latest: str, *, inclusive: bool) -> Iterator[HistoryPage]:
        """Messages of a channel without replies, newest first."""
        method = "conversations.history"
        for page in self.pages(method, channel=channel, oldest=oldest, latest=latest, inclusive=inclusive):
            yield HistoryPage(self._list(method, page, "messages"), page.get("is_limited") is True)

    def replies(self, channel: str, ts: str) -> Iterator[list[object]]:
        """Messages of a thread; none when it was deleted meanwhile."""
        method = "conversations.replies"
        for page in self.pages(method, channel=channel, ts=ts):
            yield self._list(method, page, "messages")

    def _list(self, method: str, page: Mapping[str, Any], key: str) -> list[object]:
        entries = page.get(key)
        if not isinstance(entries, list):
            raise self._unavailable(method, f"an answer without {key!r}")
        return entries

    def _translated(self, method: str, response: Any) -> GoodwillError:
        """The Goodwill error for a refused call; only Slack's error code and our own words go into it."""
        data = as_mapping(getattr(response, "data", response))
        code = as_text(data.get("error"))
        code = code if re.fullmatch(r"[a-z_]{1,60}", code) else ""
        status = getattr(response, "status_code", 0)
        where = f"source {self._source!r}: Slack answered {method}"
        if status == 429 or code == "ratelimited":
            return RateLimitedError(
                f"{where} with 'ratelimited' again after waiting. Run `goodwill sync` again later."
            )
        if code in _BAD_TOKEN:
            return ConfigurationError(
                f"{where} with {code!r}: expected a valid bot token. Copy it again from the app's page "
                "(OAuth & Permissions) and set GOODWILL_SLACK_TOKEN."
            )
        if code in _CHANNEL_LOST:
            return ChannelUnavailableError(f"{where} with {code!r}: {channel_advice(code, data)}")
        return self._unavailable(method, repr(code) if code else f"status {status} and no answer of Slack's")

    def _unavailable(self, method: str, what: str) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"source {self._source!r}: Slack gave {what} to {method}, expected a JSON answer. "
            "Check the connection and base_url; the next sync goes on from here."
        )


@dataclass(frozen=True, slots=True)
class _Workspace:
    """What `auth.test` and the lists tell before channels are read."""

    url: str
    people: SlackPeople
    channels: tuple[tuple[SlackPlace, datetime | None], ...]
    problems: tuple[str, ...]


class SlackConnector:
    """Messages of channels and threads, with edits and deletions of the look-back window."""

    kind = KIND
    identity_policy = IdentityPolicy.FIRST_PARTY

    def __init__(self, name: str, options: SlackOptions, api: SlackApi) -> None:
        self.name = name
        self._options = options
        self._api = api

    def check(self) -> list[CheckResult]:
        """Token, scopes, channels and the app's rate tier."""
        try:
            identity, headers = self._api.call("auth.test")
            team = clean_name(as_text(identity.get("team")))
            results = [CheckResult("token", ok=True, message=f"accepted by the workspace {team!r}")]
            results.append(scope_result(as_text(headers.get("x-oauth-scopes"))))
            workspace = self._workspace(identity)
        except GoodwillError as error:
            return [CheckResult("token", ok=False, message=str(error))]
        results += [CheckResult("channels", ok=False, message=problem) for problem in workspace.problems]
        if not workspace.channels and not workspace.problems:
            results.append(
                CheckResult(
                    "channels", ok=False, message="the app is in no channel: invite it to one (/invite)"
                )
            )
        return results + [self._check_channel(place) for place, _ in workspace.channels[:_CHECKED_CHANNELS]]

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        """Read every channel; one that fails is a problem and a gap, and the others go on.

        Raises:
            ConfigurationError: the token is not accepted.
            RetriableError: Slack does not answer at all.
        """
        identity, _ = self._api.call("auth.test")
        workspace = self._workspace(identity)
        if workspace.problems:
            yield Batch(problems=workspace.problems)
        throttled: RateLimitedError | None = None
        for place, created in workspace.channels:
            reader = self._reader(place, workspace.people, cursors.get(place.channel), now, created)
            try:
                if throttled is not None:
                    raise throttled
                yield from reader.read()
            except (ChannelUnavailableError, RetriableError) as error:
                throttled = error if isinstance(error, RateLimitedError) else throttled
                yield _failure(reader, place, error)

    def _reader(
        self,
        place: SlackPlace,
        people: SlackPeople,
        cursor: str | None,
        now: datetime,
        created: datetime | None,
    ) -> ChannelReader:
        options = self._options
        window = Window(
            now=now,
            threads=timedelta(days=options.thread_look_back_days),
            recent=timedelta(days=options.look_back_days),
            history=None if options.history_days is None else timedelta(days=options.history_days),
        )
        return ChannelReader(self._api, place, people, window, state_from_cursor(cursor), created)

    def _workspace(self, identity: Mapping[str, Any]) -> _Workspace:
        url = as_text(identity.get("url"))
        url = url if re.fullmatch(r"https://[a-z0-9.-]{1,200}/", url) else ""
        bot = as_text(identity.get("bot_id"))
        ourselves = frozenset(
            {bot, as_text(identity.get("user_id"))} if bot else ()
        )  # a user's token is a person's
        people, problems = self._people(ourselves)
        channels, missing = self._channels(url)
        return _Workspace(url, people, channels, (*problems, *missing))

    def _people(self, ourselves: frozenset[str]) -> tuple[SlackPeople, tuple[str, ...]]:
        try:
            return people_from_users(list(self._api.items("users.list", "members")), ourselves), ()
        except ChannelUnavailableError as error:
            return SlackPeople(ourselves=ourselves), (f"names of people are missing: {error}",)

    def _channels(self, url: str) -> tuple[tuple[tuple[SlackPlace, datetime | None], ...], tuple[str, ...]]:
        """The configured channels that exist, and a line for each that does not."""
        wanted = [name.removeprefix("#") for name in self._options.channels]
        method = "conversations.list" if wanted else "users.conversations"
        try:
            listed = [as_mapping(item) for item in self._list_channels(method)]
        except ChannelUnavailableError as error:
            raise ConfigurationError(str(error)) from None
        found: dict[str, tuple[SlackPlace, datetime | None]] = {}
        for item in listed:
            identifier, name = clean_name(as_text(item.get("id"))), clean_name(as_text(item.get("name")))
            if identifier and (not wanted or {identifier, name} & set(wanted)):
                place = SlackPlace(self.name, identifier, name, url)
                found[identifier] = (place, as_moment(item.get("created")))
        known = {word for place, _ in found.values() for word in (place.channel, place.channel_name)}
        missing = tuple(
            f"source {self.name!r}: Slack channel {name!r} is not visible to the app, expected a channel it was "
            "invited to. Invite it (/invite) or correct `channels`."
            for name in wanted
            if name not in known
        )
        return tuple(found[key] for key in sorted(found)), missing

    def _list_channels(self, method: str) -> Iterator[object]:
        """Public and private channels; public ones only where the app may not list private ones."""
        try:
            yield from self._api.items(method, "channels", types="public_channel,private_channel")
        except ChannelUnavailableError:
            yield from self._api.items(method, "channels", types="public_channel")

    def _check_channel(self, place: SlackPlace) -> CheckResult:
        name = f"channel {place.channel_name}"
        try:
            page, _ = self._api.call(
                "conversations.history", channel=place.channel, limit=_RESTRICTED_PAGE + 1
            )
        except GoodwillError as error:
            return CheckResult(name, ok=False, message=str(error))
        messages = page.get("messages")
        count = len(messages) if isinstance(messages, list) else 0
        if count > _RESTRICTED_PAGE:
            return CheckResult(name, ok=True, message="readable at the usual rate")
        if page.get("has_more") is not True:
            return CheckResult(name, ok=True, message="readable; too few messages to tell the rate tier")
        return CheckResult(
            name,
            ok=False,
            message=f"readable, but Slack gives {count} messages a call: this app has the restricted tier (one call "
            "a minute). Use an internal app made in your own workspace.",
        )


def _failure(reader: ChannelReader, place: SlackPlace, error: GoodwillError) -> Batch:
    reason = "private or gone" if isinstance(error, ChannelUnavailableError) else "not answering"
    reason = "throttled" if isinstance(error, RateLimitedError) else reason
    gaps, state = reader.failure_gap(reason)
    problem = f"channel {place.channel_name!r}: {error}"
    return Batch(problems=(problem,), gaps=gaps, cursors={place.channel: state.to_cursor()})


def _retry_handlers() -> list[RetryHandler]:
    """Retries that the SDK leaves out by default; a wait longer than two minutes is left to the next run."""
    from slack_sdk.http_retry.builtin_handlers import (
        ConnectionErrorRetryHandler,
        RateLimitErrorRetryHandler,
        ServerErrorRetryHandler,
    )

    class BoundedRateLimitHandler(RateLimitErrorRetryHandler):
        def _can_retry(self, *, state: Any, request: Any, response: Any = None, error: Any = None) -> bool:
            if not super()._can_retry(state=state, request=request, response=response, error=error):
                return False
            waits = [value for name, value in response.headers.items() if name.lower() == "retry-after"]
            seconds = as_text(waits[0][0]) if waits and waits[0] else "1"
            return seconds.isascii() and seconds.isdigit() and int(seconds[:9]) <= _LONGEST_WAIT_S

    return [
        ConnectionErrorRetryHandler(max_retry_count=2),
        ServerErrorRetryHandler(max_retry_count=2),
        BoundedRateLimitHandler(max_retry_count=3),
    ]


def _build(context: SourceContext, options: SlackOptions) -> SlackConnector:
    from slack_sdk import WebClient

    quiet = logging.getLogger(
        "connectors.slack.sdk"
    )  # the SDK logs whole answers, which may hold personal data
    quiet.disabled = True
    client = WebClient(
        token=context.secret("slack_token", "the app's bot token, xoxb-..."),
        base_url=checked_address(context.name, "base_url", options.base_url),
        logger=quiet,
        retry_handlers=_retry_handlers(),
    )
    return SlackConnector(context.name, options, SlackApi(client, context.name, options.page_size))


KINDS = (
    ConnectorKind(KIND, "Slack channels and threads through the Web API", True, SlackOptions, _build),  # noqa: FBT003
)
