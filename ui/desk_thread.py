"""The one worker thread that owns the desk, so that the GUI thread never waits for the database.

`await thread.call(fn)` runs `fn(desk)` there and gives its result; `thread.submit(fn, done)` does the same with a
callback and without asyncio, which the first fill of the queue uses because asyncio is imported only after it. Results
come back on the GUI thread. A job with a `key` replaces earlier jobs of the same key: their results are dropped.

The thread watches `desk.queue.version()` while it is idle, so that what another process writes shows within a second.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from console.domain.errors import ConsoleError
from ui import crashlog

if TYPE_CHECKING:
    import asyncio

    from console.desk import Desk
    from console.desk.first_look import FirstLook

T = TypeVar("T")

POLL_SECONDS = 0.5
"""How often an idle thread looks for what other processes wrote."""


@dataclass(slots=True, eq=False)
class _Job(Generic[T]):
    run: Callable[[Desk], T]
    done: Callable[[T], object] | None
    failed: Callable[[Exception], object] | None
    key: str | None
    generation: int


@dataclass(slots=True, eq=False)
class _Loan:
    """The desk is to be closed; `closed` is called on the GUI thread then, and it is opened again after `back`."""

    closed: Callable[[], object]
    back: threading.Event = field(default_factory=threading.Event)


class Superseded(Exception):
    """A newer job of the same key replaced this one; whoever awaited it lets go."""


class DeskThread(QObject):
    """Owns the desk on its own thread.

    Signals (all on the GUI thread): `looked(object)` at most once and before all others, with the `FirstLook` where
    there is one; `opened(str, str, list)` once, with the desk's user, its zone and its notices; `reopened` with the
    same after each time that the desk was lent; `refused(str)` when a job nobody caught failed with a sentence for a
    person; `changed(int)` with the new version after any write by anyone; `unable(str)` when the desk could not be
    opened at all.
    """

    looked = Signal(object)
    opened = Signal(str, str, list)
    reopened = Signal(str, str, list)
    refused = Signal(str)
    changed = Signal(int)
    unable = Signal(str)
    _finished = Signal(object, object, object)
    _version_seen = Signal(int)
    _looked = Signal(object)
    _opened = Signal(str, str, list)
    _reopened = Signal(str, str, list)
    _lent = Signal(object)
    _unable = Signal(object)

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        first_look: Callable[[], FirstLook | None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`open_desk` is called on the worker thread; it imports the database layer there, after the first paint.
        `first_look` is called there before it."""
        super().__init__(parent)
        self._open_desk = open_desk
        self._first_look = first_look
        self._jobs: queue.SimpleQueue[_Job[Any] | _Loan | None] = queue.SimpleQueue()
        self._loan: _Loan | None = None
        self._generations: dict[str, int] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)
        self._started = False
        self._failed = False
        self._stopping = False
        queued = Qt.ConnectionType.QueuedConnection
        self._finished.connect(self._deliver, queued)
        self._version_seen.connect(self.changed, queued)
        self._looked.connect(self.looked, queued)
        self._opened.connect(self.opened, queued)
        self._reopened.connect(self.reopened, queued)
        self._lent.connect(_tell_lent, queued)
        self._unable.connect(self._could_not_open, queued)

    # Called from the GUI thread --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the thread and open the desk. Jobs may be given before."""
        self._started = True
        self._thread.start()

    def submit(
        self,
        fn: Callable[[Desk], T],
        done: Callable[[T], object] | None = None,
        *,
        failed: Callable[[Exception], object] | None = None,
        key: str | None = None,
    ) -> None:
        """Run `fn(desk)`; `done(result)` or `failed(error)` follow on the GUI thread unless a newer `key` came."""
        generation = 0
        if key is not None:
            generation = self._generations[key] = self._generations.get(key, 0) + 1
        self._jobs.put(_Job(fn, done, failed, key, generation))

    async def call(self, fn: Callable[[Desk], T], *, key: str | None = None) -> T:
        """Run `fn(desk)` and give its result or raise its error; `Superseded` when a newer call of `key` was made."""
        import asyncio

        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def done(result: T) -> None:
            if not future.done():
                future.set_result(result)

        def failed(error: Exception) -> None:
            if not future.done():
                future.set_exception(error)

        self.submit(fn, done, failed=failed, key=key)
        return await future

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[None]:
        """Close the desk for as long as the block runs, so that something else can have the workspace to itself, and
        open it again. Jobs that are given meanwhile wait."""
        import asyncio

        closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        loan = self._loan = _Loan(lambda: None if closed.done() else closed.set_result(None))
        self._jobs.put(loan)
        try:
            await closed
            yield
        finally:
            loan.back.set()

    def spawn(self, work: Coroutine[Any, Any, T], *, name: str | None = None) -> asyncio.Task[T]:
        """Start a coroutine and keep it until it ends; its ConsoleErrors are shown, others go to the crash log."""
        import asyncio

        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)
        return task

    def tasks(self) -> tuple[asyncio.Task[Any], ...]:
        """The tasks that are still running, for the shutdown."""
        return tuple(self._tasks)

    def is_serving(self) -> bool:
        """Whether jobs are answered, or will be once the desk is open."""
        return self._started and not self._failed and not self._stopping

    def ask_stop(self) -> None:
        """Ask the thread to end: jobs that were given before still run, then the desk is closed."""
        if self._started and not self._stopping:
            self._stopping = True
            self._jobs.put(None)
            if self._loan is not None:
                self._loan.back.set()

    def ended(self) -> bool:
        return not self._thread.is_alive()

    def stop(self, seconds: float = 5.0) -> bool:
        """Ask the thread to end and wait for it; True when it ended in time."""
        self.ask_stop()
        if self._started:
            self._thread.join(seconds)
        return self.ended()

    # On the worker thread --------------------------------------------------------------------------------------------

    def _work(self) -> None:
        self._look()
        opened = self._opened
        while True:
            try:
                desk = self._open_desk()
            except Exception as error:
                self._failed = True
                self._unable.emit(error)
                return
            try:
                opened.emit(desk.me, desk.zone, list(desk.notices))
                loan = self._serve(desk)
            finally:
                desk.close()
            if loan is None:
                return
            self._lent.emit(loan)
            loan.back.wait()
            opened = self._reopened

    def _look(self) -> None:
        """A first look that fails costs a moment and nothing else: the desk is opened all the same."""
        if self._first_look is None:
            return
        try:
            look = self._first_look()
        except Exception as error:
            crashlog.record("in the first look", error)
        else:
            if look is not None:
                self._looked.emit(look)

    def _serve(self, desk: Desk) -> _Loan | None:
        """Until the thread is asked to end, or to lend the desk."""
        version = desk.queue.version()
        due = time.monotonic() + POLL_SECONDS
        while True:
            try:
                job = self._jobs.get(timeout=max(due - time.monotonic(), 0.0))
            except queue.Empty:
                job = None
                due = time.monotonic() + POLL_SECONDS
            else:
                if job is None or isinstance(job, _Loan):
                    return job
                if job.key is None or self._generations.get(job.key) == job.generation:
                    self._run(job, desk)
                else:
                    self._finished.emit(job, None, Superseded())
                if time.monotonic() >= due:
                    due = time.monotonic() + POLL_SECONDS
            try:
                seen = desk.queue.version()
            except Exception as error:
                crashlog.record("while looking for changes", error)
                continue
            if seen != version:
                version = seen
                self._version_seen.emit(seen)

    def _run(self, job: _Job[Any], desk: Desk) -> None:
        try:
            result = job.run(desk)
        except Exception as error:
            self._finished.emit(job, None, error)
        else:
            self._finished.emit(job, result, None)

    # Back on the GUI thread ------------------------------------------------------------------------------------------

    def _deliver(self, job: _Job[Any], result: Any, error: Exception | None) -> None:
        if self._stopping and job.failed is None:
            return
        late = job.key is not None and self._generations.get(job.key) != job.generation
        if late and job.failed is None:
            return
        if late:
            error = Superseded()
        if error is None:
            if job.done is not None:
                job.done(result)
        elif job.failed is not None:
            job.failed(error)
        else:
            self._show(error)

    def _show(self, error: BaseException) -> None:
        if isinstance(error, ConsoleError):
            self.refused.emit(error.sentence)
        elif not isinstance(error, Superseded):
            crashlog.record("in a job of the desk", error)
            self.refused.emit("Something went wrong inside the program. Nothing was lost; the log has the details.")

    def _could_not_open(self, error: Exception) -> None:
        if isinstance(error, ConsoleError):
            self.unable.emit(error.sentence)
            return
        crashlog.record("while opening the workspace", error)
        self.unable.emit("The workspace could not be opened. The log has the details.")

    def _task_ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._show(error)


def _tell_lent(loan: _Loan) -> None:
    loan.closed()
