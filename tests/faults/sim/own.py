"""What one workstation of a world recorded for the hub: its own entries, on its disk in memory.

Used by `replica`, which keeps them, and by the invariants, which look at them.
"""

from __future__ import annotations

from console.domain.events import PENDING_SEQ, Entry, Offered


class Own:
    """An own entry: `state` is new, acked or refused; `seq`, `effect` and `acked_at` (epoch ms by the workstation's
    clock) are set where it is acked, `reason` where it is refused. `was_offered` says that it may be at the hub."""

    __slots__ = ("acked_at", "effect", "offered", "reason", "seq", "state", "was_offered")

    def __init__(self, offered: Offered) -> None:
        self.offered = offered
        self.state = "new"
        self.seq = 0
        self.effect = "applied"
        self.reason = ""
        self.acked_at: int | None = None
        self.was_offered = False

    def copy(self) -> Own:
        twin = Own(self.offered)
        for name in ("state", "seq", "effect", "reason", "acked_at", "was_offered"):
            setattr(twin, name, getattr(self, name))
        return twin

    def ack(self, seq: int, effect: str, at: int) -> None:
        """The hub has it. A second word of it leaves the instant of the first."""
        self.state, self.seq, self.effect, self.reason = "acked", seq, effect, ""
        self.acked_at = at if self.acked_at is None else self.acked_at

    def refuse(self, reason: str) -> None:
        self.state, self.reason = "refused", reason

    def renew(self) -> None:
        """The hub does not have it any more."""
        self.state, self.seq, self.effect, self.acked_at = "new", 0, "applied", None


def pending(offered: Offered, actor: str) -> Entry:
    """An own entry that the hub has not confirmed, as the folds read it."""
    return Entry(
        id=offered.id,
        stream=offered.stream,
        at=offered.at,
        device=offered.device,
        dseq=offered.dseq,
        event=offered.event,
        base=offered.base,
        expect=offered.expect,
        act=offered.act,
        ver=offered.ver,
        payload=offered.payload,
        hash=offered.hash,
        seq=PENDING_SEQ + offered.dseq,
        epoch=0,
        actor=actor,
        scope="",
        recorded_at=offered.at,
        chain=b"",
        counts_at=offered.at,
    )
