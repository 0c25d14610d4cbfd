"""What happened in a session, newest first: notes, interruptions, starts and stops, and gaps that wait for an answer.

The first lines are shown, the earlier ones on demand. An interruption that lasts counts on. Called by the timer card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QVBoxLayout, QWidget

from console.desk.pro.views import EngagementPage, GapQuestion, LogLine
from console.domain import words
from ui import icons
from ui.pro.amounts import amount, floored
from ui.pro.session_words import counted
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.card import link
from ui.widgets.controls import Rule

if TYPE_CHECKING:
    from console.desk.pro.views import LogKind
    from ui.pro.acts import ProActs

FIRST: Final = 5
"""So many lines are shown before the earlier ones are asked for."""
_ROW: Final = 27
_ICONS: Final[dict[LogKind, str]] = {
    "started": "play",
    "noted": "note",
    "paused": "pause",
    "gap": "help",
    "stopped": "stop",
    "handed_over": "user",
    "completed": "check",
    "undone": "undo",
    "no_show": "user",
}


class LogRow(QWidget):
    """One line: when, what it was, the words, and what stands aside. Attributes: `answer`, the link of an open gap."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.when = self.text = self.aside = ""
        self._icon = "note"
        self._when_width = 0
        self._question: GapQuestion | None = None
        self.answer: Button | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)
        self._restyle()

    def say(self, icon: str, when: str, text: str, aside: str, who: str) -> None:
        told = ". ".join(part.rstrip(".") for part in (when, text, aside, who) if part)
        if (icon, when, text, aside) == (self._icon, self.when, self.text, self.aside):
            return
        self._icon, self.when, self.text, self.aside = icon, when, text, aside
        self.setAccessibleName(f"{told}.")
        self.setToolTip(f"{text}\n{who}" if who else text)
        self.update()

    def say_aside(self, aside: str) -> None:
        """What stands aside now; assistive technology is not told of each second."""
        if aside != self.aside:
            self.aside = aside
            self.update()

    def align(self, when_width: int) -> None:
        """The times of all lines take the same room."""
        if when_width != self._when_width:
            self._when_width = when_width
            self.update()

    def ask(self, question: GapQuestion | None, acts: ProActs) -> None:
        """Offer the answer of a gap that waits for one."""
        self._question = question
        if question is not None and self.answer is None:
            self.answer = link("Answer…", "", self)
            self.answer.clicked.connect(lambda: acts.answer_gaps((self._question,) if self._question else ()))
            self.answer.show()
            self._place()
        elif question is None and self.answer is not None:
            self.answer.deleteLater()
            self.answer = None
            self.update()
        if self.answer is not None:
            self.answer.setAccessibleName(f"Answer what happened {self.when}")

    def sizeHint(self) -> QSize:
        return QSize(theme().px(300), theme().px(_ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(_ROW))

    def resizeEvent(self, event: object) -> None:
        self._place()

    def _place(self) -> None:
        if self.answer is not None:
            hint = self.answer.sizeHint()
            self.answer.setGeometry(
                self.width() - hint.width(), (self.height() - hint.height()) // 2, hint.width(), hint.height()
            )

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        middle, side = self.height() / 2, look.px(14)
        centre = Qt.AlignmentFlag.AlignVCenter
        meta = QFontMetrics(look.font("meta", tabular=True))
        x = self._when_width + look.px(14)
        painter.setFont(look.font("meta", tabular=True))
        painter.setPen(look.color("text.tertiary"))
        painter.drawText(QRectF(0, 0, self._when_width + 2, self.height()), centre, self.when)
        icons.paint(painter, QRectF(x, middle - side / 2, side, side), self._icon)
        x += side + look.px(8)
        right = self.width() - (self.answer.width() + look.px(8) if self.answer is not None else 0)
        aside = meta.elidedText(self.aside, Qt.TextElideMode.ElideRight, max(int((right - x) * 0.5), 0))
        if aside:
            wide = meta.horizontalAdvance(aside) + 1
            painter.drawText(QRectF(right - wide, 0, wide, self.height()), centre, aside)
            right -= wide + look.px(12)
        painter.setFont(look.font("body"))
        painter.setPen(look.color("text.primary"))
        body = QFontMetrics(look.font("body"))
        shown = body.elidedText(self.text, Qt.TextElideMode.ElideRight, max(int(right - x), 0))
        painter.drawText(QRectF(x, 0, right - x, self.height()), centre, shown)

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(_ROW))
        self._place()
        self.update()


class SessionLog(QWidget):
    """The lines of one session. Attributes: `rows` as shown, `more`, which shows the earlier ones."""

    def __init__(self, acts: ProActs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._acts = acts
        self._page: EngagementPage | None = None
        self._lines: tuple[LogLine, ...] = ()
        self._whole = False
        self.rows: list[LogRow] = []
        self._rules: list[Rule] = []
        self.setAccessibleName("What happened in this session")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._rows_column = QVBoxLayout()
        self._rows_column.setSpacing(0)
        self._column.addLayout(self._rows_column)
        self.more = link("", "Show earlier lines of the session", self)
        self.more.clicked.connect(self._show_whole)
        self._column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        theme().changed.connect(self._align)

    def stops(self) -> list[QWidget]:
        return [*(row.answer for row in self.rows if row.answer is not None), self.more]

    def show_page(self, page: EngagementPage, now: int) -> None:
        """Show the log of a page; lines that stay keep their widgets, and the focus with them."""
        if self._page is None or self._page.row.ticket != page.row.ticket:
            self._whole = False
        self._page = page
        lines = with_open_gaps(page)
        self._lines = lines if self._whole else lines[:FIRST]
        self._fit(len(self._lines))
        questions = {(gap.begins_at, gap.ends_at): gap for gap in page.gaps}
        several = len({line.who for line in lines if line.who}) > 1
        for row, line in zip(self.rows, self._lines, strict=True):
            who = f", {line.who}" if several and line.who and line.who not in line.text else ""
            row.say(_ICONS[line.kind], when(line, now, page.zone), line.text + who, line.aside, line.who)
            row.ask(questions.get((line.at, line.ends_at or line.at)) if line.kind == "gap" else None, self._acts)
        hidden = len(lines) - len(self._lines)
        self.more.setText(f"Show {hidden} earlier line{'' if hidden == 1 else 's'}")
        if hidden == 0 and self.more.hasFocus():
            self.more.nextInFocusChain().setFocus()
        self.more.setVisible(hidden > 0)
        self.setVisible(bool(lines))
        self._align()
        self.tick(now)

    def tick(self, now: int) -> None:
        """An interruption that lasts has become longer."""
        page = self._page
        if page is None or page.running is None or page.running.paused is None:
            return
        since = page.running.paused[1]
        for row, line in zip(self.rows, self._lines, strict=True):
            if line.kind == "paused" and line.ends_at is None and line.at == since:
                row.say_aside(f"{amount(floored(max(0, now - since), 1000))}, {counted(page.running.metering)}")

    def _fit(self, count: int) -> None:
        while len(self.rows) < count:
            rule, row = Rule(parent=self), LogRow(self)
            for part in (rule, row):
                self._rows_column.addWidget(part)
                part.show()
            self._rules.append(rule)
            self.rows.append(row)
        while len(self.rows) > count:
            for gone in (self._rules.pop(), self.rows.pop()):
                if gone.isAncestorOf(QApplication.focusWidget() or self):
                    self.setFocus()
                self._rows_column.removeWidget(gone)
                gone.hide()
                gone.deleteLater()

    def _show_whole(self) -> None:
        self._whole = True
        if self._page is not None:
            self.show_page(self._page, self._page.as_of)

    def _align(self) -> None:
        metrics = QFontMetrics(theme().font("meta", tabular=True))
        widest = max((metrics.horizontalAdvance(row.when) for row in self.rows), default=0)
        for row in self.rows:
            row.align(max(widest, theme().px(112)))


def with_open_gaps(page: EngagementPage) -> tuple[LogLine, ...]:
    """The log, with a line for each gap that waits for an answer and has none in it, as one of an earlier session."""
    told = {(line.at, line.ends_at) for line in page.log if line.kind == "gap"}
    missing = [
        LogLine(
            at=gap.begins_at,
            ends_at=gap.ends_at,
            kind="gap",
            text=f"{gap.cause[:1].upper()}{gap.cause[1:]}.",
            aside=f"{amount(floored(gap.ends_at - gap.begins_at, 1000))}, waits for an answer",
        )
        for gap in page.gaps
        if (gap.begins_at, gap.ends_at) not in told
    ]
    waiting = {(gap.begins_at, gap.ends_at) for gap in page.gaps}
    open_ones = [line for line in page.log if line.kind == "gap" and (line.at, line.ends_at) in waiting]
    rest = [line for line in page.log if line not in open_ones]
    return (*sorted((*missing, *open_ones), key=lambda line: -line.at), *rest)


def when(line: LogLine, now: int, zone: str) -> str:
    """`11:31 AM`, `11:05 to 11:09 AM`; on another day with its date: `8 Oct, 4:20 PM`."""
    at = words.clock_time(line.at, zone)
    if words.local(line.at, zone).date() != words.local(now, zone).date():
        return f"{words.day(line.at, zone).partition(' ')[2]}, {at}"
    if line.ends_at is None or line.ends_at == line.at:
        return at
    ends = words.clock_time(line.ends_at, zone)
    begins = at.rpartition(" ")[0] if at[-2:] == ends[-2:] else at
    return f"{begins} to {ends}"
