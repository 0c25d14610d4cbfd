"""The cards of the sync drawer: one for each thing that needs a person, with buttons that name the result.

A card says what happened, shows both versions where two people differ, and offers what can be done (design language
4.12). It knows nothing of the desk: a press becomes `asked(act, subject)`. Called by the drawer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.desk.sync_views import NotTaken, Overwrote, Refused, Settled, Waiting
from console.domain import words
from ui import icons
from ui.sync.wording import first_name
from ui.sync.wrapping_row import WrappingRow
from ui.theme import theme
from ui.widgets.buttons import Button, Kind
from ui.widgets.card import paint_card
from ui.widgets.controls import Elided, Words, Wrapped
from ui.widgets.ground import rounded

Act = Literal[
    "edit", "retry", "copy", "discard", "keep_mine", "keep_theirs", "dismiss", "open", "withdraw", "edit_waiting"
]
Subject = Refused | NotTaken | Overwrote | Waiting
_MOST_LINES: Final = 3
"""So many lines of a text that is safe here are shown in the drawer."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button of a card: what it asks for, its words, and what it is called where the words alone are not enough."""

    act: Act
    words: str
    spoken: str
    kind: Kind = "plain"


class _Icon(QWidget):
    """An icon in a role, in the middle of the first line beside it."""

    def __init__(self, name: str, role: str, parent: QWidget | None = None, *, style: str = "body") -> None:
        super().__init__(parent)
        self._name, self._role, self._style = name, role, style
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(16), QFontMetrics(theme().font(self._style)).height())

    def paintEvent(self, event: QPaintEvent) -> None:
        side = theme().px(16)
        spot = QRectF(0, (self.height() - side) / 2, side, side)
        icons.paint(QPainter(self), spot, self._name, self._role)


class _Time(Words):
    """A time at the right end, on the first line of what stands beside it."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "text.tertiary", "meta", tabular=True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), QFontMetrics(theme().font("body")).height())


class _Version(QWidget):
    """One of two values of a field: whose it is and when, and what it says. The one that shows has a stronger frame."""

    def __init__(self, whose: str, value: str, *, shows: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shows = shows
        column = QVBoxLayout(self)
        look = theme()
        column.setContentsMargins(look.px(9), look.px(6), look.px(9), look.px(7))
        column.setSpacing(look.px(2))
        self.whose = Elided(whose, "text.tertiary", "caption", weight=600, tabular=True)
        self.value = Wrapped(value or "none", "text.primary" if value else "text.tertiary")
        column.addWidget(self.whose)
        column.addWidget(self.value)
        column.addStretch(1)
        self.setAccessibleName(f"{whose}: {value or 'none'}{', shown now' if shows else ''}")
        self.setToolTip("The ticket shows this one now" if shows else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        line = look.color("line.control" if self._shows else "line.divider")
        rounded(QPainter(self), QRectF(self.rect()), look.radius("control"), line=line)


class IssueCard(QWidget):
    """A thing that needs a person. Attributes: `subject`, what it is about; `buttons`, in their order.

    Signal: `asked(act, subject)`.
    """

    asked = Signal(str, object)

    def __init__(
        self,
        subject: Subject,
        *,
        icon: str,
        role: str,
        title: str,
        at: str,
        body: str,
        presses: Sequence[Press],
        extra: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.subject = subject
        self.setAccessibleName(f"{title}, {at}. {body}")
        look = theme()
        row = self._row = QHBoxLayout(self)
        self._icon = _Icon(icon, role)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        column = self._column = QVBoxLayout()
        head = QHBoxLayout()
        head.setSpacing(look.px(8))
        self.title = Wrapped(title, "text.primary")
        self.title.setFont(look.font("bodyStrong"))
        self.time = _Time(at)
        head.addWidget(self.title, 1)
        head.addWidget(self.time, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        self.body = Wrapped(body, "text.secondary")
        column.addWidget(self.body)
        if extra is not None:
            column.addSpacing(look.px(6))
            column.addWidget(extra)
        self.buttons = [self._button(press) for press in presses]
        column.addSpacing(look.px(8))
        column.addWidget(WrappingRow(self.buttons))
        row.addLayout(column, 1)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _button(self, press: Press) -> Button:
        button = Button(press.words, self, kind=press.kind, small=True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(press.spoken)
        button.setObjectName(press.act)
        button.clicked.connect(lambda _=False, act=press.act: self.asked.emit(act, self.subject))
        return button

    def _restyle(self) -> None:
        look = theme()
        self._row.setContentsMargins(look.px(17), look.px(13), look.px(16), look.px(14))
        self._row.setSpacing(look.px(13))
        self._column.setSpacing(look.px(2))
        self.title.setFont(look.font("bodyStrong"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_card(self)


def refused_card(refused: Refused, zone: str) -> IssueCard:
    """The hub did not take it: the reason, and the words, which are safe here."""
    title, has_text = refused.title.rstrip(". "), bool(refused.text.strip())
    edit = Press("edit", "Edit and resend", f"Edit and resend: {title}", "primary")
    again = Press("retry", "Try again", f"Try again: {title}", "plain" if has_text else "primary")
    rest = (
        Press("copy", "Copy text", f"Copy the text of: {title}"),
        Press("discard", "Discard", f"Discard: {title}", "quiet"),
    )
    presses = (edit, again, *rest) if has_text and refused.ticket is not None else (again, *rest)
    return IssueCard(
        refused,
        icon="warn",
        role="state.error.mark",
        title=title,
        at=words.clock_time(refused.at, zone),
        body=f"{refused.reason.rstrip('. ')}.{' Your text is safe.' if has_text else ''}",
        presses=presses if has_text else tuple(press for press in presses if press.act != "copy"),
    )


def not_taken_card(not_taken: NotTaken, zone: str) -> IssueCard:
    """Somebody was first: the act stands in the history as not done."""
    title = not_taken.title.rstrip(". ")
    opens = Press("open", "Open ticket", f"Open the ticket: {title}")
    away = Press("dismiss", "Put away", f"Put away: {title}", "quiet" if not_taken.ticket is not None else "plain")
    return IssueCard(
        not_taken,
        icon="user",
        role="urgency.soon.mark",
        title=title,
        at=words.clock_time(not_taken.at, zone),
        body=f"{not_taken.reason.rstrip('. ')}.",
        presses=(opens, away) if not_taken.ticket is not None else (away,),
    )


def overwrote_card(overwrote: Overwrote, zone: str) -> IssueCard:
    """Two people set one field without having seen each other: both values, side by side."""
    who, first = overwrote.who, first_name(overwrote.who)
    mine = _Version(
        f"Yours, {words.clock_time(overwrote.mine_at, zone)}", overwrote.mine, shows=overwrote.shows == "mine"
    )
    theirs = _Version(
        f"{first}, {words.clock_time(overwrote.theirs_at, zone)}", overwrote.theirs, shows=overwrote.shows == "theirs"
    )
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme().px(8))
    row.addWidget(mine, 1)
    row.addWidget(theirs, 1)
    return IssueCard(
        overwrote,
        icon="user" if overwrote.field == "assignee" else "pencil",
        role="urgency.soon.mark",
        title=overwrote.title.rstrip(". "),
        at=words.clock_time(max(overwrote.mine_at, overwrote.theirs_at), zone),
        body=f"You and {who} changed it without seeing each other's change.",
        presses=(
            Press("keep_mine", "Keep mine", f"Keep mine, {overwrote.mine or 'none'}"),
            Press("keep_theirs", f"Keep {first}'s", f"Keep {who}'s, {overwrote.theirs or 'none'}"),
        ),
        extra=both,
    )


class WaitingCard(IssueCard):
    """An own entry on its way out: what it is and its words, with what can still be done about it."""

    def __init__(self, waiting: Waiting, zone: str) -> None:
        text = " ".join(waiting.text.split())
        withdraws = waiting.can_withdraw and waiting.ticket is not None
        edits = withdraws and bool(text) and not waiting.opens
        title = waiting.title.rstrip(". ")
        presses = [Press("edit_waiting", "Edit", f"Edit: {title}")] if edits else []
        if withdraws:
            presses.append(Press("withdraw", "Don't send", f"Don't send: {title}", "quiet"))
        super().__init__(
            waiting,
            icon="clock",
            role="text.secondary",
            title=title,
            at=words.clock_time(waiting.at, zone),
            body=_shortened(text) if text else "Waiting to send.",
            presses=presses,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Unsent is drawn dashed (design language 1)."""
        look = theme()
        rounded(
            QPainter(self),
            QRectF(self.rect()),
            look.radius("card"),
            fill=look.color("bg.surface"),
            line=look.color("line.control"),
            dashed=True,
        )


class SettledRow(QWidget):
    """What was settled without a person: a tick, what it was, when."""

    def __init__(self, settled: Settled, zone: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        at = words.clock_time(settled.at, zone)
        look = theme()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, look.px(4), 0, look.px(4))
        row.setSpacing(look.px(7))
        row.addWidget(_Icon("check", "state.ok.mark"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Wrapped(settled.text.rstrip("."), "text.secondary"), 1)
        row.addWidget(_Time(at), 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(f"{settled.text.rstrip('.')}, {at}")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)


def _shortened(text: str) -> str:
    most = 60 * _MOST_LINES
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"
