"""The list of the access that is needed before the work starts (T3), one item a line. Called by `ui.pro.acts`."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.desk.pro.views import EngagementPage
from ui.pro.dialogs.fields import LongText, when_typed
from ui.pro.dialogs.wording import name
from ui.widgets.labelled import Labelled
from ui.widgets.question import Question


class AccessDialog(Question):
    """Answers with the items, in their order. What was received of an item stays with its name."""

    def __init__(self, page: EngagementPage, parent: QWidget) -> None:
        super().__init__(f"What access does {name(page)} have to give?", "List", parent)
        self._received = {line.item for line in page.access if line.received}
        self.say("All access is in hand before the work starts (T3). One item a line.", "quiet")
        self.items = LongText("Google project\nFirewall of the head office", lines=6)
        self.items.setPlainText("\n".join(line.item for line in page.access))
        self.keep(self.items)
        self.add(Labelled("Access", self.items))
        self._dropped = self.say("", "warn")
        when_typed([self.items], self._say)
        self._say()
        self.items.moveCursor(self.items.textCursor().MoveOperation.End)
        self.items.setFocus()

    def listed(self) -> tuple[str, ...]:
        lines = (" ".join(line.split()) for line in self.items.toPlainText().splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))

    def answer(self) -> object | None:
        items = self.listed()
        if not items:
            self.refuse("List at least one item: the terms ask for all access before work starts (T3).")
            return None
        return items

    def _say(self) -> None:
        items = self.listed()
        count = f"{len(items)} item{'' if len(items) == 1 else 's'}" if items else ""
        self.set_act(f"List {count}" if count else "List")
        gone = sorted(self._received - set(items))
        self._dropped.say(f"Received already and not listed any more: {', '.join(gone)}." if gone else "")
