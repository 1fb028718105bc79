"""Posts: upsert with versions, deletion at the source, and reading back.

Delivery: reading is at-least-once, rows are exactly-once. Identity is (source, external_id); a text counts
as changed when its hash did, whatever the vendor's edit flag says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, delete, func, select, update

from monitor.domain.posts import DeletedPost, Post, PostKind, Voice, VoiceSegment, text_hash
from monitor.store import bulk, search
from monitor.store.arrivals import note_arrivals
from monitor.store.findings import drop_quoting_findings
from monitor.store.forgotten import LostNames
from monitor.store.tables import (
    AuthorRow,
    ChannelRow,
    CorrectionRow,
    DirtyDayRow,
    LabelRow,
    PostRow,
    PostVersionRow,
    ScoreRow,
)
from monitor.store.upsert import (
    FORGOTTEN,
    ROWS_A_STATEMENT,
    WriteCounts,
    by_external_id,
    insert_if_absent,
    insert_or_update,
    row_hash,
)

POSTS: Table = PostRow.__table__  # type: ignore[attr-defined]
VERSIONS: Table = PostVersionRow.__table__  # type: ignore[attr-defined]
LABELS: Table = LabelRow.__table__  # type: ignore[attr-defined]
SCORES: Table = ScoreRow.__table__  # type: ignore[attr-defined]
CORRECTIONS: Table = CorrectionRow.__table__  # type: ignore[attr-defined]
DIRTY_DAYS: Table = DirtyDayRow.__table__  # type: ignore[attr-defined]
CHANNELS: Table = ChannelRow.__table__  # type: ignore[attr-defined]
AUTHORS: Table = AuthorRow.__table__  # type: ignore[attr-defined]
_IDENTITY = ("source", "external_id")
_DELETED = "deleted"
"""In place of a row's digest: a fresh copy from the source revives a deleted post, never a `FORGOTTEN` one."""
_OUTDATED = "~outdated"
"""Ends the labelling of a label made before its post changed: it counts until the next scoring replaces it."""


def save_posts(
    connection: Connection, posts: Sequence[Post], *, zone: ZoneInfo, now: datetime
) -> WriteCounts:
    """Upsert posts with their channels and authors; an edited text's old version is kept.

    Args:
        connection: inside a write transaction (the same that moves the cursor).
        posts: any number, of any sources; of equal identities the last one wins.
        zone: the report's time zone, which decides the day a post counts on.
        now: aware UTC, noted as the moment an older version was replaced.

    A post that was deleted at its source and comes again stays deleted only while the source says so: a
    fresh copy from the source revives it.
    """
    by_source: dict[str, dict[str, Post]] = defaultdict(dict)
    for post in posts:
        by_source[post.source][post.external_id] = post
    counts = WriteCounts()
    touched: set[date] = set()
    for source, unique in by_source.items():
        items = list(unique.values())
        kept: list[Post] = []
        for start in range(0, len(items), ROWS_A_STATEMENT):
            part = items[start : start + ROWS_A_STATEMENT]
            wanted, written, days = _save_part(connection, source, part, zone, now)
            kept += wanted
            counts += written
            touched |= days
        _save_names(connection, kept)
    mark_days(connection, touched)  # all at the end: their rows are locked for as short as can be
    return counts


def _save_part(
    connection: Connection, source: str, posts: Sequence[Post], zone: ZoneInfo, now: datetime
) -> tuple[list[Post], WriteCounts, set[date]]:
    """Save posts of one source; returns those that nobody asked to forget, what was written, and stale days."""
    names = ("id", "external_id", "row_hash", "text_hash", "score_hash", "text", "day")
    columns = [POSTS.c[name] for name in names]
    query = by_external_id(POSTS, columns, source, [post.external_id for post in posts])
    known = {row.external_id: row for row in connection.execute(query)}
    # What a person asked to be forgotten stays forgotten, even while its source still shows it.
    wanted = [
        post
        for post in posts
        if post.external_id not in known or known[post.external_id].row_hash != FORGOTTEN
    ]
    rows = [_to_row(post, zone) for post in wanted]
    added = [row for row in rows if row["external_id"] not in known]
    changed = [
        row
        for row in rows
        if row["external_id"] in known and known[row["external_id"]].row_hash != row["row_hash"]
    ]
    if added:
        bulk.insert(connection, POSTS, added)
        note_arrivals(connection, source, [row["day"] for row in added], now.astimezone(zone).date())
    if changed:
        _update_posts(connection, changed, known, now)
    days = {row["day"] for row in added} | {row["day"] for row in changed}
    days |= {known[row["external_id"]].day for row in changed}
    return wanted, WriteCounts(len(added), len(changed), len(posts) - len(added) - len(changed)), days


def _update_posts(
    connection: Connection, changed: Sequence[dict[str, Any]], known: dict[str, Row[Any]], now: datetime
) -> None:
    rewritten = [
        known[row["external_id"]]
        for row in changed
        if known[row["external_id"]].text_hash != row["text_hash"]
    ]
    versions = [
        {"post_id": old.id, "text_hash": old.text_hash, "text": old.text, "replaced_at": now}
        for old in rewritten
        if old.text
    ]
    if versions:
        connection.execute(insert_if_absent(connection, VERSIONS, ("post_id", "text_hash")), versions)
    search.remove(connection, [(old.id, old.text) for old in rewritten])
    connection.execute(insert_or_update(connection, POSTS, _IDENTITY), changed)
    _drop_unused_scores(connection, {known[row["external_id"]].score_hash for row in changed})
    ids = [known[row["external_id"]].id for row in changed]
    _outdate_labels(connection, ids)
    search.add(connection, [old.id for old in rewritten])


def _outdate_labels(connection: Connection, post_ids: Sequence[int]) -> None:
    """Let the next scoring write these labels again; until then, or for good if the post goes, they count.

    They count on the post's day as it is now. The mark stands after "model#", so that the model can be told.
    """
    labelling = func.replace(LABELS.c.labelling_id, _OUTDATED, "") + _OUTDATED
    day = select(POSTS.c.day).where(POSTS.c.id == LABELS.c.post_id).scalar_subquery()
    connection.execute(
        update(LABELS).where(LABELS.c.post_id.in_(post_ids)).values(labelling_id=labelling, day=day)
    )


def label_is_current() -> ColumnElement[bool]:
    """Whether a label was made from what its post says now: else it counts, but is not shown with the text."""
    return LABELS.c.labelling_id.not_like(f"%{_OUTDATED}")


def delete_posts(
    connection: Connection, deleted: Sequence[DeletedPost], *, now: datetime, lost: LostNames | None = None
) -> int:
    """Honour deletions at the source: text, author, versions, scores, corrections and search entry go.

    Day, source, kind and the label's counts stay, so that history does not change its totals. `lost` takes
    the names of authors who have no other post.

    Returns:
        the number of posts that were not yet deleted.
    """
    ids_by_source: dict[str, dict[str, None]] = defaultdict(dict)
    for item in deleted:
        ids_by_source[item.source][item.external_id] = None
    count = 0
    for source, unique in ids_by_source.items():
        ids = list(unique)
        for start in range(0, len(ids), ROWS_A_STATEMENT):
            part = ids[start : start + ROWS_A_STATEMENT]
            query = by_external_id(POSTS, list(POSTS.columns), source, part)
            rows = connection.execute(query.where(POSTS.c.deleted_at.is_(None))).all()
            for row in rows:
                _forget_row(connection, row, now, lost)
            _drop_authors(connection, source, lost, {row.author_id for row in rows})
            count += len(rows)
    if count:
        drop_quoting_findings(connection)
    return count


def delete_author(
    connection: Connection, source: str, author_id: str, *, now: datetime, lost: LostNames | None = None
) -> int:
    """Delete everything one author wrote in a source, for good; returns the number of posts.

    Unlike a post deleted at its source, a forgotten one is not revived by a fresh copy. `lost` takes the name.
    """
    query = select(POSTS).where(
        POSTS.c.source == source, POSTS.c.author_id == author_id, POSTS.c.deleted_at.is_(None)
    )
    rows = connection.execute(query).all()
    for row in rows:
        _forget_row(connection, row, now, lost, mark=FORGOTTEN)
    _drop_authors(connection, source, lost, {author_id})
    if rows:
        drop_quoting_findings(connection)
    return len(rows)


def delete_older(
    connection: Connection, source: str, oldest: datetime, *, now: datetime, lost: LostNames | None = None
) -> int:
    """Delete a source's posts from before `oldest` (its retention period), as if the source had.

    Authors without any post go as well, also those whose posts were said to be somebody else's since.
    """
    query = (
        select(POSTS)
        .where(POSTS.c.source == source, POSTS.c.created_at < oldest, POSTS.c.deleted_at.is_(None))
        .limit(ROWS_A_STATEMENT)
    )
    count = 0
    while rows := connection.execute(query).all():
        for row in rows:
            _forget_row(connection, row, now, lost)
        count += len(rows)
    if count:
        _drop_authors(connection, source, lost)
        drop_quoting_findings(connection)
    return count


def _forget_row(
    connection: Connection, row: Row[Any], now: datetime, lost: LostNames | None, mark: str = _DELETED
) -> None:
    if lost is not None and row.account:
        lost.accounts.add(row.account)
    search.remove(connection, [(row.id, row.text)])
    connection.execute(delete(VERSIONS).where(VERSIONS.c.post_id == row.id))
    connection.execute(
        update(POSTS)
        .where(POSTS.c.id == row.id)
        .values(
            text="",
            text_hash="",
            score_hash="",
            row_hash=mark,
            author_id=None,
            url=None,
            account=None,
            deal_id=None,
            parent_id=None,
            segments=None,
            deleted_at=now,
        )
    )
    _drop_unused_scores(connection, {row.score_hash})


def _drop_authors(
    connection: Connection, source: str, lost: LostNames | None, chosen: Collection[str | None] | None = None
) -> None:
    """Delete authors who have no post (any more): the chosen ones, or all of the source."""
    condition = AUTHORS.c.source == source
    writing = select(POSTS.c.author_id).where(POSTS.c.source == source, POSTS.c.author_id.is_not(None))
    if chosen is not None:
        ids = [author for author in chosen if author is not None]
        if not ids:
            return
        condition, writing = (
            and_(condition, AUTHORS.c.external_id.in_(ids)),
            writing.where(POSTS.c.author_id.in_(ids)),
        )
    present = set(connection.execute(writing.distinct()).scalars())
    known = connection.execute(
        select(AUTHORS.c.external_id, AUTHORS.c.name, AUTHORS.c.account).where(condition)
    )
    gone = [row for row in known if row.external_id not in present]
    for start in range(0, len(gone), ROWS_A_STATEMENT):
        part = [row.external_id for row in gone[start : start + ROWS_A_STATEMENT]]
        connection.execute(delete(AUTHORS).where(AUTHORS.c.source == source, AUTHORS.c.external_id.in_(part)))
    if lost is not None:
        lost.people.update(row.name for row in gone)
        lost.accounts.update(row.account for row in gone if row.account)


def _drop_unused_scores(connection: Connection, score_hashes: set[str]) -> None:
    """Scores hold words of the text they were made from: they go with the last post that says it."""
    said = select(POSTS.c.id).where(POSTS.c.score_hash == SCORES.c.score_hash).exists()
    connection.execute(delete(SCORES).where(SCORES.c.score_hash.in_(score_hashes - {""}), ~said))


def mark_days(connection: Connection, days: set[date]) -> None:
    """Note that the daily counts of these days are stale."""
    if days:
        # An update that changes nothing, not DO NOTHING: on PostgreSQL it locks a row that is there already, so
        # that nobody counts such a day, and takes it off the list, before this transaction's posts can be seen.
        # In order of days, as `refresh_counts` locks them, so that two transactions do not lock them crosswise.
        statement = insert_or_update(connection, DIRTY_DAYS, ("day",), only=("day",))
        connection.execute(statement, [{"day": day} for day in sorted(days)])


def _save_names(connection: Connection, posts: Sequence[Post]) -> None:
    channels = {
        (post.source, post.channel): post.channel_name or post.channel for post in posts if post.channel
    }
    authors = {
        (post.source, post.author_id): (post.author_name or post.author_id, post.account)
        for post in posts
        if post.author_id
    }
    if channels:
        rows = [{"source": s, "external_id": i, "name": name} for (s, i), name in sorted(channels.items())]
        connection.execute(insert_or_update(connection, CHANNELS, _IDENTITY, if_other="name"), rows)
    if authors:
        named: list[dict[str, str | None]] = [
            {"source": s, "external_id": str(i), "name": str(name), "account": account}
            for (s, i), (name, account) in sorted(
                authors.items(), key=lambda item: (item[0][0], item[0][1] or "")
            )
        ]
        connection.execute(insert_or_update(connection, AUTHORS, _IDENTITY, if_other="name"), named)


def _to_row(post: Post, zone: ZoneInfo) -> dict[str, Any]:
    digest = post.text_hash
    segments = [[segment.voice.value, segment.text] for segment in post.segments]
    row: dict[str, Any] = {
        "source": post.source,
        "external_id": post.external_id,
        "kind": post.kind.value,
        "text": post.text,
        "text_hash": digest,
        "score_hash": digest if not post.segments else text_hash(post.scored_text),
        "created_at": post.created_at,
        "day": post.created_at.astimezone(zone).date(),
        "channel": post.channel,
        "author_id": post.author_id,
        "parent_id": post.parent_id,
        "url": post.url,
        "edited_at": post.edited_at,
        "account": post.account,
        "deal_id": post.deal_id,
        "segments": segments or None,
        "truncated": post.truncated,
        "about_us": post.about_us,
        "deleted_at": None,
    }
    row["row_hash"] = row_hash(
        [*row.values()][4:]
    )  # all but identity, kind and the text that its hash stands for
    return row


def read_posts(connection: Connection, source: str | None = None) -> Iterator[Post]:
    """Stream the posts that are not deleted, oldest id first."""
    query = (
        select(POSTS, CHANNELS.c.name.label("channel_name"), AUTHORS.c.name.label("author_name"))
        .outerjoin(
            CHANNELS, (CHANNELS.c.source == POSTS.c.source) & (CHANNELS.c.external_id == POSTS.c.channel)
        )
        .outerjoin(
            AUTHORS, (AUTHORS.c.source == POSTS.c.source) & (AUTHORS.c.external_id == POSTS.c.author_id)
        )
        .where(POSTS.c.deleted_at.is_(None))
        .order_by(POSTS.c.id)
    )
    if source is not None:
        query = query.where(POSTS.c.source == source)
    for row in connection.execution_options(stream_results=True).execute(query):
        yield _to_post(row)


def _to_post(row: Row[Any]) -> Post:
    segments = tuple(VoiceSegment(Voice(voice), text) for voice, text in (row.segments or ()))
    return Post(
        source=row.source,
        external_id=row.external_id,
        kind=PostKind(row.kind),
        text=row.text,
        created_at=row.created_at,
        channel=row.channel,
        channel_name=row.channel_name or "",
        author_id=row.author_id,
        author_name=row.author_name,
        parent_id=row.parent_id,
        url=row.url,
        edited_at=row.edited_at,
        account=row.account,
        deal_id=row.deal_id,
        segments=segments,
        truncated=row.truncated,
        about_us=row.about_us,
    )
