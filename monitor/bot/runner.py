"""Run the bot: one socket to Slack, a few workers, and a thread that delivers what waits."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError

from monitor.bot.app import Bot
from monitor.bot.handlers import Handlers
from monitor.bot.heavy import HeavyWork
from monitor.domain.outbox import MessageKind
from monitor.errors import ConfigurationError, GoodwillError
from monitor.settings import Loaded, read_secrets
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.workflow.alert_slack import deliver_alerts, read_bot_token

LOG = logging.getLogger("monitor.bot")
DELIVERY_SECONDS = 20.0


class Runner:
    """A running bot.

    Args:
        database: open while the bot runs.
        loaded: the settings.
        heavy: does what needs the statistics; None starts processes of our own command.
        ping_seconds: how often the socket is checked.

    Raises:
        ConfigurationError: a token is missing.
    """

    def __init__(
        self,
        database: Database,
        loaded: Loaded,
        *,
        heavy: HeavyWork | None = None,
        ping_seconds: float = 10.0,
    ) -> None:
        self._database, self._loaded = database, loaded
        secrets = read_secrets(loaded.folder)
        app_token = secrets.get("slack_app_token")
        if app_token is None:
            raise ConfigurationError(
                "GOODWILL_SLACK_APP_TOKEN is not set: make an app-level token with the scope connections:write "
                "(it begins with xapp-) and put it there, or the path of its file into GOODWILL_SLACK_APP_TOKEN_FILE."
            )
        read_token = partial(read_bot_token, loaded.folder)
        read_token()
        self._wake, self._stop = threading.Event(), threading.Event()
        self.handlers = Handlers(database, loaded, heavy or HeavyWork(loaded), changed=self._wake.set)
        self.bot = Bot(self.handlers, loaded.settings.slack, read_token)
        self.socket = SocketModeHandler(
            self.bot.app, app_token.get_secret_value(), web_client=self.bot.client, ping_interval=ping_seconds
        )
        self._deliverer = threading.Thread(target=self._deliver, name="goodwill-deliver", daemon=True)

    def start(self) -> None:
        """Connect and begin to work.

        Raises:
            ConfigurationError: Slack refuses the app-level token.
        """
        try:
            self.socket.connect()  # type: ignore[no-untyped-call]
        except SlackApiError as error:
            code = error.response.get("error", "unknown")
            raise ConfigurationError(
                f"Slack refused the app-level token ({code}): put a valid one with connections:write into "
                "GOODWILL_SLACK_APP_TOKEN, and turn Socket Mode on (manifest.yml does)."
            ) from None
        self._wake.set()  # what an earlier process left goes out at once
        self._deliverer.start()

    def _deliver(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(DELIVERY_SECONDS)
            self._wake.clear()
            if self._stop.is_set():
                return
            self.deliver_now()

    def deliver_now(self) -> None:
        """Send what waits; charts are left to `goodwill alert`, which has the means to draw them."""
        try:
            with self._database.reading() as connection:
                kinds = {message.kind for message in store.pending_messages(connection)}
            if kinds - {MessageKind.CHART, MessageKind.DIGEST}:
                outcome = deliver_alerts(self._database, self._loaded, draws_charts=False)
                for problem in dict.fromkeys(outcome.problems):
                    LOG.warning("%s", problem)
        except GoodwillError as error:
            LOG.warning("%s", error)
        except Exception:
            # the thread must live on: whatever it was, the messages are still in the outbox
            LOG.exception("delivering failed; it is tried again")

    def stop(self) -> None:
        """Disconnect and finish what was begun."""
        self._stop.set()
        self._wake.set()
        self.socket.close()  # type: ignore[no-untyped-call]
        self.bot.close()
        if self._deliverer.is_alive():
            self._deliverer.join(timeout=30)

    def wait(self) -> None:
        """Until somebody stops it."""
        while not self._stop.wait(1.0):
            pass

    def ask_to_stop(self) -> None:
        """From a signal: end `wait`."""
        self._stop.set()


def run_bot(database: Database, loaded: Loaded, *, connected: Callable[[], None] | None = None) -> None:
    """Run until SIGINT or SIGTERM.

    Args:
        database: open while the bot runs.
        loaded: the settings.
        connected: called once the connection to Slack stands.

    Raises:
        ConfigurationError: a token is missing or refused.
    """
    runner = Runner(database, loaded)

    def end(_number: int, _frame: FrameType | None) -> None:
        runner.ask_to_stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    runner.start()
    try:
        if connected is not None:
            connected()
        runner.wait()
    finally:
        runner.stop()
