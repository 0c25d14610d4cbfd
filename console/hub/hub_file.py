"""What an organisation chose for its hub: `hub.toml` in the hub's data folder, else the defaults.

Touches the file system, nothing else. Called by `hub.serve` and the command line.

    [oidc]                             # people sign in with the organisation's identity provider
    issuer = "https://login.example.org"
    client_id = "support-console"
    client_secret = "..."              # only where the provider asks for one
    scope = "openid profile email"
    person_claim = "email"             # the person's name in the console; an e-mail address must be a verified one
    role_claim = "groups"              # a text or a list of texts
    default_role = "engineer"          # of whom none of the roles below holds; left out: they do not get in
    [oidc.role_map]                    # the first that holds
    support-leads = "lead"

    [file_drop]                        # mails leave and reports come as files (docs/channels.md)
    folder = "/srv/support/drop"       # a relative path begins at the data folder
    sender = "Support <support@example.org>"
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

import msgspec

from console.channels.letter import is_address
from console.domain.access import ROLES, Role
from console.domain.errors import ConsoleError
from console.domain.toml_document import TomlTable, read_toml
from console.utf8_text import utf8_text

FILE_NAME: Final = "hub.toml"
MOST_BYTES: Final = 100_000
DEFAULT_SENDER: Final = "Support <support@localhost>"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class HubFileError(ConsoleError):
    """`hub.toml` does not say what it should: the file, the line where there is one, and the reason."""

    def __init__(self, source: str, line: int | None, reason: str) -> None:
        where = source if line is None else f"{source}, line {line}"
        super().__init__(f"{where}: {reason}{'' if reason[-1:] in '.?' else '.'}")


class OidcSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The identity provider, and how its claims become a person and a role. `roles` is asked in its order."""

    issuer: str
    client_id: str
    client_secret: str | None = None
    scope: str = "openid profile email"
    person_claim: str = "email"
    role_claim: str = "groups"
    roles: tuple[tuple[str, Role], ...] = ()
    default_role: Role | None = None


class FileDropSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The folder through which mails leave and reports come, and our address in the mails, perhaps behind a name."""

    folder: Path
    sender: str = DEFAULT_SENDER


class HubSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`oidc` is None where people get in by enrolment codes only, `file_drop` where the hub sends nothing."""

    oidc: OidcSettings | None = None
    file_drop: FileDropSettings | None = None


def read_hub_file(folder: Path) -> HubSettings:
    """The settings in a data folder. Raises HubFileError."""
    path = folder / FILE_NAME
    if not path.exists():
        return HubSettings()
    top = read_toml(_text(path), str(path), HubFileError)
    top.only(("oidc", "file_drop"))
    return HubSettings(
        oidc=_oidc(top.table("oidc")) if "oidc" in top.values else None,
        file_drop=_file_drop(top.table("file_drop"), folder) if "file_drop" in top.values else None,
    )


def is_safe_url(url: str) -> bool:
    """Whether what is said there stays between the two: HTTPS, or this very machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise HubFileError(str(path), None, f"it cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise HubFileError(str(path), None, "it is too large for a file of settings")
    return utf8_text(data, lambda line, reason: HubFileError(str(path), line, reason))


def _file_drop(table: TomlTable, folder: Path) -> FileDropSettings:
    table.only(("folder", "sender"))
    sender = table.text("sender", DEFAULT_SENDER)
    if not is_address(sender):
        raise table.wrong("the sender must be a mail address, such as Support <support@example.org>", "sender")
    return FileDropSettings(folder=folder / Path(table.text("folder")).expanduser(), sender=sender)


def _oidc(table: TomlTable) -> OidcSettings:
    table.only(
        (
            "issuer",
            "client_id",
            "client_secret",
            "scope",
            "person_claim",
            "role_claim",
            "role_map",
            "default_role",
        )
    )
    issuer = table.text("issuer")
    if not is_safe_url(issuer):
        raise table.wrong("the issuer must be an https address", "issuer")
    mapped = table.table("role_map")
    roles = tuple((claim, cast(Role, mapped.choice(claim, ROLES))) for claim in mapped.values)
    scope = table.text("scope", "openid profile email")
    if "openid" not in scope.split():
        raise table.wrong('the scope must contain "openid"', "scope")
    return OidcSettings(
        issuer=issuer.rstrip("/"),
        client_id=table.text("client_id"),
        client_secret=table.text("client_secret") if "client_secret" in table.values else None,
        scope=scope,
        person_claim=table.text("person_claim", "email"),
        role_claim=table.text("role_claim", "groups"),
        roles=roles,
        default_role=cast(Role, table.choice("default_role", ROLES)) if "default_role" in table.values else None,
    )
