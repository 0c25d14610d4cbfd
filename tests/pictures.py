"""Paints the real window on the sample workspace, light and dark, at 100 and 150 %: `python -m tests.pictures FOLDER`.

The clock stands still at a Tuesday, 11:47 in New York, so that two runs differ only where the program does. Needs no
screen; on a desktop with Inter installed the pictures look as the README's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

AT = "2026-03-10T15:47:00Z"
SIZE = (1440, 900)
THEMES = ("light", "dark")
SCALES = (1.0, 1.5)
SUBJECT = "Sign-in loop after certificate change"

PAINT = """
import json, sys
from pathlib import Path
from console.domain.words import iso
from console.settings import Workspace
from ui.app import WindowOptions, run
asked = json.loads(sys.argv[1])
sys.exit(run(WindowOptions(
    Workspace(Path(asked["data"])), clock=lambda: asked["at_ms"], frozen=True, theme=asked["theme"],
    text_scale=asked["scale"], size=tuple(asked["size"]), select=asked["select"], picture=Path(asked["picture"]),
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
        for theme in THEMES:
            for scale in SCALES:
                suffix = "" if scale == 1 else f"-{round(scale * 100)}"
                picture = folder / f"queue-{theme}{suffix}.png"
                paint(picture, data, theme, scale, environment)
                print(picture)
    return 0


def paint(picture: Path, data: Path, theme: str, scale: float, environment: dict[str, str]) -> None:
    import json

    from tests.story import ms

    asked = {
        "data": str(data),
        "at_ms": ms(AT),
        "theme": theme,
        "scale": scale,
        "size": SIZE,
        "select": ticket(data, environment),
        "picture": str(picture),
    }
    subprocess.run([sys.executable, "-c", PAINT, json.dumps(asked)], check=True, env=environment, timeout=60)


def ticket(data: Path, environment: dict[str, str]) -> str:
    """The id of the ticket that the pictures show."""
    import json

    command = [sys.executable, "-m", "console.cli", "queue", "--json", "--as-of", AT, "--data", str(data)]
    rows = json.loads(subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout)
    return str(next(row["ticket"] for row in rows if row["subject"] == SUBJECT))


if __name__ == "__main__":
    sys.exit(main())
