"""The question before this computer signs out of its hub: what stays, what waits, and how to come back. Called by
`ui.shell.sync_connect`, which acts.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.desk.sync_views import SyncIssues
from ui.widgets.question import Question


class LeaveDialog(Question):
    """Answers with True."""

    def __init__(self, parent: QWidget, issues: SyncIssues) -> None:
        super().__init__("Disconnect from the hub?", "Disconnect", parent)
        self.say(
            f"This computer's sign-in at {issues.url} is taken back. The copy of the tickets stays here, and you can "
            "go on working."
        )
        if issues.waiting_words:
            self.say(f"Not sent yet: {issues.waiting_words.rstrip('. ')}. This waits for your next sign-in.", "warn")
        self.say("To sign in again you need a new one-time code, or the browser.", "quiet")

    def answer(self) -> bool:
        return True
