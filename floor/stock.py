"""What lies before and between the stations: material that is brought, a buffer with a bound, the trays of rework."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from contract.reading import NS_PER_S
from floor.contact import Time


@dataclass(slots=True)
class Work:
    """One piece on its way. ``good`` is what it really is."""

    number: int
    product: str
    good: bool = True
    test: bool = False
    rework: bool = False
    began_ns: int | None = None
    ended_ns: int | None = None


class Buffer:
    """Pieces between two stations, first in first out, never more than ``room``. Rings when it changes."""

    def __init__(self, room: int, ring: Callable[[], None]) -> None:
        self.room = room
        self._pieces: deque[Work] = deque()
        self._ring = ring

    def __len__(self) -> int:
        return len(self._pieces)

    @property
    def full(self) -> bool:
        """Whether the station before is blocked."""
        return len(self._pieces) >= self.room

    @property
    def empty(self) -> bool:
        """Whether the station after is starved."""
        return not self._pieces

    @property
    def crowded(self) -> bool:
        """Whether whoever works after it feels chased."""
        return len(self._pieces) > 0.4 * self.room

    def put(self, work: Work) -> None:
        """Lay one down."""
        assert not self.full
        self._pieces.append(work)
        self._ring()

    def take(self) -> Work:
        """Take the oldest."""
        work = self._pieces.popleft()
        self._ring()
        return work


class Material:
    """Boxes brought when the stock falls low (ミズスマシ); sometimes late, and then the line starves."""

    BOX = FIRST = 180
    LOW = 110
    USUALLY_S = 420.0
    SPREAD = 0.45
    LATE = 0.05
    LATE_S = 2100.0

    def __init__(self, time: Time, chance: Random, ring: Callable[[], None]) -> None:
        self._time = time
        self._chance = chance
        self._ring = ring
        self._stock = self.FIRST
        self._called = False

    def __bool__(self) -> bool:
        return self._stock > 0

    @property
    def left(self) -> int:
        """How many pieces."""
        return self._stock

    def take(self) -> None:
        """Take one piece; call for a box if that was about the last."""
        assert self._stock > 0
        self._stock -= 1
        if self._stock <= self.LOW and not self._called:
            self._called = True
            usual_s = self.LATE_S if self._chance.random() < self.LATE else self.USUALLY_S
            self._time.after(int(usual_s * self._chance.lognormvariate(0.0, self.SPREAD) * NS_PER_S), self._come)

    def _come(self) -> None:
        self._stock += self.BOX
        self._called = False
        self._ring()


class Trays:
    """Pieces that must be done again, a tray for each product: they go back in when their product runs."""

    def __init__(self) -> None:
        self._trays: defaultdict[str, deque[Work]] = defaultdict(deque)

    def __len__(self) -> int:
        return sum(map(len, self._trays.values()))

    def put(self, work: Work) -> None:
        """Lay one down, to be done again."""
        self._trays[work.product].append(Work(work.number, work.product, rework=True))

    def has(self, product: str) -> bool:
        """Whether one of that product waits."""
        return bool(self._trays.get(product))

    def take(self, product: str) -> Work:
        """Take the oldest of a product."""
        return self._trays[product].popleft()
