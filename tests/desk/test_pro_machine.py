"""Everything that people, clocks and machines may do with Pro hours, in any order, and what holds all the same.

A story is a list of acts with their arguments (`pro_life`), drawn from a seed before it is lived by the real desk,
journal and clocks. What holds after each act stands in `pro_world`. A failure names its seed.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.desk.pro_desk import HOUR
from tests.desk.pro_life import Life
from tests.desk.pro_world import AIKO, JON, LEAD, MARA

SETTINGS: Final = (
    "",
    '[engineers]\nmetering = "sum"\n',
    'rounding = 15\n[forfeit]\nscope = "purchase"\n',
    '[gap]\ndefault = "metered"\n[consent]\ncommencement = "each_day"\n',
    '[gap]\ndefault = "excluded"\n[rework]\nmetering = "new_session"\n[noshow]\ncharge = 30\n',
)
BEGINNINGS: Final = ("2027-01-11 09:00", "2027-01-15 15:00", "2027-03-12 15:30", "2027-11-05 15:30")
"""An ordinary Monday, and Fridays before a holiday and before the clocks change."""
LAPTOPS: Final = (None, None, JON, MARA)
STEPS: Final = 60
ACT_S: Final = 0.7
"""Nobody acts twice in one instant."""

Act = tuple[str, Mapping[str, Any]]

_WHO, _PICK, _ONE, _PURCHASE = range(3), range(6), range(2), range(5)
_ACCOUNT = (0, 0, 0, 1)
ACTS: Final[Mapping[str, tuple[int, Mapping[str, Sequence[Any]]]]] = {
    "buy": (3, {"who": _WHO, "account": _ACCOUNT, "hours": (0.25, 1.0, 2.0, 5.0, 12.0), "days": (1, 1, 2, 7)}),
    "extend": (2, {"who": _WHO, "pick": _PICK, "hours": (0.5, 2.0), "days": (1, 5)}),
    "join": (1, {"who": _WHO, "pick": _PICK, "purchase": _PURCHASE}),
    "refund": (
        1,
        {
            "who": _WHO,
            "purchase": _PURCHASE,
            "cause": ("refund", "subscription_cancelled"),
            "at_once": (None, True, False),
        },
    ),
    "grant": (1, {"who": _WHO, "pick": _PICK, "days": (1, 5)}),
    "move_renewal": (1, {"who": _WHO, "account": _ACCOUNT, "hours": (-3, 1, 20, 300), "day": (1, 28, 31)}),
    "correct": (3, {"who": _WHO, "pick": _PICK, "seconds": (-7200, -600, -60, 60, 900, 7200)}),
    "close_period": (5, {"who": _WHO, "account": _ACCOUNT, "pick": _PICK, "unseen_ok": (False, True, True)}),
    "prepare": (2, {"who": _WHO, "pick": _PICK}),
    "access": (1, {"who": _WHO, "pick": _PICK, "lost": (False, True)}),
    "book": (
        3,
        {
            "who": _WHO,
            "pick": _PICK,
            "minutes": (-60, 0, 1, 30, 300, 1500),
            "seconds": (900, HOUR, 2 * HOUR, 9 * HOUR),
            "engineer": (None, None, MARA, AIKO),
        },
    ),
    "agree": (4, {"who": _WHO, "pick": _PICK, "seconds": (None, None, 900, HOUR, 10 * HOUR), "choice": range(3)}),
    "move_slot": (2, {"who": _WHO, "pick": _PICK, "minutes": (-60, 0, 5, 300, 1500), "seconds": (None, 600, 2 * HOUR)}),
    "release_slot": (2, {"who": _WHO, "pick": _PICK, "no_show": (False, True)}),
    "consent": (
        2,
        {
            "who": _WHO,
            "pick": _PICK,
            "minutes": (-60, 0, 60, 400),
            "length": (-10, 60, 300),
            "whole": (True, True, False),
        },
    ),
    "withdraw": (1, {"who": _WHO, "pick": _PICK}),
    "hand_over": (1, {"who": _WHO, "pick": _PICK, "to": (MARA, AIKO, JON)}),
    "begin_as_agreed": (
        7,
        {"who": _WHO, "pick": _PICK, "late": (0, 0, 20), "seconds": (0, 600, 3000, 7000), "watchers": (0, 1, 2, 2)},
    ),
    "start": (6, {"who": _WHO, "pick": _PICK}),
    "start_unmetered": (1, {"who": _WHO, "pick": _PICK, "purpose": ("rework", "wrapup")}),
    "start_provisional": (1, {"who": _WHO, "account": _ACCOUNT}),
    "stop": (2, {"who": _WHO}),
    "stop_any": (1, {"who": _WHO, "pick": _PICK}),
    "pause": (2, {"who": _WHO, "pick": _PICK, "kind": ("lunch", "waiting for the partner", "nap")}),
    "resume": (2, {"who": _WHO, "pick": _PICK}),
    "interrupt": (1, {"who": _WHO, "pick": _PICK, "minutes": (0, 5, 40)}),
    "work_on": (2, {"who": _WHO, "pick": _PICK, "job": (None, "copy", " ")}),
    "carry_over": (2, {"who": _WHO, "pick": _PICK}),
    "complete": (3, {"who": _WHO, "pick": _PICK}),
    "undo": (2, {"who": _WHO, "pick": _PICK, "approved_by": ((), (LEAD, "Billing"))}),
    "log_past": (2, {"who": _WHO, "pick": _PICK, "ago": (0, 5, 60, 600), "minutes": (-5, 5, 60, 300)}),
    "answer": (4, {"who": _WHO, "pick": _PICK, "answer": ("worked", "not_worked", "ended")}),
    "run": (8, {"seconds": (10, 30, 300, 1800, 7200), "watchers": (0, 1, 2, 2)}),
    "sleep": (4, {"which": _ONE, "seconds": (5, 100, 1000, 5000, 60_000)}),
    "reboot": (1, {"which": _ONE, "seconds": (60, 3000)}),
    "to_the_next": (5, {"clock": ("09:00", "17:58", "23:58")}),
    "step_wall": (1, {"which": _ONE, "seconds": (-3600, -300, 40, 7200)}),
    "set_clocks_right": (1, {}),
    "tick": (3, {"who": _WHO}),
    "restart": (2, {"who": _WHO}),
    "merge": (3, {"office_first": (False, True)}),
}
"""How often, and with which arguments."""


class Story(NamedTuple):
    begins: str
    laptop: str | None
    settings: str
    acts: list[Act]


def told(seed: int) -> Story:
    dice = random.Random(seed)
    names = dice.choices(list(ACTS), [weight for weight, _ in ACTS.values()], k=STEPS)
    acts = [(name, {key: dice.choice(values) for key, values in ACTS[name][1].items()}) for name in names]
    begin: Act = ("buy", {"who": 0, "account": 0, "hours": 5.0, "days": dice.choice((1, 2, 7))})
    return Story(dice.choice(BEGINNINGS), dice.choice(LAPTOPS), dice.choice(SETTINGS), [begin, *acts])


def lived(folder: Path, story: Story, every: int = 1) -> None:
    """Lives a story, and looks whether everything holds after every so many acts and at its end."""
    life = Life(folder, story.begins, story.laptop, story.settings)
    try:
        for n, (name, arguments) in enumerate(story.acts):
            getattr(life, name)(**arguments)
            life.run(ACT_S, watchers=0)
            if n % every == 0:
                life.hold(life.desk(arguments.get("who", n)))
        life.end()
    finally:
        life.close()


def test_whatever_people_clocks_and_machines_do_the_hours_hold(tmp_path: Path, long: bool) -> None:
    for seed in range(240 if long else 12):
        try:
            lived(tmp_path / str(seed), told(seed), every=1 if long else 5)
        except BaseException as wrong:
            wrong.add_note(f"seed {seed}")
            raise
