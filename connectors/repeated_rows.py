"""What the rows of one file say of each other: ids that come twice, and texts that were emptied."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from connectors.tables import Row
from monitor.domain.posts import DeletedPost, SkippedItem

ID_GIVEN_TWICE = "id given twice"
ROW_GIVEN_TWICE = "row given twice"


class SeenRows:
    """The ids of one file's usable rows, each with the row it first stood in: some 150 bytes a row."""

    def __init__(self) -> None:
        self._row_by_id: dict[str, int] = {}

    def __contains__(self, identifier: str) -> bool:
        """Whether a usable row had this id."""
        return identifier in self._row_by_id

    def again(self, row: Row, identifier: str, *, from_file: bool) -> SkippedItem | None:
        """None for the first row with an id, which is remembered; the reason to leave out a later one.

        Args:
            row: a row that can be used.
            identifier: its id.
            from_file: whether the file gives the id; else it stands for the row's content.
        """
        first = self._row_by_id.setdefault(identifier, row.number)
        if first == row.number:
            return None
        if from_file:
            return row.skip(ID_GIVEN_TWICE, f"row {first} has it too and is kept")
        return row.skip(ROW_GIVEN_TWICE, f"row {first} says the same and is kept")

    def forget(self, identifier: str) -> None:
        """Let the id come again: its row was taken back."""
        self._row_by_id.pop(identifier, None)


class EmptiedTexts:
    """Deletes the posts of rows whose text is empty now, as soon as another row shows that the file has texts.

    A file without any text is not one in which every text was taken back: more likely its column is the wrong one.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._has_texts = False
        self._waiting: dict[str, None] = {}

    def empty(self, identifier: str) -> Iterator[DeletedPost]:
        """What follows from a row with this id and without text."""
        if self._has_texts:
            yield DeletedPost(self._source, identifier)
        else:
            self._waiting[identifier] = None

    def text(self, identifier: str) -> Iterator[DeletedPost]:
        """What follows from a row with this id and a text."""
        self._has_texts = True
        self._waiting.pop(identifier, None)
        while self._waiting:
            yield DeletedPost(self._source, self._waiting.popitem()[0])


class TextRows:
    """Decides which rows of a file of texts are stored, and what goes with them."""

    def __init__(self, source: str) -> None:
        self.seen = SeenRows()
        self.emptied = EmptiedTexts(source)

    def follow(
        self, row: Row, identifier: str, replaced: str, *, has_text: bool, from_file: bool
    ) -> Generator[DeletedPost | SkippedItem, None, bool]:
        """Yield what follows from a row; return whether its text is to be stored.

        Args:
            row: the row.
            identifier: the id that it is known by.
            replaced: the id that it was stored under before; "" for none.
            has_text: whether there is a text.
            from_file: whether the file gives the id; else it stands for the row's content.
        """
        if replaced and replaced not in self.seen:
            yield from self.emptied.empty(replaced)
        if not has_text:
            if (from_file or row.former) and identifier not in self.seen:
                yield from self.emptied.empty(identifier)
            return False
        if again := self.seen.again(row, identifier, from_file=from_file):
            yield again
            return False
        yield from self.emptied.text(identifier)
        return True
