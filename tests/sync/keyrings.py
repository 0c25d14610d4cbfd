"""Keyrings of this process, as real backends: one that keeps what it is given, and ones that do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Keeping(KeyringBackend):
    """Keeps secrets in memory; `kept` by service and account."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")


class Losing(Keeping):
    """Takes a secret and does not have it afterwards, as some services do that are not unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        return None


class Locked(Keeping):
    """The person did not unlock it."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")

    get_password = set_password  # type: ignore[assignment]


@contextmanager
def keyring_is(backend: KeyringBackend) -> Iterator[KeyringBackend]:
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield backend
    finally:
        keyring.set_keyring(before)
