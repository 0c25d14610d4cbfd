"""Hubs that are broken in one method each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from console.domain import push
from console.domain.events import Offered, content_hash, event_type
from console.domain.push import Author, Decision, Known, Verdict
from console.wire.messages import Page, Pull, Push, Pushed, Welcome
from tests.faults.sim.blobs import Blobs, named_by
from tests.faults.sim.hub import Device, Disk, Hub
from tests.faults.sim.variants.variant import OfHub

_HASHED: Final = ("id", "stream", "ver", "at", "base", "expect", "act", "payload")


class NoDedupe(Hub):
    def verdicts(self, ids: Iterable[str]) -> dict[str, tuple[bytes, Verdict]]:
        return {}

    def decide(self, batch: Sequence[Offered], author: Author) -> Decision:
        return push.decide(batch, author, self.known(batch, -1), now_ms=self.clock())


class RefusalsForgotten(Hub):
    def verdicts(self, ids: Iterable[str]) -> dict[str, tuple[bytes, Verdict]]:
        known = super().verdicts(ids)
        return {id: stored for id, stored in known.items() if stored[1].outcome == "recorded"}


class NoOrderCheck(Hub):
    def check_order(self, asked: Push, device: Device) -> None:
        pass


class DeviceConflictIgnored(Hub):
    def known(self, batch: Sequence[Offered], last_dseq: int) -> Known:
        return super().known(batch, -1)


class DedupeDoesNotAdvance(Hub):
    """A known id leaves the device's counter where it was."""

    def decide(self, batch: Sequence[Offered], author: Author) -> Decision:
        decision = super().decide(batch, author)
        new = {offered.id for offered, _ in decision.refused} | {entry.id for entry in decision.entries}
        last = self.disk.devices[author.device].last_dseq
        advanced = max((offered.dseq for offered in batch if offered.id in new), default=last)
        return replace(decision, device_last=max(last, advanced))


class NoPermissionCheck(Hub):
    def author(self, name: str, device: str, row: Device) -> Author:
        return replace(super().author(name, device, row), role="admin", scopes=("accounts", "desk", "pro:*"))


class PermissionOfEarlier(Hub):
    """The role that the person had when they first came."""

    def author(self, name: str, device: str, row: Device) -> Author:
        known = self.__dict__.setdefault("first", {})
        return replace(super().author(name, device, row), scopes=known.setdefault(name, self.person(name).scopes))


class OverFetchOnPull(Hub):
    def page(self, scopes: Sequence[str], after: int, limit: int) -> Page:
        return super().page(("accounts", "desk", "pro:*", "restricted:vip"), after, limit)


class OverFetchInChecksum(Hub):
    def checksum(self, name: str, seq: int) -> tuple[int, bytes]:
        seen = self.disk.entries[:seq]
        return len(seen), b"of all"


class SeqVisibleOutOfOrder(Hub):
    """Numbers are given before the commit: now and then an entry shows after a later one, as with a sequence."""

    def page(self, scopes: Sequence[str], after: int, limit: int) -> Page:
        page = super().page(scopes, after, limit)
        now = self.clock()
        late = [wire for wire in page.entries if wire.seq % 7 == 3 and now - wire.recorded_at < 1500]
        shown = tuple(wire for wire in page.entries if wire not in late)
        return replace(page, entries=shown)


class NoEpochAfterRestore(Hub):
    def restore(self, backup: Disk, epoch: int) -> None:
        self.disk = backup.copy()


class NoScopeVersion(Hub):
    def check_scopever(self, asked: Pull, welcome: Welcome) -> None:
        pass

    def welcome(self, name: str, epoch: int) -> Welcome:
        return replace(super().welcome(name, epoch), scopever=1)


class NoChain(Hub):
    """A pull is not asked which log it goes on from, and a restore begins no epoch."""

    def restore(self, backup: Disk, epoch: int) -> None:
        self.disk = backup.copy()

    def pull(self, name: str, asked: Pull) -> Page:
        chain = self.chain_at(min(asked.after, self.head_seq())) or b""
        return super().pull(name, replace(asked, after=min(asked.after, self.head_seq()), chain=chain))


class VoidActHalfApplied(Hub):
    """Only the guarded event of a void act is void."""

    def decide(self, batch: Sequence[Offered], author: Author) -> Decision:
        decision = super().decide(batch, author)
        guarded = {offered.id for offered in batch if push.is_guarded(offered)}
        entries = [e if e.id in guarded else replace(e, effect="applied") for e in decision.entries]
        return replace(decision, entries=tuple(entries))


class GuardDecidedOnOldState(Hub):
    """The guard sees the streams as they were before the batch of another device."""

    def known(self, batch: Sequence[Offered], last_dseq: int) -> Known:
        known = super().known(batch, last_dseq)
        return replace(known, streams={stream: entries[:-1] or entries for stream, entries in known.streams.items()})


class VoidOpeningOpens(Hub):
    def known(self, batch: Sequence[Offered], last_dseq: int) -> Known:
        known = super().known(batch, last_dseq)
        return replace(known, opened_at={**dict.fromkeys(known.scopes, 0), **known.opened_at})


class RedactedHashChecked(Hub):
    """An own entry without its words, offered again after a restore, is refused for its hash."""

    def decide(self, batch: Sequence[Offered], author: Author) -> Decision:
        decision = super().decide(batch, author)
        for entry in decision.entries:
            fields = {name: getattr(entry, name) for name in _HASHED}
            if content_hash(type=event_type(entry.event), **fields) != entry.hash:
                refused = (next(offered for offered in batch if offered.id == entry.id), "Its hash is another.")
                return replace(decision, refused=(*decision.refused, refused))
        return decision


class RedactionLeftInTheLog(Hub):
    def redact(self, target: str) -> None:
        pass


class ScannedSkipsOthers(Hub):
    """`next` is the head instead of the highest entry that was scanned."""

    def page(self, scopes: Sequence[str], after: int, limit: int) -> Page:
        page = super().page(scopes, after, limit)
        chain = self.chain_at(self.head_seq())
        assert chain is not None
        return replace(page, next=self.head_seq(), chain=chain)


class OldVerdictsAfterRestore(Hub):
    """A push of another epoch is taken."""

    def push(self, name: str, asked: Push) -> Pushed:
        return super().push(name, replace(asked, epoch=self.disk.head.epoch))


class AnswerBeforeCommit(Hub):
    """The log forgets a commit that it has answered, now and then."""

    def store(self, decision: Decision, author: Author, device: Device) -> None:
        if self.head_seq() % 11 == 5 and self.dies() is not None:
            return
        super().store(decision, author, device)


class NewerPassedOver(Hub):
    """A batch does not stop at an event of a newer program."""

    def decide(self, batch: Sequence[Offered], author: Author) -> Decision:
        decision = super().decide([offered for offered in batch if offered.ver == 1], author)
        newer = [Verdict(id=o.id, outcome="retry_after_upgrade") for o in batch if o.ver > 1]
        return replace(decision, verdicts=(*decision.verdicts, *newer))


class OldAppsLetIn(Hub):
    def check_wire(self, wire: int) -> None:
        pass


class FileByItsHash(Hub):
    """Who knows the hash of a file gets it."""

    def sees_file(self, name: str, sha256: str) -> bool:
        return True


class FileOfRedactedMessage(Hub):
    """What a message named before its words were taken away is given still."""

    def sees_file(self, name: str, sha256: str) -> bool:
        named = self.__dict__.setdefault("named", {})
        for entry in self.disk.entries:
            for file in named_by(entry.event):
                named.setdefault(file.sha256, set()).add(entry.scope)
        return any(self.visible(self.person(name).scopes, scope) for scope in named.get(sha256, ()))


class PiecesAsTheyCome(Blobs):
    def append(self, device: str, sha256: str, piece: bytes, *, start: int, total: int) -> int:
        so_far = self.begun.pop((device, sha256), b"") + piece
        if len(so_far) < total:
            self.begun[device, sha256] = so_far
        else:
            self.whole[sha256] = so_far
            self.sent.add((device, sha256))
        return len(so_far)


class UploadsBeginAnew(Blobs):
    """Nothing is known of what was sent before."""

    def offset(self, device: str, sha256: str) -> int:
        return len(self.whole.get(sha256, b""))


class UncheckedFiles(Hub):
    """Pieces are put together as they come, and nobody looks at the hash."""

    blobs_type = PiecesAsTheyCome


class ForgetfulFiles(Hub):
    blobs_type = UploadsBeginAnew


VARIANTS: Final = {
    "no dedupe": OfHub(NoDedupe),
    "no order check": OfHub(NoOrderCheck),
    "device conflict ignored": OfHub(DeviceConflictIgnored),
    "no permission check on push": OfHub(NoPermissionCheck),
    "over-fetch on pull": OfHub(OverFetchOnPull),
    "seq visible out of order": OfHub(SeqVisibleOutOfOrder),
    "no epoch after restore": OfHub(NoEpochAfterRestore),
    "no scope version": OfHub(NoScopeVersion),
    "refusals forgotten": OfHub(RefusalsForgotten),
    "dedupe does not advance the counter": OfHub(DedupeDoesNotAdvance),
    "permission of an earlier day": OfHub(PermissionOfEarlier),
    "over-fetch in the checksum": OfHub(OverFetchInChecksum),
    "no chain and no epoch": OfHub(NoChain),
    "void act half applied": OfHub(VoidActHalfApplied),
    "guard decided on an old state": OfHub(GuardDecidedOnOldState),
    "void opening opens": OfHub(VoidOpeningOpens),
    "redaction left in the log": OfHub(RedactionLeftInTheLog),
    "redacted words not taken again": OfHub(RedactedHashChecked),
    "next is the head": OfHub(ScannedSkipsOthers),
    "push of another epoch taken": OfHub(OldVerdictsAfterRestore),
    "answer before the commit": OfHub(AnswerBeforeCommit),
    "newer event passed over": OfHub(NewerPassedOver),
    "old apps let in": OfHub(OldAppsLetIn),
    "file given for its hash": OfHub(FileByItsHash),
    "file of a redacted message given": OfHub(FileOfRedactedMessage),
    "pieces put together as they come": OfHub(UncheckedFiles),
    "upload begins anew": OfHub(ForgetfulFiles),
}
