"""What goes wrong, how often, how long, and how likely somebody says why.

troubles = Troubles(random, WASHER_TROUBLES)
struck = troubles.strike(27.0)          # None, or the trouble that came up in so many seconds of work
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from contract.line import Loss
from contract.reading import NS_PER_S


@dataclass(frozen=True, slots=True)
class Cause:
    """A true cause. ``reasons`` are ids people may have given it in line.toml, else any reason of the same loss."""

    id: str
    loss: Loss
    told: float = 0.0
    """How likely somebody presses the reason, if the stop is long enough to bother."""
    reasons: tuple[str, ...] = ()


REST = Cause("", "none")
STARVED = Cause("starved", "starved", 0.35, ("no-material",))
NO_MATERIAL = Cause("no_material", "starved", 0.7, ("no-material",))
BLOCKED = Cause("blocked", "blocked", 0.5, ("next-full",))
CHANGEOVER = Cause("changeover", "setup", 0.8, ("changeover",))
START_UP = Cause("start_up", "startup", 0.3, ("start-up",))
HANDOVER = Cause("handover", "none", 0.0)
POWER_CUT = Cause("power_cut", "failure", 0.9, ("power-cut", "breakdown"))


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of stop: on average one in ``every_s`` seconds of work, log-normal around ``median_s``."""

    cause: Cause
    every_s: float
    median_s: float
    spread: float
    shortest_s: float
    longest_s: float

    def length_ns(self, chance: Random) -> int:
        """How long it stands this time."""
        seconds = self.median_s * chance.lognormvariate(0.0, self.spread)
        return int(min(self.longest_s, max(self.shortest_s, seconds)) * NS_PER_S)


JAM = Cause("jam", "minor", 0.45, ("jam",))
CHIP = Cause("chip_in_fixture", "minor", 0.35, ("jam",))
DOOR = Cause("door_sensor", "minor", 0.3, ("jam",))
NOZZLE = Cause("nozzle_clogged", "failure", 0.8, ("breakdown",))
PUMP = Cause("pump_failure", "failure", 0.95, ("breakdown",))
LABEL = Cause("label_jam", "minor", 0.45, ("jam",))
TAPE = Cause("tape_change", "tool", 0.3, ("tape",))
PRINTER = Cause("printer_failure", "failure", 0.9, ("breakdown",))

WASHER_TROUBLES = (
    Trouble(JAM, 3200.0, 48.0, 0.7, 8.0, 420.0),
    Trouble(CHIP, 4500.0, 35.0, 0.6, 6.0, 240.0),
    Trouble(DOOR, 9000.0, 20.0, 0.5, 5.0, 90.0),
    Trouble(NOZZLE, 45_000.0, 760.0, 0.3, 420.0, 1800.0),
    Trouble(PUMP, 170_000.0, 2700.0, 0.5, 1200.0, 9000.0),
)
PACKER_TROUBLES = (
    Trouble(LABEL, 2600.0, 35.0, 0.6, 6.0, 300.0),
    Trouble(TAPE, 5400.0, 50.0, 0.3, 25.0, 150.0),
    Trouble(PRINTER, 220_000.0, 1300.0, 0.5, 600.0, 5400.0),
)


class Troubles:
    """What may befall one machine."""

    def __init__(self, chance: Random, kinds: Sequence[Trouble]) -> None:
        self._chance = chance
        self._kinds = tuple(kinds)
        self._weights = [1 / kind.every_s for kind in kinds]
        self._rate = sum(self._weights)

    def strike(self, worked_s: float) -> Trouble | None:
        """The trouble that comes up in so many seconds of work, mostly none."""
        if self._chance.random() >= self._rate * worked_s:
            return None
        return self._chance.choices(self._kinds, self._weights)[0]

    def length_ns(self, trouble: Trouble) -> int:
        """How long it stands."""
        return trouble.length_ns(self._chance)


@dataclass(frozen=True, slots=True)
class Cut:
    """A power cut in the middle of a machine's step: after so much of it, for so long; with the Pi or without."""

    part: float
    off_ns: int
    with_pi: bool


class Mains:
    """The machine's power: fails by chance once in ``every_s`` of running, and when a trap asks for it."""

    def __init__(self, chance: Random, every_s: float, with_pi: float = 0.5) -> None:
        self._chance = chance
        self._every_s = every_s
        self._with_pi = with_pi
        self.due: Cut | None = None
        """A cut that is to come in the next step."""

    def cut(self, step_s: float) -> Cut | None:
        """The cut that comes in a step of so many seconds, mostly none."""
        due, self.due = self.due, None
        if due is not None:
            return due
        if self._chance.random() >= step_s / self._every_s:
            return None
        off_s = min(1800.0, max(5.0, 90.0 * self._chance.lognormvariate(0.0, 1.0)))
        part, with_pi = self._chance.uniform(0.1, 0.9), self._chance.random() < self._with_pi
        return Cut(part, int(off_s * NS_PER_S), with_pi)
