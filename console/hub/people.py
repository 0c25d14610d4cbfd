"""Who may use the hub: persons with role and grants, their devices, enrolment codes and tokens.

Source: spec sync.md 5, events.md 3. A person is identified by their name. Secrets are stored as SHA-256 only. Called by
the HTTP half and by `support-console hub`. All may raise `HubUnavailable`. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from console.domain.access import ROLES, Role, scopes_of
from console.domain.push import Author
from console.hub.clock import now_ms
from console.hub.database import pg_question, transaction
from console.hub.errors import CodeRefused, HubError, KeptOut, NotSignedIn, UnknownPerson
from console.hub.schema import codes, devices, grants, head, identities, membership, persons, tokens
from console.wire.messages import Enrolled

CODE_MS: Final = 10 * 60_000
"""How long an enrolment code is good for."""
TOKEN_MS: Final = 365 * 24 * 3_600_000
"""How long a token is good for."""
TOKEN_PREFIX: Final = "sc_"
"""By which a leaked token is known for what it is."""
_TOKEN_BYTES: Final = 32
_CODE_BYTES: Final = 15
_CODE_GROUP: Final = 6
_TOUCH_MS: Final = 60_000
_MOST_NAME: Final = 200
_NAME: Final = re.compile(rf"[^\x00-\x1f\x7f\s](?:[^\x00-\x1f\x7f]{{0,{_MOST_NAME - 2}}}[^\x00-\x1f\x7f\s])?")
_SCOPE: Final = re.compile(rf"desk|accounts|pro:\*|(?:pro|restricted):[^\x00-\x1f\x7f]{{1,{_MOST_NAME}}}")

_WHO: Final = b"""
    SELECT t.person, p.role, ARRAY(SELECT scope FROM grants WHERE person = t.person), d.device, d.enrolled_at,
        t.expires_at, t.last_used_at, t.revoked_at
    FROM tokens t JOIN persons p ON p.name = t.person JOIN devices d ON d.token = t.hash AND d.first
    WHERE t.hash = %s"""
_TOUCH: Final = b"UPDATE tokens SET last_used_at = %s WHERE hash = %s"
"""Both asked at each request, and therefore without SQLAlchemy."""

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
    """Who is enrolled. `grants` are the scopes given by name, `scopes` all that the person sees; `kept_out` says that
    an admin lets them in no more, whoever vouches for them."""

    name: str
    role: Role
    grants: tuple[str, ...]
    scopes: tuple[str, ...]
    scopever: int
    kept_out: bool = False
    devices: tuple[Device, ...] = ()


class People:
    """The people of one hub."""

    def __init__(self, engine: Engine, *, clock: Callable[[], int] = now_ms) -> None:
        self._engine = engine
        self._clock = clock

    def enrol(self, person: str, role: Role, grants: Sequence[str] = ()) -> str:
        """A one-time code, good for 10 minutes. The person is made if they are new; else their role becomes this one,
        the grants are added, and somebody who was kept out may come in again. Errors: HubError for a name, a role or a
        scope that cannot be."""
        _refuse_bad_names(person, role, grants)
        code = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
        now = self._clock()
        with transaction(self._engine) as connection:
            new = {"name": person, "role": role, "scopever": 1, "created_at": now}
            made = upsert(persons).values(new).on_conflict_do_nothing().returning(persons.c.name)
            changed = False
            if connection.scalar(made) is None:
                known = update(persons).where(persons.c.name == person)
                changed = connection.execute(known.where(persons.c.role != role).values(role=role)).rowcount > 0
                connection.execute(known.values(kept_out_at=None))
            if any([changed, *(_grant(connection, person, scope) for scope in grants)]):
                _raise_scopever(connection, person)
            connection.execute(
                insert(codes).values(
                    hash=_digest(code), person=person, created_at=now, expires_at=now + CODE_MS, used_at=None
                )
            )
            _count_change(connection)
        return "-".join(code[at : at + _CODE_GROUP] for at in range(0, len(code), _CODE_GROUP))

    def redeem(self, code: str, device_name: str) -> Enrolled:
        """A new device and its token for a code. Errors: CodeRefused, in one sentence whatever the reason is."""
        now = self._clock()
        typed = "".join(character for character in code.upper() if character.isalnum())
        with transaction(self._engine) as connection:
            person = connection.scalar(
                update(codes)
                .where(codes.c.hash == _digest(typed), codes.c.used_at.is_(None), codes.c.expires_at > now)
                .values(used_at=now)
                .returning(codes.c.person)
            )
            if person is None:
                raise CodeRefused("This code is not valid: it was used, or is older than 10 minutes; ask for another.")
            return _admit(connection, person, device_name, now)

    def let_in(self, person: str, role: Role | None) -> None:
        """Somebody for whom an identity provider vouches, with the role that it gives them; None where it says nothing
        of one. They are made if they are new. Errors: KeptOut; UnknownPerson for one who is new and has no role."""
        _refuse_bad_names(person, role, ())
        with transaction(self._engine) as connection:
            known = connection.scalar(select(persons.c.name).where(persons.c.name == person))
            if known is not None:
                _refuse_kept_out(connection, person)
                _set_role(connection, person, role)
            elif role is None:
                raise UnknownPerson("Nobody of that name is enrolled, and nothing says with which role.")
            else:
                new = {"name": person, "role": role, "scopever": 1, "created_at": self._clock()}
                connection.execute(upsert(persons).values(new).on_conflict_do_nothing())
                _count_change(connection)

    def admit(self, person: str, device_name: str) -> Enrolled:
        """A new device and its token for somebody whom an identity provider vouched for. Errors: UnknownPerson,
        KeptOut."""
        with transaction(self._engine) as connection:
            _refuse_unknown(connection, person)
            _refuse_kept_out(connection, person)
            return _admit(connection, person, device_name, self._clock())

    def who(self, token: str) -> Author | None:
        """The author behind a token; None where it is not valid. `Author.device` is the token's first device."""
        now, digest = self._clock(), _digest(token)
        with pg_question(self._engine) as connection:
            row = connection.execute(_WHO, (digest,), binary=True).fetchone()
            if row is None:
                return None
            person, role, granted, device, enrolled_at, expires_at, last_used_at, revoked_at = row
            if _standing(expires_at, revoked_at, now) != "valid":
                return None
            if last_used_at is None or now - last_used_at >= _TOUCH_MS:
                connection.execute(_TOUCH, (now, digest))
        scopes = scopes_of(role, granted)
        return Author(person=person, role=role, scopes=scopes, device=device, enrolled_at=enrolled_at)

    def standing(self, token: str) -> Standing:
        """Why `who` said None: a revoked workstation deletes its data, an expired one signs in again."""
        asked = select(tokens.c.expires_at, tokens.c.revoked_at).where(tokens.c.hash == _digest(token))
        with transaction(self._engine) as connection:
            row = connection.execute(asked).first()
        return "unknown" if row is None else _standing(row.expires_at, row.revoked_at, self._clock())

    def new_device(self, author: Author) -> str:
        """Another device id under the same token, for a workstation that was cloned; what it recorded before it had a
        hub keeps the author's `enrolled_at`. Errors: NotSignedIn."""
        made = str(uuid.uuid4())
        with transaction(self._engine) as connection:
            asked = select(devices.c.token).where(
                devices.c.device == author.device,
                devices.c.person == author.person,
                devices.c.revoked_at.is_(None),
            )
            token = connection.scalar(asked)
            if token is None:
                raise NotSignedIn("This workstation is not known to the hub, or was revoked; connect it again.")
            _add_device(connection, made, token, author.person, author.enrolled_at, first=False)
            _count_change(connection)
        return made

    def revoke(self, person: str, device: str | None = None) -> int:
        """Revokes a person's device with its token (and every device under that token). Without `device` all of them
        and the codes not yet used, and keeps the person out until they are enrolled again. Returns how many devices.
        Errors: UnknownPerson."""
        now = self._clock()
        with transaction(self._engine) as connection:
            _refuse_unknown(connection, person)
            if device is None:  # first: whoever is just being let in is so before it, and found below
                connection.execute(update(persons).where(persons.c.name == person).values(kept_out_at=now))
            theirs = select(devices.c.token).where(devices.c.person == person)
            if device is not None:
                theirs = theirs.where(devices.c.device == device)
            connection.execute(
                update(tokens).where(tokens.c.hash.in_(theirs), tokens.c.revoked_at.is_(None)).values(revoked_at=now)
            )
            done = connection.execute(
                update(devices)
                .where(devices.c.token.in_(theirs), devices.c.revoked_at.is_(None))
                .values(revoked_at=now)
            )
            if device is None:
                unused = update(codes).where(codes.c.person == person, codes.c.used_at.is_(None))
                connection.execute(unused.values(used_at=now))
            _count_change(connection)
            return int(done.rowcount)

    def set_role(self, person: str, role: Role) -> None:
        """Errors: UnknownPerson, HubError for a role that there is not."""
        _refuse_bad_names(person, role, ())
        with transaction(self._engine) as connection:
            _refuse_unknown(connection, person)
            _set_role(connection, person, role)

    def grant(self, person: str, scope: str) -> None:
        """Lets a person see a scope: `desk`, `accounts`, `pro:*`, `pro:ACCOUNT`, `restricted:NAME`. Errors:
        UnknownPerson, HubError for another kind of scope."""
        _refuse_bad_names(person, None, (scope,))
        with transaction(self._engine) as connection:
            _refuse_unknown(connection, person)
            if _grant(connection, person, scope):
                _raise_scopever(connection, person)
                _count_change(connection)

    def ungrant(self, person: str, scope: str) -> None:
        """Errors: UnknownPerson."""
        with transaction(self._engine) as connection:
            _refuse_unknown(connection, person)
            if connection.execute(delete(grants).where(grants.c.person == person, grants.c.scope == scope)).rowcount:
                _raise_scopever(connection, person)
                _count_change(connection)

    def list(self) -> list[Person]:
        """Everybody, by name, with their devices."""
        with transaction(self._engine) as connection:
            owned: dict[str, list[Device]] = {}
            asked = select(devices, tokens.c.name, tokens.c.last_used_at, tokens.c.expires_at).join(
                tokens, tokens.c.hash == devices.c.token
            )
            for row in connection.execute(asked.order_by(devices.c.enrolled_at, devices.c.device)).mappings():
                owned.setdefault(row["person"], []).append(_device_of(row))
            given: dict[str, list[str]] = {}
            for name, scope in connection.execute(select(grants.c.person, grants.c.scope).order_by(grants.c.scope)):
                given.setdefault(name, []).append(scope)
            return [
                Person(
                    name=row["name"],
                    role=row["role"],
                    grants=tuple(given.get(row["name"], ())),
                    scopes=scopes_of(row["role"], given.get(row["name"], ())),
                    scopever=row["scopever"],
                    kept_out=row["kept_out_at"] is not None,
                    devices=tuple(owned.get(row["name"], ())),
                )
                for row in connection.execute(select(persons).order_by(persons.c.name)).mappings()
            ]

    def link_identity(self, person: str, issuer: str, subject: str) -> None:
        """Lets an identity provider's subject sign in as a person. Errors: UnknownPerson."""
        with transaction(self._engine) as connection:
            _refuse_unknown(connection, person)
            linked = upsert(identities).values(issuer=issuer, subject=subject, person=person)
            connection.execute(
                linked.on_conflict_do_update(index_elements=["issuer", "subject"], set_={"person": person})
            )

    def person_of(self, issuer: str, subject: str) -> str | None:
        """The person that a provider's subject signs in as."""
        asked = select(identities.c.person).where(identities.c.issuer == issuer, identities.c.subject == subject)
        with transaction(self._engine) as connection:
            return connection.scalar(asked)


def _refuse_bad_names(person: str, role: str | None, scopes: Sequence[str]) -> None:
    if not _NAME.fullmatch(person):
        raise HubError(f"A person's name has 1 to {_MOST_NAME} characters in one line, none of them blank at its ends.")
    if role is not None and role not in ROLES:
        raise HubError(f"There is no such role; there are {', '.join(ROLES)}.")
    for scope in scopes:
        if not _SCOPE.fullmatch(scope):
            raise HubError("A scope is desk, accounts, pro:*, pro:ACCOUNT or restricted:NAME.")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def _refuse_unknown(connection: Connection, person: str) -> None:
    if "\x00" in person or connection.scalar(select(persons.c.name).where(persons.c.name == person)) is None:
        raise UnknownPerson("Nobody of that name is enrolled; see support-console hub people.")


def _refuse_kept_out(connection: Connection, person: str) -> None:
    """Locks the row: to keep somebody out and to let them in are one after the other."""
    asked = select(persons.c.kept_out_at).where(persons.c.name == person).with_for_update()
    if connection.scalar(asked) is not None:
        raise KeptOut("An admin of the hub keeps you out; ask one to let you in again.")


def _set_role(connection: Connection, person: str, role: Role | None) -> None:
    """None leaves it as it is."""
    if role is None:
        return
    asked = update(persons).where(persons.c.name == person, persons.c.role != role)
    if connection.execute(asked.values(role=role)).rowcount:
        _raise_scopever(connection, person)
        _count_change(connection)


def _grant(connection: Connection, person: str, scope: str) -> bool:
    """Whether the grant is new."""
    asked = upsert(grants).values(person=person, scope=scope).on_conflict_do_nothing()
    return connection.scalar(asked.returning(grants.c.scope)) is not None


def _raise_scopever(connection: Connection, person: str) -> None:
    connection.execute(update(persons).where(persons.c.name == person).values(scopever=persons.c.scopever + 1))


def _count_change(connection: Connection) -> None:
    connection.execute(update(membership).values(changes=membership.c.changes + 1))


def _admit(connection: Connection, person: str, device_name: str, now: int) -> Enrolled:
    token = TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    device = str(uuid.uuid4())
    name = "".join(character for character in device_name if character.isprintable())[:_MOST_NAME].strip()
    connection.execute(
        insert(tokens).values(
            hash=_digest(token),
            person=person,
            name=name or "unnamed",
            created_at=now,
            expires_at=now + TOKEN_MS,
            last_used_at=None,
            revoked_at=None,
        )
    )
    _add_device(connection, device, _digest(token), person, now, first=True)
    _count_change(connection)
    role = connection.scalar(select(persons.c.role).where(persons.c.name == person))
    hub_id = connection.scalar(select(head.c.hub_id))
    return Enrolled(token=token, device=device, person=person, role=str(role), hub_id=str(hub_id))


def _add_device(
    connection: Connection, device: str, token: bytes, person: str, enrolled_at: int, *, first: bool
) -> None:
    connection.execute(
        insert(devices).values(
            device=device,
            token=token,
            person=person,
            first=first,
            enrolled_at=enrolled_at,
            last_dseq=0,
            revoked_at=None,
        )
    )


def _standing(expires_at: int, revoked_at: int | None, now: int) -> Standing:
    if revoked_at is not None:
        return "revoked"
    return "valid" if now < expires_at else "expired"


def _device_of(row: RowMapping | Any) -> Device:
    return Device(
        device=row["device"],
        name=row["name"],
        enrolled_at=row["enrolled_at"],
        last_used_at=row["last_used_at"],
        expires_at=row["expires_at"],
        revoked=row["revoked_at"] is not None,
    )
