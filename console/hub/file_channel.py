"""The file drop of one hub process at work: mails out of it, reports into it, each in a thread.

Made by `Hub` where `hub.toml` names a folder, started and stopped by `hub.app`. Reports are taken in the name of the
service whose token stands in the folder; where there is none, or it is not valid, they stay where they are.
"""

from __future__ import annotations

import logging
import threading
from typing import Final

from sqlalchemy import Engine

from console.channels.file_drop import FileDrop, NotNow
from console.channels.reports import AnyReport
from console.hub.delivery import Delivery
from console.hub.errors import HubUnavailable
from console.hub.hub_file import FileDropSettings
from console.hub.intake import Intake, Taken
from console.hub.log import HubLog
from console.hub.people import People

LOOK_EVERY_S: Final = 0.5
STOP_S: Final = 10.0

_log: Final = logging.getLogger(__name__)


class FileChannel:
    """The two threads of the file drop."""

    def __init__(self, engine: Engine, log: HubLog, people: People, intake: Intake, settings: FileDropSettings) -> None:
        self._drop = FileDrop(settings.folder)
        self._delivery = Delivery(engine, log, people, self._drop, sender=settings.sender)
        self._people = people
        self._intake = intake
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._stop.clear()
        self._threads = [
            threading.Thread(target=self._delivery.run, args=(self._stop,), name="delivery", daemon=True),
            threading.Thread(target=self._bring, name="file drop", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Lets both end what they do. One that hangs is left behind: what it sends is then uncertain, not lost."""
        self._stop.set()
        for thread in self._threads:
            thread.join(STOP_S)

    def _bring(self) -> None:
        told = ""
        while not self._stop.is_set():
            try:
                self._drop.bring(self._take)
                told = ""
            except NotNow as error:
                if error.sentence != told:
                    _log.warning("reports wait in the file drop: %s", error)
                told = error.sentence
            except OSError as error:
                if str(error) != told:
                    _log.error("the file drop cannot be used: %s", error)
                told = str(error)
            except Exception:  # a fault of ours with one report must not leave all others lying
                _log.exception("the file drop failed, and begins again")
            self._stop.wait(LOOK_EVERY_S)

    def _take(self, report: AnyReport) -> Taken:
        """Errors: NotNow, ConsoleError with the reason of a rejection."""
        if self._stop.is_set():
            raise NotNow("The hub is being stopped.")
        try:
            token = self._drop.token()
            author = None if token is None else self._people.who(token)
            if author is None:
                raise NotNow("The file token in the folder does not hold the token of a service.")
            return self._intake.take(author, report)
        except HubUnavailable as error:
            raise NotNow(error.sentence) from error
