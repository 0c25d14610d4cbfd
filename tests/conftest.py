"""Fixtures for every room. Tests run without a screen, and in memory where there is room: both are chosen here."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Generator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"

import pytest

ROOT = Path(__file__).resolve().parent.parent
MEMORY = Path("/dev/shm")
ENOUGH = 4 * 1024**3
"""Free bytes from which on tests use the folder in memory."""


def quick_folder() -> Path | None:
    """A folder in memory where there is room: a database that is made and dropped waits for the disk several times."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH else None


if (folder := quick_folder()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))  # where pytest puts every `tmp_path`


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the simulations at their full length, for hours")
    parser.addoption("--thorough", action="store_true", help="run the slow proofs as well, as .ci/run does")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collects tests without the garbage collector, which would look at them and their modules again and again, and
    takes what lives by then for what stays.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is marked `thorough` unless it is asked for."""
    if config.getoption("--thorough") or config.getoption("--long"):
        return
    slow = [item for item in items if item.get_closest_marker("thorough")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in set(slow)]


def seeds(count: int, *, quick: int) -> list[object]:
    """So many seeds as parameters of a test: the first `quick` are for every run, the others are slow proofs."""
    return [pytest.param(seed, marks=[] if seed < quick else [pytest.mark.thorough]) for seed in range(count)]


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether simulations run at their full length."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of specifications, vectors and data beside the project; tests that need it skip without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder of shared vectors and data is not beside this checkout")
    return folder
