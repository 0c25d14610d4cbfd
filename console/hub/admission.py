"""How somebody whom an identity provider vouches for becomes a person of the hub, and gets a workstation.

Called by the HTTP half in a thread. A subject of the provider stays the person it was at its first sign-in, whatever
its claims say later; a name that signs in as another subject is not taken over, and whom an admin keeps out
(`support-console hub revoke`) stays out although the provider still vouches for them.
"""

from __future__ import annotations

from sqlalchemy import Engine, select

from console.hub.database import transaction
from console.hub.errors import KeptOut, UnknownPerson
from console.hub.oidc import Identity, SignInRefused
from console.hub.people import People
from console.hub.schema import identities
from console.wire.messages import Enrolled


def admitted(engine: Engine, people: People, identity: Identity, device_name: str) -> Enrolled:
    """A device and its token. The person is enrolled at their first sign-in; the provider decides about the role
    wherever its claims say one. Raises SignInRefused, HubUnavailable."""
    known = people.person_of(identity.issuer, identity.subject)
    if known is None:
        _refuse_taken(engine, identity.person)
    person = known or identity.person
    try:
        people.let_in(person, identity.role)
        if known is None:
            people.link_identity(person, identity.issuer, identity.subject)
        return people.admit(person, device_name)
    except KeptOut as error:
        raise SignInRefused(error.sentence) from None
    except UnknownPerson:
        raise SignInRefused("The identity provider knows you, but gives you no role here; ask an admin.") from None


def _refuse_taken(engine: Engine, person: str) -> None:
    with transaction(engine) as connection:
        taken = connection.scalar(select(identities.c.subject).where(identities.c.person == person).limit(1))
    if taken is not None:
        raise SignInRefused("Your name belongs to somebody who signs in with another identity; ask an admin.")
