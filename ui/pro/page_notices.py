"""What stands above the cards of the session page: a gap to answer, a completion to undo, what to know before acting.

A page that is read anew keeps the lines that still hold, and the focus with them. Called by the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from console.desk.pro.views import EngagementPage
from console.domain import words
from ui.pro import amounts
from ui.pro.notices import Notice, Tone
from ui.theme import theme

if TYPE_CHECKING:
    from ui.pro.acts import ProActs

_NEWER: str = (
    "A newer version of this program wrote to this engagement. The figures may be incomplete. Update to act on it."
)


@dataclass(frozen=True, slots=True)
class _Line:
    """`key` tells it from the others and stays while the line stays."""

    key: str
    tone: Tone
    icon: str
    text: str
    act: str | None = None


class PageNotices(QWidget):
    """The lines, most pressing first; nothing where there is nothing to say."""

    def __init__(self, acts: ProActs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._acts = acts
        self._page: EngagementPage | None = None
        self._shown: dict[str, Notice] = {}
        self._column = QVBoxLayout(self)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def texts(self) -> tuple[str, ...]:
        """What is said, in order."""
        return tuple(notice.text for notice in self._shown.values())

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return [notice.act for notice in self._shown.values() if notice.act is not None]

    def show_page(self, page: EngagementPage, now: int) -> None:
        """What there is to say of a page at an instant, epoch ms."""
        self._page = page
        self._show(page_lines(page, now))

    def tick(self, now: int) -> None:
        """The time to undo runs down, and is over."""
        if self._page is not None and self._page.undo is not None:
            self._show(page_lines(self._page, now))

    def _show(self, lines: tuple[_Line, ...]) -> None:
        if [line.key for line in lines] != list(self._shown):
            self._replace(lines)
        for line in lines:
            self._shown[line.key].say(line.text)
        self.setVisible(bool(lines))

    def _replace(self, lines: tuple[_Line, ...]) -> None:
        kept, self._shown = self._shown, {}
        for line in lines:
            notice = kept.pop(line.key, None)
            if notice is None:
                do = self._doing(line.key)
                notice = Notice(line.tone, line.icon, line.text, act=line.act, do=do, parent=self)
            self._column.removeWidget(notice)
            self._column.addWidget(notice)
            notice.show()
            self._shown[line.key] = notice
        for notice in kept.values():
            if notice.act is not None and notice.act is QApplication.focusWidget():
                self.setFocus()
            self._column.removeWidget(notice)
            notice.hide()
            notice.deleteLater()

    def _doing(self, key: str) -> Callable[[], object] | None:
        """The act of a line, on the page as it is when it is asked for."""
        if key == "gaps":
            return lambda: self._page and self._acts.answer_gaps(self._page.gaps)
        if key.startswith("undo:"):
            return lambda: self._page and self._acts.undo(self._page)
        return None

    def _restyle(self) -> None:
        look = theme()
        self._column.setContentsMargins(0, 0, 0, look.px(12))
        self._column.setSpacing(look.px(8))


def page_lines(page: EngagementPage, now: int) -> tuple[_Line, ...]:
    """What is to be said at an instant, the most pressing first."""
    found: list[_Line] = []
    if page.needs_newer_app:
        found.append(_Line("newer", "warn", "warn", _NEWER))
    if page.gaps:
        found.append(_Line("gaps", "warn", "help", _gap_text(page, now), "Answer…"))
    if page.undo is not None and now < page.undo.until:
        found.append(_Line(f"undo:{page.undo.completion}", "info", "undo", _undo_text(page, now), "Undo"))
    found += [_Line(f"warning:{warning}", "warn", "warn", warning) for warning in page.warnings]
    return tuple(found)


def _gap_text(page: EngagementPage, now: int) -> str:
    gap = page.gaps[0]
    if len(page.gaps) > 1:
        length = amounts.amount(amounts.floored(sum(gap.ends_at - gap.begins_at for gap in page.gaps)))
        return f"{len(page.gaps)} gaps, {length} together, wait for an answer. Their hours are kept until then."
    span = words.span(gap.begins_at, gap.ends_at, now, page.zone)
    return f"{gap.cause}: {span}. Say whether that was work. Its hours are kept until then."


def _undo_text(page: EngagementPage, now: int) -> str:
    undo = page.undo
    if undo is None:
        return ""
    lost = amounts.amount(amounts.floored(undo.forfeits_ms))
    left = words.duration(max(0, undo.until - now) // 1000)
    return f"Completed at {words.clock_time(undo.at, page.zone)}, {lost} forfeited. Undo within {left}."
