"""The lots of an account while time goes by: bought, drawn, given back, forfeited, revoked, expired.

Source: spec pro_services.md 2 and 3 (D3, D5, D7). The engine of `metering`, which alone calls it: what happens to
hours at an instant is an action here, and the work between two instants is drawn under the state that they left.
Instants are epoch ms, amounts ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Literal

from console.domain.pro_account import Account, Booking, Completion, Correction, Lot, Revocation
from console.domain.pro_settings import ProSettings
from console.domain.worked_time import NotDrawn, Piece

Line = tuple[str, Literal["bought", "granted", "used", "corrected", "forfeited", "refunded", "expired"], str, int, int]
"""Lot, kind, cause, instant, ms: a ledger line, to which its engagement comes last."""

_MINUTE_MS: Final = 60_000
_OVERDUE_CORRECTION, _EXPIRY, _PURCHASE, _RESERVATION, _RELEASE, _REVOCATION, _COMPLETION, _UNDO, _CORRECTION = range(9)
"""The order of what happens at one instant. A correction of work whose lot has expired since comes just before that."""


class Purse:
    """What a lot holds: `free_ms` to be drawn, `held_ms` for gaps that nobody classified."""

    __slots__ = ("alive", "ended", "free_ms", "held_ms", "lot")

    def __init__(self, lot: Lot) -> None:
        self.lot = lot
        self.free_ms = 0
        self.held_ms = 0
        self.alive = False
        self.ended: Literal["after_renewal", "revoked"] | None = None


class _Forfeit:
    """What a completion takes, per lot. It can be undone until `posts_at`; then it is a line, and an undo another.

    `rounded` is what it drew to round the session's `worked_ms`, which goes on if the completion is undone.
    """

    __slots__ = ("allocation_ms", "completion", "dropped", "parts", "rounded", "worked_ms")

    def __init__(self, completion: Completion, worked_ms: int) -> None:
        self.completion = completion
        self.worked_ms = worked_ms
        self.rounded: list[tuple[Purse, int]] = []
        self.parts: list[tuple[Purse, int]] = []
        self.allocation_ms: int | None = None
        self.dropped: set[str] = set()


class Draws:
    """One pass over time. `left_ms` is what is left of each engagement's allocation, None before its first slot."""

    def __init__(self, account: Account, as_of: int, settings: ProSettings) -> None:
        self._account = account
        self._as_of = as_of
        self._settings = settings
        self.purses = {lot.id: Purse(lot) for lot in account.lots.values()}
        self.remarks: list[tuple[str, int, str]] = []
        booked = {booking.engagement for booking in account.bookings.values()}
        self.left_ms: dict[str, int | None] = dict.fromkeys({*account.engagements, *booked})
        self._feeds = {id: [(self.purses[lot.id], at) for lot, at in account.feeds(id)] for id in self.left_ms}
        self._lines: list[tuple[*Line, str | None]] = []
        self._used: dict[tuple[str, str], list[int]] = {}
        self._forfeits: dict[str, _Forfeit] = {}
        self._session_ms: dict[str, int] = dict.fromkeys(self.left_ms, 0)
        self._now = 0
        self._actions = sorted(self._planned(), key=lambda action: action[:3])[::-1]
        self.instants = {action[0] for action in self._actions}

    def advance(self, to_ms: int) -> None:
        """Lets everything happen up to an instant, itself included."""
        while self._actions and self._actions[-1][0] <= to_ms:
            self._now, _, _, act = self._actions.pop()
            act()
        self._now = to_ms

    def work(self, piece: Piece) -> tuple[int, NotDrawn | None]:
        """Draws a piece: how many ms of it count from its beginning on, and why the rest does not."""
        wanted = (piece.ends_at - piece.begins_at) * piece.weight
        parts = self._take(piece.engagement, wanted)
        taken = 0
        for purse, ms in parts:
            taken += ms
            if piece.open_gap:
                purse.held_ms += ms
            else:
                self._use(purse, piece.segment, ms, piece.begins_at + ms // piece.weight)
        if not piece.open_gap:
            self._session_ms[piece.engagement] += taken
        return taken // piece.weight, None if taken == wanted else self._why(piece.engagement)

    def lines(self) -> Iterator[tuple[*Line, str | None]]:
        """The ledger's lines, each with its engagement; those of nothing are left out."""
        segments = self._account.segments
        owners = {id: segments[id].engagement for _, id in self._used if id in segments}
        owners |= {c.id: c.engagement for c in self._account.completions.values()}
        owners |= {b.no_show: b.engagement for b in self._account.bookings.values() if b.no_show}
        for (lot, cause), (ms, at) in self._used.items():
            closed = self._forfeits.get(cause)
            if closed is None or self._posts_at(closed.completion, self.purses[lot].lot) <= self._as_of:
                yield lot, "used", cause, at, -ms, owners[cause]
        for forfeit in self._forfeits.values():
            completion = forfeit.completion
            for purse, ms in forfeit.parts:
                if purse.lot.id not in forfeit.dropped and self._posts_at(completion, purse.lot) <= self._as_of:
                    yield purse.lot.id, "forfeited", completion.id, completion.at, -ms, completion.engagement
        yield from (line for line in self._lines if line[4])

    def _planned(self) -> Iterator[tuple[int, int, str, Callable[[], None]]]:
        """Everything that happens to hours, as (instant, order, id, action)."""
        account, settings = self._account, self._settings
        for purse in self.purses.values():
            lot = purse.lot
            yield lot.bought_at, _PURCHASE, lot.id, partial(self._buy, purse)
            yield max(lot.expires_at, lot.bought_at), _EXPIRY, lot.id, partial(self._expire, purse)
            revoked = account.revocations.get(lot.id)
            if revoked is not None and _dies(revoked, settings):
                yield max(revoked.at, lot.bought_at), _REVOCATION, lot.id, partial(self._revoke, purse, revoked)
        for id in self.left_ms:
            for lot, since in account.extensions(id):
                yield since, _RESERVATION, lot.id, partial(self._reserve, id, lot.seconds)
        for booking in account.bookings.values():
            for at, seconds in booking.reserves:
                if seconds < 0:
                    yield at, _RELEASE, booking.id, partial(self._free, booking, -seconds)
                else:
                    yield at, _RESERVATION, booking.id, partial(self._reserve, booking.engagement, seconds)
            if booking.no_show and booking.released_at is not None and settings.noshow_charge_min:
                charge = partial(self._charge_no_show, booking.engagement, booking.no_show)
                yield booking.reserves[-1][0], _OVERDUE_CORRECTION, booking.id, charge
        for completion in account.completions.values():
            yield completion.at, _COMPLETION, completion.id, partial(self._complete, completion)
            if completion.undone_at is not None:
                yield completion.undone_at, _UNDO, completion.id, partial(self._undo, completion)
        for correction in account.corrections.values():
            if correction.at <= self._as_of:
                yield self._correction_at(correction)

    def _buy(self, purse: Purse) -> None:
        lot = purse.lot
        purse.alive, purse.free_ms = True, lot.ms
        self._lines.append((lot.id, "granted" if lot.granted_for else "bought", lot.entry, self._now, lot.ms, None))
        if lot.expires_at <= lot.bought_at:
            self._expire(purse)

    def _expire(self, purse: Purse) -> None:
        if purse.alive:
            self._end(purse, "expired", f"renewal:{purse.lot.expires_at}", "after_renewal")

    def _revoke(self, purse: Purse, revoked: Revocation) -> None:
        """A refund and a subscription that dies at once leave a lot no more than what was worked (79, 39)."""
        if purse.alive:
            self._end(purse, "refunded" if revoked.cause == "refund" else "expired", revoked.entry, "revoked")
        else:
            self.remarks.append((revoked.entry, 0, "The lot had expired by then: billing decides (T7)."))

    def _end(
        self, purse: Purse, kind: Literal["expired", "refunded"], cause: str, ended: Literal["after_renewal", "revoked"]
    ) -> None:
        """A lot dies. What gaps without an answer hold stays until they are classified."""
        self._lines.append((purse.lot.id, kind, cause, self._now, -purse.free_ms, None))
        purse.alive, purse.free_ms, purse.ended = False, 0, ended
        for engagement, feeds in self._feeds.items():
            left = self.left_ms[engagement]
            if left is not None and any(fed is purse for fed, _ in feeds):
                self.left_ms[engagement] = min(left, sum(fed.free_ms for fed, since in feeds if since <= self._now))

    def _reserve(self, engagement: str, seconds: int) -> None:
        self.left_ms[engagement] = (self.left_ms[engagement] or 0) + seconds * 1000

    def _free(self, booking: Booking, seconds: int) -> None:
        """A slot gives back what it still reserves. Work is taken from the slots in their order: those after it are
        reserved in full, and what they do not need of the allocation is this one's."""
        left, account, now = self.left_ms[booking.engagement], self._account, self._now
        closed_at = account.closed_at(booking.engagement, now)
        if left is None or booking.reserves[0][0] <= closed_at:
            return
        after = sum(lot.ms for lot, since in account.extensions(booking.engagement) if closed_at < since <= now)
        for other in account.bookings.values():
            is_later = (other.begins_at, other.id) > (booking.begins_at, booking.id)
            if other.engagement == booking.engagement and is_later and other.reserves[0][0] > closed_at:
                after += sum(reserved for at, reserved in other.reserves if at <= now) * 1000
        self.left_ms[booking.engagement] = left - min(seconds * 1000, max(0, left - after))

    def _take(
        self, engagement: str, wanted: int, alive_at: int | None = None, *, capped: bool = True
    ) -> list[tuple[Purse, int]]:
        """Takes up to so much from the lots, never more than allocation and lots hold.

        `alive_at` leaves out lots that did not live then.
        """
        left = self.left_ms[engagement]
        if left is not None and capped:
            wanted = min(wanted, left)
        parts: list[tuple[Purse, int]] = []
        asked = wanted
        for purse, since in self._feeds[engagement]:
            if not wanted:
                break
            fits = alive_at is None or since <= alive_at < purse.lot.expires_at
            if purse.alive and purse.free_ms and since <= self._now and fits:
                part = min(wanted, purse.free_ms)
                purse.free_ms -= part
                wanted -= part
                parts.append((purse, part))
        if left is not None:
            self.left_ms[engagement] = max(0, left - asked + wanted)
        return parts

    def _use(self, purse: Purse, cause: str, ms: int, at: int) -> None:
        line = self._used.setdefault((purse.lot.id, cause), [0, at])
        line[0] += ms
        line[1] = max(line[1], at)

    def _why(self, engagement: str) -> NotDrawn:
        known = [purse for purse, since in self._feeds[engagement] if since <= self._now]
        if any(purse.alive for purse in known):
            return "allocation" if self.left_ms[engagement] == 0 else "balance"
        ended = {purse.ended for purse in known}
        if "after_renewal" in ended:
            return "after_renewal"
        return "revoked" if "revoked" in ended else "balance"

    def _charge_no_show(self, engagement: str, cause: str) -> None:
        for purse, ms in self._take(engagement, (self._settings.noshow_charge_min or 0) * _MINUTE_MS):
            self._use(purse, cause, ms, self._now)

    def _complete(self, completion: Completion) -> None:
        """T11: the rest is lost, of the allocation or by setting of the whole purchase (51). First the session's time
        is rounded, by setting once (80)."""
        engagement = completion.engagement
        if engagement not in self.left_ms:
            return
        forfeit = self._forfeits[completion.id] = _Forfeit(completion, self._session_ms[engagement])
        if self._settings.rounding_min:
            missing = -forfeit.worked_ms % (self._settings.rounding_min * _MINUTE_MS)
            forfeit.rounded = self._take(engagement, missing)
            for purse, ms in forfeit.rounded:
                self._use(purse, completion.id, ms, self._now)
        forfeit.allocation_ms = self.left_ms[engagement]
        bought = sum(purse.lot.ms for purse, _ in self._feeds[engagement])
        forfeit.parts = self._take(engagement, bought, capped=self._settings.forfeit_scope == "allocation")
        self._session_ms[engagement] = 0
        if forfeit.allocation_ms is not None:
            self.left_ms[engagement] = 0

    def _undo(self, completion: Completion) -> None:
        """Within the time to undo it never happened; later a line gives back what is still alive (56)."""
        forfeit = self._forfeits.get(completion.id)
        if forfeit is None:
            return
        engagement, cause = completion.engagement, completion.undone_by or completion.id
        self._session_ms[engagement] += forfeit.worked_ms
        given_back = rounded_back = 0
        rounded = {purse.lot.id: ms for purse, ms in forfeit.rounded}
        forfeited = {purse.lot.id: ms for purse, ms in forfeit.parts}
        for id in dict.fromkeys((*forfeited, *rounded)):
            purse, ms = self.purses[id], forfeited.get(id, 0) + rounded.get(id, 0)
            in_time = self._now < self._posts_at(completion, purse.lot)
            if in_time:
                forfeit.dropped.add(id)
                self._used.pop((id, completion.id), None)
            if purse.alive:
                purse.free_ms += ms
                given_back += forfeited.get(id, 0)
                rounded_back += rounded.get(id, 0)
                if not in_time:
                    self._lines.append((id, "corrected", cause, self._now, ms, engagement))
            else:
                self._dead(cause, ms)
        left = self.left_ms[engagement]
        if left is not None:
            self.left_ms[engagement] = left + min(given_back, forfeit.allocation_ms or 0) + rounded_back

    def _posts_at(self, completion: Completion, lot: Lot) -> int:
        """A lot's end is the end of the time to undo: nothing comes back to it."""
        end = lot.expires_at
        revoked = self._account.revocations.get(lot.id)
        if revoked is not None and _dies(revoked, self._settings):
            end = min(end, revoked.at)
        return max(completion.at, min(completion.at + self._settings.forfeit_undo_s * 1000, end))

    def _correction_at(self, correction: Correction) -> tuple[int, int, str, Callable[[], None]]:
        """A correction counts when it is made. More time for work whose lot expired since is drawn just before that,
        unless the period is closed: closed figures never change (consequence 4; scenarios 82 and 85)."""
        act = partial(self._correct, correction)
        segment = self._account.segments.get(correction.target)
        if segment is None or correction.seconds < 0:
            return correction.at, _CORRECTION, correction.id, act
        worked_at = segment.began_at
        ends = [
            lot.expires_at
            for lot, since in self._account.feeds(segment.engagement)
            if since <= worked_at < lot.expires_at <= correction.at
        ]
        if not ends or correction.closed:
            return correction.at, _CORRECTION, correction.id, act
        return min(ends), _OVERDUE_CORRECTION, correction.id, act

    def _correct(self, correction: Correction) -> None:
        segment = self._account.segments.get(correction.target)
        if segment is None:
            self.remarks.append((correction.id, correction.seconds * 1000, "It names no segment: nothing is drawn."))
        elif correction.seconds < 0:
            self._give_back(correction, segment.engagement)
        else:
            wanted = correction.seconds * 1000
            for purse, ms in self._take(segment.engagement, wanted, segment.began_at):
                wanted -= ms
                line = (purse.lot.id, "corrected", correction.id, correction.at, -ms, segment.engagement)
                self._lines.append(line)  # type: ignore[arg-type]
            if wanted:
                self.remarks.append((correction.id, wanted, "More than the hours hold: the rest is unmetered."))

    def _give_back(self, correction: Correction, engagement: str) -> None:
        """The balance rises only where the lot is alive, and never by more than the segment drew (81); the allocation
        only while the session of the segment is not completed."""
        rest = -correction.seconds * 1000
        given_back = 0
        drawn = [(self.purses[lot], ms) for (lot, cause), (ms, _) in self._used.items() if cause == correction.target]
        for purse, ms in reversed(drawn):
            credited = sum(
                line[4]
                for line in self._lines
                if line[0] == purse.lot.id and line[1] == "corrected" and self._targets(line[2], correction.target)
            )
            part = max(0, min(rest, ms - credited))
            rest -= part
            if purse.alive and part:
                purse.free_ms += part
                given_back += part
                line = (purse.lot.id, "corrected", correction.id, self._now, part, engagement)
                self._lines.append(line)  # type: ignore[arg-type]
            elif part:
                self._dead(correction.id, part)
        if rest:
            self.remarks.append((correction.id, -rest, "More than the segment drew: nothing is given back for it."))
        left = self.left_ms[engagement]
        began_at = self._account.segments[correction.target].began_at
        if left is not None and self._account.closed_at(engagement, self._now) <= began_at:
            self.left_ms[engagement] = left + given_back

    def _targets(self, cause: str, segment: str) -> bool:
        correction = self._account.corrections.get(cause)
        return correction is not None and correction.target == segment

    def _dead(self, cause: str, ms: int) -> None:
        self.remarks.append((cause, ms, "The lot is not alive any more: billing decides (T7)."))


def _dies(revoked: Revocation, settings: ProSettings) -> bool:
    """A refunded lot does; one of a cancelled subscription by billing's flag, or else by the setting (39)."""
    if revoked.cause == "refund":
        return True
    return settings.cancel_hours == "at_once" if revoked.at_once is None else revoked.at_once
