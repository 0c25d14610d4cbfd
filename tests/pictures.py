"""Paints the real window on the sample workspace, light and dark, at 100 and 150 %: `python -m tests.pictures FOLDER`.

The queue, the list of Pro engagements, the page of the running session, the settings, and a team's window: with the
sync drawer, offline, and the settings of a member. The clock stands still at a Tuesday, 11:47 in New York, so that two
runs differ only where the program does. Needs no screen; on a desktop with Inter installed the pictures look as the
README's.
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
from console.domain.events import TicketAssigned
from console.settings import Workspace
from tests.story import ms
from tests.ui.connected import URL, confirm, follow, happens, refuse

AT = "2026-03-10T15:47:00Z"
SIZE = (1440, 900)
THEMES = ("light", "dark")
SCALES = (1.0, 1.5)
SUBJECT = "Sign-in loop after certificate change"
ME = "Mara Okafor"
MINUTE = 60_000
NOTHING: dict[str, Any] = {"section": None, "engagement": None, "status": None, "drawer": False}
TRACE = "Hi Dana, this is the whole trace of this morning's sign-ins, as you asked."
THANKS = (
    "Hi Dana, thank you, the file is good. The Finance pool now trusts the new certificate. Please ask two people to "
    "sign out and in again."
)

PAINT = """
import json, sys
from pathlib import Path
from console.settings import Workspace
from ui.app import WindowOptions, run
asked = json.loads(sys.argv[1])

def prepare(window):
    if asked["status"] is not None:
        import msgspec
        from console.desk.sync_views import LinkStatus
        window.sync.show_status(msgspec.convert(asked["status"], LinkStatus))
    if asked["drawer"]:
        window.sync.open_drawer()

sys.exit(run(WindowOptions(
    Workspace(Path(asked["data"])), clock=lambda: asked["at_ms"], frozen=True, theme=asked["theme"],
    text_scale=asked["scale"], size=tuple(asked["size"]), select=asked["select"], section=asked["section"],
    engagement=asked["engagement"], picture=Path(asked["picture"]), prepare=prepare,
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
        issues, away = Path(temporary) / "issues", Path(temporary) / "away"
        make_issues(Workspace(issues), Workspace(data), selected)
        make_outbox(Workspace(away), Workspace(data), selected)
        shown: dict[str, dict[str, Any]] = {
            "queue": {},
            "pro-list": {"section": "pro"},
            "pro-session": {"section": "pro", "engagement": running},
            "settings": {"section": "settings"},
            "settings-hub": {"data": str(issues), "status": level(selected), "section": "settings"},
            "sync": {"data": str(issues), "status": level(selected), "drawer": True},
            "offline": {"data": str(away), "status": cut_off()},
        }
        for name, what in shown.items():
            for theme in THEMES:
                for scale in SCALES:
                    suffix = "" if scale == 1 else f"-{round(scale * 100)}"
                    picture = folder / f"{name}-{theme}{suffix}.png"
                    asked = {"data": str(data), "select": selected, **NOTHING, **what}
                    paint({**asked, "picture": str(picture), "theme": theme, "scale": scale}, environment)
                    print(picture)
    return 0


def paint(asked: dict[str, Any], environment: dict[str, str]) -> None:
    """Start the program for one picture and wait for its end."""
    asked = {**asked, "at_ms": ms(AT), "size": SIZE}
    subprocess.run([sys.executable, "-c", PAINT, json.dumps(asked)], check=True, env=environment, timeout=60)


def subjects(data: Path) -> tuple[str, str]:
    """The ticket and the engagement with a running session that the pictures show, by their ids."""
    with Desk.open(Workspace(data), clock=lambda: ms(AT)) as desk:
        ticket = next(row.ticket for row in desk.queue.listing() if row.subject == SUBJECT)
        running = next(row.ticket for row in desk.pro.engagements() if row.state == "running")
    return ticket, running


def make_issues(workspace: Workspace, hub: Workspace, ticket: str) -> None:
    """A workspace with three things that need its person: a refused reply, two assignees, a ticket that was taken."""
    follow(workspace, hub, me=ME, now_ms=ms(AT))
    now = [ms(AT) - 60 * MINUTE]
    with Desk.open(workspace, clock=lambda: now[0]) as desk:
        rows = desk.queue.listing()
        free = next(row.ticket for row in rows if row.assignee is None)
        entries = desk.tickets.take(free).entries
        confirm(desk, *entries, effect="void: Ana Torres had it already")
        now[0] = ms(AT) - 6 * MINUTE
        (reply,) = desk.tickets.reply(ticket, TRACE, public=True).entries
        refuse(desk, reply, reason="The text is 70 KB, the limit is 64 KB")
        now[0] = ms(AT) - 4 * MINUTE
        other = next(row.ticket for row in rows if row.assignee == ME and row.ticket != ticket)
        state = desk.tickets.state(other)
        assert state is not None
        (mine,) = desk.tickets.assign(other, "Jon Alvarez").entries
        confirm(desk, mine)
        lena = TicketAssigned(to="Lena Fischer")
        happens(desk, other, lena, "Lena Fischer", at=now[0], base=state.registers["assignee"])


def make_outbox(workspace: Workspace, hub: Workspace, ticket: str) -> None:
    """A workspace whose last three acts have not left it."""
    follow(workspace, hub, me=ME, now_ms=ms(AT))
    with Desk.open(workspace, clock=lambda: ms(AT) - MINUTE) as desk:
        other = next(row for row in desk.queue.listing() if row.assignee == ME and row.ticket != ticket)
        desk.tickets.reply(other.ticket, "We raised the limit to 400.", public=True)
        desk.tickets.assign(other.ticket, "Jon Alvarez")
        desk.tickets.reply(ticket, THANKS, public=True)


def level(ticket: str) -> dict[str, Any]:
    """What the engine tells while both sides are level and somebody else is on the ticket."""
    jon = {"person": "Jon Alvarez", "ticket": ticket}
    mine = {"person": ME, "role": "lead"}
    return {"link": "synced", "url": URL, **mine, "synced_at": ms(AT) - 12_000, "presence": [jon]}


def cut_off() -> dict[str, Any]:
    """What the engine tells eight minutes after the cable was pulled."""
    since = ms(AT) - 8 * MINUTE
    return {
        "link": "offline",
        "url": URL,
        "offline_since": since,
        "synced_at": since,
        "next_try_at": ms(AT) + 20_000,
        "waiting": 3,
    }


if __name__ == "__main__":
    sys.exit(main())
