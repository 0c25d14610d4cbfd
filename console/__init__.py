"""Support Console without its window: rules, journal, desk, imports and command line. No Qt anywhere in here."""

__version__ = "0.1.0"
