"""All topic arithmetic of the kit: what is published where. Nobody else joins or splits a topic.

kojo/v1/{site}/{line}/{station}/{sensor}/{measure}     readings
kojo/v1/{site}/{line}/_agents/{agent}                  an agent's state, retained
kojo/v1/{site}/{line}/_acks/{agent}                    what is stored, retained
kojo/v1/{site}/{line}/_set/{station}/{output}          commands, not retained
kojo/v1/{site}/{line}/_collector/{id}                  the collector's counters, retained
"""

import re
from dataclasses import dataclass

from contract.reading import Series

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
"""An id people choose. What begins with ``_`` belongs to the kit."""

ID_LENGTH = 32

STREAM = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")

ROOT = "kojo/v1"
AGENT_SENSOR = "_agent"
ALIVE = "alive"


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one line."""

    site: str
    line: str

    @property
    def base(self) -> str:
        """``kojo/v1/{site}/{line}``, the head of all of them."""
        return f"{ROOT}/{self.site}/{self.line}"

    @property
    def everything(self) -> str:
        """The filter of all that concerns the line."""
        return f"{self.base}/#"

    @property
    def shared(self) -> str:
        """The same, its messages divided among the collectors that share it (MQTT 5)."""
        return f"$share/kojo/{self.everything}"

    def reading(self, series: Series) -> str:
        """Where a series is published."""
        return f"{self.base}/{series}"

    def readings(self, station: str) -> str:
        """The filter of a station's readings, whatever its sensors."""
        return f"{self.base}/{station}/+/+"

    def agent(self, agent: str) -> str:
        """Where an agent's state stands."""
        return f"{self.base}/_agents/{agent}"

    def acks(self, agent: str) -> str:
        """Where an agent hears what is stored."""
        return f"{self.base}/_acks/{agent}"

    def command(self, station: str, output: str) -> str:
        """Where an output is told what to do."""
        return f"{self.base}/_set/{station}/{output}"

    def collector(self, collector: str) -> str:
        """Where a collector's counters stand."""
        return f"{self.base}/_collector/{collector}"

    def split(self, topic: str) -> tuple[str, ...] | None:
        """The levels below the line, or None for another line's topic."""
        head = self.base + "/"
        return tuple(topic[len(head) :].split("/")) if topic.startswith(head) else None

    def series(self, topic: str) -> Series | None:
        """The series a reading's topic names; None if it is not the topic of a reading of this line.

        The agent's own sign of life, ``{station}/_agent/alive``, is a reading. A level longer than any id is none.
        """
        levels = self.split(topic)
        if levels is None or len(levels) != 3 or levels[0].startswith("_"):
            return None
        return Series(*levels) if max(map(len, levels)) <= ID_LENGTH else None
