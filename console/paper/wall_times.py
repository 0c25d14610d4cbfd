"""Days and times of a report in one zone, exact to the second.

Pure; called by `session_sheet`. Instants are epoch ms.
"""

from __future__ import annotations

from datetime import datetime

from console.domain.words import day, local, zone_short


class WallTimes:
    """Writes instants as wall times of a zone: an IANA name, or a fixed offset such as "-05:00"."""

    def __init__(self, zone: str) -> None:
        self._zone = zone

    @property
    def label(self) -> str:
        """What a column of times says in its heading: `(ET)`; of other zones nothing that changes in summer."""
        return f"({self._name})"

    @property
    def legend(self) -> str:
        return "Times are Eastern (ET)." if self._name == "ET" else f"Times are those of {self._name}."

    def day(self, at_ms: int) -> str:
        """`Tue 12 Jan 2027`."""
        return f"{day(at_ms, self._zone)} {local(at_ms, self._zone).year}"

    def clock(self, at_ms: int) -> str:
        """`10:30 AM`, with its seconds where there are some: `10:30:14 AM`."""
        return _clock(local(at_ms, self._zone))

    def span(self, begins_at: int, ends_at: int) -> tuple[str, str, str]:
        """The day, and from when to when. The end names its day where that is another one, and both name their
        offset's name (`EDT`, `EST`) where the clocks are changed in between."""
        begins, ends = local(begins_at, self._zone), local(ends_at, self._zone)
        texts = [_clock(begins), _clock(ends)]
        if begins.utcoffset() != ends.utcoffset():
            texts = [f"{text} {at.tzname()}" for text, at in zip(texts, (begins, ends), strict=True)]
        if begins.date() != ends.date():
            texts[1] += f", {day(ends_at, self._zone)}"
        return self.day(begins_at), texts[0], texts[1]

    @property
    def _name(self) -> str:
        if zone_short(self._zone, 0) == "ET":
            return "ET"
        return f"UTC{self._zone}" if self._zone[:1] in "+-" else self._zone


def _clock(t: datetime) -> str:
    second = f":{t.second:02d}" if t.second else ""
    return f"{t.hour % 12 or 12}:{t.minute:02d}{second} {'AM' if t.hour < 12 else 'PM'}"
