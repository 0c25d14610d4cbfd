"""What the window has of the sync: the engine while it runs, and its state everywhere it is shown.

It starts the engine on the asyncio loop once the queue is there, only where the workspace is connected, and passes on
what the engine tells: to the rail, the banner, the line above the queue, the ticket that is open, and to people who
listen. What a person asks for is in `ui.shell.sync_acts`. Made by the window after its first rows; the engine ends with
the window's other tasks.
"""

from __future__ import annotations

from asyncio import Task, wait
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from console.desk.sync_views import LinkStatus, SyncIssues
from ui import crashlog
from ui.shell.sync_acts import SyncActs
from ui.sync import wording
from ui.ticket.outbox import GRACE_MS, Outbox
from ui.widgets.spoken import announce

if TYPE_CHECKING:
    from console.desk import Desk
    from ui.desk_thread import DeskThread
    from ui.shell.window import MainWindow
    from ui.sync.drawer import SyncDrawer

BANNER_AFTER_MS: Final = 2_000
"""A connection that is back within this time is no news."""
SYNCING_AFTER_MS: Final = 400
"""What is on its way for less than this does not show on the rail: it would flicker with every act."""
WRITING_FOR_MS: Final = 20_000
"""So long after the last key a person counts as writing."""
Doing = Literal["viewing", "writing", "gone"]


class RunsSync(Protocol):
    """The engine, as far as the window drives it (`console.sync.engine.Engine`)."""

    async def run(self) -> None: ...
    def sync_now(self) -> None: ...
    def written(self) -> None: ...
    def set_presence(self, ticket: str | None, doing: Doing = "viewing") -> None: ...


class WindowSync(QObject):
    """Attributes: `status`, what the engine told last; `issues`, what the desk said last; `acts`, what a person can
    ask for; `drawer`, None until it is opened; `engine`, None where there is no hub or no loop.

    Signals: `spoke(str)`, what is read out to people who listen; `told()`, after `status` or `issues` became others and
    are shown.
    """

    spoke = Signal(str)
    told = Signal()

    def __init__(
        self,
        window: MainWindow,
        thread: DeskThread,
        now: Callable[[], int],
        zone: str,
        *,
        frozen: bool,
        runs: bool,
    ) -> None:
        """`now` gives epoch ms, `zone` is the policy's (IANA name). With `frozen` time never moves, and nothing ticks;
        with `runs` there is an asyncio loop for the engine."""
        super().__init__(window)
        self._window, self._thread, self._now, self._zone = window, thread, now, zone
        self._frozen, self._runs = frozen, runs
        self.status: LinkStatus | None = None
        self.issues = SyncIssues(connected=False)
        self.drawer: SyncDrawer | None = None
        self.engine: RunsSync | None = None
        self.acts = SyncActs(self, window, thread)
        self._running: Task[None] | None = None
        self._known = False
        self._beginning = False
        self._rests = False
        self._data_from: int | None = None
        self._skew_told = False
        self._writing_on: str | None = None
        self._wrote = self._timer(WRITING_FOR_MS, self._stopped_writing)
        self._late = self._timer(SYNCING_AFTER_MS, self._show)
        self._grace = self._timer(GRACE_MS, self._show_in_ticket)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._tick)

    def start(self) -> None:
        """Join the parts, and ask the desk whether there is a hub."""
        window = self._window
        self.spoke.connect(lambda sentence: announce(window, sentence))
        window.banner.acted.connect(self._banner_pressed)
        window.banner.rearranged.connect(self._place_drawer)
        window.section.ticket_shown.connect(lambda _: self.tell_presence())
        if (pane := window.section.ticket) is not None:
            pane.typed.connect(self._typed)
            pane.unsent_asked.connect(lambda act, item: self.acts.do(act, item.source))
        self._thread.changed.connect(lambda _: self.changed())
        self._thread.reopened.connect(lambda *_: self.refresh())
        self.refresh()

    # What is known ---------------------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        return self.issues.connected

    def refresh(self) -> None:
        """Ask the desk what needs the person and what waits."""
        self._thread.submit(read_issues, self.show_issues, key="sync.issues")

    def show_status(self, status: LinkStatus) -> None:
        """What the engine tells; called in the loop, at every change."""
        before, self.status = self.status, status
        link_before = before.link if before is not None else None
        if status.link == "offline" and link_before != "offline":
            level = link_before == "synced"
            self._data_from = status.offline_since if level else status.synced_at or status.offline_since
        if (sentence := wording.link_sentence(link_before, status, self._zone)) is not None:
            self.spoke.emit(sentence)
        if status.skew_ms is not None and not self._skew_told and (told := wording.skew_line(status.skew_ms)):
            self._skew_told = True
            self._window.banner.announce(told)
        if before is None or (before.waiting, before.refused) != (status.waiting, status.refused):
            self.refresh()
        self._show_soon(link_before)

    def _show_soon(self, before: str | None) -> None:
        """Show a new state at once, unless it may be over before anybody could read it."""
        status = self.status
        assert status is not None
        hurried = status.link == "syncing" and before in ("synced", "syncing") and not self._grace.isActive()
        blip = status.link == "offline" and self._now() - (status.offline_since or 0) < BANNER_AFTER_MS
        if self._frozen or not (hurried or blip):
            self._late.stop()
            self._show()
        elif not self._late.isActive():
            self._late.start(SYNCING_AFTER_MS if hurried else BANNER_AFTER_MS)

    def show_issues(self, issues: SyncIssues) -> None:
        """What the desk says needs the person, and waits."""
        before, self.issues = self.issues, issues
        if issues.connected and not self._beginning and not self._rests:
            self._beginning = True
            self._begin()
        if self._known:
            self.acts.tell_new(before, issues)
        if issues.connected != self._window.state.flag("connected", False):
            self._window.state.set_flag("connected", issues.connected)
        self._known = True
        self._show()

    # The engine ------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """There is a hub: start the engine, where a loop runs."""
        if self._runs:
            self._thread.submit(
                lambda desk: make_engine(desk, self._thread, self.show_status), self._run, key="sync.engine"
            )

    def _run(self, engine: RunsSync) -> None:
        if self._rests:
            return
        self.engine = engine
        self._running = self._thread.spawn(engine.run(), name="sync")
        self.tell_presence()

    async def rest(self) -> None:
        """End the engine, so that something else can have the workspace; `go_on` starts another."""
        self._rests = True
        running, self._running, self.engine, self.status = self._running, None, None, None
        if running is not None:
            running.cancel()
            await wait((running,))

    def go_on(self) -> None:
        """After `rest`: look anew whether there is a hub."""
        self._beginning = self._rests = False
        self.refresh()

    def changed(self) -> None:
        """Somebody wrote, in this window or elsewhere."""
        if self.engine is not None:
            self.engine.written()
        self.refresh()

    def sync_now(self) -> None:
        """A person does not want to wait."""
        if self.engine is not None:
            self.engine.sync_now()

    # Who is where ----------------------------------------------------------------------------------------------------

    def tell_presence(self) -> None:
        """Tell the others which ticket is before the person, and whether they write on it."""
        section = self._window.section
        ticket = section.shown_ticket if self._window.shown is section else None
        if ticket != self._writing_on:
            self._writing_on = None
            self._wrote.stop()
        if self.engine is not None:
            self.engine.set_presence(ticket, "writing" if self._writing_on is not None else "viewing")

    def _typed(self, ticket: str) -> None:
        if self.engine is None:
            return
        began, self._writing_on = self._writing_on != ticket, ticket
        self._wrote.start()
        if began:
            self.tell_presence()

    def _stopped_writing(self) -> None:
        self._writing_on = None
        self.tell_presence()

    # Showing ---------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Bring everything that shows the connection up to date."""
        window, status, issues = self._window, self.status, self.issues
        window.rail.place.show_face(wording.place_face(status, issues, self._now, self._zone))
        face = wording.banner_face(status, issues, self._zone) if status is not None and issues.connected else None
        window.banner.stand(face)
        self._tick()
        waits = status is not None and status.link == "offline" and status.next_try_at is not None
        if waits and not self._frozen:
            self._second.start()
        else:
            self._second.stop()
        if window.section.queue is not None:
            stale = self.is_offline and self._data_from is not None
            window.section.queue.show_stale(wording.stale_line(self._data_from or 0, self._zone) if stale else "")
        if self.drawer is not None:
            self.drawer.show_status(status)
            self.drawer.show_issues(issues)
        self._show_in_ticket()
        self.told.emit()

    @property
    def is_offline(self) -> bool:
        """Whether what is written now stays on this computer for a while."""
        return self.connected and self.status is not None and self.status.link in wording.STANDS_STILL

    def _show_in_ticket(self) -> None:
        pane = self._window.section.ticket
        if pane is None or not self.connected:
            return
        status, issues = self.status, self.issues
        pane.show_outbox(
            Outbox(
                connected=True,
                offline=self.is_offline,
                waiting={waiting.id: waiting for waiting in issues.waiting},
                refused=issues.refused,
                presence=status.presence if status is not None else (),
            )
        )
        if issues.waiting and not self.is_offline and not self._frozen and not self._grace.isActive():
            newest = max(waiting.at for waiting in issues.waiting)
            if 0 < (left := newest + GRACE_MS - self._now()) <= GRACE_MS:
                self._grace.start(left + 50)

    def _tick(self) -> None:
        """Each second while the next try is counted."""
        status = self.status
        self._window.banner.set_aside(wording.next_try(status, self._now()) if status is not None else "")

    # The drawer ------------------------------------------------------------------------------------------------------

    def toggle_drawer(self) -> None:
        if self.drawer is not None and self.drawer.is_open:
            self.drawer.close_drawer()
        else:
            self.open_drawer()

    def open_drawer(self, *, at_outbox: bool = False) -> None:
        """Show what needs the person, or what waits to be sent."""
        drawer = self._made_drawer()
        drawer.show_status(self.status)
        drawer.show_issues(self.issues)
        drawer.open_drawer(at_outbox=at_outbox)

    def close_drawer(self) -> None:
        if self.drawer is not None:
            self.drawer.close_drawer()

    def _made_drawer(self) -> SyncDrawer:
        if self.drawer is None:
            from ui.sync.drawer import SyncDrawer

            window = self._window
            drawer = self.drawer = SyncDrawer(window.ground, window.drawer_room, self._zone)
            drawer.asked.connect(self.acts.do)
            drawer.sync_asked.connect(self.sync_now)
            drawer.report_asked.connect(self.acts.copy_report)
            drawer.connect_asked.connect(self.acts.ask_connect)
            drawer.rearranged.connect(window.order_stops)
            window.commands.bind(drawer, "sync")
        return self.drawer

    def _place_drawer(self) -> None:
        self._window.order_stops()
        if self.drawer is not None and self.drawer.is_open:
            self.drawer.place()

    def _banner_pressed(self, act: str) -> None:
        match act:
            case "now":
                self.sync_now()
            case "outbox":
                self.open_drawer(at_outbox=True)
            case "sign_in":
                self.acts.ask_sign_in()

    def _timer(self, ms: int, ring: Callable[[], object]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(ms)
        timer.timeout.connect(ring)
        return timer


def read_issues(desk: Desk) -> SyncIssues:
    """What needs the person; runs on the desk's thread. Without a hub nothing of the sync is loaded."""
    return desk.sync.issues() if desk.journal.is_connected else SyncIssues(connected=False)


def make_engine(desk: Desk, thread: DeskThread, on_status: Callable[[LinkStatus], object]) -> RunsSync:
    """The engine of the workspace, not running yet; runs on the desk's thread."""
    return desk.sync.engine(thread.call, on_status, on_failure=crashlog.record)
