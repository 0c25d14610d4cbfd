"""What must hold of files in every world: spec sync.md 2 (BLOB), 4. A part of `invariants.Watch`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.domain import access
from console.domain.events import Entry
from tests.faults.sim.blobs import named_by, sha256_of
from tests.faults.sim.broken import Broken

if TYPE_CHECKING:
    from tests.faults.sim.workstation import Workstation
    from tests.faults.sim.world import World


class BlobWatch:
    """`contents` are all files that somebody made, by hash; `told` is how far a device was told that its upload is.
    Every method raises `Broken`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contents: dict[str, bytes] = {}
        self.told: dict[tuple[str, str], int] = {}

    def made(self, sha256: str, content: bytes) -> None:
        self.contents[sha256] = content

    def stands(self, device: str, sha256: str, offset: int) -> None:
        """The hub says how much of a file it has of a device: never less than it said before."""
        if offset < self.told.get((device, sha256), 0):
            raise Broken(f"The hub lost a part of the file {sha256[:8]}")
        self.told[device, sha256] = offset

    def named(self, entry: Entry) -> None:
        """A message comes after its files."""
        for file in named_by(entry.event):
            if sha256_of(self.world.hub.blobs.whole.get(file.sha256, b"")) != file.sha256:
                raise Broken(f"{entry.id[:8]} names the file {file.sha256[:8]}, which the hub does not have")

    def given(self, asker: Workstation, sha256: str, content: bytes) -> None:
        if content != self.contents[sha256]:
            raise Broken(f"{asker.name} gets another file than {sha256[:8]}")
        if not self.is_seen(asker, sha256):
            raise Broken(f"{asker.name} gets the file {sha256[:8]}, and sees no message that names it")

    def kept_back(self, asker: Workstation, sha256: str) -> None:
        if self.is_seen(asker, sha256):
            raise Broken(f"{asker.name} sees a message that names the file {sha256[:8]}, and does not get it")

    def is_seen(self, asker: Workstation, sha256: str) -> bool:
        disk = self.world.hub.disk
        seen = [e for e in disk.entries if e.applied and access.sees(disk.people[asker.person].scopes, e.scope)]
        return any(sha256 == file.sha256 for entry in seen for file in named_by(entry.event))
