"""What goes wrong in one world, drawn from its seed.

Each world has some kinds of faults and not others, at rates of its own: a fault that hides another one is absent in
many worlds. Source of the list: spec sync.md 4.
"""

from __future__ import annotations

from random import Random

import msgspec


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """Rates are probabilities: `lose`, `twice` and `slow` of a message, `answers` of one of `statuses` in place of the
    answer, `crash` of a change of a workstation's disk, `hub_crash` of a commit of the hub.

    Numbers say how often in this world: `restarts` of the hub; `restores` of older states, with `wrong_backups` each of
    a too old one first; `lost_tails` of its log (a disk that lied about the last commits: no operator knows, and no
    epoch begins); `membership` changes; `clones` of a workstation's disk; `sign_outs`; `revocations`; `full_disks` for
    a while; `rot`, bytes of a workstation's copy that are others than those that were written; `leaps` of ninety-one
    days, in which nobody works; `files` that are attached. `skew_ms` is how far clocks jump.

    With `slow_disks` a change takes some tenths of a second. `old_hub`: it does not know every type of event at first.
    `old_apps` are how many workstations do not know it either, at first; with `apps_too_old` the hub stops to speak
    with such.
    """

    lose: float = 0.0
    twice: float = 0.0
    slow: float = 0.0
    answers: float = 0.0
    statuses: tuple[int, ...] = (503,)
    crash: float = 0.0
    hub_crash: float = 0.0
    restarts: int = 0
    restores: int = 0
    wrong_backups: bool = False
    lost_tails: int = 0
    membership: int = 0
    clones: int = 0
    sign_outs: int = 0
    revocations: int = 0
    full_disks: int = 0
    rot: int = 0
    skew_ms: int = 0
    old_hub: bool = False
    old_apps: int = 0
    apps_too_old: bool = False
    leaps: int = 0
    slow_disks: bool = False
    files: int = 0


CALM = Faults()


def drawn(rng: Random) -> Faults:
    def rate(often: float, most: float) -> float:
        return rng.uniform(0.0, most) if rng.random() < often else 0.0

    def times(often: float, most: int) -> int:
        return rng.randint(1, most) if rng.random() < often else 0

    lost_tails = times(0.1, 1)
    alone = lost_tails > 0  # no protocol mends all of it without a new epoch: not together with what decides otherwise
    return Faults(
        lose=rate(0.5, 0.25),
        twice=rate(0.4, 0.3),
        slow=rate(0.5, 0.3),
        answers=rate(0.35, 0.4),
        statuses=tuple(rng.sample((413, 422, 429, 500, 503), k=rng.choice((1, 1, 2, 5)))),
        crash=rate(0.4, 0.08),
        hub_crash=rate(0.4, 0.15),
        restarts=times(0.2, 2),
        restores=0 if alone else times(0.45, 2),
        wrong_backups=rng.random() < 0.3,
        lost_tails=lost_tails,
        membership=0 if alone else times(0.5, 4),
        clones=0 if alone else times(0.25, 1),
        sign_outs=times(0.25, 2),
        revocations=times(0.12, 1),
        full_disks=times(0.15, 2),
        rot=times(0.12, 2),
        skew_ms=rng.choice((0, 0, 300_000, 86_400_000)),
        old_hub=rng.random() < 0.12,
        old_apps=times(0.15, 3),
        apps_too_old=rng.random() < 0.6,
        leaps=times(0.12, 1),
        slow_disks=rng.random() < 0.25,
        files=times(0.2, 4),
    )
