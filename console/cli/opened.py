"""The desk of the workspace that the arguments name, opened for one command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from console.settings import Workspace, default_folder

if TYPE_CHECKING:
    from console.desk import Desk


def workspace_of(args: argparse.Namespace) -> Workspace:
    """The workspace that `--data` names, else the person's own."""
    return Workspace(args.data if args.data is not None else default_folder())


@contextmanager
def opened_desk(args: argparse.Namespace) -> Iterator[Desk]:
    """The desk, closed at the end. What its opening has to say (a damaged file set aside) goes to standard error."""
    from console.desk import Desk

    with Desk.open(workspace_of(args), guidelines=args.guidelines) as desk:
        for notice in desk.notices:
            print(f"support-console: {notice}", file=sys.stderr)
        yield desk
