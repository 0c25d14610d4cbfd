"""What the desktop says about the person and the machine: screen locked, machine suspended, nobody at the keys.

Hints only. They annotate a running session (spec pro_services.md 2: "Clocks", 3: 65 and 68); what really happened is
proved by `console.timekeeping`. A desktop that says nothing is normal, and nothing here tells anybody about it. The
window starts the hints after its first paint; the desktop's own part is imported only then.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from ui.machine_hints.hints import MachineHints


def hints_for_this_machine(now: Callable[[], int], parent: QObject | None = None) -> MachineHints:
    """The hints of this system, not started; `now` gives trusted epoch ms. Where none are known they stay silent."""
    if sys.platform == "linux":
        from ui.machine_hints.linux import LinuxHints

        return LinuxHints(now, parent)
    if sys.platform == "win32":
        from ui.machine_hints.windows import WindowsHints

        return WindowsHints(now, parent)
    if sys.platform == "darwin":
        from ui.machine_hints.macos import MacHints

        return MacHints(now, parent)
    from ui.machine_hints.hints import MachineHints

    return MachineHints(now, parent)
