"""What the tests of Professional Services share: wall times of New York, and consents written in them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from console.domain.service_window import Consent

NEW_YORK = ZoneInfo("America/New_York")


def ny(text: str) -> int:
    """A wall time of New York, `2027-01-12 10:00`, or an instant with its offset, as epoch ms."""
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=NEW_YORK)).timestamp() * 1000)


def consent(begins: str, ends: str, recorded: str, *, withdrawn: str | None = None, **flags: bool) -> Consent:
    withdrawn_at = None if withdrawn is None else ny(withdrawn)
    return Consent(begins_at=ny(begins), ends_at=ny(ends), recorded_at=ny(recorded), withdrawn_at=withdrawn_at, **flags)
