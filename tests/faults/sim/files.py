"""The files of one workstation: a message goes to the hub after the files that it names.

What waits to be sent is on the disk, in `MemoryReplica.uploads`; the message is recorded when the hub has all of it. A
restart goes on where the hub says that the upload stands.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from console.domain import events as ev
from tests.faults.sim.blobs import PIECE, WrongOffset, named_by, sha256_of
from tests.faults.sim.hub import Hub, Refused
from tests.faults.sim.people import Wish

if TYPE_CHECKING:
    from tests.faults.sim.workstation import Workstation

MOST_BYTES = 14
AGAIN_S = 2.0


class Upload(msgspec.Struct, frozen=True):
    """A file on its way, and the ticket that its message belongs to."""

    sha256: str
    content: bytes
    stream: str


class Files:
    """`asking` is the file that a request is under way for."""

    def __init__(self, at: Workstation) -> None:
        self.at = at
        self.asking: str | None = None

    def start(self) -> None:
        """With each start of the program: what belongs to an earlier one reaches nobody."""
        self.asking = None
        self.go_on()

    def attach(self) -> None:
        """A person adds a file to a ticket that they see."""
        at, rng = self.at, self.at.world.rng
        tickets = at.tickets()
        if not at.running or at.disk_full or not tickets:
            return
        content = rng.randbytes(rng.randint(1, MOST_BYTES))
        upload = Upload(sha256_of(content), content, rng.choice(tickets))
        at.world.watch.blobs.made(upload.sha256, content)
        at.world.say(at, "attaches", upload.sha256[:8], "to", upload.stream[:15])
        self.send(upload)

    def send(self, upload: Upload) -> None:
        self.at.replica.uploads[upload.sha256] = upload
        self.go_on()

    def go_on(self) -> None:
        """The next piece of the first file that waits, from where the hub says it stands."""
        at, uploads = self.at, self.at.replica.uploads
        if not at.running or self.asking is not None or not uploads:
            return
        upload = next(iter(uploads.values()))
        self.asking, device = upload.sha256, at.replica.device
        at.world.network.ask(at, partial(self.stands, upload, device), partial(self.heard, upload, device))

    def stands(self, upload: Upload, device: str, hub: Hub) -> int:
        offset = hub.upload_stands(device, upload.sha256)
        self.at.world.watch.blobs.stands(device, upload.sha256, offset)
        return offset

    def piece(self, upload: Upload, device: str, start: int, hub: Hub) -> int:
        piece = upload.content[start : start + PIECE]
        offset = hub.upload(device, upload.sha256, piece, start=start, total=len(upload.content))
        self.at.world.watch.blobs.stands(device, upload.sha256, offset)
        return offset

    def heard(self, upload: Upload, device: str, answer: Any) -> None:
        """Where the upload stands; anything else is asked again a little later."""
        at = self.at
        if isinstance(answer, WrongOffset):
            answer = answer.offset
        if not isinstance(answer, int):
            self.asking = None
            at.world.after(AGAIN_S, partial(self.later, at.life))
        elif answer < len(upload.content):
            send = partial(self.piece, upload, device, answer)
            at.world.network.ask(at, send, partial(self.heard, upload, device))
        else:
            self.asking = None
            self.is_there(upload)

    def later(self, life: int) -> None:
        if life == self.at.life:
            self.go_on()

    def is_there(self, upload: Upload) -> None:
        """The hub has all of it: the message that names it is recorded."""
        at = self.at
        if upload.sha256 in at.replica.uploads and at.record([self.message(upload)], instead_of=upload.sha256):
            self.go_on()
        elif at.running:
            at.world.after(AGAIN_S, partial(self.later, at.life))

    def message(self, upload: Upload) -> Wish:
        file = ev.Attachment(name="file", size=len(upload.content), sha256=upload.sha256)
        return Wish(upload.stream, ev.MessageReceived(body=self.at.words(upload.stream), attachments=(file,)))

    def fetch(self) -> None:
        """A person asks for a file by its hash, whoever told them of it."""
        at = self.at
        known = at.world.watch.blobs.contents
        if at.running and known:
            sha256 = at.world.rng.choice(list(known))
            at.world.network.ask(at, partial(self.ask_for, sha256), lambda _: None)

    def redact(self) -> None:
        """A person takes the words of a message with a file away; somebody asks for the file later on."""
        at, world = self.at, self.at.world
        seen = [entry for stream in at.tickets() for entry in at.view(stream) if not entry.pending]
        named = [entry for entry in seen if named_by(entry.event)]
        if at.running and named:
            entry = world.rng.choice(named)
            at.record([Wish(entry.stream, ev.EntryRedacted(entry=entry.id))])
            world.after(world.rng.uniform(1.0, 10.0), self.fetch)

    def ask_for(self, sha256: str, hub: Hub) -> bytes:
        watch = self.at.world.watch.blobs
        try:
            content = hub.blob(self.at.person, sha256)
        except Refused:
            watch.kept_back(self.at, sha256)
            raise
        watch.given(self.at, sha256, content)
        return content
