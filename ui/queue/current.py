"""Which ticket of the queue is current, kept by its id while rows and their keys come and go. Owned by the queue pane.

The list knows rowids alone, and those change when the desk is opened again or the hub confirms a ticket.
"""

from __future__ import annotations

from collections.abc import Callable

from console.domain.queue import QueueRow
from ui.desk_thread import DeskThread
from ui.queue.model import QueueModel
from ui.queue.row_fetcher import RowFetcher
from ui.queue.view import QueueView


class CurrentTicket:
    """Follows the list's current row, and makes a wanted ticket current.

    `thread` is None until there is a desk. `told` is called with the id of the ticket that became current, or None
    where none is any more.
    """

    def __init__(
        self, model: QueueModel, view: QueueView, rows: RowFetcher, told: Callable[[str | None], object]
    ) -> None:
        self.thread: DeskThread | None = None
        self._model = model
        self._view = view
        self._rows = rows
        self._tell = told
        self._told: str | None = None
        self._wanted: str | None = None
        view.chosen.connect(self._row_chosen)

    @property
    def row(self) -> QueueRow | None:
        """The row of the current ticket, once it has come."""
        rowid = self._view.current_rowid()
        return None if rowid is None else self._model.known(rowid)

    @property
    def ticket(self) -> str | None:
        """Its id. A ticket that has left the view stays current: it is still open beside the list."""
        row = self.row
        return row.ticket if row is not None else self._told

    def want(self, ticket: str | None) -> None:
        """Name the ticket that the next `settle` makes current; None for the one that is."""
        self._wanted = ticket

    def settle(self) -> None:
        """Make the wanted ticket current once its place is known; when it is not in the view, nothing is."""
        wanted = self._wanted
        if self.thread is None:
            return
        if wanted is None:
            self._begin()
            return

        def place(rowid: int | None) -> None:
            if self._wanted != wanted:
                return
            shown = rowid is not None and self._view.choose(rowid, reveal=True)
            self._wanted = None
            self._become(wanted if shown else self._told)
            self._begin()

        self.thread.submit(lambda desk: desk.queue.rowid(wanted), place, key="queue.select")

    def keeping(self, change: Callable[[], object]) -> None:
        """Do something that resets the list and brings its top into sight; the same ticket is current afterwards."""
        ticket = self._told if self._wanted is None else self._wanted
        change()
        self._wanted = ticket
        self.settle()

    def hold(self) -> None:
        """The keys of rows are about to mean other tickets: hold on to the current one by its id."""
        self._told = self.ticket

    def follow(self) -> None:
        """The current ticket's key is not listed any more. One that the hub confirmed has another; one that left the
        view stays open beside the list."""
        told = self._told
        if self.thread is None or told is None:
            return

        def place(rowid: int | None) -> None:
            moved = rowid is not None and self._model.row_of(rowid) is not None
            if moved and self._told == told and self._view.current_rowid() is None:
                self._view.choose(rowid)

        self.thread.submit(lambda desk: desk.queue.rowid(told), place, key="queue.follow")

    def _row_chosen(self, rowid: int | None) -> None:
        self._wanted = None
        if rowid is None:
            if self._view.currentIndex().isValid():
                return  # a collapsed header: the ticket that is open stays open
            self._become(None)
            return
        self._rows.when_known(rowid, lambda row: self._become(row.ticket))

    def _become(self, ticket: str | None) -> None:
        if ticket != self._told:
            self._told = ticket
            self._tell(ticket)

    def _begin(self) -> None:
        """Where no ticket was ever current, the first of the view is: Enter goes straight into it."""
        if self._told is None and not self._view.currentIndex().isValid():
            self._view.step_ticket(1)
