"""Who may use the hub: persons with role and grants, their devices, enrolment codes and tokens.

Source: spec sync.md 5, events.md 3. A person is identified by their name. Secrets are stored as SHA-256 only. Called by
the HTTP half and by `support-console hub`. All may raise `HubUnavailable`. Instants are epoch ms, UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from sqlalchemy import Engine

from console.domain.access import Role
from console.domain.push import Author
from console.hub.clock import now_ms
from console.wire.messages import Enrolled

Standing = Literal["valid", "expired", "revoked", "unknown"]


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A workstation of a person. `last_used_at` and `expires_at` are those of its token."""

    device: str
    name: str
    enrolled_at: int
    last_used_at: int | None
    expires_at: int
    revoked: bool


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who is enrolled. `grants` are the scopes given by name, `scopes` all that the person sees."""

    name: str
    role: Role
    grants: tuple[str, ...]
    scopes: tuple[str, ...]
    scopever: int
    devices: tuple[Device, ...] = ()


class People:
    """The people of one hub."""

    def __init__(self, engine: Engine, *, clock: Callable[[], int] = now_ms) -> None:
        raise NotImplementedError

    def enrol(self, person: str, role: Role, grants: Sequence[str] = ()) -> str:
        """A one-time code, good for 10 minutes. The person is made if they are new; else their role becomes this one
        and the grants are added."""
        raise NotImplementedError

    def redeem(self, code: str, device_name: str) -> Enrolled:
        """A new device and its token for a code. Errors: CodeRefused, in one sentence whatever the reason is."""
        raise NotImplementedError

    def admit(self, person: str, device_name: str) -> Enrolled:
        """A new device and its token for somebody whom an identity provider vouched for. Errors: UnknownPerson."""
        raise NotImplementedError

    def who(self, token: str) -> Author | None:
        """The author behind a token; None where it is not valid. `Author.device` is the token's first device."""
        raise NotImplementedError

    def standing(self, token: str) -> Standing:
        """Why `who` said None: a revoked workstation deletes its data, an expired one signs in again."""
        raise NotImplementedError

    def new_device(self, author: Author) -> str:
        """Another device id under the same token, for a workstation that was cloned; what it recorded before it had a
        hub keeps the author's `enrolled_at`."""
        raise NotImplementedError

    def revoke(self, person: str, device: str | None = None) -> int:
        """Revokes a person's device with its token (and every device under that token), or all of them; codes not yet
        used as well. Returns how many devices. Errors: UnknownPerson."""
        raise NotImplementedError

    def set_role(self, person: str, role: Role) -> None:
        """Errors: UnknownPerson."""
        raise NotImplementedError

    def grant(self, person: str, scope: str) -> None:
        """Lets a person see a scope: `desk`, `accounts`, `pro:*`, `pro:ACCOUNT`, `restricted:NAME`. Errors:
        UnknownPerson, HubError for another kind of scope."""
        raise NotImplementedError

    def ungrant(self, person: str, scope: str) -> None:
        """Errors: UnknownPerson."""
        raise NotImplementedError

    def list(self) -> list[Person]:
        """Everybody, by name, with their devices."""
        raise NotImplementedError

    def link_identity(self, person: str, issuer: str, subject: str) -> None:
        """Lets an identity provider's subject sign in as a person. Errors: UnknownPerson."""
        raise NotImplementedError

    def person_of(self, issuer: str, subject: str) -> str | None:
        """The person that a provider's subject signs in as."""
        raise NotImplementedError
