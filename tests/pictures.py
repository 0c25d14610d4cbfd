"""Paints the real window on the sample workspace, light and dark, at 100 and 150 %: `python -m tests.pictures FOLDER`.

The queue, the list of Pro engagements and the page of the running session. The clock stands still at a Tuesday, 11:47
in New York, so that two runs differ only where the program does. Needs no screen; on a desktop with Inter installed the
pictures look as the README's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from console.desk import Desk
from console.settings import Workspace
from tests.story import ms

AT = "2026-03-10T15:47:00Z"
SIZE = (1440, 900)
THEMES = ("light", "dark")
SCALES = (1.0, 1.5)
SUBJECT = "Sign-in loop after certificate change"

PAINT = """
import json, sys
from pathlib import Path
from console.settings import Workspace
from ui.app import WindowOptions, run
asked = json.loads(sys.argv[1])
sys.exit(run(WindowOptions(
    Workspace(Path(asked["data"])), clock=lambda: asked["at_ms"], frozen=True, theme=asked["theme"],
    text_scale=asked["scale"], size=tuple(asked["size"]), select=asked["select"], section=asked["section"],
    engagement=asked["engagement"], picture=Path(asked["picture"]),
)))
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(temporary) / "demo"
        program = [sys.executable, "-m", "console.cli"]
        subprocess.run([*program, "demo", "--no-window", "--at", AT, "--data", data], check=True, env=environment)
        selected, running = subjects(data)
        shown: dict[str, dict[str, Any]] = {
            "queue": {},
            "pro-list": {"section": "pro"},
            "pro-session": {"section": "pro", "engagement": running},
        }
        for name, what in shown.items():
            for theme in THEMES:
                for scale in SCALES:
                    suffix = "" if scale == 1 else f"-{round(scale * 100)}"
                    picture = folder / f"{name}-{theme}{suffix}.png"
                    asked = {"select": selected, "section": None, "engagement": None, **what}
                    paint({**asked, "picture": str(picture), "theme": theme, "scale": scale}, data, environment)
                    print(picture)
    return 0


def paint(asked: dict[str, Any], data: Path, environment: dict[str, str]) -> None:
    """Start the program for one picture and wait for its end."""
    asked = {**asked, "data": str(data), "at_ms": ms(AT), "size": SIZE}
    subprocess.run([sys.executable, "-c", PAINT, json.dumps(asked)], check=True, env=environment, timeout=60)


def subjects(data: Path) -> tuple[str, str]:
    """The ticket and the engagement with a running session that the pictures show, by their ids."""
    with Desk.open(Workspace(data), clock=lambda: ms(AT)) as desk:
        ticket = next(row.ticket for row in desk.queue.listing() if row.subject == SUBJECT)
        running = next(row.ticket for row in desk.pro.engagements() if row.state == "running")
    return ticket, running


if __name__ == "__main__":
    sys.exit(main())
