"""The header of the session page: whose engagement it is, and the acts on the whole of it. Called by the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from console.desk.pro.views import EngagementPage
from console.domain import words
from ui.pro import amounts
from ui.theme import theme
from ui.widgets.avatar import Avatar
from ui.widgets.buttons import Button, IconButton
from ui.widgets.controls import Elided
from ui.widgets.ground import rounded

if TYPE_CHECKING:
    from ui.pro.acts import ProActs

_TITLE: Final = 420
"""However long the title, acts do not give way for more of it, px at 100 %."""


class _Tag(QWidget):
    """`Pro PO-20931` in a frame; of several purchases the first, and how many more. The tooltip names them all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = "Pro"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    @property
    def text(self) -> str:
        return self._text

    def show_purchases(self, purchases: tuple[str, ...]) -> None:
        more = f" and {len(purchases) - 1} more" if len(purchases) > 1 else ""
        self._text = f"Pro {purchases[0]}{more}" if purchases else "Pro"
        self.setToolTip("\n".join(purchases) if more else "")
        self.setAccessibleName(f"Pro Services, {', '.join(purchases) or 'no purchase'}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme()
        width = QFontMetrics(look.font("meta", weight=500)).horizontalAdvance(self._text)
        return QSize(width + look.px(14), look.px(21))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        rounded(painter, QRectF(self.rect()), 4, line=look.color("line.control"))
        painter.setFont(look.font("meta", weight=500))
        painter.setPen(look.color("text.secondary"))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self._text)


class PageHeader(QWidget):
    """Back, avatar, title, purchases, what the hours are; log past time, carry over, complete, and more acts.

    Signals: `back_asked`.
    """

    back_asked = Signal()

    def __init__(self, acts: ProActs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._acts = acts
        self._page: EngagementPage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.back = IconButton("chevron-left", "All engagements")
        self._avatar = Avatar(32)
        self.title = Elided("", "text.primary", "page")
        self.tag = _Tag()
        self.subtitle = Elided("", "text.tertiary", "meta", tabular=True)
        self.log_past = Button("Log past time…")
        self.carry_over = Button("Carry over…")
        self.complete = Button("Complete…")
        self.more = IconButton("more", "More acts")
        for button in (self.back, self.log_past, self.carry_over, self.complete, self.more):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.back.clicked.connect(self.back_asked)
        self.log_past.clicked.connect(lambda: self._on_page(acts.log_past))
        self.carry_over.clicked.connect(lambda: self._on_page(acts.carry_over))
        self.complete.clicked.connect(lambda: self._on_page(acts.complete))
        self.more.clicked.connect(self._open_more)
        self._lay_out()
        theme().changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(self.title, 0)
        first.addWidget(self.tag)
        first.addStretch(1)
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addLayout(first)
        names.addWidget(self.subtitle)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.back)
        self._row.addWidget(self._avatar)
        self._row.addLayout(names, 1)
        for act in (self.log_past, self.carry_over, self.complete, self.more):
            self._row.addWidget(act)

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return [self.back, self.log_past, self.carry_over, self.complete, self.more]

    def show_page(self, page: EngagementPage, now: int) -> None:
        """Show an engagement. What cannot be done now says why in its tooltip."""
        self._page = page
        row = page.row
        self._avatar.set_person(row.account, "customer")
        self.title.setText(row.subject)
        self.tag.show_purchases(page.hours.purchases)
        self.subtitle.setText(subtitle(page, now))
        self.setAccessibleName(f"Engagement, {row.subject}, {row.account}")
        self._enable(page, now)
        self._make_room()

    def _enable(self, page: EngagementPage, now: int) -> None:
        open_ = page.row.state != "closed" and not page.needs_newer_app
        self.log_past.setEnabled(not page.needs_newer_app)
        self.log_past.setToolTip("")
        runs = page.running is not None
        self.carry_over.setEnabled(open_ and runs)
        goes_on = None if page.carries_to is None else words.due(page.carries_to, now, page.zone)
        if not runs:
            tip = "No session is running."
        elif goes_on is None:
            tip = "Stops now. Nothing of the service window is left before the hours expire."
        else:
            tip = f"Stops now and goes on {goes_on}."
        self.carry_over.setToolTip(tip)
        begun = page.row.state in ("running", "paused", "carried")
        self.complete.setEnabled(open_ and begun)
        self.complete.setToolTip("" if begun else "No work was done yet." if open_ else "The engagement is closed.")

    def _on_page(self, act: Callable[[EngagementPage], object]) -> None:
        if self._page is not None:
            act(self._page)

    def _open_more(self) -> None:
        self.more_menu().popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))

    def more_menu(self) -> QMenu:
        """What is done seldom."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in (self.log_past, self.carry_over):
            if button.isHidden():
                menu.addAction(button.text(), button.click).setEnabled(button.isEnabled())
        hand_over = menu.addAction("Hand over…", lambda: self._on_page(self._acts.hand_over))
        hand_over.setEnabled(self._page is not None and self._page.row.state != "closed")
        menu.addAction("Export the session report…", lambda: self._on_page(self._acts.export_report))
        menu.addAction("Export the ledger…", lambda: self._on_page(self._acts.export_ledger))
        return menu

    def _make_room(self) -> None:
        """Where the title would be cut, what is seldom asked for moves into the menu of more acts."""
        look, gap = theme(), self._row.spacing()
        margins = self._row.contentsMargins()
        fixed = (self.back, self._avatar, self.tag, self.complete, self.more)
        room = self.width() - margins.left() - margins.right() - sum(part.sizeHint().width() + gap for part in fixed)
        room -= min(self.title.fontMetrics().horizontalAdvance(self.title.text()) + gap, look.px(_TITLE))
        for act in (self.carry_over, self.log_past):
            room -= act.sizeHint().width() + gap
            act.setVisible(room >= 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _restyle(self) -> None:
        look = theme()
        self.setMinimumHeight(look.px(64))
        self._row.setContentsMargins(look.px(12), look.px(8), look.px(16), look.px(8))
        self._row.setSpacing(look.px(10))
        self._make_room()


def subtitle(page: EngagementPage, now: int) -> str:
    """`Fabrikam Robotics, #10041, Priya Natarajan, hours until 31 Oct, renewal in 17 days`."""
    row, expires = page.row, page.hours.expires_at
    parts = [row.account]
    parts += [f"#{row.number}"] if row.number is not None else []
    parts += [page.contact] if page.contact else []
    if expires is not None:
        parts.append(f"hours until {amounts.expiry(expires, now, page.zone)}")
        parts.append(f"renewal {amounts.days_until(expires, now, page.zone)}")
    elif row.state == "closed":
        parts.append(f"closed, {row.detail}" if row.detail else "closed")
    return ", ".join(parts)
