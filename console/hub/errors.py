"""What the hub's storage cannot do, each said in a sentence that a person can act on."""

from __future__ import annotations

from console.domain.errors import ConsoleError
from console.wire.messages import Conflict


class HubError(ConsoleError):
    """The hub's storage refused; nothing is half written."""


class HubUnavailable(HubError):
    """The database is away or too busy; the same request may succeed later (503). The outcome of a push is unknown
    then: it is repeated under the same ids."""


class HubNotReady(HubError):
    """The database is not one that this program may serve: empty, older, newer, half migrated, or unsafe."""


class Conflicted(HubError):
    """The workstation's log and the hub's do not meet (409). `conflict` is the answer."""

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        super().__init__(_SENTENCES[conflict.kind])


class MalformedRequest(HubError):
    """A request that breaks the protocol as such (422): nothing in it was looked at."""


class NotSignedIn(HubError):
    """The person or device behind a request is not known or was revoked (401)."""


class CodeRefused(HubError):
    """An enrolment code that is unknown, used or too old (401)."""


class KeptOut(HubError):
    """An admin keeps the person out, whoever vouches for them."""


class UnknownPerson(HubError):
    """Nobody of that name is enrolled."""


_SENTENCES = {
    "epoch": "The hub was restored; the workstation has to begin again from where they agree.",
    "gap": "The hub does not know the last entries of this workstation.",
    "diverged": "The workstation's log is not a part of the hub's.",
    "rescope": "What this person may see has changed.",
}
