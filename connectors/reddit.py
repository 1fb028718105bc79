"""Reddit through its Data API: the only connector module that knows `praw`.

Requests go through praw's session (tokens, rate limits, repeats of 5xx and time-outs) but are read as plain
JSON, so that the API and JSON-lines files pass the same parser. prawcore never repeats a 429: that is done
here. Reddit forbids matching its authors with people known from elsewhere; the identity policy says so.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.addresses import checked_address
from connectors.base import Batch, CheckResult
from connectors.json_values import as_mapping, as_text
from connectors.kinds import ConnectorKind, SourceContext
from connectors.options import option
from connectors.reddit_streams import LISTING_CAP, Stream, StreamReader, state_from_cursor
from monitor import __version__
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
    from praw import Reddit

KIND = "reddit"
_LONGEST_WAIT_S = 90.0
_USUAL_WAIT_S = 5.0
_ATTEMPTS = 3
_SUBREDDIT = re.compile(r"(?:/?r/)?([A-Za-z0-9_]{2,24})/?")


@dataclass(frozen=True, slots=True)
class RedditOptions:
    """Keys of a `[[sources]]` table of kind "reddit"."""

    subreddits: tuple[str, ...] = option("subreddits to read, without r/", default=())
    search: tuple[str, ...] = option("queries across Reddit, for instance our names", default=())
    look_back_days: int = option(
        "posts of so many days are asked for again, for edits and deletions",
        default=14,
        minimum=0,
        maximum=365,
    )
    own_accounts: tuple[str, ...] = option("accounts of ours, whose posts are left out", default=())
    user_agent: str = option(
        "how we present ourselves to Reddit", default=f"goodwill-monitor/{__version__} (reads posts about us)"
    )
    reddit_url: str = option("address of Reddit, for proxies and tests", default="https://www.reddit.com")
    oauth_url: str = option("address of its API, for proxies and tests", default="https://oauth.reddit.com")
    page_size: int = option("items asked for in one call", default=100, minimum=1, maximum=100)


class RedditDataApi:
    """The Data API in Goodwill's words: pages in, Goodwill errors out, no secret in any of them."""

    def __init__(
        self, reddit: Reddit, source: str, page_size: int = 100, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._reddit = reddit
        self._source = source
        self._page_size = page_size
        self._sleep = sleep

    @property
    def calls_left(self) -> str:
        """What the last answer said of the rate limit."""
        remaining = self._reddit.auth.limits.get("remaining")
        return "" if remaining is None else f"; {int(remaining)} calls left in this window"

    def get(self, path: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        """One JSON object; a 429 is waited for and repeated.

        Raises:
            ConfigurationError: the credentials are not accepted.
            ChannelUnavailableError: private, quarantined, banned or never there.
            RateLimitedError: still refused after the waits Reddit asked for.
            SourceUnavailableError: no answer, or none of Reddit's.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._get_once(path, parameters)
            except RateLimitedError as error:
                wait = _USUAL_WAIT_S if error.retry_after is None else error.retry_after
                if wait > _LONGEST_WAIT_S:
                    raise
                self._sleep(wait)
        return self._get_once(path, parameters)

    def listing(self, stream: Stream) -> Iterator[list[object]]:
        """Pages of a listing, newest first, up to Reddit's cap."""
        after = ""
        used: set[str] = set()
        fetched = 0
        while fetched < LISTING_CAP and after not in used:
            used.add(after)
            parameters = {**stream.parameters, "limit": str(self._page_size), "after": after}
            data = self._listing_data(stream.path, {key: value for key, value in parameters.items() if value})
            children = data["children"]
            fetched += len(children)
            yield children
            after = as_text(data.get("after"))
            if not after or not children:
                return

    def info(self, fullnames: Sequence[str]) -> list[object]:
        """The objects that still answer to these fullnames."""
        data = self._listing_data("/api/info", {"id": ",".join(fullnames)})
        return list(data["children"])

    def _listing_data(self, path: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        data = as_mapping(self.get(path, parameters).get("data"))
        if not isinstance(data.get("children"), list):
            raise self._unavailable(path, "an answer that is no listing")
        return data

    def _get_once(self, path: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        from praw.exceptions import PRAWException
        from prawcore.exceptions import PrawcoreException

        try:
            value = self._reddit.request(method="GET", path=path, params=dict(parameters))
        except PrawcoreException as error:
            raise self._translated(path, error) from None
        except PRAWException as error:
            raise self._unavailable(path, type(error).__name__) from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, AssertionError):
            raise self._unavailable(path, "an answer that is not Reddit's") from None
        if not isinstance(value, dict):
            raise self._unavailable(path, "an answer that is no JSON object")
        return value

    def _translated(self, path: str, error: Exception) -> GoodwillError:
        """The Goodwill error for a failed request; only names and status codes go into it."""
        from prawcore import exceptions

        status = getattr(getattr(error, "response", None), "status_code", 0)
        where = f"source {self._source!r}: Reddit answered {path} with"
        if status == 429:
            wait = _seconds(error.response.headers.get("retry-after"))  # type: ignore[attr-defined]
            return RateLimitedError(
                f"{where} 429 (too many requests). Run `goodwill sync` again later.", retry_after=wait
            )
        if isinstance(error, exceptions.Redirect):
            return ChannelUnavailableError(
                f"{where} a redirect: expected a subreddit that exists. Correct its name."
            )
        if isinstance(error, exceptions.Forbidden):
            return ChannelUnavailableError(
                f"{where} 403: the subreddit is private or quarantined, expected one this account can read. "
                "Ask its moderators or take it out of `subreddits`."
            )
        if isinstance(error, exceptions.NotFound | exceptions.UnavailableForLegalReasons):
            return ChannelUnavailableError(
                f"{where} {status}: the subreddit is banned or gone, expected one that can be read. "
                "Take it out of `subreddits`."
            )
        is_refused = isinstance(error, exceptions.OAuthException | exceptions.InsufficientScope)
        if is_refused or (status in {400, 401, 403} and not isinstance(error, exceptions.BadRequest)):
            return self._refused(where, error, status)
        return self._unavailable(path, f"status {status}" if status else type(error).__name__)

    def _refused(self, where: str, error: Exception, status: int) -> ConfigurationError:
        code = as_text(getattr(error, "error", ""))
        shown = code if re.fullmatch(r"[a-z_]{1,40}", code) else str(status or type(error).__name__)
        return ConfigurationError(
            f"{where} {shown}: expected credentials of an app that Reddit has approved (new keys need approval since "
            "November 2025). Check GOODWILL_REDDIT_CLIENT_ID, _CLIENT_SECRET, _USERNAME and _PASSWORD; until "
            'the approval comes, import JSON lines (kind = "reddit_jsonl").'
        )

    def _unavailable(self, path: str, what: str) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"source {self._source!r}: Reddit gave {what} to {path}, expected a JSON listing. "
            "Check the connection, reddit_url and oauth_url; the next sync goes on from here."
        )


class RedditConnector:
    """Submissions and comments of subreddits, and searches across Reddit."""

    kind = KIND
    identity_policy = IdentityPolicy.FORBIDDEN

    def __init__(self, name: str, options: RedditOptions, api: RedditDataApi) -> None:
        self.name = name
        self._options = options
        self._api = api
        self._streams = _streams(name, options)

    def check(self) -> list[CheckResult]:
        """Whether Reddit accepts the app, and each stream's readability."""
        results: list[CheckResult] = []
        for stream in self._streams:
            try:
                self._api.get(stream.path, {**stream.parameters, "limit": "1"})
            except (ConfigurationError, RateLimitedError, SourceUnavailableError) as error:
                return [*results, CheckResult("Reddit API access", ok=False, message=str(error))]
            except GoodwillError as error:
                results.append(CheckResult(stream.key, ok=False, message=str(error)))
            else:
                results.append(CheckResult(stream.key, ok=True, message="readable"))
        message = f"the app is approved and its credentials work{self._api.calls_left}"
        return [CheckResult("Reddit API access", ok=True, message=message), *results]

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        """Read every stream; one that fails is a problem and a gap, and the others go on.

        Raises:
            ConfigurationError: the credentials are not accepted.
        """
        look_back = timedelta(days=self._options.look_back_days)
        own_accounts = frozenset(name.lower().removeprefix("u/") for name in self._options.own_accounts)
        throttled: RateLimitedError | None = None
        for stream in self._streams:
            state = state_from_cursor(cursors.get(stream.key))
            reader = StreamReader(self._api, stream, self.name, now, look_back, state, own_accounts)
            try:
                if throttled is not None:
                    raise throttled
                yield from reader.read()
            except (ChannelUnavailableError, RetriableError) as error:
                throttled = error if isinstance(error, RateLimitedError) else throttled
                yield _failure(reader, stream, error)


def _failure(reader: StreamReader, stream: Stream, error: GoodwillError) -> Batch:
    reason = "private or gone" if isinstance(error, ChannelUnavailableError) else "not answering"
    reason = "throttled" if isinstance(error, RateLimitedError) else reason
    gaps, state = reader.failure_gap(reason)
    return Batch(problems=(f"{stream.key}: {error}",), gaps=gaps, cursors={stream.key: state.to_cursor()})


def _streams(source: str, options: RedditOptions) -> tuple[Stream, ...]:
    """Two listings a subreddit, one a search."""
    streams: list[Stream] = []
    for given in options.subreddits:
        match = _SUBREDDIT.fullmatch(given)
        if match is None:
            raise ConfigurationError(
                f"source {source!r} names the subreddit {given!r}: expected letters, digits and _ such as 'sales'. "
                "Correct `subreddits` in goodwill.toml."
            )
        name = match.group(1).lower()
        streams += [
            Stream(f"new/{name}", f"/r/{name}/new", name),
            Stream(f"comments/{name}", f"/r/{name}/comments", name),
        ]
    for query in options.search:
        parameters = {"q": query, "sort": "new", "type": "link"}
        streams.append(Stream(f"search/{query}", "/search", f"search/{query}", parameters))
    if not streams:
        raise ConfigurationError(
            f"source {source!r} of kind 'reddit' has neither `subreddits` nor `search`: expected at least one of them. "
            'Add for instance subreddits = ["sales"] in goodwill.toml.'
        )
    return tuple({stream.key: stream for stream in streams}.values())


def _seconds(text: object) -> float | None:
    """The value of a Retry-After header in seconds; None when it is no number."""
    shown = as_text(text).strip()
    return float(shown) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", shown) else None


def _build(context: SourceContext, options: RedditOptions) -> RedditConnector:
    import praw

    account: dict[str, Any] = {
        key: context.secret(f"reddit_{key}", "the account of a script app")
        for key in ("username", "password")
        if context.secrets.get("reddit_username") or context.secrets.get("reddit_password")
    }
    reddit = praw.Reddit(
        client_id=context.secret("reddit_client_id", "the app's id"),
        client_secret=context.secret("reddit_client_secret", "the app's secret"),
        user_agent=options.user_agent,
        reddit_url=checked_address(context.name, "reddit_url", options.reddit_url).rstrip("/"),
        oauth_url=checked_address(context.name, "oauth_url", options.oauth_url).rstrip("/"),
        check_for_updates=False,
        **account,
    )
    return RedditConnector(context.name, options, RedditDataApi(reddit, context.name, options.page_size))


KINDS = (
    ConnectorKind(KIND, "subreddits and searches through Reddit's Data API", True, RedditOptions, _build),  # noqa: FBT003
)
