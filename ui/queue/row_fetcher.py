"""Brings the rows that are seen, and a page around them, from the desk into the model. Owned by the queue pane."""

from __future__ import annotations

from collections.abc import Callable

from console.domain.queue import QueueRow
from ui.desk_thread import DeskThread
from ui.queue.model import PAGE, QueueModel
from ui.queue.reading import read_rows
from ui.queue.view import QueueView


class RowFetcher:
    """Asks for missing rows, once each; a newer question replaces the one before it.

    `thread` is None until there is a desk. `came` is called after seen rows have arrived and are painted.
    """

    def __init__(self, model: QueueModel, view: QueueView, came: Callable[[], None]) -> None:
        self.thread: DeskThread | None = None
        self._model = model
        self._view = view
        self._came = came
        self._asked: frozenset[int] = frozenset()

    @property
    def is_fetching(self) -> bool:
        """Whether rows that are seen have not come yet."""
        return bool(self._asked)

    def fetch_anew(self) -> None:
        """Ask for the seen rows again, whatever is on its way: they were written."""
        self._asked = frozenset()
        self.fetch(around=False)

    def fetch(self, *, around: bool = True) -> None:
        """Ask for what is seen and not known; with `around` for a page before and after it too."""
        if self.thread is None or self._model.ticket_count == 0:
            return
        first, last = self._view.visible_rows()
        missing = self._model.missing(first, last, around=around)
        if not missing or self._asked.issuperset(missing):
            return
        wanted = missing[: 2 * PAGE]
        self._asked = frozenset(wanted)
        self.thread.submit(lambda desk: read_rows(desk, wanted), self._take, key="queue.rows")

    def when_known(self, rowid: int, use: Callable[[QueueRow], None]) -> None:
        """Use a row as soon as it is there, if it is still the current one by then."""
        row = self._model.known(rowid)
        if row is not None:
            use(row)
        elif self.thread is not None:

            def came(rows: dict[int, QueueRow]) -> None:
                self._model.put_rows(rows)
                if rowid in rows and self._view.current_rowid() == rowid:
                    use(rows[rowid])

            self.thread.submit(lambda desk: read_rows(desk, [rowid]), came, key="queue.chosen")

    def _take(self, rows: dict[int, QueueRow]) -> None:
        self._asked = frozenset()
        self._view.repaint_tickets(self._model.put_rows(rows))
        self._came()
