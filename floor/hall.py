"""The hall: the time that runs in it, the wires to the benches, and the truth.

The floor runs itself on the clock it is given by one pending timer on lane "floor": with a `HandClock` as fast as the
computer can, with a `SystemClock` in real time. Its own time is SimPy's, in whole nanoseconds since 1970 UTC; it is
fixed to the clock's monotonic time at the start, so a wall clock that steps does not move the floor.
"""

from collections.abc import Callable, Generator, Mapping
from random import Random
from typing import Any, Protocol

import simpy

from contract.line import Line, Sensor
from contract.reading import NS_PER_S
from edge.clock import Clock, Timer
from floor.contact import Contact
from floor.models import Model, Placed
from floor.readers import CardReader, Scanner
from floor.records import Glitch, Improvement
from floor.scale import Scale
from floor.troubles import Cause, Mains
from floor.truth import Truth

Doing = Generator[simpy.Event, Any, None]
"""What somebody does, step by step, in SimPy's way."""

Watcher = Callable[[str, str, int, int], None]
"""Somebody with a stopwatch: station, element of work, start and end (ns)."""

NOTHING: Mapping[str, Placed] = {}
USUAL_MIX: Mapping[str, float] = {}
GLITCHES_EVERY_S = 1500.0
"""Mean time between spikes on some wire of the hall."""


class Hand(Protocol):
    """The verbs of `edge.bench.Bench` that a floor needs."""

    def drive(self, pin: int, level: bool) -> None:
        """One clean electrical edge."""

    def type(self, port: str, data: bytes) -> None:
        """Bytes out of a device."""


class Power(Protocol):
    """Who must know that a machine's power went or came; ``with_pi``: the Pi hangs on the same fuse."""

    def __call__(self, agent: str, on: bool, with_pi: bool) -> None:
        """Called before the pins follow."""


class Keeps(Protocol):
    """What keeps a station waiting, beside its own troubles."""

    cause: Cause

    def due(self, now_ns: int) -> int | None:
        """For how long (ns) it is kept from now on; None if it is not."""


class Hall:
    """One run of a floor: same seed, same line and same start, same truth.

    ``parts``: what `edge.bench_parts.place_all` has placed on the benches, by ``station/sensor``;
    ``mix``: how much larger than usual the lots of a product are, 0 for one that is not made.
    """

    def __init__(
        self,
        line: Line,
        benches: Mapping[str, Hand],
        clock: Clock,
        seed: int,
        start_ns: int,
        improved: bool = False,
        power: Power | None = None,
        bounded: bool = False,
        parts: Mapping[str, Placed] = NOTHING,
        mix: Mapping[str, float] = USUAL_MIX,
    ) -> None:
        self.line = line
        self.env = simpy.Environment(initial_time=start_ns)
        self.truth = Truth(bounded)
        self.contacts: dict[tuple[str, str], Contact] = {}
        self.mains: dict[str, Mains] = {}
        self.improved = improved
        """「改善を導入」. Any thread may set it; in force from the next piece on."""
        self.mix = mix
        self.pace: dict[str, float] = {}
        """How much longer than usual a station's work takes, people's and machine's; 1 where nothing is said."""
        self.spoilt: dict[str, float] = {}
        """Share of bad pieces at a station beyond the usual."""
        self.also: dict[str, Keeps] = {}
        """What else keeps a station waiting."""
        self.watcher: Watcher | None = None
        """Who stands there and sees what people and machines do."""
        self._benches = benches
        self._clock = clock
        self._seed = seed
        self._power = power
        self._parts = parts
        self._behind_ns = 0
        self._timer: Timer | None = None
        self._running = False
        self._was_improved = False
        self.env.process(self._glitches())

    @property
    def now_ns(self) -> int:
        """The floor's time."""
        return int(self.env.now)

    def random(self, name: str) -> Random:
        """A stream of chance of its own, so that one more draw here changes nothing there."""
        return Random(self.name(name))

    def name(self, name: str) -> str:
        """The name of something in this run, for chance that is asked for later."""
        return f"{self._seed}/{name}"

    def do(self, doing: Doing) -> None:
        """Let somebody begin."""
        self.env.process(doing)

    def wait(self, ns: int) -> simpy.Event:
        """So much time, to be yielded."""
        return self.env.timeout(ns)

    def after(self, ns: int, action: Callable[[], object]) -> None:
        """Call ``action`` so much later."""
        timeout = self.env.timeout(ns)
        assert timeout.callbacks is not None

        def call(_: simpy.Event) -> None:
            action()

        timeout.callbacks.append(call)

    def at(self, at_ns: int, action: Callable[[], object]) -> None:
        """Call ``action`` at that time of the floor, or at once if it has passed."""
        self.after(max(0, at_ns - self.now_ns), action)

    def contact(self, sensor: Sensor) -> Contact:
        """The wire behind a sensor: the same object however often it is asked for."""
        key = sensor.station, sensor.id
        if key not in self.contacts:
            closed_high = sensor.settings.get("active", "low") == "high"
            pin = sensor.settings.get("pin")
            hand = self._hand(sensor)
            drive = None if hand is None or pin is None else (lambda level: hand.drive(pin, level))
            chance = self.random(f"contact/{sensor.station}/{sensor.id}")
            self.contacts[key] = Contact(sensor, drive, closed_high, chance, self)
        return self.contacts[key]

    def scale(self, sensor: Sensor) -> Scale:
        """The scale behind a sensor."""
        hand, port = self._hand(sensor), sensor.settings.get("port")
        send = None if hand is None or port is None else (lambda data: hand.type(port, data))
        return Scale(sensor, send, self.random(f"scale/{sensor.station}/{sensor.id}"), self, self.truth)

    def model(self, sensor: Sensor) -> Model:
        """What stands on the bench for a sensor of a bus; where nothing was placed, only the truth knows it."""
        return Model(sensor, self._parts.get(f"{sensor.station}/{sensor.id}"), self, self.truth)

    def reader(self, sensor: Sensor) -> CardReader | Scanner | None:
        """The reader of codes or cards behind a sensor; None for any other sensor."""
        if sensor.type == "mfrc522":
            return CardReader(sensor.settings.get("names") or "", self.model(sensor), self)
        if sensor.type != "barcode":
            return None
        hand, port = self._hand(sensor), sensor.settings.get("port", "")
        return Scanner(None if hand is None else (lambda data: hand.type(port, data)))

    def improved_now(self) -> bool:
        """Whether the step about to begin is done the new way; the truth keeps when that changes."""
        improved = self.improved
        if improved != self._was_improved:
            self._was_improved = improved
            self.truth.add(Improvement(self.now_ns, improved))
        return improved

    def power(self, station: str, on: bool, with_pi: bool) -> bool:
        """Tell who must know. True if the Pi's power follows; with nobody to tell, it never does."""
        agent = self.line.stations[station].agent
        if self._power is None or agent is None:
            return False
        self._power(agent, on, with_pi)
        return with_pi

    def start(self) -> None:
        """Let time run, from the floor's own start."""
        for contact in self.contacts.values():
            contact.rest()
        self._behind_ns = self._clock.monotonic_ns() - self.now_ns
        self._running = True
        self._timer = self._clock.at(self._clock.monotonic_ns(), self._run, lane="floor")

    def stop(self) -> None:
        """Let time stand still for good; pins stay as they are."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()

    def _run(self) -> None:
        """Do all that is due and come back when the next thing is."""
        env = self.env
        due_ns = self._clock.monotonic_ns() - self._behind_ns
        while self._running and env.peek() <= due_ns:
            env.step()
        if self._running:
            self._timer = self._clock.at(int(env.peek()) + self._behind_ns, self._run, lane="floor")

    def _hand(self, sensor: Sensor) -> Hand | None:
        return self._benches.get(self.line.stations[sensor.station].agent or "")

    def _glitches(self) -> Doing:
        chance = self.random("glitches")
        while True:
            yield self.wait(int(chance.expovariate(1 / GLITCHES_EVERY_S) * NS_PER_S))
            wires = list(self.contacts.values())
            if wires:
                wire, width_ns = chance.choice(wires), int(chance.uniform(0.05, 0.9) * 1e6)
                if wire.glitch(width_ns):
                    self.truth.add(Glitch(wire.sensor.station, wire.sensor.id, self.now_ns, width_ns))
