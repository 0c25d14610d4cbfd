"""The key of a workstation: the token that the hub gave it, in the system's keyring.

One small secret for each hub and workspace. It is written only where it can be read back; a system without a usable
keyring is told in a sentence, and only somebody who names a file (a server, a test run) gets one, readable by its owner
only. Nothing of a token is ever logged or shown. Blocking: a keyring may ask a service, or the person. Source: spec
sync.md 5.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from console.domain.errors import ConsoleError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE: Final = "support-console"
"""The name of the program in the keyring."""
_NO_SECRETS: Final = ("keyrings.alt.file", "keyring.backends.null", "keyring.backends.fail")
"""Backends that keep a secret in a plain file, or nowhere."""
_NO_KEYRING: Final = (
    "This system has no keyring that can keep the sign-in; start one, or name a file of your own with --token-file."
)


class KeyProblem(ConsoleError):
    """The key of this workstation cannot be kept or read."""


class Keys(NamedTuple):
    """Where the token of a workspace for a hub is. `token_file` only where somebody named one."""

    url: str
    folder: Path
    token_file: Path | None = None

    def check(self) -> None:
        """Whether a token could be kept, before one is asked for: writes a trial secret and reads it back. Errors:
        KeyProblem."""
        if self.token_file is not None:
            _may_write(self.token_file)
            return
        trial = f"{self._account} (trial)"
        _keep(trial, "trial")
        _forget(trial)

    def keep(self, token: str) -> None:
        """Errors: KeyProblem, also where it cannot be read back."""
        if self.token_file is None:
            _keep(self._account, token)
        else:
            _write(self.token_file, token)

    def read(self) -> str:
        """Errors: KeyProblem where there is none."""
        token = _read(self.token_file) if self.token_file is not None else _ask(self._account)
        if not token:
            where = self.token_file or "the keyring"
            raise KeyProblem(f"Sign in again: the sign-in for {self.url} is not in {where} any more.")
        return token

    def forget(self) -> None:
        """Nothing happens where there is none."""
        if self.token_file is None:
            _forget(self._account)
        else:
            self.token_file.unlink(missing_ok=True)

    @property
    def _account(self) -> str:
        return f"{self.url} {self.folder}"


def _keyring() -> KeyringBackend:
    """The system's keyring. A chain of several is as good as its first, which is the one that is written to."""
    import keyring

    backend = keyring.get_keyring()
    first = next(iter(getattr(backend, "backends", ())), backend)
    if type(first).__module__.startswith(_NO_SECRETS):
        raise KeyProblem(_NO_KEYRING)
    return backend


def _keep(account: str, token: str) -> None:
    from keyring.errors import KeyringError

    try:
        backend = _keyring()
        backend.set_password(SERVICE, account, token)
        kept = backend.get_password(SERVICE, account)
    except KeyringError as error:
        raise _failed(error) from error
    if kept != token:
        raise KeyProblem(
            "The keyring of this system did not keep the sign-in; unlock it, or name a file with --token-file."
        )


def _ask(account: str) -> str | None:
    from keyring.errors import KeyringError

    try:
        return _keyring().get_password(SERVICE, account)
    except KeyringError as error:
        raise _failed(error) from error


def _forget(account: str) -> None:
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        _keyring().delete_password(SERVICE, account)
    except PasswordDeleteError:
        return  # there was none
    except KeyringError as error:
        raise _failed(error) from error


def _failed(error: Exception) -> KeyProblem:
    said = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return KeyProblem(f"The keyring of this system cannot be used ({said}); unlock it and try again.")


def _may_write(path: Path) -> None:
    folder = path.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK) or path.is_dir():
        raise KeyProblem(f"{path} cannot be written; name a file in a folder of your own.")


def _write(path: Path, token: str) -> None:
    """All or nothing, and never readable by others, not for a moment."""
    beside = path.with_name(path.name + ".new")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise KeyProblem(f"{path} cannot be written: {error.strerror}.") from error


def _read(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise KeyProblem(f"Others may read {path}, which holds the sign-in; make it yours alone (chmod 600).")
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is no text"
        raise KeyProblem(f"{path} cannot be read: {said}.") from error
