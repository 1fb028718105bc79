"""The Bolt app: acknowledge at once, work afterwards.

Slack wants an answer within three seconds, and the database may be busy with an import. So a listener only
acknowledges and hands the work to a small pool of its own; the work finds out by itself whether Slack has
delivered the same request before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from monitor.bot.handlers import Handlers, Reply
from monitor.bot.requests import BotRequest, is_permitted, read_request
from monitor.errors import GoodwillError
from monitor.settings import SlackSettings
from reports.alert import ACKNOWLEDGE, CORRECT, REPORT, SNOOZE, UNMUTE, Block, escape
from reports.slack_views import CORRECT_VIEW, SNOOZE_VIEW, mrkdwn

LOG = logging.getLogger("monitor.bot")
WORKERS = 2
PICTURE_WAITS = (1.0, 2.0, 4.0)
"""Seconds between tries while Slack processes a picture; an answer may be tried five times in all."""
_NOT_PERMITTED = (
    "You are not on the list of people or channels that may use Goodwill here: ask whoever set it up."
)


class Bot:
    """The app with its pool of workers.

    Args:
        handlers: what to do.
        settings: Slack's section of the settings.
        read_token: gives the bot token, read anew so that it can be rotated.
        signing_secret: verifies requests that come by HTTP; Socket Mode needs none.
    """

    def __init__(
        self,
        handlers: Handlers,
        settings: SlackSettings,
        read_token: Callable[[], str],
        *,
        signing_secret: str = "",
    ) -> None:
        self._handlers, self._settings, self._read_token = handlers, settings, read_token
        self._identities: dict[str, AuthorizeResult] = {}
        self._pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="goodwill-bot")
        again = [ConnectionErrorRetryHandler(), RateLimitErrorRetryHandler(max_retry_count=1)]
        base_url = settings.base_url.rstrip("/") + "/"
        self.client = WebClient(base_url=base_url, timeout=settings.timeout_seconds, retry_handlers=again)
        self.app = App(
            client=self.client,
            # Bolt passes what the function names, and stumbles over a method's self.
            authorize=lambda team_id: self._identity(),  # noqa: ARG005
            signing_secret=signing_secret or None,
            request_verification_enabled=bool(signing_secret),
            token_verification_enabled=False,
            logger=logging.getLogger("slack_bolt.goodwill"),
        )
        self._listen()

    def _identity(self) -> AuthorizeResult:
        """Who the bot is, asked once for each token."""
        token = self._read_token()
        known = self._identities.get(token)
        if known is None:
            answer = self.client.auth_test(token=token)
            known = AuthorizeResult.from_auth_test_response(auth_test_response=answer, bot_token=token)
            self._identities = {token: known}
        return known

    def _listen(self) -> None:
        buttons = {
            ACKNOWLEDGE: self._handlers.acknowledge,
            SNOOZE: self._handlers.snooze,
            UNMUTE: self._handlers.unmute,
            CORRECT: self._handlers.open_correction,
            REPORT: self._handlers.open_report,
        }
        for action, work in buttons.items():
            self.app.action(action)(self._listener(work))
        self.app.view(CORRECT_VIEW)(self._listener(self._handlers.correct))
        self.app.view(SNOOZE_VIEW)(self._date_listener(self._handlers.snooze_until))
        self.app.command("/goodwill")(self._listener(self._handlers.command))
        self.app.event("app_home_opened")(self._listener(self._handlers.home))

    def _listener(self, work: Callable[[BotRequest, WebClient], Reply]) -> Callable[..., None]:
        def listener(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
            ack()
            self.submit(work, read_request(body), client)

        return listener

    def _date_listener(self, work: Callable[[BotRequest, WebClient], Reply]) -> Callable[..., None]:
        """A modal with a date: a wrong one is told beside its field, before the modal closes."""

        def listener(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
            problem = self._handlers.wrong_date(read_request(body))
            if problem:
                ack(response_action="errors", errors={"until": problem})
                return
            ack()
            self.submit(work, read_request(body), client)

        return listener

    def submit(
        self, work: Callable[[BotRequest, WebClient], Reply], request: BotRequest, client: WebClient
    ) -> Future[None]:
        """Do the work when a worker is free."""
        return self._pool.submit(self._work, work, request, client)

    def _work(
        self, work: Callable[[BotRequest, WebClient], Reply], request: BotRequest, client: WebClient
    ) -> None:
        try:
            if not is_permitted(request, self._settings):
                self._say(request, client, Reply(_NOT_PERMITTED))
                return
            if not self._handlers.is_new(request):
                return
            self._say(request, client, work(request, client))
        except GoodwillError as error:
            self._say(request, client, Reply(escape(str(error))))
        except SlackApiError as error:
            LOG.warning("Slack refused an answer of the bot: %s", error.response.get("error", "unknown"))
        except Exception:
            LOG.exception("the bot could not answer a request")
            self._say(request, client, Reply("Something went wrong here; the bot's log says what."))

    def _say(self, request: BotRequest, client: WebClient, reply: Reply) -> None:
        """Tell only the user who asked."""
        if not reply.text:
            return
        blocks = reply.blocks or [mrkdwn(reply.text)]
        if request.response_url:
            self._answer(request.response_url, reply.text, blocks)
            return
        place = (
            request.channel
            or str((request.body.get("view") or {}).get("private_metadata", "")).partition(":")[2]
        )
        if place and request.user:
            client.chat_postEphemeral(channel=place, user=request.user, text=reply.text, blocks=blocks)

    def _answer(self, url: str, text: str, blocks: Sequence[Block]) -> None:
        """Answer a command or a button; a picture that Slack still processes is waited for, then left out."""
        webhook = WebhookClient(url, timeout=self._settings.timeout_seconds)
        plain = [block for block in blocks if block["type"] != "image"]
        waits = PICTURE_WAITS if len(plain) < len(blocks) else ()
        for wait, shown in [*((wait, blocks) for wait in waits), (0.0, plain)]:
            answer = webhook.send(text=text, blocks=shown, response_type="ephemeral", replace_original=False)
            if answer.status_code == 200 and '"ok":false' not in (answer.body or "").replace(" ", ""):
                return
            time.sleep(wait)
        LOG.warning("Slack refused an answer of the bot: HTTP %s", answer.status_code)

    def close(self) -> None:
        """Finish what was begun."""
        self._pool.shutdown(wait=True, cancel_futures=False)
