"""PySide6 must not lose references to None: some wheels do on Python 3.11, and abort after some thousand calls."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject

CALLS = 200
NOISE = 100
"""Other parts of the interpreter take and give references to None meanwhile."""


def test_void_calls_keep_the_reference_count_of_none() -> None:
    target = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        target.setObjectName("x")
    assert before - sys.getrefcount(None) < NOISE
