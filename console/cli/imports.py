"""`support-console import FILE`: another help desk's tickets, from JSON lines or a CSV, read once or again."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from console.domain.errors import ConsoleError

if TYPE_CHECKING:
    from console.desk.imports import ImportReport

STRICT_WITH_REJECTS = 1

_FORMATS = ("ticket-events", "csv")
"""The values of `desk.imports.FORMATS`, spelled here so that the grammar costs no import; a test compares them."""


class ImportUsageError(ConsoleError):
    """The arguments do not say what to import."""


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "import",
        parents=[shared],
        help="bring in tickets of another help desk",
        description="Brings in the tickets of a file, plain or gzip. A row that cannot be read goes to a rejects file "
        "with its line and reason. An import can be stopped and repeated: what is recorded is not recorded twice.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help="ticket events (JSON lines) or a CSV")
    parser.add_argument("--format", choices=_FORMATS, help="instead of what the content says")
    parser.add_argument("--mapping", metavar="FILE", type=Path, help="what the columns of a CSV mean (TOML)")
    parser.add_argument(
        "--source", metavar="NAME", help="the help desk that the tickets come from; a part of their ids"
    )
    parser.add_argument(
        "--impact",
        metavar="WORD=IMPACT",
        nargs="+",
        action="extend",
        default=[],
        help="what the file's words for an impact mean: urgent, high, normal or low",
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a row was rejected")
    parser.add_argument("--quiet", action="store_true", help="no progress and no report")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from console.cli.opened import opened_desk
    from console.cli.progress import Progress
    from console.desk.imports import ImportIncomplete

    file, impacts = _file_and_impacts(args.file, args.impact)
    with opened_desk(args) as desk, Progress("Importing", quiet=args.quiet) as progress:
        try:
            report = desk.import_file(
                file,
                format=args.format,
                mapping=args.mapping,
                source=args.source,
                impact_map=impacts,
                progress=lambda rows, total, tickets: progress.tell(_how_far(rows, total, tickets)),
            )
        except ImportIncomplete as incomplete:
            progress.clear()
            _print(incomplete.report, quiet=args.quiet)
            raise
        except KeyboardInterrupt:
            progress.clear()
            print("support-console: Stopped. The same command goes on from here.", file=sys.stderr)
            raise
    _print(report, quiet=args.quiet)
    return STRICT_WITH_REJECTS if args.strict and report.rejected else 0


def _print(report: ImportReport, *, quiet: bool) -> None:
    if not quiet:
        sys.stdout.writelines(f"{line}\n" for line in report.lines())
        sys.stdout.flush()


def _how_far(rows: int, total: int | None, tickets: int) -> str:
    if total is None:
        return f"Reading: {rows:,} rows"
    return f"Recording: {rows:,} of {total:,} rows, {tickets:,} tickets"


def _file_and_impacts(file: Path | None, pairs: list[str]) -> tuple[Path, dict[str, str]]:
    """The file to import, and the words for impacts. `--impact high=urgent FILE` reads the file among the words."""
    if file is None and pairs and "=" not in pairs[-1]:
        *pairs, last = pairs
        file = Path(last)
    if file is None:
        raise ImportUsageError('FILE is missing: name the file to import; see "support-console import --help".')
    impacts = {}
    for pair in pairs:
        word, equals, impact = (part.strip() for part in pair.partition("="))
        if not (word and equals and impact):
            raise ImportUsageError(f'--impact takes WORD=IMPACT such as high=urgent, not "{pair}".')
        impacts[word] = impact
    return file, impacts
