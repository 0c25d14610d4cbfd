"""`support-console hub` and its commands: the grammar, and what each prints. The work is in the files that they load.

Loaded by the command line through the entry point `support_console.hub`, also where the extra is not installed: nothing
but argparse is imported before a command runs. A missing package is then one sentence that says what to install.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from console.domain.access import ROLES
from console.domain.errors import ConsoleError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from console.hub.people import People, Person

DEFAULT_LISTEN: Final = "127.0.0.1:8470"
THIS_MACHINE: Final = "127.0.0.1,::1"
_MOST_PORT: Final = 65535
_SCOPE_HELP: Final = "desk, accounts, pro:*, pro:ACCOUNT or restricted:NAME"

T = TypeVar("T")
Command = Callable[[argparse.Namespace], int]
Commands = Any  # argparse._SubParsersAction, which exists only while types are checked


class HubCommandError(ConsoleError):
    """A command that cannot be done as it was given."""


def commands(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declares what stands behind `support-console hub`."""
    _declare_database(parser, absent=None)
    parser.add_argument(
        "--listen", metavar="HOST:PORT", default=DEFAULT_LISTEN, help=f"where to answer (default: {DEFAULT_LISTEN})"
    )
    parser.add_argument("--tls-cert", metavar="FILE", type=Path, help="the certificate with its chain, PEM")
    parser.add_argument("--tls-key", metavar="FILE", type=Path, help="its key, where it is not in the same file")
    parser.add_argument(
        "--behind-proxy",
        metavar="ADDRESS,...",
        nargs="?",
        const=THIS_MACHINE,
        help="a proxy at these addresses (default: this machine) speaks TLS, and says for whom it asks",
    )
    parser.set_defaults(run=run_serve)
    database = argparse.ArgumentParser(add_help=False)
    _declare_database(database, absent=argparse.SUPPRESS)
    asked = parser.add_subparsers(metavar="COMMAND", title="commands", dest="question")
    _declare_care(asked, [shared, database])
    _declare_people(asked, [shared, database])
    _declare_deliveries(asked, [shared, database])


def _declare_database(parser: argparse.ArgumentParser, *, absent: Any) -> None:
    parser.add_argument(
        "--database",
        metavar="URL",
        default=absent,
        help="a PostgreSQL database, postgresql://user@host/name, instead of the embedded one",
    )


def _declare_care(asked: Commands, parents: list[argparse.ArgumentParser]) -> None:
    migrate = asked.add_parser(
        "migrate",
        parents=parents,
        help="bring the database's tables up to this version",
        description="Brings the database's tables up to this version of the program. Stop the hub first.",
    )
    migrate.set_defaults(run=run_migrate)
    backup = asked.add_parser(
        "backup",
        parents=parents,
        help="write the log and the people to a file",
        description="Writes the log, the people and their devices to one file, as of one instant; the hub may run. "
        "Attachments are files below the data folder: copy them as well.",
    )
    backup.add_argument("file", metavar="FILE", type=Path, help="the file to write")
    backup.set_defaults(run=run_backup)
    restore = asked.add_parser(
        "restore",
        parents=parents,
        help="put a backup into an empty database",
        description="Puts a backup into an empty database and begins a new epoch: workstations offer again what the "
        "backup does not have. Stop the hub first.",
    )
    restore.add_argument("file", metavar="FILE", type=Path, help="the backup")
    restore.add_argument("--replace", action="store_true", help="take away what the database holds")
    restore.set_defaults(run=run_restore)
    verify = asked.add_parser(
        "verify",
        parents=parents,
        help="prove that the log is whole",
        description="Checks the chain of the log, looks for gaps, and compares the read models with what the log says. "
        "Changes nothing; the exit code is 1 where something is wrong.",
    )
    verify.set_defaults(run=run_verify)


def _declare_people(asked: Commands, parents: list[argparse.ArgumentParser]) -> None:
    enrol = asked.add_parser(
        "enrol",
        parents=parents,
        help="let a person connect a workstation",
        description="Prints a code with which the person connects one workstation within 10 minutes. A person who is "
        "enrolled already gets the role given here; one who is kept out may come in again.",
    )
    enrol.add_argument("person", metavar="PERSON", help="the person's name, as it stands on tickets")
    enrol.add_argument("--role", metavar="ROLE", required=True, choices=ROLES, help=", ".join(ROLES))
    enrol.add_argument("--scope", metavar="SCOPE", nargs="+", default=[], help=f"more that they see: {_SCOPE_HELP}")
    enrol.set_defaults(run=run_enrol)
    revoke = asked.add_parser(
        "revoke",
        parents=parents,
        help="sign out and keep out a person, or sign out one workstation",
        description="Signs out all workstations of a person, or one by its device id: they delete what they hold at "
        "their next contact. A person is kept out until they are enrolled again, also where an identity provider still "
        "vouches for them.",
    )
    revoke.add_argument("who", metavar="PERSON|DEVICE", help="a name, or a device id as hub people shows it")
    revoke.set_defaults(run=run_revoke)
    people = asked.add_parser("people", parents=parents, help="who is enrolled, with their workstations")
    people.set_defaults(run=run_people)
    for name, run, says in (
        ("grant", run_grant, "let a person see more than their role does"),
        ("ungrant", run_ungrant, "take back what was granted"),
    ):
        change = asked.add_parser(name, parents=parents, help=says)
        change.add_argument("person", metavar="PERSON", help="the person's name")
        change.add_argument("scope", metavar="SCOPE", help=_SCOPE_HELP)
        change.set_defaults(run=run)


def _declare_deliveries(asked: Commands, parents: list[argparse.ArgumentParser]) -> None:
    deliveries = asked.add_parser(
        "deliveries",
        parents=parents,
        help="which replies are not out yet, or may not be",
        description="Lists the replies that are queued, failed, or of which nobody knows whether they were sent. Those "
        "are never sent again by themselves: ask the customer, or look into the mail system, and say what to do.",
    )
    deliveries.set_defaults(run=run_deliveries, decision=None)
    decisions = deliveries.add_subparsers(metavar="COMMAND", title="commands")
    for name, says in (("resend", "send it again, with the same message id"), ("confirm", "it has arrived")):
        decision = decisions.add_parser(name, parents=parents, help=says, description=f"{says[:1].upper()}{says[1:]}.")
        decision.add_argument("entry", metavar="ID", help="the message, as hub deliveries lists it")
        decision.set_defaults(run=run_deliveries, decision=name)


class Said(NamedTuple):
    """What a command prints, what it says beside that on standard error, and its exit code."""

    text: str
    aside: str = ""
    code: int = 0


def _command(
    opened: Callable[[argparse.Namespace], AbstractContextManager[T]],
) -> Callable[[Callable[[T, argparse.Namespace], Said]], Command]:
    """Makes a command of what is done with something opened: it opens it, does it, closes it, and prints."""

    def of(do: Callable[[T, argparse.Namespace], Said]) -> Command:
        @_with_the_extra
        @wraps(do)
        def run(args: argparse.Namespace) -> int:
            with opened(args) as at:
                said = do(at, args)
            for text, stream in ((said.text, sys.stdout), (said.aside, sys.stderr)):
                if text:
                    print(text, file=stream)
            return said.code

        return run

    return of


def _with_the_extra(command: Command) -> Command:
    """A missing package of the extra becomes a sentence."""

    @wraps(command)
    def run(args: argparse.Namespace) -> int:
        try:
            return command(args)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith(("console.", "ui.")):
                raise
            raise HubCommandError(
                f"The hub is not installed here ({error.name} is missing); install support-console[hub] to have it."
            ) from None

    return run


@contextlib.contextmanager
def _owned(args: argparse.Namespace, *, new: bool = False) -> Iterator[str]:
    """The URL of the database with its owner's rights; an embedded one runs meanwhile, and is made where it may be
    `new`."""
    if args.database is not None:
        yield args.database
        return
    from console.hub.embedded import Embedded

    folder = _folder(args)
    if not new and not (folder / "postgres").is_dir():
        raise HubCommandError(f"There is no hub in {folder}; give --data or --database, or start one there.")
    with Embedded(folder) as embedded:
        yield embedded.url


def _owned_or_new(args: argparse.Namespace) -> AbstractContextManager[str]:
    return _owned(args, new=True)


@contextlib.contextmanager
def _engine(args: argparse.Namespace) -> Iterator[Engine]:
    """The database with the rights of the service."""
    from console.hub.database import service_engine
    from console.hub.migrations import migrate_unless_current, refuse_unless_ready

    with _owned(args) as url:
        if args.database is None:
            migrate_unless_current(url)
        engine = service_engine(url, pool_size=1)
        try:
            refuse_unless_ready(engine)
            yield engine
        finally:
            engine.dispose()


@contextlib.contextmanager
def _people(args: argparse.Namespace) -> Iterator[People]:
    from console.hub.people import People

    with _engine(args) as engine:
        yield People(engine)


@_with_the_extra
def run_serve(args: argparse.Namespace) -> int:
    from console.hub.serve import Serving, serve

    host, port = _address(args.listen)
    asked = Serving(
        folder=_folder(args),
        database=args.database,
        host=host,
        port=port,
        certificate=args.tls_cert,
        key=args.tls_key,
        proxies=tuple(args.behind_proxy.split(",")) if args.behind_proxy is not None else None,
    )

    def say(address: str) -> None:
        print(f"The hub answers at {address}; press Ctrl+C to stop it.", flush=True)

    serve(asked, say)
    return 0


@_command(_owned)
def run_migrate(url: str, args: argparse.Namespace) -> Said:
    from console.hub.migrations import migrate

    return Said(f"The database {'was current already' if migrate(url) == 'current' else 'is current now'}.")


@_command(_owned)
def run_backup(url: str, args: argparse.Namespace) -> Said:
    from console.hub.backup import backup

    made = backup(url, args.file)
    return Said(f"Wrote {made.seq:,} {_entries(made.seq)} and the people to {args.file}, {made.size:,} bytes.")


@_command(_owned_or_new)
def run_restore(url: str, args: argparse.Namespace) -> Said:
    from console.hub.backup import restore

    seq = restore(url, args.file, replace=args.replace).fork_seq
    return Said(
        f"Restored {seq:,} {_entries(seq)}; workstations offer again what the backup lacks, "
        "and those connected since it was made have to be connected again, which keeps all that they hold."
    )


@_command(_owned)
def run_verify(url: str, args: argparse.Namespace) -> Said:
    from console.hub.verify import verify

    wrong = verify(url)
    return Said("\n".join(wrong), code=1) if wrong else Said("The log is whole.")


@_command(_people)
def run_enrol(people: People, args: argparse.Namespace) -> Said:
    code = people.enrol(args.person, args.role, args.scope)
    return Said(code, f"{args.person} connects a workstation with this code within 10 minutes, once.")


@_command(_people)
def run_revoke(people: People, args: argparse.Namespace) -> Said:
    person, device = _person_or_device(people.list(), args.who)
    count = people.revoke(person, device)
    until = "" if device is not None else ', who is kept out until "support-console hub enrol" lets them in again'
    return Said(f"Signed out {count} {'device' if count == 1 else 'devices'} of {person}{until}.")


@_command(_people)
def run_people(people: People, args: argparse.Namespace) -> Said:
    return Said("\n".join(line for person in people.list() for line in _told(person)))


@_command(_people)
def run_grant(people: People, args: argparse.Namespace) -> Said:
    people.grant(args.person, args.scope)
    return Said(f"{args.person} sees {args.scope} from now on.")


@_command(_people)
def run_ungrant(people: People, args: argparse.Namespace) -> Said:
    people.ungrant(args.person, args.scope)
    return Said(f"{args.person} sees {args.scope} by their role only, from now on.")


@_command(_engine)
def run_deliveries(engine: Engine, args: argparse.Namespace) -> Said:
    from console.hub import cli_deliveries

    match args.decision:
        case "resend":
            return Said(cli_deliveries.resend(engine, args.entry))
        case "confirm":
            return Said(cli_deliveries.confirm(engine, args.entry))
    return Said("\n".join(cli_deliveries.told(engine)) or "Every reply is out.")


def _told(person: Person) -> Iterator[str]:
    grants = f", also {', '.join(person.grants)}" if person.grants else ""
    yield f"{person.name}: {person.role}{grants}{', kept out' if person.kept_out else ''}"
    for device in person.devices:
        used = f"last used {_day(device.last_used_at)}" if device.last_used_at is not None else "never used"
        state = "signed out" if device.revoked else f"{used}, until {_day(device.expires_at)}"
        yield f"  {device.device}  {device.name}: {state}"


def _person_or_device(everybody: list[Person], who: str) -> tuple[str, str | None]:
    for person in everybody:
        if person.name == who:
            return person.name, None
        if any(device.device == who for device in person.devices):
            return person.name, who
    raise HubCommandError(f'Nobody is called "{who}", and no device; see "support-console hub people".')


def _folder(args: argparse.Namespace) -> Path:
    """The hub's own folder: beside the person's workspace, never in it."""
    if args.data is not None:
        return Path(args.data)
    from console.settings import default_folder

    own = default_folder()
    return own.with_name(f"{own.name}-hub")


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > _MOST_PORT:
        raise HubCommandError(f"Give --listen a host and a port, such as {DEFAULT_LISTEN}, not {text}.")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _entries(count: int) -> str:
    return "entry" if count == 1 else "entries"


def _day(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d}"
