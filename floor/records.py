"""What can have happened on a floor, one record each. Times are nanoseconds since 1970 UTC.

A contact's time is its first touch, before it bounces.
"""

from dataclasses import dataclass
from typing import Literal

from contract.line import Loss
from contract.reading import NS_PER_S

PeriodKind = Literal["stop", "wait", "break", "planned_stop", "no_shift"]
Fate = Literal["packed", "scrapped", "test"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece leaving a station. ``began_ns``/``ended_ns``: its machine step (the wash), where there is one.

    ``good`` is what it really is, found or not. ``counted`` False: it did not pass the cycle contact.
    """

    station: str
    number: int
    at_ns: int
    product: str
    good: bool = True
    test: bool = False
    rework: bool = False
    counted: bool = True
    began_ns: int | None = None
    ended_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A machine step that lasted from ``began_ns`` to ``ended_ns``; not ``whole`` if power failed in it."""

    station: str
    name: str
    number: int
    began_ns: int
    ended_ns: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """A piece found bad at a station, thrown away (``scrap``) or sent back (``rework``); ``pressed``: it was told."""

    station: str
    number: int
    at_ns: int
    verdict: Literal["scrap", "rework"]
    pressed: bool


@dataclass(frozen=True, slots=True)
class Period:
    """A time in which a station did not work: ``stop`` (something happened), ``wait`` (for a neighbour or material) …

    ``end_ns`` None: it still lasts. ``pressed`` is the reason that a person gave, right or wrong; ``cause`` is true.
    """

    station: str
    kind: PeriodKind
    start_ns: int
    end_ns: int | None
    cause: str = ""
    loss: Loss = "none"
    pressed: str | None = None

    def seconds(self, now_ns: int | None = None) -> float:
        """How long it lasted, or has so far."""
        end_ns = self.end_ns if self.end_ns is not None else now_ns
        return 0.0 if end_ns is None else (end_ns - self.start_ns) / NS_PER_S


@dataclass(frozen=True, slots=True)
class SetUp:
    """A change from one product to another, with so many test pieces."""

    station: str
    start_ns: int
    end_ns: int
    before: str
    after: str
    tests: int


@dataclass(frozen=True, slots=True)
class PowerCut:
    """The machine without power; ``with_pi``: its Pi too."""

    station: str
    start_ns: int
    end_ns: int
    with_pi: bool


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed: what its role is and what it says."""

    station: str
    sensor: str
    at_ns: int
    role: str
    says: str


@dataclass(frozen=True, slots=True)
class Glitch:
    """A spike on a wire that is no event, shorter than a millisecond."""

    station: str
    sensor: str
    at_ns: int
    width_ns: int


@dataclass(frozen=True, slots=True)
class Weighing:
    """What lay on a scale when it became still."""

    station: str
    sensor: str
    number: int
    at_ns: int
    grams: float


@dataclass(frozen=True, slots=True)
class Condition:
    """How something that a sensor looks at is from ``at_ns`` on: a temperature, a current, a lamp of a stack light."""

    station: str
    sensor: str
    quantity: str
    at_ns: int
    value: float | str


@dataclass(frozen=True, slots=True)
class Improvement:
    """The improvement brought in, or taken back."""

    at_ns: int
    improved: bool


@dataclass(frozen=True, slots=True)
class Deceit:
    """A trap that lay from ``start_ns`` to ``end_ns``: what, where."""

    trap: str
    station: str
    sensor: str
    start_ns: int
    end_ns: int


Record = (
    Piece | Phase | Verdict | Period | SetUp | PowerCut | Press | Glitch | Weighing | Condition | Improvement | Deceit
)  # fmt: skip
RECORDS: dict[str, type[Record]] = {
    "piece": Piece, "phase": Phase, "verdict": Verdict, "period": Period, "set_up": SetUp, "power_cut": PowerCut,
    "press": Press, "glitch": Glitch, "weighing": Weighing, "condition": Condition, "improvement": Improvement,
    "deceit": Deceit,
}  # fmt: skip
