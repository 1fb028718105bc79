"""Posts of any place without a connector of its own: forums, reviews, closed groups, support exports.

One row a post. The file does not say whether its authors may be matched with known customers, so they are
not unless `identity = "first_party"` says that the place is ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from connectors.base import Connector, Record
from connectors.cell_values import parse_yes_no, stable_id
from connectors.html_text import html_to_text, looks_like_html
from connectors.kinds import ConnectorKind, SourceContext
from connectors.options import option
from connectors.repeated_rows import TextRows
from connectors.row_identity import TextIds
from connectors.row_values import read_address, read_moment, read_name
from connectors.table_columns import Column
from connectors.table_source import RowContext, TableConnector, TableKind, TableOptions
from connectors.tables import Row
from connectors.text import clean_name, clean_text, remove_quoted_lines
from monitor.domain.posts import DeletedPost, IdentityPolicy, Post, PostKind, SkippedItem

KIND = "posts"


@dataclass(frozen=True, slots=True)
class PostsOptions(TableOptions):
    """Keys of a `[[sources]]` table of kind "posts"."""

    kind_of_post: Literal["forum_post", "review", "comment", "submission", "message"] = option(
        "what the texts are", default="forum_post"
    )
    channel: str = option("channel of rows that name none", default="")
    identity: Literal["forbidden", "first_party"] = option(
        "whether authors may be matched with known customers", default="forbidden"
    )


_TABLE = TableKind(
    kind=KIND,
    columns=(
        Column("text", ("body", "content", "message", "comment", "post", "review", "review text", "raw", "текст", "отзыв"),
               required=True),
        Column("date", ("created at", "created", "created_utc", "posted at", "published", "published at", "timestamp",
                        "time", "review date", "дата"), required=True),
        Column("title", ("subject", "headline", "topic", "topic title", "review title", "заголовок")),
        Column("id", ("post id", "message id", "review id", "comment id", "guid")),
        Column("author", ("author name", "user", "username", "user name", "reviewer", "name", "автор")),
        Column("author_id", ("user id",)),
        Column("channel", ("category", "forum", "group", "board", "subforum", "канал")),
        Column("parent", ("parent id", "reply to", "in reply to", "reply to id")),
        Column("url", ("link", "permalink", "post url")),
        Column("edited", ("updated at", "edited at", "last edited", "modified")),
        Column("account", ("company", "account name", "organization")),
        Column("deleted", ("is deleted", "removed")),
    ),
    moments=("date", "edited"),
    identity=("id", "title", "text", "date", "author"),
    replaces_ids=True,
)  # fmt: skip


class PostReader:
    """Rows to posts; one that comes again is reported, the first row stays."""

    def __init__(self, context: RowContext, options: PostsOptions) -> None:
        self._context = context
        self._options = options
        self._rows = TextRows(context.source)
        self._ids = TextIds(lambda row: stable_id(row["title"], row["text"], row["date"], row["author"]))

    def __call__(self, row: Row) -> Iterator[Record | SkippedItem]:
        """The post, its deletion, or the reason why there is none."""
        identifier = clean_name(row["id"])
        if parse_yes_no(row["deleted"]):
            yield from self._delete(row, identifier)
            return
        created = read_moment(row, "date", self._context)
        if isinstance(created, SkippedItem):
            yield created
            return
        body = html_to_text(row["text"]) if looks_like_html(row["text"]) else row["text"]
        text, truncated = clean_text(f"{row['title']}\n\n{remove_quoted_lines(body)}")
        known_by = self._ids.of(row)
        if not text:
            yield row.skip("no text")
        replaced = self._ids.replaced(row, known_by)
        follows = self._rows.follow(row, known_by, replaced, has_text=bool(text), from_file=bool(identifier))
        if not (yield from follows):
            return
        edited = read_moment(row, "edited", self._context)
        channel = clean_name(row["channel"]) or self._options.channel
        yield Post(
            source=self._context.source,
            external_id=known_by,
            kind=PostKind(self._options.kind_of_post),
            text=text,
            created_at=created,
            channel=channel,
            channel_name=channel,
            author_id=read_name(row, "author_id") or read_name(row, "author"),
            author_name=read_name(row, "author"),
            parent_id=read_name(row, "parent"),
            url=read_address(row, "url"),
            edited_at=None if isinstance(edited, SkippedItem) or edited <= created else edited,
            account=read_name(row, "account"),
            truncated=truncated,
        )

    def _delete(self, row: Row, identifier: str) -> Iterator[DeletedPost | SkippedItem]:
        """Delete a post; one without an id is known by its text, as long as that still stands there."""
        known_by = self._ids.of(row)
        self._rows.seen.forget(identifier)
        if not identifier:
            yield row.skip("deleted, without id")
        if identifier or known_by not in self._rows.seen:
            yield DeletedPost(self._context.source, known_by)
        if (replaced := self._ids.replaced(row, known_by)) and replaced not in self._rows.seen:
            yield DeletedPost(self._context.source, replaced)


def build(context: SourceContext, options: PostsOptions) -> Connector:
    """The connector of one `[[sources]]` table."""
    policy = IdentityPolicy(options.identity)
    return TableConnector(context.name, _TABLE, options, lambda rows: PostReader(rows, options), policy)


KINDS = (
    ConnectorKind(
        kind=KIND,
        description="posts of forums, review sites or closed groups, from CSV or JSON",
        needs_network=False,
        options_class=PostsOptions,
        build=build,
    ),
)
