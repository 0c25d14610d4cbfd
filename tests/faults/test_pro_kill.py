"""`kill -9` at random moments of running sessions: at most 15 s of the open segment are asked about, no more is lost.

Twenty kills, or two hundred with `--long`; what is random is seeded. Each kill's workspace is copied and recovered as
if its owner came back a while later (`crash_image`), and goes on itself with the next process.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.desk import Desk
from console.domain.spans import united
from console.settings import Workspace
from console.timekeeping import read_clocks
from tests.faults.crash_image import recovered
from tests.faults.pro_kill import ROOT, SURVIVED, Acts, Doomed, FastWatch, Nursery
from tests.faults.pro_workspace import fast, later, opened, workspace

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL"),
]

LONG_UNSEEN_MS = (3_600_000, 30 * 3_600_000)
UNSEEN_MS = (1_000, 30_000, *LONG_UNSEEN_MS)
"""How much later the workspace is opened: at once, before a gap is asked about, after an hour, past every limit."""
START_S = 1.2
"""About how long the window takes to its first look at the clocks."""


@contextmanager
def program(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`support-console` as a person starts it; killed at the end if nothing else killed it."""
    command = [sys.executable, "-m", "console.cli", "--data", str(folder), *arguments]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_beat(desk: Desk, process: subprocess.Popen[bytes], since: int) -> None:
    while all(beat.at < since for beat in desk.journal.beats().values()):
        assert process.poll() is None, "the program ended by itself"
        time.sleep(0.005)


def test_a_session_survives_the_kill_of_the_program_that_watches_it(tmp_path: Path, long: bool) -> None:
    dice, folder = random.Random(9), tmp_path / "mara"
    (engagement,), notes = workspace(folder, "Harbour"), []
    with Desk.open(Workspace(folder)) as desk:
        assert desk.pro.work.start(engagement.ticket).refused is None
        seen_at = desk.pro.now()
    for kill in range(80 if long else 8):
        begun_at = read_clocks().wall_ms
        with program(folder, *dice.choice(((), (), ("pro", "watch")))) as process:
            if dice.random() < 0.25:
                time.sleep(dice.random() * START_S)
            else:
                with Desk.open(Workspace(folder)) as desk:
                    wait_for_beat(desk, process, since=begun_at)
                    notes.append(f"note {kill}")
                    assert desk.pro.work.note(engagement.ticket, str(kill)).refused is None
                time.sleep(dice.random() * (40 if long and kill % 10 == 0 else 0.4))
                seen_at = read_clocks().wall_ms
        found = recovered(folder, tmp_path / "image", [engagement], unseen_ms=dice.choice(UNSEEN_MS), seen_at=seen_at)
        assert found.acts[engagement.ticket] == ["start", *notes]


def in_log(said: list[str]) -> tuple[list[str], str | None]:
    """What was said to be done, and what was being tried at the end."""
    done = [line.partition(" ")[2] for line in said if line.startswith("done ")]
    trying = said[-1] if said and said[-1].startswith("trying ") else None
    return done, None if trying is None else trying.partition(" ")[2]


def test_what_was_said_to_be_done_is_there_after_a_kill_and_nobody_runs_two_sessions(
    tmp_path: Path, long: bool
) -> None:
    dice, folder = random.Random(69), tmp_path / "mara"
    engagements = workspace(folder, "Harbour", "Lighthouse")
    done = {e.ticket: ["start", "stop"] for e in engagements}
    with Desk.open(Workspace(folder)) as desk:
        for ticket in done:
            assert desk.pro.work.start(ticket).refused is desk.pro.work.stop(ticket).refused is None
    with Nursery() as one, Nursery() as two:
        for kill in range(0, 80 if long else 8, 2):
            begun = list(zip((one, two), dice.sample(engagements, 2), strict=True))
            for nursery, engagement in begun:
                by = dice.choice(("desk", "command line"))
                nursery.begin(Acts(by, str(folder), engagement.purchase, seed=kill))
            said = {engagement.ticket: [nursery.line()] for nursery, engagement in begun}
            for nursery, engagement in begun:
                time.sleep(dice.random() * 0.4)
                said[engagement.ticket] += nursery.kill()
            found = recovered(folder, tmp_path / "image", engagements, unseen_ms=dice.choice(UNSEEN_MS))
            for ticket, lines in said.items():
                finished, trying = in_log(lines)
                done[ticket] += finished
                if found.acts[ticket] != done[ticket] and trying is not None:
                    done[ticket].append(trying)
                assert found.acts[ticket] == done[ticket]
    assert sum(acts.count("start") for acts in done.values()) > len(done)


def test_at_most_fifteen_seconds_before_the_last_look_are_asked_about(tmp_path: Path, long: bool) -> None:
    """On a machine whose time runs sixty times as fast, so that many beats fall into a short life."""
    dice, folder, origin = random.Random(70), tmp_path / "mara", read_clocks()
    clocks = fast(origin)
    engagements = workspace(folder, "Harbour", clocks=clocks)
    with opened(folder, clocks) as desk:
        assert desk.pro.work.start(engagements[0].ticket).refused is None
    gaps = 0
    with Nursery() as nursery:
        for _ in range(40 if long else 4):
            nursery.begin(FastWatch(str(folder), origin))
            said = [nursery.line()]
            time.sleep(0.1 + dice.random())
            said += nursery.kill()
            seen_at = int(said[-1].removeprefix("looked "))
            found = recovered(
                folder,
                tmp_path / "image",
                engagements,
                unseen_ms=dice.choice((30_000, 3_600_000)),
                seen_at=seen_at,
                clocks=clocks,
            )
            gaps += found.gap is not None
    assert gaps > 0


def test_a_kill_at_any_commit_of_a_session_leaves_a_whole_story(tmp_path: Path) -> None:
    template = tmp_path / "template"
    (engagement,) = workspace(template, "Harbour")
    stages: set[tuple[str, ...]] = set()
    for folder, said in deaths(template, Doomed("", engagement.purchase, 0)):
        finished, trying = in_log(said)
        found = recovered(folder, tmp_path / "image", [engagement], unseen_ms=LONG_UNSEEN_MS[0])
        acts = found.acts[engagement.ticket]
        assert acts in (finished, [*finished, trying])
        stages.add(tuple(acts))
        with Desk.open(Workspace(folder)) as desk:
            is_running = desk.pro.page(engagement.ticket).running is not None
            assert is_running == (acts[-1:] not in ([], ["stop"]))
            assert (desk.pro.work.stop(engagement.ticket).refused is None) == is_running
    assert sorted(map(len, stages)) == [0, 1, 2, 3]


@pytest.mark.parametrize("unseen_ms", LONG_UNSEEN_MS, ids=["an hour", "past every limit"])
def test_a_kill_at_any_commit_of_a_recovery_leaves_no_second_unasked(tmp_path: Path, unseen_ms: int) -> None:
    """The next recovery comes at the same time, and once more an hour later: what is asked about goes on to then."""
    template = tmp_path / "template"
    (engagement,) = workspace(template, "Harbour")
    with Desk.open(Workspace(template)) as desk:
        assert desk.pro.work.start(engagement.ticket).refused is None
        (session,) = desk.pro.watch.watched().running
    reading = later(read_clocks, unseen_ms)()
    asked: set[int] = set()
    for folder, _ in deaths(template, Doomed("", engagement.purchase, 0, reading)):
        with opened(folder, lambda: reading) as desk:
            asked.add(len(desk.pro.watch.watched().gaps))
        for more_ms, most in ((0, 1), (3_600_000, 2)):
            image = shutil.copytree(folder, tmp_path / "image")
            with opened(image, later(lambda: reading, more_ms)) as desk:
                desk.pro.watch.tick()
                page, (entry,) = desk.pro.page(engagement.ticket), desk.pro.report(engagement.ticket).entries
            assert len(page.gaps) <= most
            assert united((gap.begins_at, gap.ends_at) for gap in page.gaps) == [
                (session.running.began_at, entry.ends_at or page.as_of)
            ]
            shutil.rmtree(image)
    assert asked == {0, 1}, "some died before the gap was written, some after"


def deaths(template: Path, doomed: Doomed) -> Iterator[tuple[Path, list[str]]]:
    """A copy of a workspace for each commit of a life, with what was said until the death at it."""
    with Nursery() as nursery:
        for at in count(1):
            folder = template.with_name(str(at))
            shutil.copytree(template, folder)
            nursery.begin(replace(doomed, folder=str(folder), at=at))
            said = nursery.rest()
            if said[-1:] == [SURVIVED]:
                return
            yield folder, said
