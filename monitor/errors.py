"""Every error Goodwill raises on purpose, grouped by what can be done about it.

    GoodwillError
    ├── FatalError                  the run stops; a person has to act
    │   ├── UsageError              the command line does not fit together         (exit code 2)
    │   ├── ConfigurationError      goodwill.toml, environment or a secret is wrong (exit code 3)
    │   ├── InputError              a file or value given to us cannot be used      (exit code 1)
    │   ├── StoreError              the database cannot be used                     (exit code 1)
    │   └── ModelError              the model files are missing, damaged or unfit   (exit code 1)
    ├── RetriableError              the same call may work later
    │   ├── RateLimitedError        the source asked us to wait (`retry_after`)
    │   ├── SourceUnavailableError  time-out, 5xx, broken answer
    │   ├── DeliveryUncertainError  a message may or may not have been taken: look before sending again
    │   └── LockedError             another run holds the lock
    └── SkippableError              one channel, file or source is lost, the rest goes on
        ├── ChannelUnavailableError private, banned, deleted or never there
        └── MessageGoneError        a message of ours that somebody deleted

A bad *record* is no exception at all: connectors yield a `SkippedItem` with its reason. A message says
what was wrong (the value), what was expected, and what to do next; it never holds a secret or the text
of a post.
"""

from __future__ import annotations


class GoodwillError(Exception):
    """Base of every error a user can meet; `exit_code` is what the command line returns for it."""

    exit_code = 1


class FatalError(GoodwillError):
    """The run cannot go on until a person changes something."""


class UsageError(FatalError):
    """The options of a command do not fit together."""

    exit_code = 2


class ConfigurationError(FatalError):
    """A setting, an environment variable or a secret is missing or wrong."""

    exit_code = 3


class InputError(FatalError):
    """A file or a value handed to Goodwill cannot be used as it is."""


class StoreError(FatalError):
    """The database is missing, newer than this version, damaged or not writable."""


class ModelError(FatalError):
    """Model files are missing, altered (sha256) or do not fit the engine."""


class RetriableError(GoodwillError):
    """Nothing is wrong with the request; a later try may succeed."""


class RateLimitedError(RetriableError):
    """The source asked us to slow down.

    Args:
        message: what was asked, and what happens next.
        retry_after: seconds the source asked us to wait, None when it did not say.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SourceUnavailableError(RetriableError):
    """The source did not answer, or answered with something that is not its protocol."""


class DeliveryUncertainError(RetriableError):
    """A message was sent and no clear answer came: it may be there, so it is looked up before a second try."""


class LockedError(RetriableError):
    """Another Goodwill run is writing to the same database."""


class SkippableError(GoodwillError):
    """One part of a source is lost for this run; the others go on and the run ends as partial."""


class ChannelUnavailableError(SkippableError):
    """A channel, subreddit or forum category is private, banned, deleted or was never there."""


class MessageGoneError(SkippableError):
    """A message of ours was deleted by somebody: it is not changed any more, and not sent again."""
