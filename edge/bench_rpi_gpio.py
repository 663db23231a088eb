"""RPi.GPIO on the bench: the calls of tutorials, on the bench's pins, with the errors the real one raises.

    GPIO = RpiGpio(bench)
    GPIO.setmode(GPIO.BCM)
    GPIO.setup(17, GPIO.IN, pull_up_down=GPIO.PUD_UP)
    GPIO.add_event_detect(17, GPIO.FALLING, callback=pressed, bouncetime=200)

`kojo run` puts it in the place of ``RPi.GPIO``. The names and constants are fake-rpi's; what fake-rpi answers by chance
or not at all comes from the pins here. Behaviour and error texts after RPi.GPIO 0.7.1 (source/py_gpio.c, event_gpio.c):
one thread calls every callback, a bouncetime swallows what follows an edge, an output may be read.
"""

import queue
import threading
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from typing import Any, ClassVar

from contract.header import BCM, HEADER_PIN
from contract.reading import NS_PER_S
from edge.bench import Bench
from edge.bench_fake_rpi import quietly

NO_MODE = "Please set pin numbering mode using GPIO.setmode(GPIO.BOARD) or GPIO.setmode(GPIO.BCM)"
NO_SETUP = "You must setup() the GPIO channel first"
NO_SUCH = "The channel sent is invalid on a Raspberry Pi"
NOT_OUTPUT = "The GPIO channel has not been set up as an OUTPUT"
NOT_INPUT = "You must setup() the GPIO channel as an input first"
TWICE = "Conflicting edge detection already enabled for this GPIO channel"

NAMES = (
    *(
        "BCM",
        "BOARD",
        "BOTH",
        "FALLING",
        "HARD_PWM",
        "HIGH",
        "I2C",
        "IN",
        "LOW",
        "OUT",
        "PUD_DOWN",
        "PUD_OFF",
        "PUD_UP",
    ),
    *("PWM", "RISING", "RPI_INFO", "RPI_REVISION", "SERIAL", "SPI", "UNKNOWN", "VERSION"),
    *("add_event_callback", "add_event_detect", "cleanup", "event_detected", "getmode", "gpio_function", "input"),
    *("output", "remove_event_detect", "setmode", "setup", "setwarnings", "wait_for_edge"),
)
"""What ``from RPi.GPIO import *`` gives."""

_Fake: Any = quietly("fake_rpi.RPi")._GPIO
Callback = Callable[[int], Any]


@dataclass(slots=True)
class _Events:
    """The edge detection of one channel."""

    edge: int
    bounce_ns: int
    callbacks: list[Callback] = field(default_factory=list)
    last_ns: int | None = None
    happened: bool = False
    waiting: threading.Event = field(default_factory=threading.Event)


class RpiGpio(_Fake):  # type: ignore[misc]  # fake-rpi has no types
    """The module ``RPi.GPIO`` as an object; one for each script."""

    VERSION = "0.7.1"
    HARD_PWM = _Fake.HARD_PWM
    RPI_INFO: ClassVar = {"P1_REVISION": 3, "TYPE": "Pi 4 Model B", "RAM": "2G", "REVISION": "b03115"}
    __path__: ClassVar[list[str]] = []
    __all__ = NAMES

    def __init__(self, bench: Bench) -> None:
        self.__name__ = "RPi.GPIO"
        self.__spec__ = ModuleSpec("RPi.GPIO", None)
        self._bench = bench
        self._mode: int | None = None
        self._pins: dict[int, Any] = {}
        self._events: dict[int, _Events] = {}
        self._calls: queue.SimpleQueue[tuple[Callback, int] | None] = queue.SimpleQueue()
        self._caller: threading.Thread | None = None
        outer = self

        class PWM:
            """A pulsed output: its duty cycle and frequency are kept, the bench shows it on while it is over 0 %."""

            def __init__(self, channel: int, frequency: float) -> None:
                if frequency <= 0:
                    raise ValueError("frequency must be greater than 0.0")
                self._pin = outer._output(channel)
                self.frequency, self.duty, self._on = float(frequency), 0.0, False

            def start(self, dutycycle: float) -> None:
                """Begin with a duty cycle of 0.0 to 100.0."""
                self._on = True
                self.ChangeDutyCycle(dutycycle)

            def stop(self) -> None:
                """Low."""
                self._on = False
                self._pin.state = False

            def ChangeDutyCycle(self, dutycycle: float) -> None:  # noqa: N802 - RPi.GPIO's name
                """Set the duty cycle."""
                if not 0.0 <= dutycycle <= 100.0:
                    raise ValueError("dutycycle must have a value from 0.0 to 100.0")
                self.duty = float(dutycycle)
                self._pin.state = self._on and self.duty > 0.0

            def ChangeFrequency(self, frequency: float) -> None:  # noqa: N802 - RPi.GPIO's name
                """Set the frequency in Hz."""
                if frequency <= 0:
                    raise ValueError("frequency must be greater than 0.0")
                self.frequency = float(frequency)

        self.PWM = PWM

    # ---- how pins are numbered and set up ----

    def setmode(self, mode: int) -> None:
        """BCM or BOARD; changing it is refused, as there."""
        if mode not in (self.BCM, self.BOARD):
            raise ValueError("An invalid mode was passed to setmode()")
        if self._mode is not None and mode != self._mode:
            raise ValueError("A different mode has already been set!")
        self._mode = mode

    def getmode(self) -> int | None:
        """BCM, BOARD or None."""
        return self._mode

    def setwarnings(self, on: bool) -> None:
        """Nothing here warns."""

    def setup(
        self, channel: int | Sequence[int], direction: int, pull_up_down: int | None = None, initial: int | None = None
    ) -> None:
        """Make one channel, or several, an input or an output."""
        if direction not in (self.IN, self.OUT):
            raise ValueError("An invalid direction was passed to setup()")
        pull = {None: "floating", self.PUD_OFF: "floating", self.PUD_UP: "up", self.PUD_DOWN: "down"}.get(pull_up_down)
        if pull is None:
            raise ValueError("Invalid value for pull_up_down - should be either PUD_OFF, PUD_UP or PUD_DOWN")
        if direction == self.OUT and pull_up_down is not None:
            raise ValueError("pull_up_down parameter is not valid for outputs")
        for number in _each(channel):
            self._set_up(number, direction, pull, initial)

    def _set_up(self, channel: int, direction: int, pull: str, initial: int | None) -> None:
        bcm = self._bcm(channel)
        pin = self._pins.get(bcm)
        if pin is None:
            pin = self._pins[bcm] = self._bench.pin(bcm)
        if direction == self.OUT:
            pin.output_with_state(bool(initial) if initial is not None else pin.level)
            return
        pin.function = "input"
        pin.pull = pull if pin.info.pull == "" or not pin.info.pull else pin.info.pull

    def gpio_function(self, channel: int) -> int:
        """IN, OUT or UNKNOWN."""
        pin = self._pins.get(self._bcm(channel))
        if pin is None:
            return int(self.UNKNOWN)
        return int(self.OUT if pin.function == "output" else self.IN)

    def cleanup(self, channel: int | Sequence[int] | None = None) -> None:
        """Give channels back, all of them if none is named; the numbering is forgotten with the last."""
        chosen = list(self._pins) if channel is None else [self._bcm(number) for number in _each(channel)]
        for bcm in chosen:
            self._forget_events(bcm)
            pin = self._pins.pop(bcm, None)
            if pin is not None:
                pin.close()
        if channel is None:
            self._mode = None

    # ---- levels ----

    def input(self, channel: int) -> int:
        """The level of an input or an output, 0 or 1."""
        return int(self._pin(channel).level)

    def output(self, channel: int | Sequence[int], value: int | Sequence[int]) -> None:
        """Set one channel, or several."""
        channels, values = _each(channel), _each(value)
        if len(values) == 1:
            values = values * len(channels)
        if len(values) != len(channels):
            raise RuntimeError("Number of channels != number of values")
        for number, level in zip(channels, values, strict=True):
            self._output(number).state = bool(level)

    def _output(self, channel: int) -> Any:
        pin = self._pin(channel)
        if pin.function != "output":
            raise RuntimeError(NOT_OUTPUT)
        return pin

    # ---- edges ----

    def add_event_detect(
        self, channel: int, edge: int, callback: Callback | None = None, bouncetime: int | None = None
    ) -> None:
        """Watch for edges; ``bouncetime`` in ms swallows what follows one."""
        bcm = self._input(channel)
        if bcm in self._events:
            raise RuntimeError(TWICE)
        self._watch(bcm, channel, edge, bouncetime)
        if callback is not None:
            self.add_event_callback(channel, callback)

    def _watch(self, bcm: int, channel: int, edge: int, bouncetime: int | None) -> _Events:
        if edge not in (self.RISING, self.FALLING, self.BOTH):
            raise ValueError("The edge must be set to RISING, FALLING or BOTH")
        if bouncetime is not None and bouncetime <= 0:
            raise ValueError("Bouncetime must be greater than 0")
        events = self._events[bcm] = _Events(edge, round((bouncetime or 0) * NS_PER_S / 1000))
        pin = self._pins[bcm]
        pin.edges = {self.RISING: "rising", self.FALLING: "falling"}.get(edge, "both")
        events_of = pin.heard_by = lambda _ticks, _state: self._edge(events, channel)
        pin.when_changed = events_of
        return events

    def add_event_callback(self, channel: int, callback: Callback) -> None:
        """One more function to call at an edge that is watched for."""
        events = self._events.get(self._input(channel))
        if events is None:
            raise RuntimeError("Add event detection using add_event_detect first before adding a callback")
        events.callbacks.append(callback)
        if self._caller is None:
            self._caller = threading.Thread(target=self._call, name="RPi.GPIO callbacks", daemon=True)
            self._caller.start()

    def event_detected(self, channel: int) -> bool:
        """Whether an edge came since it was last asked."""
        events = self._events.get(self._bcm(channel))
        happened = events is not None and events.happened
        if events is not None:
            events.happened = False
        return happened

    def remove_event_detect(self, channel: int, timeout: float | None = None) -> None:  # noqa: ARG002 - the real one's
        """Watch no longer."""
        self._forget_events(self._bcm(channel))

    def wait_for_edge(
        self, channel: int, edge: int, bouncetime: int | None = None, timeout: int | None = None
    ) -> int | None:
        """Wait for an edge; the channel, or None after ``timeout`` ms."""
        bcm = self._input(channel)
        if bcm in self._events and self._events[bcm].callbacks:
            raise RuntimeError(TWICE)
        events = self._watch(bcm, channel, edge, bouncetime)
        try:
            return channel if events.waiting.wait(None if timeout is None else timeout / 1000) else None
        finally:
            self._forget_events(bcm)

    def _edge(self, events: _Events, channel: int) -> None:
        now_ns = self._bench.clock.monotonic_ns()
        if events.last_ns is not None and now_ns - events.last_ns < events.bounce_ns:
            return
        events.last_ns, events.happened = now_ns, True
        events.waiting.set()
        for callback in events.callbacks:
            self._calls.put((callback, channel))

    def _call(self) -> None:
        while (call := self._calls.get()) is not None:
            callback, channel = call
            try:
                callback(channel)
            except Exception:  # noqa: BLE001 - a tutorial may raise anything; as with the real one the next edge is told
                traceback.print_exc()

    def _forget_events(self, bcm: int) -> None:
        if self._events.pop(bcm, None) is not None and bcm in self._pins:
            self._pins[bcm].when_changed = None

    # ---- channels ----

    def close(self) -> None:
        """Give everything back; the thread that calls ends."""
        self.cleanup()
        caller, self._caller = self._caller, None
        if caller is not None:
            self._calls.put(None)
            if caller is not threading.current_thread():
                caller.join(timeout=1.0)

    def _bcm(self, channel: int) -> int:
        if self._mode is None:
            raise RuntimeError(NO_MODE)
        bcm = channel if self._mode == self.BCM else BCM.get(channel)
        if not isinstance(channel, int) or bcm not in HEADER_PIN:
            raise ValueError(NO_SUCH)
        return bcm

    def _pin(self, channel: int) -> Any:
        pin = self._pins.get(self._bcm(channel))
        if pin is None:
            raise RuntimeError(NO_SETUP)
        return pin

    def _input(self, channel: int) -> int:
        bcm = self._bcm(channel)
        pin = self._pins.get(bcm)
        if pin is None or pin.function != "input":
            raise RuntimeError(NOT_INPUT)
        return bcm


def _each(given: int | Iterable[int]) -> list[int]:
    return list(given) if isinstance(given, list | tuple) else [given]  # type: ignore[list-item]
