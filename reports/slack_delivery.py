"""Messages into Slack, once each: what Slack surely took, surely refused, or may have taken.

The SDK repeats a request after a broken connection by default; a message would then be posted twice. Posting
therefore goes through a client without retry handlers, and everything that can be repeated without harm
(reading, updating in place) through one with them.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

from monitor.errors import (
    ConfigurationError,
    DeliveryUncertainError,
    GoodwillError,
    InputError,
    RateLimitedError,
    SourceUnavailableError,
)
from reports.alert import Block
from reports.slack_codes import refusal

EVENT_TYPE = "goodwill_message"
CLOCK_MARGIN_SECONDS = 120
_PAGE, _PAGES = 200, 25
_MAYBE = frozenset(
    ["internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"]
)


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a token leads.

    Attributes:
        team, team_name: Slack's id of the workspace and its name; user: the bot's own id.
        scopes: what Slack granted to the token.
        slack_time: Slack's clock, seconds since 1970; 0.0 when it was not told.
    """

    team: str
    team_name: str
    user: str
    scopes: frozenset[str]
    slack_time: float


class SlackDelivery:
    """One workspace to write to.

    Args:
        read_token: gives the bot token; asked again when Slack says that it expired, so that it can be rotated.
        base_url: of the Web API.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, read_token: Callable[[], str], *, base_url: str, timeout: int = 30) -> None:
        self._read_token = read_token
        options: dict[str, Any] = {
            "base_url": base_url.rstrip("/") + "/",
            "timeout": timeout,
            "logger": _quiet_logger(),
        }
        self._once = WebClient(retry_handlers=[], **options)
        again = [
            ConnectionErrorRetryHandler(),
            RateLimitErrorRetryHandler(max_retry_count=2),
            ServerErrorRetryHandler(),
        ]
        self._freely = WebClient(retry_handlers=again, **options)
        self._set_token(read_token())

    def _set_token(self, token: str) -> None:
        self._token = token
        self._once.token = token
        self._freely.token = token

    def identify(self) -> Workspace:
        """Who we are to Slack, and what its clock says.

        Raises:
            ConfigurationError: the token is not (any more) good.
            SourceUnavailableError: Slack cannot be reached.
        """
        try:
            with _told("auth.test"):
                response = self._freely.auth_test()
        except ConfigurationError:
            fresh = self._read_token()
            if fresh == self._token:
                raise
            self._set_token(fresh)
            return self.identify()
        except DeliveryUncertainError as error:
            raise SourceUnavailableError(str(error)) from error
        granted = str(_header(response.headers, "x-oauth-scopes"))
        return Workspace(
            team=str(response.get("team_id", "")),
            team_name=str(response.get("team", "")),
            user=str(response.get("user_id", "")),
            scopes=frozenset(scope.strip() for scope in granted.split(",") if scope.strip()),
            slack_time=_server_time(response.headers),
        )

    def post(
        self,
        channel: str,
        text: str,
        variants: Sequence[Sequence[Block]],
        key: str,
        *,
        thread: str = "",
        loud: bool = False,
    ) -> str:
        """Post a message once.

        Args:
            channel: Slack's id.
            text: the fallback.
            variants: the blocks, then shorter ones in case Slack finds them too long or invalid.
            key: ours; travels in the metadata.
            thread: ts of the thread's first message.
            loud: show a reply of a thread in the channel, too.

        Returns:
            the message's ts.

        Raises:
            DeliveryUncertainError: it may have been posted.
            GoodwillError: it surely was not.
        """
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}

        def send(blocks: Sequence[Block]) -> str:
            response = self._once.chat_postMessage(
                channel=channel,
                text=text,
                blocks=list(blocks) or None,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                link_names=False,
                parse="none",
                thread_ts=thread or None,
                reply_broadcast=True if loud and thread else None,
            )
            return str(response["ts"])

        return _first_accepted("chat.postMessage", send, variants)

    def update(self, channel: str, ts: str, text: str, variants: Sequence[Sequence[Block]]) -> None:
        """Change a message in place; may be repeated.

        Raises:
            MessageGoneError: somebody deleted it.
            GoodwillError: see `post`.
        """

        def send(blocks: Sequence[Block]) -> str:
            self._freely.chat_update(
                channel=channel, ts=ts, text=text, blocks=list(blocks), link_names=False, parse="none"
            )
            return ts

        _first_accepted("chat.update", send, variants)

    def upload(
        self, channel: str, thread: str, filename: str, content: bytes, *, title: str, alt: str
    ) -> str:
        """Upload a picture into a thread, once; its file name is its key.

        Returns:
            the file's id.
        """
        with _told("files.completeUploadExternal"):
            response = self._once.files_upload_v2(
                channel=channel,
                thread_ts=thread,
                filename=filename,
                content=content,
                title=title,
                alt_txt=alt,
            )
        return str(response["files"][0]["id"])

    def find_message(self, channel: str, key: str, *, since: float, thread: str = "") -> str:
        """The ts of the message with this key, "" when it is not there.

        Args:
            channel: where it was sent.
            key: ours.
            since: Slack's time before it was sent.
            thread: ts of the thread it was sent to.

        Raises:
            GoodwillError: the channel cannot be read, so nobody knows.
        """
        for message in self._messages(channel, since, thread):
            metadata = message.get("metadata") or {}
            if (
                metadata.get("event_type") == EVENT_TYPE
                and (metadata.get("event_payload") or {}).get("key") == key
            ):
                return str(message["ts"])
        return ""

    def find_file(self, channel: str, filename: str, *, since: float, thread: str) -> str:
        """The id of an uploaded file, "" when it is not in the thread."""
        for message in self._messages(channel, since, thread):
            for file in message.get("files") or ():
                if file.get("name") == filename:
                    return str(file.get("id", ""))
        return ""

    def _messages(self, channel: str, since: float, thread: str) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        oldest = f"{max(0.0, since - CLOCK_MARGIN_SECONDS):.6f}"
        options: dict[str, Any] = {"channel": channel, "limit": _PAGE, "include_all_metadata": True}
        for _ in range(_PAGES):
            page = {**options, **({"cursor": cursor} if cursor else {})}
            try:
                with _told("conversations.history"):
                    response = (
                        self._freely.conversations_replies(ts=thread, **page)
                        if thread
                        else self._freely.conversations_history(oldest=oldest, inclusive=True, **page)
                    )
            except DeliveryUncertainError as error:
                raise SourceUnavailableError(str(error)) from error
            yield from response.get("messages") or ()
            cursor = (response.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        raise SourceUnavailableError(
            f"channel {channel} got more than {_PAGE * _PAGES} messages since ours was sent: it cannot be looked up. "
            "Look for it in Slack; nothing is sent twice."
        )

    def channel_info(self, channel: str) -> Mapping[str, Any]:
        """What Slack says of a channel (name, is_member, is_archived).

        Raises:
            GoodwillError: it cannot be seen.
        """
        with _told("conversations.info"):
            found: Mapping[str, Any] = self._freely.conversations_info(channel=channel)["channel"]
        return found

    def probe(self, channel: str) -> None:
        """Read one message, without waiting when Slack asks to.

        Raises:
            GoodwillError: it cannot be read, or not that often.
        """
        with _told("conversations.history"):
            self._once.conversations_history(channel=channel, limit=1)

    def open_socket(self, app_token: str) -> None:
        """Ask for a socket-mode address, and leave it.

        Raises:
            ConfigurationError: the app-level token is not good, or Socket Mode is off.
        """
        try:
            with _told("apps.connections.open"):
                self._once.apps_connections_open(app_token=app_token)
        except ConfigurationError as error:
            raise ConfigurationError(
                f"{error} For sockets it is GOODWILL_SLACK_APP_TOKEN that counts (xapp-, connections:write)."
            ) from None


def _first_accepted(
    method: str, send: Callable[[Sequence[Block]], str], variants: Sequence[Sequence[Block]]
) -> str:
    for number, blocks in enumerate(variants, 1):
        try:
            with _told(method):
                return send(blocks)
        except InputError:
            if number == len(variants):
                raise
    raise InputError("a Slack message needs at least one form: give blocks.")


@contextmanager
def _told(method: str) -> Iterator[None]:
    """Turn what the SDK raises into our errors, which never hold a token or a text."""
    try:
        yield
    except SlackApiError as error:
        raise _api_error(method, error) from None
    except URLError as error:
        if isinstance(error.reason, ConnectionRefusedError) or "resolution" in str(error.reason).lower():
            raise SourceUnavailableError(
                f"Slack cannot be reached for {method} ({error.reason}): check the network; the next run tries again."
            ) from None
        raise _uncertain(method, type(error.reason).__name__) from None
    except (OSError, HTTPException, SlackClientError, ValueError) as error:
        raise _uncertain(method, type(error).__name__) from None


def _uncertain(method: str, why: str) -> DeliveryUncertainError:
    return DeliveryUncertainError(
        f"Slack gave no clear answer to {method} ({why}): it is looked up before it is tried again."
    )


def _api_error(method: str, error: SlackApiError) -> GoodwillError:
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    code = str(response.get("error", "") or "") if hasattr(response, "get") else ""
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        wait = _header(getattr(response, "headers", {}), "retry-after")
        seconds = float(wait) if wait.replace(".", "", 1).isdigit() else 30.0
        return RateLimitedError(
            f"Slack asked to wait {seconds:g} s before {method}: it is sent later.", retry_after=seconds
        )
    if status >= 500 or code in _MAYBE or not re.fullmatch(r"[a-z0-9_]+", code):
        return _uncertain(method, f"HTTP {status}" if status >= 500 else "broken answer")
    return refusal(method, code, str(response.get("needed", "")))


def _header(headers: Mapping[str, Any], name: str) -> str:
    value = next((value for key, value in headers.items() if key.lower() == name), "")
    return str(value[0] if isinstance(value, list) and value else value or "")


def _server_time(headers: Mapping[str, Any]) -> float:
    try:
        return parsedate_to_datetime(_header(headers, "date")).timestamp()
    except (TypeError, ValueError):
        return 0.0


def _quiet_logger() -> logging.Logger:
    logger = logging.getLogger("slack_sdk.delivery")
    logger.setLevel(logging.CRITICAL)  # every failure becomes an error of ours, told once
    return logger


def steady_clock(slack_time: float) -> Callable[[], float]:
    """Slack's time from now on, whatever this machine's clock does."""
    start = time.monotonic()
    return lambda: slack_time + (time.monotonic() - start)
